#!/usr/bin/env python3
"""Flips single bits of a store and watches the program.

Usage: test_bitflips.py PROGRAM [N [SEED]]      (1,500 flips, seed 1)

Trains a small study, then each of N trials flips one random bit of its store and asserts:
  - a flip that changes any row of any table, as Python's own sqlite3 reads it, or makes one unreadable, is reported:
    `PROGRAM verify` ends with 5;
  - after any other flip `verify` ends with 0 or 5;
  - an export that ends with 0 has the bytes of the sound store's; after a flip that verify does not report, every
    export does;
  - nothing crashes, hangs, or ends with another code.
Prints the counts; ends with 1 when an assertion was broken.
"""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile

TABLES = ("runs", "machines", "launches", "arms", "numerics", "predictions", "checkpoints", "curves")
STUDY = """
study: bitflips
data: {set: iris, standardize: true}
model: {kind: mlp, hidden: [4]}
train: {loss: cross_entropy, optimizer: {kind: sgd, lr: 0.1}, epochs: 3}
arms: {base: {}, fast: {train.optimizer.lr: 0.5}}
design: {kind: crossed, vary: {init: 12, order: 12}}
record: {checkpoints: log2}
"""
SOUND, DAMAGED = 0, 5
TIMEOUT_S = 60


def run(*command):
    """Exit code and standard output; the code is a text where the program did not end by itself."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return f"no end within {TIMEOUT_S} s", b""
    return done.returncode, done.stdout


def export(program, store, table):
    return run(program, "export", store, "--table", table, "--format", "csv")


def open_rows(store):
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    connection.text_factory = bytes
    return connection


def table_names(store):
    connection = open_rows(store)
    names = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
    connection.close()
    return [name.decode() for (name,) in names]


def read_rows(store, names):
    """Every row of every table, or None where SQLite cannot read them."""
    connection = open_rows(store)
    try:
        return [connection.execute(f"SELECT rowid, * FROM {name} ORDER BY rowid").fetchall() for name in names]
    except (sqlite3.Error, UnicodeError):
        return None
    finally:
        connection.close()


def flip(store, bit):
    with open(store, "r+b") as file:
        file.seek(bit // 8)
        byte = file.read(1)[0]
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def find_violations(program, store, sound_exports, is_changed):
    """What one flip broke, and whether verify reported it."""
    code, _ = run(program, "verify", store)
    violations = []
    if code not in (SOUND, DAMAGED):
        violations.append(f"verify ended with {code}")
    if is_changed and code == SOUND:
        violations.append("a row has changed and verify did not report it")
    for table in TABLES:
        export_code, exported = export(program, store, table)
        if export_code not in (SOUND, DAMAGED):
            violations.append(f"export of {table} ended with {export_code}")
        if export_code == DAMAGED and code == SOUND:
            violations.append(f"export of {table} failed and verify did not report it")
        if export_code == SOUND and exported != sound_exports[table]:
            violations.append(f"export of {table} has changed without an error")
    return violations, code == DAMAGED


def make_store(program, folder):
    study = os.path.join(folder, "study.yaml")
    store = os.path.join(folder, "study.db")
    with open(study, "w", encoding="utf-8") as file:
        file.write(STUDY)
    code, _ = run(program, "run", study, "--store", store, "--device", "cpu", "--launch", "50")
    if code != SOUND:
        sys.exit(f"the study could not be run: {code}")
    return store


def main(program, n_trials, seed):
    with tempfile.TemporaryDirectory() as folder:
        return flip_bits(program, make_store(program, folder), n_trials, seed)


def flip_bits(program, store, n_trials, seed):
    draw = random.Random(seed)
    n_bits = 8 * os.path.getsize(store)
    names = table_names(store)
    rows = read_rows(store, names)
    n_reported = n_changed = n_violations = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "copy.store")
        shutil.copyfile(store, copy)
        sound_exports = {}
        for table in TABLES:
            code, sound_exports[table] = export(program, copy, table)
            if code != SOUND or not sound_exports[table]:
                sys.exit(f"{store}: export of {table} from the sound store ended with {code}")
        if run(program, "verify", copy)[0] != SOUND:
            sys.exit(f"{store}: the store is damaged before any bit is flipped")
        for _ in range(n_trials):
            bit = draw.randrange(n_bits)
            flip(copy, bit)
            is_changed = read_rows(copy, names) != rows
            violations, is_reported = find_violations(program, copy, sound_exports, is_changed)
            flip(copy, bit)
            n_reported += is_reported
            n_changed += is_changed
            n_violations += bool(violations)
            for violation in violations:
                print(f"byte {bit // 8}, bit {bit % 8}: {violation}")
    print(f"{n_trials} flips of {n_bits} bits: {n_changed} changed a row, {n_reported} were reported,"
          f" {n_trials - n_reported} changed nothing, {n_violations} violations")
    return 1 if n_violations > 0 or n_changed == 0 else 0


if __name__ == "__main__":
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], int((sys.argv[2:] + ["1500"])[0]), int((sys.argv[3:] + ["1"])[0])))
