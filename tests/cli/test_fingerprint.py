#!/usr/bin/env python3
"""Fingerprints: made twice they are equal, and on other vectors in all that the contract fixes; the trees of sums are those
that docs/numerics.md draws, drawn here once more; what differs is told, and damaged files are refused.

usage: test_fingerprint.py PROGRAM
"""
import copy
import json
import pathlib
import shutil
import sys
import tempfile

import numpy as np
from seedvar_cli import Program, Tally, program_argument

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracle" / "contract"))
from philox import word  # noqa: E402
from shuffle import fisher_yates  # noqa: E402

SCHEDULE, SEED = 7, 1
DONE, DIFFERENT, USAGE = 0, 1, 2


# ---- trees, as tuples of terms; a list adds its parts without loss ----
def chain(terms):
    tree, *rest = terms
    for term in rest:
        tree = (tree, term)
    return tree


def parts_of(n, n_parts):
    bounds = [(p * n // n_parts, (p + 1) * n // n_parts) for p in range(n_parts)]
    return [chain(range(low, high)) if low < high else None for low, high in bounds]


def join(a, b):
    return b if a is None else a if b is None else (a, b)


def tree_path(parts):
    while len(parts) > 1:
        parts = [join(parts[2 * i], parts[2 * i + 1]) for i in range(len(parts) // 2)]
    return parts[0]


def butterfly_path(parts):
    half = len(parts) // 2
    while half > 0:
        parts = [join(parts[p], parts[p + half]) for p in range(half)]
        half //= 2
    return parts[0]


def compensated_path(parts):
    return [part for part in parts if part is not None]


def drawn_path(parts):
    """Tensor 0 at step 0 of replicate 0."""
    low, high = (word(SEED, SCHEDULE, 0xFFFFFFFF, i) for i in (0, 1))
    order = fisher_yates(np.array([low | high << np.uint64(32)], np.uint64), SCHEDULE, 0, len(parts))[0]
    return chain([parts[p] for p in order if parts[p] is not None])


PATHS = {"serial": lambda parts: parts[0], "tree": tree_path, "butterfly": butterfly_path,
         "compensated": compensated_path, "drawn": drawn_path}


def least(tree):
    return tree if isinstance(tree, int) else min(map(least, tree))


def text_of(tree):
    if isinstance(tree, int):
        return str(tree)
    brackets = "[]" if isinstance(tree, list) and len(tree) > 2 else "()"
    return brackets[0] + " ".join(text_of(part) for part in sorted(tree, key=least)) + brackets[1]


def expected_tree(name):
    """Of a subject `tree KIND PATH[/S] PRECISION n=N` of the contract."""
    _, _, numerics, _, n = name.split()
    path, _, n_parts = numerics.partition("/")
    n = int(n.removeprefix("n="))
    if path in ("binned", "fixed"):
        return text_of(list(range(n)))
    return text_of(PATHS[path](parts_of(n, int(n_parts or 1))))


def hashed(words):
    """The hash of docs/store.md."""
    state = 0x6C62272E07BB014262B821756295C58D
    for w in words:
        state = (state ^ int(w)) * (2**88 + 0x13B) % 2**128
    return f"{state:032x}"


def check_content(tally, found):
    subjects = {subject["subject"]: subject for subject in found["subjects"]}
    tally.equal(len(subjects), len(found["subjects"]), "every name once")
    for subject in subjects.values():
        name, n_digests = subject["subject"], len(subject["digests"])
        if subject["promise"] == "contract":
            tally.equal((n_digests, "missing" in subject), (1, False), f"{name}: one digest")
        tally.equal(n_digests == 0, "missing" in subject, f"{name}: a reason where nothing was measured")
    trees = [name for name in subjects if name.startswith("tree ") and subjects[name]["promise"] == "contract"]
    for name in trees:
        tally.equal(subjects[name]["tree"], expected_tree(name), name)
    tally.check(len(trees) > 50 and any("drawn" in name for name in trees), "enough trees", trees)
    i = np.arange(65536, dtype=np.uint64)
    words = np.choose((i % np.uint64(8)).astype(int),
                      [word(i << np.uint64(32) | i, stream, i, i * i) for stream in range(8)])
    tally.equal(subjects["philox words"]["digests"][0]["digest"], hashed(words), "philox words")
    for name in ("libm exp fp64", "tree sdot of libblas n=33", "train cnn drawn/8 fp16", "train kmeans serial fp64"):
        tally.check(name in subjects, name, list(subjects))
    for name, subject in subjects.items():
        if "sdot" in name and "missing" not in subject:
            tally.check(subject["tree"] not in ("none", ""), f"{name}: has a tree", subject)


def timeless(found):
    return {key: value for key, value in found.items() if key not in ("time_unix_ms", "elapsed_s")}


def check_twice(program, tally):
    for number in (1, 2):
        program.must("fingerprint", "-o", f"{number}.json")
    first, second = (json.loads((program.folder / f"{n}.json").read_text()) for n in (1, 2))
    tally.equal(first["schema"], "seedvar.fingerprint/1", "schema")
    tally.check(first["elapsed_s"] < 60, "in less than a minute", first["elapsed_s"])
    tally.equal(timeless(first), timeless(second), "twice the same")
    check_content(tally, first)
    program.must("fingerprint", "--simd", "avx2", "--threads", 1, "-o", "narrow.json")
    narrow = program.json("compare", "1.json", "narrow.json")
    found = program.json("compare", "1.json", "2.json")
    n_contract = sum(subject["promise"] == "contract" for subject in first["subjects"])
    tally.equal((narrow["contract"]["equal"], narrow["forbidden"]), (n_contract, 0), "on other vectors")
    tally.equal((found["schema"], found["contract"]["equal"], found["forbidden"]), ("seedvar.compare/1", n_contract, 0),
                "compare: equal")
    return first


def changed(program, name, fingerprint, change):
    other = copy.deepcopy(fingerprint)
    change({subject["subject"]: subject for subject in other["subjects"]}, other)
    (program.folder / name).write_text(json.dumps(other))
    return name


def set_digest(name):
    def change(subjects, _):
        subjects[name]["digests"][0]["digest"] = "0" * 32
    return change


def vary(name):
    def change(subjects, _):
        subjects[name]["digests"].append({"digest": "1" * 32, "count": 2})
    return change


def drop(name):
    def change(subjects, whole):
        whole["subjects"].remove(subjects[name])
    return change


def check_differences(program, tally, fingerprint):
    cases = [(set_digest("train mlp tree/4 fp32"), DIFFERENT, "contract", "different"),
             (vary("train mlp tree/4 fp32"), DIFFERENT, "contract", "varying"),
             (set_digest("libm exp fp64"), DONE, "measured", "different"),
             (vary("libm exp fp64"), DONE, "measured", "varying"),
             (drop("exp fp32"), DONE, "contract", "missing")]
    for i, (change, code, promise, verdict) in enumerate(cases):
        name = changed(program, "other.json", fingerprint, change)
        found = program.json("compare", "1.json", name, code=code)
        rows = [row for row in found["subjects"] if row["verdict"] != "missing" or row["promise"] == "contract"]
        tally.equal([(row["promise"], row["verdict"]) for row in rows], [(promise, verdict)], f"case {i}: what differs")
        text = program.must("compare", "1.json", name, code=code).stdout
        tally.check(f"{rows[0]['subject']} ({promise}): {verdict}" in text, f"case {i}: text", text)


def check_atlas(program, tally, fingerprint):
    folder = program.folder / "machines"
    folder.mkdir()
    for name in "ab":
        shutil.copy(program.folder / "1.json", folder / f"{name}.json")
    changed(program, "machines/c.json", fingerprint, set_digest("libm exp fp64"))
    found = program.json("compare", "--all", "machines")
    classes = {row["subject"]: row["classes"] for row in found["subjects"]}
    tally.equal((found["schema"], found["forbidden"], len(found["machines"])), ("seedvar.atlas/1", 0, 3), "atlas")
    tally.equal((classes["libm exp fp64"], classes["exp fp64"]), ([1, 1, 2], [1, 1, 1]), "atlas: classes")
    tally.equal(set(map(str, classes["train mlp atomic-shared/8 fp32"])), {"None"}, "atlas: what a CPU lacks")
    changed(program, "machines/d.json", fingerprint, set_digest("exp fp64"))
    text = program.must("compare", "--all", "machines", code=DIFFERENT).stdout
    tally.check(any(line.split()[-5:] == ["contract", "1", "1", "1", "2"] for line in text.splitlines()),
                "atlas: a difference", text[-400:])


def check_refusals(program, tally, fingerprint):
    def no_promise(subjects, _):
        subjects["exp fp32"]["promise"] = "perhaps"

    def no_count(subjects, _):
        subjects["exp fp32"]["digests"][0]["count"] = 0

    def no_digest(subjects, _):
        subjects["exp fp32"]["digests"] = []

    def twice(subjects, whole):
        whole["subjects"].append(subjects["exp fp32"])

    def other_schema(_, whole):
        whole["schema"] = "seedvar.findings/1"

    def no_subjects(_, whole):
        whole["subjects"] = {}

    changes = {no_promise: "subjects[1]", no_count: "subjects[1]", no_digest: "subjects[1]", twice: "earlier one",
               other_schema: "seedvar.findings/1", no_subjects: "no list of subjects"}
    for change, fragment in changes.items():
        name = changed(program, "bad.json", fingerprint, change)
        done = program.call("compare", "1.json", name)
        tally.equal(done.returncode, USAGE, f"{change.__name__}: exit code")
        tally.check("bad.json" in done.stderr and fragment in done.stderr, f"{change.__name__}: message", done.stderr)
    (program.folder / "bad.json").write_text('{"schema": "seedvar.fingerprint/1",\n "subjects": [}')
    (program.folder / "empty").mkdir()
    for words, fragment in ((("1.json", "bad.json"), "bad.json:2:"), (("1.json", "nowhere.json"), "nowhere.json"),
                            (("1.json",), "two fingerprints"), (("--all", "empty"), "no *.json"),
                            (("--all", "nowhere"), "nowhere"), (("--all", "empty", "1.json"), "two fingerprints")):
        done = program.call("compare", *words)
        tally.equal(done.returncode, USAGE, f"compare {words}: exit code")
        tally.check(fragment in done.stderr, f"compare {words}: says {fragment!r}", done.stderr)
    tally.equal(program.call("fingerprint", "--device", "tpu").returncode, USAGE, "fingerprint: no such device")
    tally.equal(program.call("fingerprint", "file").returncode, USAGE, "fingerprint: options only")


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        fingerprint = check_twice(program, tally)
        for check in (check_differences, check_atlas, check_refusals):
            check(program, tally, fingerprint)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
