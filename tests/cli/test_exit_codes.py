#!/usr/bin/env python3
"""Every exit code, and what is said with it: one line, with the mend.

usage: test_exit_codes.py PROGRAM
"""
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

from seedvar_cli import TIMEOUT_S, Program, Tally, program_argument

DONE, USAGE, INCOMPLETE, DEVICE, STORE, STOPPED, INTERRUPTED = 0, 2, 3, 4, 5, 75, 130
NOBODY = 65534

STUDY = {
    "data": {"set": "iris", "standardize": True},
    "model": {"kind": "mlp", "hidden": [5]},
    "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 2},
    "design": {"kind": "sweep", "seeds": 24},
}

# Arguments (files: see prepare), exit code, what the message must say.
FAILURES = [
    ("", USAGE, "usage: seedvar"),
    ("runn study.yaml", USAGE, "did you mean 'run'?"),
    ("anlayze done.db", USAGE, "did you mean 'analyze'?"),
    ("frobnicate", USAGE, "no command 'frobnicate'"),
    ("run", USAGE, "run lacks STUDY"),
    ("run study.yaml other.yaml", USAGE, "'other.yaml' is too much"),
    ("run study.yaml --frobnicate", USAGE, "--frobnicate: no such option (see seedvar run --help)"),
    ("run study.yaml --stroe new.db", USAGE, "did you mean --store?"),
    ("run study.yaml --treads=2", USAGE, "did you mean --threads?"),
    ("run study.yaml --store", USAGE, "expects FILE"),
    ("run study.yaml --limit 1.5", USAGE, "expects N, a whole number"),
    ("run study.yaml --limit -1", USAGE, "expects N"),
    ("run study.yaml --limit 1e300", USAGE, "expects N"),
    ("run study.yaml --threads 5000 --store new.db", USAGE, "use 1 to"),
    ("run study.yaml --json=yes", USAGE, "takes no value"),
    ("run study.yaml --set frob=1", USAGE, "unknown key `frob`"),
    ("run study.yaml --set train.optimzer.lr=1", USAGE, "optimizer"),
    ("run study.yaml --set train.epochs", USAGE, "key.path=value"),
    ("run study.yaml --set train.epochs=many", USAGE, "train.epochs"),
    ("run study.yaml --device tpu --store new.db", USAGE, "use auto, cpu or cuda:N"),
    ("run wrong.yaml", USAGE, "wrong.yaml:3:9: "),
    ("plan wrong.yaml", USAGE, "wrong.yaml:3:9: "),
    ("spec check wrong.yaml", USAGE, "wrong.yaml:3:9: "),
    ("spec", USAGE, "spec check STUDY"),
    ("spec frobnicate", USAGE, "spec check STUDY"),
    ("plan", USAGE, "plan lacks STUDY"),
    ("plan nodata.yaml", USAGE, "nowhere.csv"),
    ("run nodata.yaml --store new.db", USAGE, "nowhere.csv"),
    ("status", USAGE, "status lacks STORE"),
    ("verify one.db two.db", USAGE, "'two.db' is too much"),
    ("export done.db --table frob", USAGE, 'unknown table "frob"'),
    ("export done.db --format xml", USAGE, 'unknown format "xml"'),
    ("analyze done.db --metric frob", USAGE, "there is no metric frob"),
    ("analyze done.db --level 2", USAGE, "between 0 and 1"),
    ("analyze done.db --margin -1", USAGE, "margin"),
    ("import wrong.csv", USAGE, "wrong.csv:3:"),
    ("bench --job J9", USAGE, "not a job; use J1"),
    ("bench J1", USAGE, "takes options only"),
    ("list frob", USAGE, "the lists are models"),
    ("list models data", USAGE, "'data' is too much"),
    ("claim done.db", USAGE, "--value X"),
    ("agree 1 2 three 1 2 3", USAGE, "M SD N M SD N"),
    ("howmany 1 2", USAGE, "M SD M SD"),
    ("compare done.db", USAGE, "--all DIR"),
    ("replay", USAGE, "replay lacks STORE"),
    ("replay study.yaml", STORE, "not a store"),
    ("completions tcsh", USAGE, "bash, zsh, fish or man"),
    ("help frobnicate", USAGE, "no command 'frobnicate'"),
    ("status half.db", INCOMPLETE, None),
    ("run study.yaml --simd mmx --store new.db", DEVICE, "use auto"),
    ("run study.yaml --device cuda:99 --store new.db", DEVICE, "--device c"),
    ("bench --device cuda:99 --job J1 --seeds 1 --rounds 1", DEVICE, "--device c"),
    ("run nowhere.yaml", STORE, "seedvar init DATA.csv"),
    ("run done.db", USAGE, "seedvar analyze says"),
    ("plan big.db", USAGE, "seedvar analyze says"),
    ("plan runs.csv", USAGE, "seedvar init makes one of it"),
    ("import done.db", USAGE, "seedvar report read it"),
    ("claim runs.csv --value 93", USAGE, "say 0.93"),
    ("claim runs.csv --value 0.93 --seeds 0", USAGE, "at least one seed"),
    ("claim 0.9 0.1 5 --value 0.93 --seeds 0", USAGE, "at least one seed"),
    ("claim runs.csv --value 93%", USAGE, "expects X, a number, not '93%'"),
    ("import nowhere.csv", USAGE, "nowhere.csv"),
    ("status nowhere.db", STORE, "check the name"),
    ("analyze nowhere.db", STORE, "check the name"),
    ("export nowhere.db", STORE, "check the name"),
    ("verify nowhere.db", STORE, "check the name"),
    ("run study.yaml --store nowhere/new.db", STORE, "make the folder"),
    ("run study.yaml --store folder", STORE, "this is a folder"),
    ("run other.yaml --store done.db", STORE, "another study"),
    ("run study.yaml --store study.yaml", STORE, "not a store"),
    ("verify study.yaml", STORE, "not a store"),
    ("status cut.db", STORE, "damaged"),
    ("verify cut.db", STORE, "damaged"),
    ("verify flipped.db", STORE, "flipped.db"),
    ("export flipped.db", STORE, "flipped.db"),
    ("analyze flipped.db", STORE, "flipped.db"),
    ("export done.db -o nowhere/runs.csv", STORE, "nowhere/runs.csv"),
    ("export done.db -o /dev/full", STORE, "check the disk"),
    ("analyze done.db -o /dev/full", STORE, "/dev/full"),
    ("run study.yaml --store half.db --limit 3", STOPPED, "the same command goes on"),
]

# Commands that print JSON, their exit code, and the name of its schema.
JSON = [
    ("run study.yaml --store done.db", DONE, "seedvar.run/1"),
    ("run study.yaml --store half.db --limit 3", STOPPED, "seedvar.run/1"),
    ("plan study.yaml", DONE, "seedvar.plan/1"),
    ("status done.db", DONE, "seedvar.status/1"),
    ("status half.db", INCOMPLETE, "seedvar.status/1"),
    ("verify done.db", DONE, "seedvar.verify/1"),
    ("verify flipped.db", STORE, "seedvar.verify/1"),
    ("analyze done.db", DONE, "seedvar.findings/1"),
    ("import runs.csv", DONE, "seedvar.findings/1"),
    ("spec check study.yaml", DONE, "seedvar.spec-check/1"),
    ("bench --job J1 --seeds 1 --rounds 1", DONE, "seedvar.bench/1"),
    ("compare done.db done.db", DONE, "seedvar.compare/1"),
    ("list", DONE, "seedvar.list/1"),
    ("list devices", DONE, "seedvar.list/1"),
]

WITHOUT_READER = ("--help", "--version", "run --help", "plan study.yaml", "status done.db", "status half.db",
                  "verify done.db", "export done.db", "analyze done.db", "analyze done.db --json", "spec --schema",
                  "compare done.db done.db", "run study.yaml --store done.db", "report done.db --markdown", "report done.db -o -",
                  "replay done.db", "howmany 1 1 2 1", "import runs.csv", "claim done.db --value 0.9", "agree 1 1 3 1 1 3",
                  "bisect done.db --run 0 --against 1", "doctor", "list models", "completions zsh", "spec check study.yaml",
                  "bench --job J1 --seeds 1 --rounds 1")


def prepare(program):
    """The files that the tables above name."""
    folder = program.folder
    program.study("study", STUDY)
    program.study("other", {**STUDY, "model": {"kind": "mlp", "hidden": [6]}})
    program.study("nodata", {**STUDY, "data": {"set": "csv", "file": "nowhere.csv"}})
    folder.joinpath("wrong.yaml").write_text("study: wrong\ndata: {set: iris}\nmodel: {kindd: mlp}\n")
    folder.joinpath("wrong.csv").write_text("seed,accuracy\n1,0.5\n2,high\n")
    folder.joinpath("runs.csv").write_text("seed,accuracy\n" + "".join(f"{s},{0.5 + s / 100}\n" for s in range(9)))
    folder.joinpath("folder").mkdir()
    program.must("run", "study.yaml", "--store", "done.db")
    program.must("run", "study.yaml", "--store", "half.db", "--limit", 12, code=STOPPED)
    whole = folder.joinpath("done.db").read_bytes()
    folder.joinpath("big.db").write_bytes(whole + bytes(1 << 20))
    folder.joinpath("empty").write_bytes(b"")
    folder.joinpath("garbage").write_bytes(bytes(range(256)) * 9)
    folder.joinpath("list.json").write_text("[1, 2]\n")
    folder.joinpath("cut.db").write_bytes(whole[: len(whole) // 2])
    shutil.copy(folder / "done.db", folder / "flipped.db")
    with sqlite3.connect(folder / "flipped.db") as database:
        database.execute("UPDATE run SET seed_init = seed_init + 1 WHERE run = 7")
    database.close()


def check_message(tally, done, code, fragment, name):
    tally.equal(done.returncode, code, f"{name}: exit code")
    if fragment is None:
        return
    lines = done.stderr.splitlines()
    tally.check(fragment in done.stderr, f"{name}: says {fragment!r}", done.stderr)
    tally.check(fragment.startswith("usage") or len(lines) == 1, f"{name}: a message of one line", done.stderr)
    is_clean = "anitizer" not in done.stderr and "runtime error" not in done.stderr
    tally.check(is_clean, f"{name}: a sanitizer's report", done.stderr)


def check_failures(program, tally):
    for arguments, code, fragment in FAILURES:
        check_message(tally, program.call(*arguments.split()), code, fragment, f"seedvar {arguments}")
    tally.check(not program.folder.joinpath("new.db").exists(), "refused runs leave no store")
    done = program.call("run", "study.yaml", "--device", "cuda:0", "--store", "gpu.db")
    if pathlib.Path("/dev/nvidia0").exists():
        tally.check(done.returncode in (DONE, DEVICE), "cuda:0 on a machine with a GPU", done.stderr)
    else:
        check_message(tally, done, DEVICE, "--device c", "cuda:0 without a GPU")


# Of commands that read files: the words that a file's name is put into, and the codes when it is not what is needed.
READERS = {
    "run": "{}", "plan": "{}", "spec": "check {}", "init": "{} -o drafted.yaml", "replay": "{}", "bisect": "{} --run 0 --against 1",
    "status": "{}", "analyze": "{}", "report": "{} -o written.html", "import": "{}", "howmany": "{}", "claim": "{} --value 0.5",
    "export": "{}", "verify": "{}", "compare": "{} {}", "doctor": None, "fingerprint": None, "bench": None, "list": None,
    "completions": None, "agree": None,
}
# What is no study, no store, no table of runs and no fingerprint.
NO_FILES = ("nowhere", "folder", "empty", "garbage", "list.json")


def check_commands(program, tally):
    """Every command: an option that it lacks, too few and too many words, files that are not what it needs."""
    commands = {c["name"]: c for c in program.json("completions")["commands"]}
    tally.equal(sorted(READERS), sorted(commands), "every command is tried")
    for name, command in commands.items():
        check_message(tally, program.call(name, "--frobnicate"), USAGE, f"(see seedvar {name} --help)", f"{name} --frobnicate")
        if command["operands"] and not command["operands"].startswith("["):
            done = program.call(name)
            tally.check(done.returncode in (DONE, USAGE), f"{name} alone", done.stderr)
            tally.check(done.returncode == DONE or done.stderr.count("\n") == 1, f"{name} alone: a line", done.stderr)
        for file in NO_FILES if READERS.get(name) else ():
            done = program.call(name, *READERS[name].format(file, file).split())
            tally.check(done.returncode in (USAGE, STORE), f"{name} {file}: exit code", done.returncode)
            tally.check(done.stderr.count("\n") == 1 and file in done.stderr, f"{name} {file}: a line that names it", done.stderr)
            if name != "verify":  # which lists the faults that it finds
                tally.equal(done.stdout, "", f"{name} {file}: no output")
    left = [file for file in ("drafted.yaml", "written.html") if program.folder.joinpath(file).exists()]
    tally.equal(left, [], "what is refused leaves no file")


def check_help(program, tally):
    commands = [c["name"] for c in program.json("completions")["commands"]]
    for command in commands:
        for word in ("--help", "-h"):
            done = program.call(command, word)
            tally.equal((done.returncode, done.stderr), (DONE, ""), f"{command} {word}")
            tally.check(done.stdout.startswith(f"usage: seedvar {command}"), f"{command} {word}: says how", done.stdout)
    overview = program.must("--help").stdout
    tally.check(all(f"  {command} " in overview for command in commands), "--help names every command", overview)
    tally.check(program.must("--version").stdout.startswith("seedvar "), "--version")


def check_json(program, tally):
    for arguments, code, schema in JSON:
        done = program.call(*arguments.split(), "--json")
        tally.equal(done.returncode, code, f"{arguments} --json: exit code")
        try:
            tally.equal(json.loads(done.stdout).get("schema"), schema, f"{arguments} --json: schema")
        except json.JSONDecodeError as error:
            tally.check(False, f"{arguments} --json: is JSON", error)
    schema = json.loads(program.must("spec", "--schema").stdout)
    tally.check("2020-12" in schema.get("$schema", ""), "spec --schema: a JSON Schema", schema.get("$schema"))
    lines = program.must("export", "done.db", "--format", "jsonl").stdout.splitlines()
    tally.equal([json.loads(line)["run"] for line in lines], list(range(24)), "export --format jsonl")


def check_lists(program, tally):
    """A list holds the words that the schema of study files allows, in the text form too."""
    schema = json.loads(program.must("spec", "--schema").stdout)
    lists = [item["name"] for item in program.json("list")["items"]]
    tally.check({"models", "data", "paths", "devices", "metrics"} <= set(lists), "list: which there are", lists)
    for name in lists:
        found = program.json("list", name)
        words = [item["name"] for item in found["items"]]
        text = program.must("list", name).stdout.splitlines()
        tally.check(words and words == [line.split()[0] for line in text if line.startswith("  ")],
                    f"list {name}: text and JSON", (words, text))
        if found.get("key") is None:
            continue
        place = schema
        for part in found["key"].split("."):
            if "anyOf" in place:
                place = next(entry for entry in place["anyOf"] if entry.get("type") == "object")
            place = place.get("items", place)["properties"][part]
        allowed = place["enum"] if "enum" in place else list(place["anyOf"][1]["properties"])
        allowed = [str(word).lower() if isinstance(word, bool) else word for word in allowed]
        tally.equal(sorted(words), sorted(allowed), f"list {name}: words of {found['key']}")


def check_full_disk(program, tally):
    for arguments in WITHOUT_READER:
        with open("/dev/full", "w") as full:
            done = subprocess.run([program.path, *arguments.split()], cwd=program.folder, stdout=full, text=True,
                                  stderr=subprocess.PIPE, timeout=TIMEOUT_S)
        tally.equal(done.returncode, STORE, f"{arguments} > /dev/full")
        tally.check(len(done.stderr.splitlines()) == 1, f"{arguments} > /dev/full: a line", done.stderr)


def check_read_only(program, tally):
    """Root may write anywhere: then the program runs as nobody."""
    folder = program.folder / "sealed"
    folder.mkdir()
    for name in ("study.yaml", "done.db"):
        shutil.copy(program.folder / name, folder)
    folder.chmod(0o555)
    user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}

    def call(*arguments):
        return subprocess.run([program.path, *arguments], cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S,
                              **user)

    try:
        call("--version")
    except PermissionError as error:
        print(f"skipped the read-only folder: {error}")
        return
    check_message(tally, call("run", "study.yaml", "--store", "new.db"), STORE, "make it writable", "read-only folder")
    for command in ("verify", "status", "export", "analyze"):
        done = call(command, "done.db")
        tally.equal(done.returncode, DONE, f"{command} in a read-only folder: {done.stderr.strip()}")


def check_signals(program, tally):
    """The first signal ends the launch, commits it and says how to go on; the sweep then ends with the same bits."""
    n_runs = 1600
    program.study("long", {**STUDY, "train": {**STUDY["train"], "epochs": 300},
                           "design": {"kind": "sweep", "seeds": n_runs}})
    expected = program.json("run", "long.yaml", "--store", "whole.db")["study_digest"]
    for number in (signal.SIGINT, signal.SIGTERM):
        store = f"{number.name}.db"
        running = program.start_held("long.yaml", "--launch", "4", "--simd", "plain", store=store, n_runs=n_runs)
        check_message(tally, program.call("run", "long.yaml", "--store", store), STORE, store, "a second writer")
        running.send_signal(number)
        running.send_signal(signal.SIGCONT)
        output, said = running.communicate(timeout=TIMEOUT_S)
        tally.equal(running.returncode, INTERRUPTED, f"{number.name}: exit code")
        tally.check("the same command goes on" in said, f"{number.name}: says how to go on", said)
        n_stored = int(output.split()[0])
        tally.check(0 < n_stored < n_runs and n_stored % 4 == 0, f"{number.name}: stopped after whole launches", output)
        tally.equal(len(program.rows(store)), n_stored, f"{number.name}: what it says is stored")
        tally.equal(program.call("status", store).returncode, INCOMPLETE, f"{number.name}: status")
        found = program.json("run", "long.yaml", "--store", store)
        tally.equal((found["study_digest"], found["before"]), (expected, n_stored), f"{number.name}: resumed")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program = Program(program_argument(__doc__), folder)
        prepare(program)
        for check in (check_failures, check_commands, check_help, check_json, check_lists, check_full_disk, check_read_only, check_signals):
            check(program, tally)
    print(f"{len(FAILURES)} failures, {len(JSON)} kinds of JSON, {len(WITHOUT_READER)} outputs to a full disk, "
          "2 signals")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
