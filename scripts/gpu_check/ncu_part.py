"""Part ncu: what the GPU's counters say of the kernels that train, read by Nsight Compute. It leaves the clocks alone."""

import csv
import glob
import os
import shutil

from session import OutOfTime, Skip, say

PLACES = ("/usr/local/cuda/bin", *sorted(glob.glob("/opt/nvidia/nsight-compute/*"), reverse=True))
LAUNCHES = 3
SHOWN = ("Duration", "Compute (SM) Throughput", "Memory Throughput", "DRAM Throughput", "Achieved Occupancy", "Registers Per Thread")


def find_ncu():
    home = os.environ.get("CUDA_HOME", "/usr/local/cuda")
    return shutil.which("ncu", path=os.pathsep.join([os.environ.get("PATH", ""), f"{home}/bin", *PLACES]))


def read_metrics(path):
    """Launches in turn: kernel, and its metrics by section. The text before the table is ncu's own."""
    with open(path, newline="", encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("==")]
    launches = {}
    for row in csv.DictReader(lines):
        if not row.get("Metric Name"):
            continue  # advice
        launch = launches.setdefault(row["ID"], {"kernel": row["Kernel Name"], "grid": row.get("Grid Size"),
                                                 "block": row.get("Block Size"), "metrics": []})
        launch["metrics"].append({"section": row["Section Name"], "metric": row["Metric Name"], "unit": row["Metric Unit"],
                                  "value": row["Metric Value"]})
    return list(launches.values())


def why_not(done, path):
    """ncu's own word, in its log or beside the program's."""
    said = (path.read_text(encoding="utf-8") if path.exists() else "") + done.stdout + done.stderr
    errors = [line for line in said.splitlines() if line.startswith("==ERROR==")]
    return (errors or said.strip().splitlines()[-1:] or [f"it ended with {done.returncode}"])[0][:300]


def read_counters(session, findings):
    ncu = find_ncu()
    if ncu is None:
        raise Skip("ncu is not here; it comes with the CUDA Toolkit (Nsight Compute)")
    rows = findings.figures["jobs"] = []
    for job, n_seeds in session.sizes["ncu"].items():
        path = session.folder / f"ncu-{job}.csv"
        try:
            done = session.call(ncu, "--clock-control", "none", "--cache-control", "none", "--kernel-name", "regex:^svk_(mlp|poly)",
                                "--launch-count", LAUNCHES, "--set", "basic", "--csv", "--log-file", path, session.program("seedvar"),
                                "bench", "--device", session.device, "--job", job, "--seeds", n_seeds, "--rounds", 1)
        except OutOfTime:
            findings.missing.append(f"{job}: no time was left")
            continue
        launches = read_metrics(path) if done.returncode == 0 and path.exists() else []
        if not launches:
            findings.skipped.append(f"{job}: ncu read nothing: {why_not(done, path)}")
            continue
        rows.append({"job": job, "seeds": n_seeds, "launches": launches})
        for launch in launches:
            shown = (f"{m['metric']} {m['value']} {m['unit']}".strip() for m in launch["metrics"] if m["metric"] in SHOWN)
            say(f"  {job}, {launch['kernel']}: " + ", ".join(shown))
    if not rows and not findings.missing:
        raise Skip(findings.skipped[0])
