#!/usr/bin/env python3
"""Every example of README.md, of docs/*.md and of the help texts is run: shell commands, studies, Python.

What needs a GPU, root or the network is held against the table of commands instead, or named below.

usage: test_documents.py PROGRAM LIBRARY PYTHON_WITH_TORCH
"""
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

from seedvar_cli import TIMEOUT_S, Program, Tally

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# First words of lines that are not run: they install, or build what is being tested here.
NOT_RUN = {"scripts/quickstart", "scripts/test", "scripts/gpu-build", "scripts/gpu-check", "sudo", "pip", "sqlite3"}

# Smaller than the study of that name under results, so that every example takes a second.
DIGITS = """study: digits
data: {set: digits, standardize: true}
model: {kind: mlp, hidden: [8]}
train: {loss: cross_entropy, optimizer: {lr: 0.1}, epochs: 2}
arms: {slow: {}, fast: {train.optimizer.lr: 0.3}}
design: {kind: crossed, vary: {init: 4, order: 4}}
"""

# What a block that shows a part of a study is completed with.
PARTS = {"data": "{set: digits}", "model": "{kind: mlp, hidden: [8]}", "design": "{kind: sweep, seeds: 4}",
         "train": "{loss: cross_entropy, optimizer: {lr: 0.1}, epochs: 1}"}

MAKE_PREDICTIONS = """
import numpy as np
rng = np.random.default_rng(1)
np.save("predictions.npy", rng.integers(0, 3, (40, 50)))
np.save("labels.npy", rng.integers(0, 3, 50))
"""


def blocks(language):
    """(document, line, text) of every fenced block in a language."""
    for document in DOCUMENTS:
        text = document.read_text()
        for match in BLOCK.finditer(text):
            if match[1] == language:
                yield document.name, text[: match.start()].count("\n") + 2, match[2]


class Examples:
    """A folder with the files that the examples name, the program on the PATH, and the library for Python."""

    def __init__(self, folder, program, library, python):
        self.folder, self.program, self.python = pathlib.Path(folder), program, python
        links = self.folder / "bin"
        links.mkdir()
        links.joinpath("seedvar").symlink_to(program.path)
        fake = self.folder / "python-with-vl-convert"  # which is not needed to show that the example is right
        fake.write_text('#!/bin/sh\nform=$3; shift 3\nfor path; do cp "$path.json" "$path.$form"; done\n')
        fake.chmod(0o755)
        self.environment = {**os.environ, "SEEDVAR_PYTHON": str(fake), "PATH": f"{links}:{os.environ['PATH']}", "SEEDVAR_LIBRARY": library,
                            "PYTHONPATH": str(ROOT / "python"), "PYTHONDONTWRITEBYTECODE": "1"}
        self.commands = {c["name"]: c for c in program.json("completions")["commands"]}
        shutil.copy(ROOT / "data" / "iris.csv", self.folder / "flowers.csv")
        self.folder.joinpath("digits.yaml").write_text(DIGITS)
        rows = [f"{s},{arm},{0.5 + (s * 7 % 11) / 50 + 0.1 * (arm == 'b')}\n" for s in range(20) for arm in "ab"]
        self.folder.joinpath("runs.csv").write_text("seed,arm,accuracy\n" + "".join(rows))

    def prepare(self):
        for store in ("digits.db", "digits-gpu.db", "here.db", "there.db"):
            self.program.must("run", "digits.yaml", "--store", store)
        self.program.must("fingerprint", "-o", "here.json")
        for name in ("there", "mine", "yours"):
            shutil.copy(self.folder / "here.json", self.folder / f"{name}.json")
        for name in ("fingerprints", "results/machines"):
            self.folder.joinpath(name).mkdir(parents=True)
            shutil.copy(self.folder / "here.json", self.folder / name)
        subprocess.run([self.python, "-c", MAKE_PREDICTIONS], cwd=self.folder, check=True, timeout=TIMEOUT_S)

    def call(self, *words, **options):
        return subprocess.run(words, cwd=self.folder, env=self.environment, capture_output=True, text=True,
                              timeout=TIMEOUT_S, **options)

    def check_words(self, tally, words, place):
        """Of a command that is not run: its name and its options are there."""
        command = self.commands.get(words[1])
        if not tally.check(command is not None, f"{place}: there is a command {words[1]}"):
            return
        known = {f"--{o['name']}" for o in command["options"]} | {"-o"}
        tally.equal([w for w in words[2:] if w[0] == "-" and w.split("=")[0] not in known], [], f"{place}: options")


def run_line(examples, tally, line, place):
    words = shlex.split(line, comments=True)
    if not words:
        return
    if words[0] in NOT_RUN:
        is_script = words[0].startswith("scripts/")
        tally.check(not is_script or os.access(ROOT / words[0], os.X_OK), f"{place}: {words[0]} is there")
    elif any(word.startswith("cuda") for word in words):
        examples.check_words(tally, words, place)
    else:
        done = examples.call("bash", "-c", line)
        is_difference = done.returncode == 1 and words[1:2] == ["bisect"]  # what it is asked to find
        tally.check(done.returncode == 0 or is_difference, f"{place}: `{line.strip()}`: {done.returncode}", done.stderr)


def check_help(examples, tally):
    n = 0
    for name, command in examples.commands.items():
        for example in command["examples"]:
            for stale in ("flowers.yaml", "first.yaml"):
                examples.folder.joinpath(stale).unlink(missing_ok=True)
            run_line(examples, tally, example, f"help of {name}")
            n += 1
    return n


def check_studies(examples, tally):
    n = 0
    for name, line, text in blocks("yaml"):
        keys = set(re.findall(r"^(\w+):", text, re.MULTILINE))
        is_poly = "kind: poly" in text
        missing = [f"{key}: {value}\n" for key, value in PARTS.items() if key not in keys and not (is_poly and key == "data")]
        study = examples.folder / "example.yaml"
        study.write_text(text + "".join(missing))
        done = examples.call("seedvar", "spec", "check", "example.yaml")
        tally.equal(done.returncode, 0, f"{name}:{line}: {done.stderr}")
        n += 1
    return n


def check_blocks(examples, tally):
    """In the order of each document: a shell block may go on from what a Python block wrote."""
    counts = {"sh": 0, "python": 0}
    for document in DOCUMENTS:
        text = document.read_text()
        for path in ("flowers.yaml", "flowers.db", "product.db"):
            examples.folder.joinpath(path).unlink(missing_ok=True)
        for match in BLOCK.finditer(text):
            place = f"{document.name}:{text[: match.start()].count(chr(10)) + 2}"
            if match[1] == "python":
                done = examples.call(examples.python, "-c", match[2])
                tally.equal(done.returncode, 0, f"{place}: {done.stderr}")
                counts["python"] += 1
            if match[1] == "sh":
                for line in match[2].splitlines():
                    run_line(examples, tally, line, place)
                counts["sh"] += 1
    return counts


def check_python_is_the_program(examples, tally):
    """What the package gives equals what the program prints."""
    script = """
import json, seedvar
store = seedvar.open("digits.db")
runs = store.runs()
again = seedvar.run("digits.yaml", store="python.db")
print(json.dumps([seedvar.analyze("digits.db"), again["study_digest"], [str(d) for d in runs["digest"]],
                  [int(s) for s in runs["seed_init"]], [float(v) for v in runs["test_loss"]], seedvar.version()]))
"""
    done = examples.call(examples.python, "-c", script)
    if not tally.equal(done.returncode, 0, f"Python: {done.stderr}"):
        return
    findings, digest, digests, seeds, losses, version = json.loads(done.stdout)
    rows = examples.program.rows("digits.db")
    tally.equal(findings, examples.program.json("analyze", "digits.db"), "Python: findings")
    tally.equal(digest, examples.program.json("status", "digits.db")["study_digest"], "Python: study digest")
    tally.equal(digests, [row["digest"] for row in rows], "Python: digests")
    tally.equal(seeds, [int(row["seed_init"]) for row in rows], "Python: seeds")
    tally.equal(losses, [float(row["test_loss"]) for row in rows], "Python: losses, every digit")
    tally.equal(f"seedvar {version}\n", examples.program.must("--version").stdout, "Python: version")
    refused = examples.call(examples.python, "-c", "import seedvar; seedvar.open('nowhere.db')")
    tally.check("seedvar._library.Error" in refused.stderr and "check the name" in refused.stderr, "Python: errors",
                refused.stderr)


# Python, and the command line that says the same.
SAME_ANSWERS = {
    "seedvar.agree((87.8, 0.7, 3), (88.2, 0.6, 3), margin=1)": "agree 87.8 0.7 3 88.2 0.6 3 --margin 1",
    "seedvar.howmany((87.8, 0.7), (88.2, 0.6), rho=0.4)": "howmany 87.8 0.7 88.2 0.6 --rho 0.4",
    "seedvar.claim((0.8, 0.1, 20), 0.9, seeds=5)": "claim 0.8 0.1 20 --value 0.9 --seeds 5",
    "seedvar.claim('digits.db', 0.9, seeds=5)": "claim digits.db --value 0.9 --seeds 5",
    "seedvar.compare('here.db', 'there.db')": "compare here.db there.db",
    "seedvar.compare('here.json', 'there.json')": "compare here.json there.json",
    "seedvar.compare_all('fingerprints')": "compare --all fingerprints",
    "seedvar.bisect('digits.db', run=0, against=0)": "bisect digits.db --run 0 --against 0",
    "seedvar.bisect('digits.db', run=0, against=1)": "bisect digits.db --run 0 --against 1",
    "json.loads(seedvar.report('digits.db', 'runs.csv', format='json'))": "report digits.db runs.csv",
    "seedvar.plan('digits.yaml', launch=5, threads=1)": "plan digits.yaml --launch 5 --threads 1",
    "seedvar.analyze('runs.csv', arm='arm', less_is_better=True)": "import runs.csv --arm arm --less-is-better",
    "seedvar.claim('runs.csv', 0.9, less_is_better=True)": "claim runs.csv --value 0.9 --less-is-better",
    "seedvar.words('metrics')": "list metrics",
    "seedvar.init('flowers.csv')": "init flowers.csv -o drafted.yaml",
    "dict(charts=len(seedvar.figures('digits.db')), text=seedvar.paragraph('digits.db'), schema=seedvar.schema()['$schema'])":
        None,
    "{k: v for k, v in seedvar.replay('digits.db').items() if k != 'elapsed_s'}": "replay digits.db",
}


def check_python_answers(examples, tally):
    script = "import json, seedvar\nprint(json.dumps([{}]))".format(", ".join(SAME_ANSWERS))
    done = examples.call(examples.python, "-c", script)
    if not tally.equal(done.returncode, 0, f"Python: {done.stderr}"):
        return
    for (words, line), found in zip(SAME_ANSWERS.items(), json.loads(done.stdout)):
        if line is None:
            tally.check(found["charts"] > 5 and "test_accuracy" in found["text"] and "2020-12" in found["schema"], words, found)
            continue
        expected = json.loads(examples.call("seedvar", *line.split(), "--json").stdout)
        if line.startswith("init"):
            found, expected = ({k: v for k, v in d.items() if k not in ("study", "study_file")} for d in (found, expected))
        if line.startswith("replay"):
            expected = {key: value for key, value in expected.items() if key in found}
        tally.equal(found, expected, words)


def check_python_tables(examples, tally):
    """A table in memory gives what the CSV gives that pandas makes of it: NaN and None are missing, inf is a result."""
    script = """
import json, numpy as np, seedvar
table = {"arm": np.repeat(["a", "b"], 4), "seed": [0, 1, 2, 3] * 2, "accuracy": [.1, .2, .4, float("nan"), .5, None, .6, .8],
         "loss": np.array([1, 2, 3, 5, np.nan, np.nan, np.nan, np.nan]), "f1": [1, 2, 3, 4] + [np.inf] * 4}
print(json.dumps(seedvar.analyze(table)))
"""
    examples.folder.joinpath("gaps.csv").write_text(
        "arm,seed,accuracy,loss,f1\na,0,.1,1,1\na,1,.2,2,2\na,2,.4,3,3\na,3,,5,4\nb,0,.5,,inf\nb,1,,,inf\nb,2,.6,,inf\nb,3,.8,,inf\n")
    done = examples.call(examples.python, "-c", script)
    if not tally.equal(done.returncode, 0, f"Python: {done.stderr}"):
        return
    found, expected = json.loads(done.stdout), examples.program.json("import", "gaps.csv")
    for part in ("headline", "summary", "comparison"):
        tally.equal(found[part], expected[part], f"Python: a table with gaps: {part}")
    failed = [(row["metric"], row["arm"]) for row in found["summary"] if row["n_failed"] == row["n_runs"]]
    tally.equal(failed, [("f1", "b")], "Python: inf is a result, and NaN is none")


def check_other_library(examples, tally):
    """A package that is installed refuses a library of another version."""
    for version, is_right in (("0.0.9", False), (examples.program.must("--version").stdout.split()[1], True)):
        installed = examples.folder / f"packages-{version}" / f"seedvar-{version}.dist-info"
        installed.mkdir(parents=True)
        installed.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: seedvar\nVersion: {version}\n")
        path = f"{installed.parent}:{examples.environment['PYTHONPATH']}"
        done = examples.call("env", f"PYTHONPATH={path}", examples.python, "-c", "import seedvar")
        said = f"this package is of version {version}: pip install it" in done.stderr
        tally.equal((done.returncode == 0, said), (is_right, not is_right), f"a package of version {version}")


def check_every_function_is_bound(tally):
    """Every function of the public header that is not about C alone."""
    header = (ROOT / "include" / "seedvar.h").read_text()
    functions = set(re.findall(r"^sv_status (sv_\w+)\(", header, re.MULTILINE))
    bound = set(re.findall(r'"(sv_\w+)"', (ROOT / "python" / "seedvar" / "_library.py").read_text()))
    left = {"sv_analyze_store", "sv_analyze_csv"}  # sv_analyze_file takes either
    tally.equal(sorted(functions - bound - left), [], "functions that Python lacks")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__.strip().splitlines()[-1])
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        examples = Examples(folder, Program(sys.argv[1], folder), str(pathlib.Path(sys.argv[2]).resolve()), sys.argv[3])
        examples.prepare()
        n_help, n_studies = check_help(examples, tally), check_studies(examples, tally)
        counts = check_blocks(examples, tally)
        check_python_is_the_program(examples, tally)
        check_python_answers(examples, tally)
        check_python_tables(examples, tally)
        check_other_library(examples, tally)
        check_every_function_is_bound(tally)
    tally.check(n_help > 40 and n_studies > 4 and counts["sh"] > 4 and counts["python"] > 1, "there are examples of every kind", (n_help, n_studies, counts))
    print(f"{n_help} examples of help texts, {n_studies} studies, {counts['sh']} shell and {counts['python']} Python blocks")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
