#!/usr/bin/env python3
"""Malformed study files and data files: each must be refused at the right place, with exit code 2 and without a crash.

usage: test_malformed.py PROGRAM
"""
import gzip
import pathlib
import struct
import subprocess
import sys
import tempfile
import typing

HERE = pathlib.Path(__file__).resolve().parent
STUDIES = HERE / "malformed_studies"
DATA = HERE / "malformed_data"
TIMEOUT_S = 60

STUDY = """study: malformed-data
data: {{{data}}}
{model}
design: {{kind: sweep, seeds: 2}}
"""
CLASSIFIER = """model: {kind: mlp, hidden: [4]}
train: {loss: cross_entropy, optimizer: {kind: sgd, lr: 0.1}, batch_size: 4, epochs: 1}"""
REGRESSION = "model: {kind: linear, fit: closed_form}"


class Case(typing.NamedTuple):
    files: dict  # name: bytes
    data: str  # the keys of `data` in the study
    named: str  # the file that the message names
    place: str  # LINE:COLUMN, or "-" for the file as a whole
    fragment: str  # of the message


def npy(kind, shape, values, version=1, order="False"):
    header = f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + values


def doubles(*values):
    return struct.pack(f"<{len(values)}d", *values)


def idx(kind, sizes, values):
    return bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + values


def idx_cases():
    images, labels = idx(8, (3, 2, 2), bytes(range(12))), idx(8, (3,), bytes([0, 1, 0]))
    packed = gzip.compress(images, mtime=0)

    def pair(x, y, fragment, named="x.idx"):
        return Case({"x.idx": x, "y.idx": y}, "set: idx, file: x.idx, target_file: y.idx", named, "-", fragment)

    return {
        "no IDX": pair(b"1,2\n3,4\n", labels, "byte 0: 0x312c320a is no IDX file"),
        "empty IDX": pair(b"", labels, "byte 0: the file ends within its first four bytes"),
        "IDX of an unknown type": pair(idx(10, (3, 2), bytes(6)), labels, "byte 2: 0x0a is no type"),
        "IDX without dimensions": pair(idx(8, (), bytes(6)), labels, "byte 3: no dimensions"),
        "IDX cut in its sizes": pair(images[:14], labels, "byte 14: the file ends within its list of sizes"),
        "IDX cut in its values": pair(images[:-1], labels, "byte 27: the file ends within its values"),
        "IDX with more values": pair(images + b"!", labels, "byte 28: the file goes on after the 3 items"),
        "IDX of size 0": pair(idx(8, (0, 2), b""), labels, "byte 4: dimension 0 has size 0"),
        "IDX of immense items": pair(idx(8, (3, 70000, 70000), b""), labels, "byte 8: dimension 1 has size 70000"),
        "IDX of immense number": pair(idx(8, (2**31 - 1, 28, 28), b"12"), labels, "byte 18: the file ends within"),
        "IDX with NaN": pair(idx(14, (3, 1), doubles(1, 2, 3)[::-1][:16] + b"\x7f\xf8" + bytes(6)), labels,
                             "byte 28: the value is nan"),
        "IDX with other labels": pair(images, idx(8, (2,), bytes(2)), "byte 4: 2 labels for 3 images", "y.idx"),
        "IDX labels of two values": pair(images, idx(8, (3, 2), bytes(6)), "byte 8: 2 values a label", "y.idx"),
        "IDX with one class": pair(images, idx(8, (3,), bytes(3)), "every row has the same target"),
        "IDX in a cut gzip": pair(packed[:-4], labels, "the gzip file ends too early"),
    }


def binary_cases():
    """Files that do not survive a text editor."""
    packed = gzip.compress(b"".join(b"%d,%d,%d\n" % (i, i * 7919 % 1000, i % 2) for i in range(500)), mtime=0)
    flipped = packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:]
    noise = bytes(i * 167 % 256 for i in range(4096))
    three = npy("<i8", "(3,)", struct.pack("<3q", 0, 1, 0))
    good = npy("<f8", "(3, 2)", doubles(1, 2, 3, 4, 5, 6))

    def one(content, place, fragment, name="table.csv"):
        return Case({name: content}, f"set: csv, file: {name}", name, place, fragment)

    def pair(features, targets, place, fragment, named="x.npy"):
        files = {"x.npy": features, "y.npy": targets}
        files = {name: content for name, content in files.items() if content is not None}
        return Case(files, "set: npy, file: x.npy, target_file: y.npy", named, place, fragment)

    return {
        "truncated gzip": one(packed[: len(packed) // 2], "-", "the gzip file ends too early", "table.csv.gz"),
        "gzip without its last byte": one(packed[:-1], "-", "the gzip file ends too early", "table.csv.gz"),
        "gzip with a wrong checksum": one(flipped, "-", "the gzip file is damaged", "table.csv.gz"),
        "gzip of noise": one(gzip.compress(noise, mtime=0), "1:1", "is not text", "table.csv.gz"),
        "noise": one(noise, "1:1", "is not text"),
        "NUL bytes": one(b"a,b\n1,2\n\0\0,4\n", "3:1", "byte 0x00 is not text"),
        "UTF-16": one("a,b\n1,2\n".encode("utf-16"), "1:1", "is not text"),
        "Latin-1": one("l\u00e4nge,art\n1,2\n".encode("latin-1"), "1:1", "byte 0xe4 is not UTF-8"),
        "byte-order mark and CRLF": one(b"\xef\xbb\xbfa,b\r\n1,0\r\n2,oops\r\n", "3:2", 'the target is "oops"'),
        "an endless field": one(b"1,0\n" + b"1" * 3000000, "2:1", "longer than 1 MiB"),
        "a missing file": Case({}, "set: csv, file: nowhere.csv", "nowhere.csv", "-", "check the file name"),
        "a missing file of features": pair(None, three, "-", "check the file name"),
        "a missing file of targets": pair(good, None, "-", "check the file name", named="y.npy"),
        "a folder": Case({"folder/inside": b""}, "set: csv, file: folder", "folder", "-", "check the file name"),
        "no .npy": pair(b"1,2\n3,4\n5,6\n7,8\n", three, "-", "not a .npy file"),
        "cut .npy": pair(good[:-1], three, "-", "47 bytes of values"),
        "cut .npy header": pair(good[:40], three, "-", "header ends too early"),
        ".npy of text": pair(npy("<U2", "(3, 1)", bytes(24)), three, "-", "float32"),
        ".npy of three dimensions": pair(npy("<f8", "(3, 1, 2)", bytes(48)), three, "-", "shape must be"),
        ".npy version 9": pair(npy("<f8", "(3, 2)", bytes(48), version=9), three, "-", "version"),
        ".npy of immense shape": pair(npy("<f8", "(2000000000, 60000)", b""), three, "-", "0 bytes of values"),
        ".npy with NaN": pair(npy("<f8", "(3, 2)", doubles(1, 2, 3, float("nan"), 5, 6)), three, "2:2", "is nan"),
        ".npy with other rows": pair(good, npy("<i8", "(2,)", bytes(16)), "-", "one target a row", named="y.npy"),
        ".npy with two targets": pair(good, npy("<i8", "(3, 2)", bytes(48)), "-", "one target a row", named="y.npy"),
    }


def text_cases():
    cases = {}
    for number, line in enumerate((DATA / "cases.txt").read_text().splitlines(), 1):
        if line.startswith("#") or not line.strip():
            continue
        file, keys, place, fragment = (part.strip() for part in line.split("|"))
        data = f"set: csv, file: {file}" + (f", {keys}" if keys else "")
        files = {file: (DATA / file).read_bytes()}
        cases[f"cases.txt:{number} {file}"] = Case(files, data, file, place, fragment)
    return cases


def faults(arguments, file, place, fragment):
    """What is wrong with the program's answer: a list of texts."""
    try:
        done = subprocess.run(arguments, capture_output=True, timeout=TIMEOUT_S, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return [f"no answer within {TIMEOUT_S} s"]
    said = done.stderr.decode(errors="replace")
    found = []
    if done.returncode != 2:
        found.append(f"exit code {done.returncode}, not 2")
    if "Sanitizer" in said or "runtime error" in said:
        found.append("a sanitizer's report")
    where = file if place == "-" else f"{file}:{place}"
    if f"{where}:" not in said:
        found.append(f"the place {where} is not named")
    if fragment not in said:
        found.append(f"lacks: {fragment}")
    return found + [f"stderr: {said.strip()[:500]}"] if found else []


def check_study(program, path):
    last = path.read_text(errors="replace").rstrip().splitlines()[-1]
    if not last.startswith("# expect "):
        return ["its last line is no `# expect LINE:COLUMN text`"]
    place, fragment = last[len("# expect "):].split(" ", 1)
    return faults([program, "spec", "check", str(path)], path.name, place, fragment)


def check_data(program, case):
    model = REGRESSION if "regression" in case.data else CLASSIFIER
    with tempfile.TemporaryDirectory() as folder:
        for name, content in case.files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        study = pathlib.Path(folder, "study.yaml")
        study.write_text(STUDY.format(data=case.data, model=model))
        return faults([program, "plan", str(study)], case.named, case.place, case.fragment)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip().splitlines()[-1])
    program = str(pathlib.Path(sys.argv[1]).resolve())
    if not pathlib.Path(program).is_file():
        sys.exit(f"{program}: no such program")
    results = {path.name: check_study(program, path) for path in sorted(STUDIES.glob("*.yaml"))}
    for name, case in {**text_cases(), **binary_cases(), **idx_cases()}.items():
        results[name] = check_data(program, case)
    for name, found in results.items():
        for text in found:
            print(f"FAILED {name}: {text}")
    n_failed = sum(1 for found in results.values() if found)
    print(f"{len(results) - n_failed} passed, {n_failed} failed")
    sys.exit(1 if n_failed or not results else 0)


if __name__ == "__main__":
    main()
