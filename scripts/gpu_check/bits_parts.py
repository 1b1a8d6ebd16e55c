"""Parts parity and studies: the GPU's bits against the CPU's."""

import csv
import hashlib
import json
import time

from session import OutOfTime, say, short


def check_cases(session, findings):
    """Every case of tests/parity: digests, metrics, predictions and parameters of the plain CPU build."""
    counts = {"equal": 0, "different": 0, "refused": 0}
    findings.figures.update(studies=[], cases=[], **counts)
    for path in session.sizes["parity"]:
        try:
            found = json.loads(session.must(session.program("parity"), "--device", session.device, path, codes=(0, 1)))
        except OutOfTime:
            findings.missing.append(f"{short(path)}: no time was left")
            continue
        gpu = found["backends"][1]
        row = {"study": short(path), **{key: gpu.get(key, 0) for key in (*counts, "seconds")}}
        findings.figures["studies"].append(row)
        findings.figures["cases"] += found["cases"]
        for key in counts:
            findings.figures[key] += row[key]
        judge_cases(found, row, findings)
        say(f"  {row['study']:<40}{row['equal']:>6} equal, {row['different']} different, {row['refused']} refused")


def judge_cases(found, row, findings):
    for case in found["cases"]:
        what = f"{row['study']}, {case['arm']}, {case['numerics']}"
        if case["outcome"] in ("refused", "skipped"):
            findings.refuse(what, case["message"])
        else:
            findings.broken.append(f"{what}: {case['message']}")
    if found["equal"] != "yes" and not findings.broken:
        findings.missing.append(f"{row['study']}: nothing could be compared")


# ---- whole studies, through the store ----

def run_study(session, path, sets, device):
    """Path of the exported runs, and the seconds that training took."""
    base = f"{path.parent.name}-{path.stem}.{device.replace(':', '')}"
    store, table = session.folder / f"{base}.db", session.folder / f"{base}.csv"
    options = [word for text in sets for word in ("--set", text)]
    done = session.seedvar_json("run", path, "--device", device, "--store", store, *options)
    session.seedvar("export", store, "--table", "runs", "--format", "csv", "-o", table)
    store.unlink()
    return table, done["elapsed_s"]


def compare_tables(gpu, cpu):
    """Runs, those that differ in any column, a checksum over all digests, and the first few that differ."""
    n = n_different = 0
    examples, digests = [], hashlib.sha256()
    with open(gpu, newline="", encoding="utf-8") as a, open(cpu, newline="", encoding="utf-8") as b:
        right = csv.DictReader(b)
        for x in csv.DictReader(a):
            y = next(right, {})
            n += 1
            digests.update(x["digest"].encode() + b"\n")
            if x == y:
                continue
            n_different += 1
            if len(examples) < 5:
                examples.append({"run": x["run"], "columns": [c for c in x if x[c] != y.get(c)], "digest_gpu": x["digest"],
                                 "digest_cpu": y.get("digest")})
        n_different += sum(1 for _ in right)
    return {"runs": n, "different": n_different, "digests_sha256": digests.hexdigest(), "examples": examples}


def check_studies(session, findings):
    """The quickstart's studies and some of many runs: every row that the store holds is the CPU's."""
    rows = findings.figures["studies"] = []
    for path, sets in session.sizes["studies"]:
        try:
            gpu, gpu_s = run_study(session, path, sets, session.device)
            cpu, cpu_s = run_study(session, path, sets, "cpu")
        except OutOfTime:
            findings.missing.append(f"{short(path)}: no time was left")
            continue
        begun_s = time.monotonic()
        row = {"study": short(path), "set": sets, **compare_tables(gpu, cpu), "seconds_gpu": gpu_s, "seconds_cpu": cpu_s}
        row["seconds_to_compare"] = time.monotonic() - begun_s
        rows.append(row)
        if row["runs"] == 0 or row["different"] > 0:
            findings.broken.append(f"{row['study']}: {row['different']} of {row['runs']} runs differ from the CPU's")
        say(f"  {row['study']:<40}{row['runs']:>9} runs, {row['different']} different, {gpu_s:.2f} s on the GPU, "
            f"{cpu_s:.2f} s on the CPU")
