#!/usr/bin/env python3
"""The words of texts and reports on small and odd studies: articles, numbers of things, notes that tables need.

usage: test_wording.py PROGRAM
"""
import re
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

INCOMPLETE, STOPPED = 3, 75

NOUNS = "models?|runs|seeds|rows|columns|machines|launches|replicates|checkpoints|subjects|differences|parameters|pairs|figures"
SLIPS = {
    "1 and a plural": rf"(?<![\d.,/])1 (?:{NOUNS.replace('models?', 'models')})\b",
    "a before a vowel": r"\ba (?!one\b|unit|use|uni)[aeio]\w*",
    "an before a consonant": r"\ban [bcdfgjklmnpqrstvwxz]\w*",
    "no value": r"\b(?:nan|NULL|\(null\))\b",
}

ARMS = ("base", "fast")
TABLES = {
    "one-run": ["seed,accuracy", "1,0.9"],
    "one-run-an-arm": ["seed,arm,accuracy", "1,base,0.9", "1,fast,0.8"],
    "one-level": ["seed_init,seed_order,accuracy", *(f"0,{s},{s / 9}" for s in range(5))],
    "irregular": ["arm,seed_init,seed_order,accuracy,test_loss",
                  *(f"{a},{i},{o},{(3 * i + o) % 5 / 7},{i - o}" for a in ARMS for i in range(5) for o in range(4) if i * o != 6)],
    "unpaired": ["seed,arm,accuracy", *(f"{s},{ARMS[s % 2]},{s * 7 % 11 / 11}" for s in range(24))],
    "no-share": ["seed,test_loss,hours", *(f"{s},{s * 5 % 7},{s}" for s in range(8))],
    "one-failed": ["seed,arm,accuracy", *(f"{s},base,{'nan' if s == 3 else s / 20}" for s in range(9))],
    "constant": ["seed,arm,accuracy", *(f"{s},{a},{0.1 if a == 'base' else s / 20}" for s in range(12) for a in ARMS)],
    "level": ["seed_init,seed_order,test_loss", *(f"{i},{o},{(i + o) % 7 / 10 + o / 20}" for i in range(7) for o in range(7))],
    "same": ["seed,arm,accuracy", *(f"{s},{a},0.5" for s in range(5) for a in ARMS)],
}

STUDY = {
    "data": {"set": "iris", "standardize": True},
    "model": {"kind": "mlp", "hidden": [5]},
    "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 2},
    "arms": {"relu": {}, "tanh": {"model.activation": "tanh"}},
}


def check_words(tally, text, what):
    for slip, pattern in SLIPS.items():
        found = [text[max(0, m.start() - 30):m.end() + 30].replace("\n", " ") for m in re.finditer(pattern, text)]
        tally.equal(found[:3], [], f"{what}: {slip}")


def check_tables(program, tally):
    for name, rows in TABLES.items():
        program.folder.joinpath(f"{name}.csv").write_text("\n".join(rows) + "\n")
        for words in (["import"], ["import", "--paragraph"], ["howmany"], ["report", "--markdown"]):
            check_words(tally, program.must(words[0], f"{name}.csv", *words[1:]).stdout, f"{name}: {' '.join(words)}")


def check_stores(program, tally):
    program.must("run", program.study("one", {**STUDY, "design": {"kind": "sweep", "seeds": 1}}), "--store", "one.db")
    program.must("run", "one.yaml", "--store", "again.db", "--set", "numerics=[{path: tree, split: 4}]")
    program.must("run", "one.yaml", "--store", "half.db", "--limit", 1, code=STOPPED)
    for code, words in ((0, "plan one.yaml"), (0, "status one.db"), (INCOMPLETE, "status half.db"), (0, "verify one.db"),
                        (0, "replay one.db"), (0, "replay one.db --run 0"), (0, "analyze one.db"), (0, "analyze half.db"),
                        (0, "compare one.db half.db"), (0, "compare one.db again.db"), (0, "report one.db --markdown")):
        done = program.must(*words.split(), code=code)
        check_words(tally, done.stdout + done.stderr, words)


def check_replicates(program, tally):
    """Of replicates among the runs that are compared each arm is told."""
    program.must("run", "one.yaml", "--store", "twice.db", "--set", "design={kind: sweep, vary: [init], seeds: 3}",
                 "--set", "numerics=[{path: tree, split: 4, replicates: 2}]")
    text = " ".join(program.must("analyze", "twice.db").stdout.split())
    tally.check(re.search(r"20% of the pairs of the runs of relu are .* of the points; of the runs of tanh it is 20% and", text),
                "replicates of each arm", text)


def check_said(program, tally):
    """Single findings of readers."""
    for words, said in (
            ("import irregular.csv --paragraph", "in an irregular design"),
            ("import no-share.csv", "\nOther metrics\n"),
            ("report unpaired.csv --markdown", "have an accuracy (percent)"),
            ("howmany unpaired.csv", "-: the arms have too few common seeds to pair"),
            ("howmany constant.csv", "-: an arm with an SD of 0 has no correlation"),
            ("import level.csv", "init explains nothing that can be seen (-15% [-18, -8]) of the variance"),
            ("howmany unpaired.csv", "-: two groups of so many seeds are more runs than the arm has"),
            ("howmany 1 1 1 1", "The means are equal: there is no difference for seeds to find."),
            ("agree 91.06 0.7 3 90.7 0.6 3", "They differ by 0.36 [-1.13, 1.85]"),
            ("replay one.db --run 0", "1 run trained again"),
            ("status one.db", "invoked  20")):
        text = program.must(*words.split()).stdout
        tally.check(said in text, f"{words}: says {said!r}", text)
    constant = program.must("howmany", "constant.csv").stdout
    tally.check("common seeds" not in constant, "paired arms are not said to have no common seeds", constant)
    famous = program.must("import", "constant.csv").stdout
    tally.check("famous seeds" in famous and "<0.00" not in famous, "no share of pairs is below 0", famous)
    negative = program.must("import", "irregular.csv", "--metric", "test_loss").stdout
    tally.equal("An estimate below 0" in negative, bool(re.search(r" -\d+%", negative)), "a share below 0 is explained")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        check_tables(program, tally)
        check_stores(program, tally)
        check_replicates(program, tally)
        check_said(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
