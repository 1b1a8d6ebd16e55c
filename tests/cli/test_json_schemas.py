#!/usr/bin/env python3
"""The JSON of every command against its schema in docs/schemas.

A schema says what is always there and of which type; later versions may add to it.

usage: test_json_schemas.py PROGRAM
"""
import json
import pathlib
import shutil
import sqlite3
import sys
import tempfile

import jsonschema

from seedvar_cli import Program, Tally, program_argument

SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "schemas"
DONE, DIFFERENT, INCOMPLETE, STORE, STOPPED = 0, 1, 3, 5, 75

BASE = {
    "data": {"set": "iris", "standardize": True},
    "model": {"kind": "mlp", "hidden": [5]},
    "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 2},
}
STUDIES = {
    "two-arms": {**BASE, "arms": {"slow": {}, "fast": {"train.optimizer.lr": 0.5}},
                 "design": {"kind": "sweep", "seeds": 24}, "record": {"checkpoints": "log2"}},
    "crossed": {**BASE, "design": {"kind": "crossed", "vary": {"init": 4, "order": 4}},
                "numerics": [{"path": "serial"}, {"path": "drawn", "split": 8, "replicates": 2}]},
    "summed": {**BASE, "design": {"kind": "crossed", "vary": {"init": 4, "order": 4}}, "record": {"rows": "summary"}},
    "followed": {**BASE, "design": {"kind": "sweep", "seeds": 8}, "record": {"curves": "full"}},
    "pick-freeze": {**BASE, "design": {"kind": "pick-freeze", "rows": 16}},
    "nested": {**BASE, "design": {"kind": "nested", "vary": {"split": 3, "init": 3}}},
    "one-at-a-time": {**BASE, "design": {"kind": "one-at-a-time", "vary": {"init": 4, "order": 4}}},
    "poly": {"model": {"kind": "poly", "coefficients": [3, -1, 2.5], "start": {"uniform": [-4, 2]}},
             "train": {"optimizer": {"lr": 0.01}, "steps": 10}, "design": {"kind": "sweep", "seeds": 9}},
    "kmeans": {"data": {"set": "iris"}, "model": {"kind": "kmeans", "clusters": 3, "start": "random"},
               "train": {"max_iterations": 9}, "design": {"kind": "sweep", "seeds": 9}},
}

# Arguments without --json, exit code, schema. {study}: for each of the studies.
CASES = [
    ("run {study}.yaml --store {study}.db", DONE, "run"),
    ("run two-arms.yaml --store half.db --limit 30", STOPPED, "run"),
    ("plan {study}.yaml", DONE, "plan"),
    ("replay crossed.db", DONE, "replay"),
    ("replay crossed.db --run 300", STORE, None),
    ("bisect crossed.db --run 0 --against 0", DONE, "bisect"),
    ("bisect crossed.db --run 16 --against 17", DIFFERENT, "bisect"),
    ("status {study}.db", DONE, "status"),
    ("status half.db", INCOMPLETE, "status"),
    ("verify {study}.db", DONE, "verify"),
    ("verify flipped.db", STORE, "verify"),
    ("analyze {study}.db", DONE, "findings"),
    ("analyze two-arms.db --tests", DONE, "findings"),
    ("analyze half.db", DONE, "findings"),
    ("analyze two-arms.db --paragraph", DONE, "findings-part"),
    ("import runs.csv", DONE, "findings"),
    ("report {study}.db", DONE, "report"),
    ("report half.db runs.csv --fingerprints fingerprints", DONE, "report"),
    ("howmany two-arms.db", DONE, "findings-part"),
    ("howmany 1 0.2 1.1 0.2", DONE, "howmany"),
    ("howmany 1 0.2 1.1 0.2 --rho 0.4 --margin 0.1", DONE, "howmany"),
    ("claim two-arms.db --value 0.9 --seeds 5", DONE, "claim"),
    ("claim 0.8 0.1 20 --value 0.9", DONE, "claim"),
    ("agree 87.8 0.7 3 88.2 0.6 3", DONE, "agree"),
    ("agree 87.8 0.7 3 88.2 0.6 3 --margin 0.5", DONE, "agree"),
    *[(f"export two-arms.db --table {table}", DONE, "export") for table in
      ("runs", "arms", "numerics", "launches", "machines", "predictions", "checkpoints", "curves")],
    ("fingerprint --threads 2", DONE, "fingerprint"),
    ("compare two-arms.db again.db", DONE, "compare"),
    ("compare here.json here.json", DONE, "compare"),
    ("compare here.json other.json", DIFFERENT, "compare"),
    ("compare --all fingerprints", DONE, "atlas"),
    ("bench --job J1 --seeds 1 --rounds 1", DONE, "bench"),
    ("spec check two-arms.yaml", DONE, "spec-check"),
    ("list", DONE, "list"),
    ("list models", DONE, "list"),
    ("list devices", DONE, "list"),
    ("doctor", DONE, "doctor"),
    ("doctor --store /nowhere/at.db", STORE, "doctor"),
    ("init data.csv -o data.yaml", DONE, "init"),
    ("init data.csv -o - --target 0", DONE, "init"),
    ("completions", DONE, "commands"),
]


def spread(cases):
    for arguments, code, schema in cases:
        for study in STUDIES if "{study}" in arguments else ("",):
            yield arguments.format(study=study), code, schema


def prepare(program):
    for name, study in STUDIES.items():
        program.study(name, study)
    program.study("other", {**STUDIES["crossed"], "model": {"kind": "mlp", "hidden": [6]}})
    folder = program.folder
    folder.joinpath("runs.csv").write_text("seed,accuracy\n" + "".join(f"{s},{0.5 + s / 100}\n" for s in range(9)))
    folder.joinpath("data.csv").write_text("a,b,c,d\n" + "".join(f"{i},{i % 3 / 7},{'xy'[i % 2]},\n" for i in range(30)))
    program.must("run", "two-arms.yaml", "--store", "again.db")
    shutil.copy(folder / "again.db", folder / "flipped.db")
    with sqlite3.connect(folder / "flipped.db") as database:
        database.execute("UPDATE run SET seed_init = seed_init + 1 WHERE run = 7")
    database.close()
    program.must("fingerprint", "-o", "here.json")
    found = json.loads(folder.joinpath("here.json").read_text())
    folder.joinpath("fingerprints").mkdir()
    folder.joinpath("fingerprints", "here.json").write_text(json.dumps(found))
    digest = found["subjects"][0]["digests"][0]
    digest["digest"] = digest["digest"][::-1]
    folder.joinpath("other.json").write_text(json.dumps(found))


def commands_of(program):
    return json.loads(program.must("completions", "--json").stdout)["commands"]


def check_cases(program, tally):
    """What each case printed, by its schema."""
    validators = {path.stem: jsonschema.Draft202012Validator(json.loads(path.read_text()))
                  for path in sorted(SCHEMAS.glob("*.json"))}
    used = set()
    for arguments, code, schema in spread(CASES):
        done = program.call(*arguments.split(), "--json")
        if not tally.equal(done.returncode, code, f"{arguments}: exit code {done.stderr}") or schema is None:
            continue
        used.add(schema)
        document = json.loads(done.stdout)
        tally.equal(document.get("schema"), f"seedvar.{schema}/1", f"{arguments}: schema")
        faults = [f"{error.json_path}: {error.message[:200]}" for error in validators[schema].iter_errors(document)]
        tally.equal(faults[:5], [], f"{arguments}: against {schema}.json")
    done = program.call("run", "poly.yaml", "--store", "poly2.db", "--json-progress")
    for line in done.stderr.splitlines():
        validators["progress"].validate(json.loads(line))
        used.add("progress")
    tally.equal(sorted(validators), sorted(used), "schemas, and those that were used")


def check_coverage(program, tally):
    """Every command that has --json is among the cases, and every schema is a schema."""
    with_json = {c["name"] for c in commands_of(program) if any(o["name"] == "json" for o in c["options"])}
    tally.equal(with_json, {c["name"] for c in commands_of(program)}, "every command has --json")
    tally.equal(with_json - {arguments.split()[0] for arguments, _, _ in CASES}, set(), "commands without a case")
    for path in SCHEMAS.glob("*.json"):
        schema = json.loads(path.read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        tally.equal(schema["properties"]["schema"], {"const": f"seedvar.{path.stem}/1"}, f"{path.name}: its name")
        tally.check("schema" in schema["required"], f"{path.name}: the name is required")


def check_damage(tally):
    """A schema that lets anything pass would prove nothing."""
    for path in SCHEMAS.glob("*.json"):
        schema = json.loads(path.read_text())
        validator = jsonschema.Draft202012Validator(schema)
        tally.check(not validator.is_valid({"schema": f"seedvar.{path.stem}/1"}), f"{path.name}: refuses a bare name")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        prepare(program)
        check_cases(program, tally)
        check_coverage(program, tally)
        check_damage(tally)
    print(f"{sum(1 for _ in spread(CASES))} outputs")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
