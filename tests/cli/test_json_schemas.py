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
    "diverging": {**BASE, "arms": {"slow": {}, "wild": {"train.optimizer.lr": 1e30}}, "design": {"kind": "sweep", "seeds": 3}},
    "summed": {**BASE, "design": {"kind": "crossed", "vary": {"init": 4, "order": 4}}, "record": {"rows": "summary"}},
    "followed": {**BASE, "design": {"kind": "sweep", "seeds": 8},
                 "numerics": [{"path": "serial"}, {"path": "tree", "split": 4}, {"path": "serial", "probe": {"step": 2}}],
                 "record": {"curves": "full", "checkpoints": "log2", "distances": True, "predictions": "counts"}},
    "pick-freeze": {**BASE, "design": {"kind": "pick-freeze", "rows": 16}},
    "nested": {**BASE, "design": {"kind": "nested", "vary": {"split": 3, "init": 3}}},
    "one-at-a-time": {**BASE, "design": {"kind": "one-at-a-time", "vary": {"init": 4, "order": 4}}},
    "poly": {"model": {"kind": "poly", "coefficients": [3, -1, 2.5], "start": {"uniform": [-4, 2]}},
             "train": {"optimizer": {"lr": 0.01}, "steps": 10}, "design": {"kind": "sweep", "seeds": 9}},
    "kmeans": {"data": {"set": "iris"}, "model": {"kind": "kmeans", "clusters": 3, "start": "random"},
               "train": {"max_iterations": 9}, "design": {"kind": "sweep", "seeds": 9}},
}

# Tables that lack what some estimate needs: {name: rows}.
ODD_TABLES = {
    "one-run": ["seed,acc", "1,0.9"],
    "one-run-an-arm": ["seed,arm,acc", "1,a,0.9", "1,b,0.8"],
    "two-runs": ["seed,acc", "1,0.9", "2,0.91"],
    "no-variance": ["seed,arm,acc", *(f"{s},{a},0.5" for s in range(5) for a in "ab")],
    "no-direction": ["seed,arm,weird", *(f"{s},{a},{s * s % 7}" for s in range(5) for a in "ab")],
    "nothing-finite": ["seed,arm,acc,test_loss", *(f"{s},{a},nan,{s}" for s in range(4) for a in "ab")],
    "one-arm-fails": ["seed,arm,acc", *(f"{s},{a},{'nan' if a == 'b' else s / 9}" for s in range(5) for a in "ab")],
    "one-each": ["seed_init,seed_order,arm,acc", "0,0,a,0.5", "1,1,b,0.6"],
    "gaps": ["seed_init,seed_order,arm,acc,test_loss",
             *(f"{i},{o},{a},{(3 * i + o) % 5 / 7},{i - o}" for i in range(4) for o in range(3) for a in "ab"
               if (i, o) not in {(1, 1), (2, 0)})],
    "replicates": ["seed_init,replicate,val_accuracy,test_accuracy",
                   *(f"{i},{r},{(i + r) % 3 / 4},{i / 9}" for i in range(4) for r in range(2))],
    "other-seeds": ["seed,arm,val_loss,test_loss", *(f"{s},{'ab'[s % 2]},{s % 3},{s % 5}" for s in range(12))],
}

# Arguments without --json, exit code, schema. {study}, {table}: for each of the studies, of the odd tables.
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
    ("import {table}.csv", DONE, "findings"),
    ("import {table}.csv --tests --margin 0.01", DONE, "findings"),
    ("howmany {table}.csv", DONE, "findings-part"),
    ("report {table}.csv", DONE, "report"),
    ("howmany two-arms.db", DONE, "findings-part"),
    ("howmany 1 0.2 1.1 0.2", DONE, "howmany"),
    ("howmany 1 0.2 1.1 0.2 --rho 0.4 --margin 0.1", DONE, "howmany"),
    ("claim two-arms.db --value 0.9 --seeds 5", DONE, "claim"),
    ("claim 0.8 0.1 20 --value 0.9", DONE, "claim"),
    ("agree 87.8 0.7 3 88.2 0.6 3", DONE, "agree"),
    ("agree 87.8 0.7 3 88.2 0.6 3 --margin 0.5", DONE, "agree"),
    *[(f"export two-arms.db --table {table}", DONE, "export") for table in
      ("runs", "arms", "numerics", "launches", "machines", "predictions", "checkpoints", "curves")],
    ("export diverging.db", DONE, "export"),
    *[(f"export followed.db --table {table}", DONE, "export") for table in ("curves", "distances", "predictions")],
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
    ("init cells.csv -o cells.yaml", DONE, "init"),
    ("completions", DONE, "commands"),
]


def spread(cases):
    for arguments, code, schema in cases:
        for study in STUDIES if "{study}" in arguments else ("",):
            for table in ODD_TABLES if "{table}" in arguments else ("",):
                yield arguments.format(study=study, table=table), code, schema


def prepare(program):
    for name, study in STUDIES.items():
        program.study(name, study)
    program.study("other", {**STUDIES["crossed"], "model": {"kind": "mlp", "hidden": [6]}})
    folder = program.folder
    folder.joinpath("runs.csv").write_text("seed,accuracy\n" + "".join(f"{s},{0.5 + s / 100}\n" for s in range(9)))
    for name, rows in ODD_TABLES.items():
        folder.joinpath(f"{name}.csv").write_text("\n".join(rows) + "\n")
    folder.joinpath("cells.csv").write_text("id,width,class\n" + "".join(f"{i},{i * 7 % 300},{'xyz'[i % 3]}\n" for i in range(300)))
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


def closed(schema):
    """The schema, with no key that it does not name. A chart's spec is Vega-Lite's to name."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: closed(part) for key, part in schema.items()}
    if isinstance(parts.get("properties"), dict) and "datasets" not in parts["properties"]:
        parts.setdefault("additionalProperties", False)
    return parts


def check_cases(program, tally):
    """What each case printed, by its schema."""
    validators = {path.stem: jsonschema.Draft202012Validator(closed(json.loads(path.read_text())))
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


def objects_in(schema):
    """The objects that a schema describes, whole."""
    for part in schema if isinstance(schema, list) else schema.values() if isinstance(schema, dict) else ():
        yield from objects_in(part)
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        yield schema


def check_every_key_is_there(tally):
    """In findings no key comes and goes: what there is none of is null."""
    for found in objects_in(json.loads((SCHEMAS / "findings.json").read_text())):
        tally.equal(sorted(found["required"]), sorted(found["properties"]), "findings.json: keys that are required")


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
        check_every_key_is_there(tally)
        check_damage(tally)
    print(f"{sum(1 for _ in spread(CASES))} outputs")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
