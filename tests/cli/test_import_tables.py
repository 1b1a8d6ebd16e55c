#!/usr/bin/env python3
"""Tables of results as people write them: names, separators, units, pipes; and the lists of docs/import.md.

usage: test_import_tables.py PROGRAM
"""
import itertools
import pathlib
import re
import subprocess
import sys
import tempfile

from seedvar_cli import TIMEOUT_S, Program, Tally, program_argument

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "import.md"
USAGE, STORE = 2, 5

PLAIN = """arm,seed,test_acc,test_loss
A,0,92.29,0.314
A,1,91.07,0.292
A,2,89.91,0.300
B,0,90.32,0.324
B,1,90.20,0.299
B,2,91.23,0.302
"""
TWO_MODELS = "Model,seed,test_acc\nA,1,95\nA,2,95.3\nA,3,95.2\nB,4,89\nB,5,89.1\nB,6,88.8\n"
LINES = PLAIN.splitlines()


def each_line(change):
    """The table with change(number of the line, line) for each line."""
    return "".join(f"{change(i, line)}\n" for i, line in enumerate(LINES))


# The same runs as PLAIN in other words.
SAME = {
    "capital names": PLAIN.replace("arm,seed", "Arm,Seed"),
    "a model": PLAIN.replace("arm,seed", "Model,random_state"),
    "a method": PLAIN.replace("arm,seed", "method,Random Seed"),
    "semicolons": PLAIN.replace(",", ";"),
    "semicolons, decimal commas": PLAIN.replace(",", ";").replace(".", ","),
    "tabs": PLAIN.replace(",", "\t"),
    "tabs, an empty first name": each_line(lambda i, line: f"{i - 1 if i else ''},{line}").replace(",", "\t"),
    "an index": each_line(lambda i, line: f"{i - 1 if i else ''},{line}"),
    "an index read back": each_line(lambda i, line: f"{i - 1 if i else 'Unnamed: 0'},{line}"),
    "seeds as reals": re.sub(r",(\d),", r",\1.0,", PLAIN),
    "percent signs": re.sub(r"(\d\d\.\d\d),", r"\1%,", PLAIN),
    "percent signs after a blank": re.sub(r"(\d\d\.\d\d),", r"\1 %,", PLAIN),
    "status of a tracker": each_line(lambda i, line: f"{line},{'finished' if i else 'State'}"),
    "names of runs": each_line(lambda i, line: f"{line},{f'run-{i}' if i else 'Name'}"),
}

# What is refused, and what the message says.
REFUSED = {
    "a word among numbers": (PLAIN.replace("92.29", "diverged"), "runs.csv:2:3: found 'diverged'; this column holds numbers"),
    "words among numbers": (PLAIN.replace("92.29", "oom").replace("91.07", "oom").replace("90.32", "oom")
                            .replace("89.91", "oom"), "runs.csv:2:3: found 'oom'"),
    "thousands": (re.sub(r"(\d\d\.\d\d),", r'"1,2\1",', PLAIN), "runs.csv:2:3: found '1,292.29'; numbers have a point"),
    "spreads": (re.sub(r"(\d\d\.\d\d),", r"\1 +- 0.1,", PLAIN), "runs.csv:2:3: found '92.29 +- 0.1'"),
    "a cell without percent": (PLAIN.replace("92.29", "92.29%"), "runs.csv:3:3: found '91.07'; the numbers above end in '%'"),
    "points and commas": (PLAIN.replace(",", ";").replace("91.07", "91,07"), "runs.csv:3:3: found '91,07'"),
    "an unknown source": (PLAIN.replace("seed", "seed_data_order"), "did you mean seed_order?"),
    "another unknown source": (PLAIN.replace("seed", "sedd_seed"), "the columns of seeds are seed_init"),
    "two seeds": (PLAIN.replace("test_loss", "random_seed"), "runs.csv:1:4: columns 'seed' and 'random_seed' mean the same"),
    "two arms": (PLAIN.replace("arm,", "Model,").replace("test_loss", "Method"), "mean the same; say which names the arms"),
    "seeds by another name": (PLAIN.replace("seed", "run"), "is it run?"),
    "means": (PLAIN + "mean,,90.8,0.305\n", "runs.csv:8:2: found ''; every run has its seed: a row of means is no run"),
    "a run under way": (each_line(lambda i, line: f"{line},{'running' if i else 'status'}"), "a run under way"),
    "a table of metrics": ("arm,seed,metric,value\nA,0,acc,0.9\nA,0,loss,0.3\nA,1,acc,0.8\nA,1,loss,0.4\n",
                           "runs.csv:1:3: column 'metric' names metrics"),
    "epochs": ("arm,seed,epoch,acc\nA,0,1,0.8\nA,0,2,0.9\n", "they differ in 'epoch': import takes one row a run"),
    "folds": ("arm,seed,fold,acc\nA,0,1,0.8\nA,0,2,0.9\n", "name this column seed_split"),
    "another factor": ("arm,seed,dataset,acc\nA,0,x,0.8\nA,0,y,0.9\n", "they differ in 'dataset': make it part of the arm's name"),
    "words and one arm": (TWO_MODELS.replace("Model", "gpu"), "runs.csv:1:1: column 'gpu' has 2 words (A, B) and no column is "
                          "named arm: say --arm 'gpu'"),
    "words and common seeds": ("gpu,seed,acc\nA,1,95\nA,2,95\nB,1,9\nB,2,9\n", "say --arm 'gpu' to compare them"),
}


class Table:
    """Writes runs.csv and asks the program about it."""

    def __init__(self, program):
        self.program, self.path = program, program.folder / "runs.csv"

    def findings(self, text, *options):
        self.path.write_text(text)
        return self.program.json("import", "runs.csv", *options)

    def refusal(self, text, *options):
        self.path.write_text(text)
        done = self.program.call("import", "runs.csv", *options)
        return done.returncode, done.stderr


def check_same(tally, table):
    expected = table.findings(PLAIN)
    tally.equal([row["mean"] for row in expected["summary"]][:1], [91.09], "the mean of A")
    for name, text in SAME.items():
        found = table.findings(text)
        for part in ("headline", "summary", "comparison"):
            tally.equal(found[part], expected[part], f"{name}: {part}")


def check_refusals(tally, table):
    for name, (text, says) in REFUSED.items():
        code, said = table.refusal(text)
        tally.check(code == USAGE and says in said and said.count("\n") == 1, f"refused: {name}", said)


def check_arms(tally, table):
    for text, words in ((TWO_MODELS, []), (TWO_MODELS.replace("Model", "gpu"), ["--arm", "gpu"]),
                        (TWO_MODELS.replace("Model", "lr").replace("A,", "1,").replace("B,", "2,"), ["--arm", "lr"])):
        findings = table.findings(text, *words)
        tally.equal([row["n"] for row in findings["summary"]], [3, 3], f"two arms {words}")
    findings = table.findings(TWO_MODELS, "--arm", "none")
    tally.equal([row["n"] for row in findings["summary"]], [6], "--arm none")
    code, said = table.refusal(TWO_MODELS, "--arm", "Modle")
    tally.check(code == USAGE and "did you mean Model?" in said, "--arm of no column", said)
    for command in (["howmany", "runs.csv"], ["claim", "runs.csv", "--value", "95"], ["report", "runs.csv", "--markdown"]):
        done = table.program.call(*command, "--arm", "none")
        tally.check(done.returncode == 0 and "B" not in re.findall(r"\b[AB]\b", done.stdout), f"{command} --arm none", done.stderr)


def check_streams(tally, table):
    expected = table.findings(PLAIN)["summary"]
    for path in ("-", "/dev/stdin"):
        done = subprocess.run([table.program.path, "import", path, "--json"], input=PLAIN.encode(), capture_output=True,
                              timeout=TIMEOUT_S)
        tally.check(done.returncode == 0, f"import {path}", done.stderr)
        tally.check(f'"mean": {expected[0]["mean"]}'.encode() in done.stdout, f"import {path}: the mean")


def check_headlines(tally, table):
    for header, headline in (
            ("test_acc,test_loss", "test_acc"), ("test_loss,test_acc", "test_acc"), ("val_acc,test_acc", "test_acc"),
            ("test/loss,test/acc", "test/acc"), ("eval_loss,eval_acc", "eval_acc"), ("lr,Test Accuracy (%)", "Test Accuracy (%)"),
            ("val_accuracy,test_loss", "test_loss"), ("time,mse", "mse"), ("train_acc,val_loss", "val_loss"),
            ("depth,bleu", "bleu"), ("test_loss,mse", "test_loss"), ("latency,depth", "depth")):
        rows = "".join(f"{s},{s % 3},{(s * 7) % 5}\n" for s in range(6))
        tally.equal(table.findings(f"seed,{header}\n{rows}")["headline"], headline, f"what leads of {header}")


def check_directions(tally, table):
    """Arm b has larger values of everything; the verdict tells the direction."""
    expected = {"Test Accuracy (%)": "better", "acc %": "better", "test/acc": "better", "val/loss": "worse", "error rate": "worse",
                "latency_ms": "worse", "testF1": "better", "neg_mean_squared_error": "better", "false_negative_rate": "higher",
                "acc_std": "higher", "accuracy_index": "higher", "loss_weight": "higher", "mIoU": "better", "topology": "higher"}
    for row in re.findall(r"^\| (?:accuracy|score|loss|cost) \| (more|less) \| (.*) \|$", DOCUMENT.read_text(), re.MULTILINE):
        expected.update((word, {"more": "better", "less": "worse"}[row[0]]) for word in re.findall("`(.+?)`", row[1]))
    tally.check(len(expected) > 80, "the document lists words", len(expected))
    names = list(expected)
    rows = [",".join([arm, str(s), *(str(10 * (arm == "b") + (s * 7 + k) % 5) for k in range(len(names)))])
            for arm, s in itertools.product("ab", range(8))]
    findings = table.findings("\n".join([",".join(["arm", "seed", *names]), *rows]) + "\n")
    tally.equal({row["metric"]: row["verdict"]["decision"] for row in findings["comparison"]}, expected, "directions")
    small = "arm,seed,depth\n" + "".join(f"{row.split(',')[0]},{row.split(',')[1]},{row.split(',')[2]}\n" for row in rows)
    for options, decision in (([], "higher"), (["--more-is-better"], "better"), (["--less-is-better"], "worse")):
        tally.equal(table.findings(small, *options)["comparison"][0]["verdict"]["decision"], decision, f"{options}")
    code, said = table.refusal(small, "--more-is-better", "--less-is-better")
    tally.check(code == USAGE and "say one of them" in said, "both directions", said)
    done = table.program.call("claim", "runs.csv", "--value", "3")
    tally.check(done.returncode == USAGE and "--more-is-better" in done.stderr, "claim without a direction", done.stderr)
    table.program.must("claim", "runs.csv", "--value", "3", "--less-is-better")


def check_pairs_of_data(tally, table):
    """The best of several seeds: chosen on validation data, judged on test data, whatever the names are."""
    rows = "".join(f"{s},{0.5 + (s * 7 % 11) / 50},{0.5 + (s * 5 % 13) / 50}\n" for s in range(20))
    for header in ("val_acc,test_acc", "val_accuracy,test_accuracy", "val/acc,test/acc", "Valid Accuracy,Test Accuracy",
                   "acc_dev,acc_test"):
        findings = table.findings(f"seed,{header}\n{rows}")
        choices = findings["seed_choice"]["gains"]
        tally.check(isinstance(choices, list) and len(choices) > 0, f"gains of {header}", choices)


def check_columns_of_the_document(tally, table):
    """Every other name that docs/import.md gives to a column."""
    rows = re.findall(r"^\| `(seed|arm|replicate|status|run)` \| .* \| (.*) \|$", DOCUMENT.read_text(), re.MULTILINE)
    tally.equal(len(rows), 5, "rows of the table of columns")
    expected = table.findings(PLAIN)["comparison"]
    for column, others in rows:
        for other in re.findall("`(.+?)`", others):
            text = PLAIN.replace(column, other, 1)
            if column == "replicate" or column == "run":
                text = each_line(lambda i, line: f"{line},{0 if i else other}")
            if column == "status":
                text = each_line(lambda i, line: f"{line},{'ok' if i else other}")
            tally.equal(table.findings(text)["comparison"], expected, f"{column} as {other}")


def check_status(tally, table):
    words = ["finished", "Completed", "ok", "crashed", "FAILED", "killed"]
    findings = table.findings(each_line(lambda i, line: f"{line},{words[i - 1] if i else 'State'}"))
    tally.equal([row["n_diverged"] for row in findings["summary"]][:1], [0], "A is done")
    tally.equal([row["n_diverged"] for row in findings["summary"] if row["arm"] == "B"][:1], [3], "B has failed")


def check_units(tally, table):
    findings = table.findings(PLAIN.replace("92.29", "0.9229"))
    tally.equal(findings["checks"]["mixed_units"], [{"metric": "test_acc", "n_shares": 1, "n_larger": 5}], "mixed units")
    said = table.program.must("import", "runs.csv").stdout
    tally.check("are shares and percentages mixed?" in " ".join(said.split()), "mixed units in the text", said)
    tally.equal(table.findings(PLAIN)["checks"]["mixed_units"], [], "one unit")


def check_other_commands(tally, table):
    """A table of results where a store or data are asked for."""
    table.path.write_text(PLAIN)
    for words, code, says in ((("analyze", "runs.csv"), STORE, "seedvar import reads tables of results"),
                              (("init", "runs.csv"), USAGE, "seedvar import analyzes them")):
        done = table.program.call(*words)
        tally.check(done.returncode == code and says in done.stderr, " ".join(words), done.stderr)
    tally.check(not (table.program.folder / "runs.yaml").exists(), "no study of results")
    tally.equal(table.program.call("init", "runs.csv", "--target", "test_loss").returncode, 0, "init with a target")
    done = table.program.call("verify", "runs.csv")
    tally.equal((done.returncode, done.stdout.splitlines()[0], done.stderr.count("not a store")),
                (STORE, "runs.csv: 1 fault", 1), "verify tells the fault")


def check_hint_of_init(tally, table):
    """What `init` says of another separator is a whole command that makes a file it reads."""
    rows = "".join(f"{i},{'ab'[i % 2]},{i * 7 % 5}.5\n" for i in range(20))
    plain = f"length,class,width\n{rows}"
    for separator, decimal in ((";", "."), (";", ","), ("\t", ",")):
        table.path.write_text(plain.replace(",", separator).replace(".", decimal))
        said = table.program.call("init", "runs.csv").stderr
        command = re.search("say (tr .*) [(]", said)
        if tally.check(command is not None, f"init of {separator!r} names a command", said):
            subprocess.run(command[1], shell=True, cwd=table.program.folder, check=True, timeout=TIMEOUT_S)
            tally.equal((table.program.folder / "NEW.csv").read_text(), plain, f"{separator!r}: {command[1]}")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        table = Table(Program(program_argument(__doc__), folder))
        for check in (check_same, check_refusals, check_arms, check_streams, check_headlines, check_directions,
                      check_pairs_of_data, check_columns_of_the_document, check_status, check_units, check_other_commands,
                      check_hint_of_init):
            check(tally, table)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
