#!/usr/bin/env python3
"""Large files of data: a table of 10^6 rows and 100 columns (1 GB of CSV), 60,000 images of 28 x 28 pixels as IDX, and a
table of ten rows. Each is made, trained on for a few steps by one and by two threads, and removed. Checks that the memory
stays at the numbers themselves and one copy of them in the precision of the runs, and prints times.

usage: large_data.py PROGRAM [--rows N] [--images N]     (smaller numbers for a quick check)
"""
import argparse
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import time

N_COLUMNS, N_PIXELS = 100, 28 * 28
BASE_MIB = 22  # the program, its buffers and its store


def write_table(path, n_rows):
    """Numbers of 8 digits; every thousandth row is the same, which no reader can make use of."""
    rng = random.Random(1)
    lines = [",".join(f"{rng.gauss(0, 1):.7f}" for _ in range(N_COLUMNS + 1)) + "\n" for _ in range(min(1000, n_rows))]
    with open(path, "w") as file:
        file.write(",".join([f"x{j}" for j in range(N_COLUMNS)] + ["y"]) + "\n")
        block = "".join(lines)
        for _ in range(n_rows // len(lines)):
            file.write(block)
        file.write("".join(lines[: n_rows % len(lines)]))


def write_images(folder, n_images):
    rng = random.Random(2)
    block = rng.randbytes(1000 * N_PIXELS)
    with open(folder / "images.idx", "wb") as file:
        file.write(struct.pack(">4I", 0x803, n_images, 28, 28))
        for _ in range(n_images // 1000):
            file.write(block)
        file.write(block[: n_images % 1000 * N_PIXELS])
    labels = bytes(i * 7919 % 10 for i in range(n_images))
    (folder / "labels.idx").write_bytes(struct.pack(">2I", 0x801, n_images) + labels)


def run(program, folder, name, study, *arguments):
    """Trains a study in a folder of its own; returns digest, seconds, processor seconds and the most memory that it
    held, in MiB."""
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps({"study": name, **study}))
    store = folder / f"{name}{''.join(arguments)}.db"
    start_s = time.monotonic()
    child = subprocess.Popen([program, "run", str(path), "--store", str(store), "--json", *arguments],
                             stdout=subprocess.PIPE, text=True)
    answer = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{name}: exit status {status}")
    cpu_s = usage.ru_utime + usage.ru_stime
    return json.loads(answer)["study_digest"], time.monotonic() - start_s, cpu_s, usage.ru_maxrss / 1024


def check(program, folder, name, study, table_mib, most_mib):
    """table_mib: the numbers in binary64; most_mib: what a run may hold in all."""
    digests = set()
    for arguments in (["--threads=1"], ["--threads=2"]):
        digest, seconds, cpu_s, peak_mib = run(program, folder, name, study, *arguments)
        digests.add(digest)
        print(f"{name} {arguments[0]}: {seconds:.1f} s ({cpu_s:.1f} s of processor time), {peak_mib:.0f} MiB at most; the "
              f"numbers are {table_mib:.0f} MiB, {most_mib:.0f} MiB are allowed")
        if peak_mib > most_mib:
            sys.exit(f"FAILED {name}: more memory than allowed")
    if len(digests) != 1:
        sys.exit(f"FAILED {name}: the results depend on the threads")


def check_table(program, folder, n_rows):
    path = folder / "table.csv"
    start_s = time.monotonic()
    write_table(path, n_rows)
    print(f"{n_rows} rows, {path.stat().st_size / 2**20:.0f} MiB of CSV, written in {time.monotonic() - start_s:.0f} s")
    study = {"data": {"set": "csv", "file": path.name, "target": "y", "standardize": True,
                      "split": {"train": 0.8, "val": 0.1, "test": 0.1}},
             "model": {"kind": "linear", "fit": "sgd"},
             "train": {"optimizer": {"lr": 0.001}, "steps": 5},
             "arms": {"base": {}, "other-split": {"data.split": {"train": 0.9, "val": 0.1, "test": None}}},
             "design": {"kind": "sweep", "seeds": 4, "vary": ["order"]}}
    table_mib = n_rows * (N_COLUMNS + 1) * 8 / 2**20
    check(program, folder, f"table-{n_rows}", study, table_mib, 1.6 * table_mib + BASE_MIB)
    path.unlink()


def check_images(program, folder, n_images):
    write_images(folder, n_images)
    study = {"data": {"set": "idx", "file": "images.idx", "target_file": "labels.idx", "standardize": True,
                      "split": {"train": 0.8, "val": 0.1, "test": 0.1}},
             "model": {"kind": "mlp", "hidden": [16]},
             "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.01}, "steps": 5},
             "design": {"kind": "sweep", "seeds": 4, "vary": ["init"]}}
    table_mib = n_images * (N_PIXELS + 1) * 8 / 2**20
    check(program, folder, f"images-{n_images}", study, table_mib, 1.6 * table_mib + BASE_MIB)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rows", type=int, default=10**6)
    parser.add_argument("--images", type=int, default=60000)
    options = parser.parse_args()
    program = str(pathlib.Path(options.program).resolve())
    with tempfile.TemporaryDirectory() as folder:
        for n_rows in (10, options.rows):
            check_table(program, pathlib.Path(folder), n_rows)
        check_images(program, pathlib.Path(folder), options.images)
    print("passed")


if __name__ == "__main__":
    main()
