#!/usr/bin/env python3
"""What comes from the commands' tables (parser, help, completions, manual page), init, doctor, and progress.

usage: test_command_line.py PROGRAM
"""
import gzip
import json
import os
import pathlib
import pty
import resource
import shutil
import subprocess
import sys
import tempfile

from seedvar_cli import TIMEOUT_S, Program, Tally, program_argument

ROOT = pathlib.Path(__file__).resolve().parents[2]
USAGE, STORE = 2, 5
SHELLS = ("bash", "zsh", "fish")

STUDY = {
    "data": {"set": "iris", "standardize": True},
    "model": {"kind": "mlp", "hidden": [5]},
    "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 2},
    "design": {"kind": "sweep", "seeds": 64},
}


def slip(word):
    """The word without its third letter."""
    return word[:2] + word[3:]


def check_tables(program, tally, commands):
    for command in commands:
        name = command["name"]
        text = program.must(name, "--help").stdout
        tally.check(text.startswith(f"usage: seedvar {name}") and command["summary"] in text, f"{name}: help", text)
        tally.equal(program.must("help", name).stdout, text, f"help {name}")
        examples = command["examples"]
        tally.check(examples and all(f"  {e}\n" in text for e in examples), f"{name}: examples in the help", text)
        tally.check(all(e.split()[:2] == ["seedvar", name] for e in examples), f"{name}: examples are its own", examples)
        for option in command["options"]:
            tally.check(f"  --{option['name']}" in text and option["help"] in text, f"{name} --{option['name']}: help")
            if len(option["name"]) < 4:
                continue
            done = program.call(name, f"--{slip(option['name'])}")
            tally.equal(done.returncode, USAGE, f"{name} --{slip(option['name'])}: exit code")
            tally.check(f"did you mean --{option['name']}?" in done.stderr, f"{name}: meant --{option['name']}", done.stderr)
        if len(name) > 3:
            tally.check(f"did you mean '{name}'?" in program.call(slip(name)).stderr, f"{slip(name)}: meant {name}")
    readme = ROOT.joinpath("README.md").read_text()
    tally.equal([c["name"] for c in commands if f"| `{c['name']}" not in readme], [], "commands that the README lacks")


def completed(shell, script, line):
    """What a shell offers at the end of a line."""
    words = line.split(" ")
    ask = {
        "bash": f"source {script}; COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}; "
                "_seedvar; printf '%s\\n' \"${COMPREPLY[@]}\"",
        "fish": f"source {script}; complete -C {line!r}",
    }[shell]
    done = subprocess.run([shell, "-c", ask], capture_output=True, text=True, timeout=TIMEOUT_S, cwd=script.parent)
    return {entry.split("\t")[0].strip() for entry in done.stdout.splitlines()} - {""}


def check_completions(program, tally, commands):
    options = {c["name"]: {f"--{o['name']}" for o in c["options"]} for c in commands}
    for shell in SHELLS:
        if not tally.check(shutil.which(shell), f"{shell} is there (scripts/install-packages test)"):
            continue
        script = program.folder / f"seedvar.{shell}"
        script.write_text(program.must("completions", shell).stdout)
        done = subprocess.run([shell, "-n", script], capture_output=True, text=True, timeout=TIMEOUT_S)
        tally.equal((done.returncode, done.stderr), (0, ""), f"{shell} -n")
        if shell == "zsh":
            continue
        tally.check(set(options) <= completed(shell, script, "seedvar "), f"{shell}: commands")
        tally.equal(completed(shell, script, "seedvar an"), {"analyze"}, f"{shell}: an")
        for name, names in options.items():
            found = completed(shell, script, f"seedvar {name} --")
            tally.check(names <= found, f"{shell}: {name} --", names - found)
        tally.equal(completed(shell, script, "seedvar run x.yaml --simd a"), {"auto", "avx512", "avx2"}, f"{shell}: --simd")
        tally.equal(completed(shell, script, "seedvar analyze x.db --metric test_a"), {"test_accuracy"}, f"{shell}: --metric")
        tally.check({"models", "devices"} <= completed(shell, script, "seedvar list "), f"{shell}: list")
    zsh = program.folder.joinpath("seedvar.zsh").read_text()
    missing = [f"{c}{o}" for c, names in options.items() for o in names if f"'{o}" not in zsh and f"'*{o}" not in zsh]
    tally.equal(missing, [], "zsh: options")
    manual = program.must("completions", "man").stdout
    tally.equal([c for c in options if f'.SS "seedvar {c}' not in manual], [], "manual page: commands")


def check_init(program, tally):
    folder = program.folder
    shutil.copy(ROOT / "data" / "iris.csv", folder / "flowers.csv")
    with gzip.open(folder / "counts.csv.gz", "wt") as file:  # no header, whole-number classes in the last column
        file.writelines(f"{i % 7},{i % 11 / 4},{i % 3}\n" for i in range(90))
    folder.joinpath("line.csv").write_text("x,label\n" + "".join(f"{i},{i / 30 + i % 7 / 10}\n" for i in range(90)))
    folder.joinpath("houses.csv").write_text("size,price\n" + "".join(f"{i},{9e4 + 1e3 * i}\n" for i in range(90)))
    odd = 'a b,"x, y",true\n' + "".join(f"{i % 5},3,{'pq'[i % 2]}\n" for i in range(60))
    folder.joinpath("odd: name.csv").write_text(odd)
    expected = {"flowers.csv": ("species", "classification", 3), "counts.csv.gz": (2, "classification", 3),
                "line.csv": ("label", "regression", None), "houses.csv": ("price", "regression", None),
                "odd: name.csv": ("true", "classification", 2)}
    for name, (target, task, n_classes) in expected.items():
        study = f"{name.split('.')[0]}.yaml"
        seen = program.json("init", name)
        column = seen["columns"][seen["target"]]
        tally.equal((column["name"] if seen["has_header"] else column["index"], seen["task"]), (target, task), f"init {name}")
        tally.equal(len(seen["classes"]) if seen["classes"] else None, n_classes, f"init {name}: classes")
        tally.equal(folder.joinpath(study).read_text(), seen["study"], f"init {name}: the study file")
        program.must("spec", "check", study)
        found = program.json("run", study, "--set", "design={kind: sweep, seeds: 3, vary: null}", "--store", f"{name}.db")
        tally.equal(found["done"] % 3, 0, f"init {name}: runs")
    tally.equal(program.call("init", "flowers.csv").returncode, USAGE, "init: keeps a file that is there")
    folder.joinpath("elsewhere").mkdir()
    program.must("init", "flowers.csv", "-o", "elsewhere/flowers.yaml", "--target", "4")
    program.must("plan", "elsewhere/flowers.yaml")
    rows = "".join(f"{'' if i in (3, 7) else i},{'red' if i % 3 else 'blue'},name {i},{i % 2},,{i if i % 4 else 'x'}\n" for i in range(60))
    folder.joinpath("gaps.csv").write_text("a,colour,name,y,empty,mixed\n" + rows)
    seen = program.json("init", "gaps.csv", "--target", "y")
    dropped = {column["name"]: column["dropped"] for column in seen["columns"] if column["dropped"]}
    tally.equal(set(dropped), {"name", "empty", "mixed"}, "init: columns left out")
    tally.check("2 MISSING" in seen["study"] and seen["drops_rows"], "init: missing values", seen["study"])
    tally.equal((seen["text_features"], "text: one_hot" in seen["study"]), (1, True), "init: text among the features")
    plan = program.must("plan", "gaps.yaml").stdout
    tally.check("2 left out for a missing value" in plan, "init: the study leaves the rows out", plan)
    rows = "".join(f"{7 * i},{i % 5},{i},{i % 2}\n" for i in range(60))
    folder.joinpath("numbered.csv").write_text("case_id,a,dose,y\n" + rows)
    dropped = {column["name"]: column["dropped"] for column in program.json("init", "numbered.csv")["columns"]}
    tally.equal(dropped, {"case_id": "a number for each row", "a": None, "dose": None, "y": None}, "init: numbers of rows")
    folder.joinpath("names.csv").write_text("name,y\n" + "".join(f"n{i},{i % 2}\n" for i in range(60)))
    folder.joinpath("semicolons.csv").write_text("a;b\n1;2\n")
    folder.joinpath("ragged.csv").write_text("a,b\n1,2\n3\n")
    for arguments, fragment in ((["nowhere.csv"], "nowhere.csv"), (["semicolons.csv"], "tr ',;' '.,' <semicolons.csv"),
                                (["ragged.csv"], "ragged.csv:3:"), (["flowers.csv", "--target", "specis"], "did you mean 'species'?"),
                                (["odd: name.csv", "--target", "1"], "column 1 ('x, y'), as you say, but it has one value only"),
                                (["names.csv"], "no column but the target")):
        done = program.call("init", *arguments)
        tally.equal((done.returncode, len(done.stderr.splitlines())), (USAGE, 1), f"init {arguments}")
        tally.check(fragment in done.stderr, f"init {arguments}: says {fragment}", done.stderr)


def check_doctor(program, tally):
    seen = program.json("doctor")
    checks = {check["check"]: check for check in seen["checks"]}
    tally.check({"program", "processor", "memory", "driver", "store"} <= set(checks), "doctor: checks", list(checks))
    tally.check(seen["is_fit"] and seen["version"] in checks["program"]["found"], "doctor: fit", seen)
    tally.check(all(c["mend"] for c in seen["checks"] if c["state"] != "ok"), "doctor: every fault has its mend", seen)
    done = program.call("doctor", "--store", "/nowhere/at.db")
    tally.equal(done.returncode, STORE, "doctor: a folder that is not there")
    tally.check("make the folder" in done.stderr, "doctor: its mend", done.stderr)
    seen = program.json("doctor", "--store", "/dev/shm/at.db")
    tally.check("tmpfs" in seen["checks"][-1]["found"] and seen["checks"][-1]["state"] == "note", "doctor: tmpfs", seen)


def check_progress(program, tally):
    program.study("progress", STUDY)
    done = program.call("run", "progress.yaml", "--store", "json.db", "--launch", "16", "--json-progress")
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    tally.equal([line["done"] for line in lines], [16, 32, 48, 64], "--json-progress: a line a launch")
    values = [float(row["test_accuracy"]) for row in program.rows("json.db")]
    mean = sum(values) / 64
    sd = (sum((v - mean) ** 2 for v in values) / 63) ** 0.5
    last = lines[-1]
    tally.check(last["metric"] == "test_accuracy" and last["values"] == 64 and last["arm"] == "base", "progress: metric", last)
    tally.check(abs(last["mean"] - mean) < 1e-8 and abs(last["sd"] - sd) < 1e-8, "progress: mean and SD", (last, mean, sd))
    tally.equal(program.must("run", "progress.yaml", "--store", "log.db").stderr, "", "a log has no line before a minute")
    main, side = pty.openpty()
    subprocess.run([program.path, "run", "progress.yaml", "--store", "line.db", "--launch", "16"], cwd=program.folder,
                   stdout=subprocess.DEVNULL, stderr=side, timeout=TIMEOUT_S, check=True)
    os.close(side)
    shown = os.read(main, 1 << 16).decode()
    os.close(main)
    tally.equal((shown.count("\r\x1b[K"), shown.count("\n")), (4, 1), "a terminal has one line that is renewed")
    tally.check("100%, 64 of 64 runs" in shown and "; test_accuracy" in shown, "a terminal: the last line", shown)


def check_full_disk(program, tally):
    """A file that may not grow, as on a full disk: one line, and the store can be resumed."""
    program.study("large", {**STUDY, "design": {"kind": "sweep", "seeds": 4000}})

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    done = subprocess.run([program.path, "run", "large.yaml", "--store", "large.db", "--launch", "200"], cwd=program.folder,
                          capture_output=True, text=True, timeout=TIMEOUT_S, preexec_fn=limit)
    tally.equal((done.returncode, len(done.stderr.splitlines())), (STORE, 1), f"a full disk: {done.stderr}")
    tally.check("check the disk" in done.stderr, "a full disk: the mend", done.stderr)
    program.must("run", "large.yaml", "--store", "large.db")
    program.must("verify", "large.db")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        commands = program.json("completions")["commands"]
        for check in (check_tables, check_completions):
            check(program, tally, commands)
        for check in (check_init, check_doctor, check_progress, check_full_disk):
            check(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
