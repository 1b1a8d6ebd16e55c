"""The work of scripts/gpu-check: runs the studies on both devices, compares, measures, writes gpu-check.json."""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

DEVICE = "cuda:0"
NO_GPU = 4

# Each study is JSON, which a study file may be. The shapes differ in what a kernel could get wrong: odd widths, batches
# larger than the data or than a chunk, a short last batch, each loss, layers that do not fit into shared memory.
DIGITS = {"set": "digits", "standardize": True, "split": {"train": 0.6, "val": 0.2, "test": 0.2}}
IRIS = {"set": "iris", "standardize": True, "split": {"train": 0.6, "val": 0.2, "test": 0.2}}
MOONS = {"set": "moons", "points": 256, "test_points": 256}
LINEAR = {"set": "linear", "points": 100, "features": 7, "split": {"train": 0.75, "test": 0.25}}
SGD = {"kind": "sgd", "lr": 0.1}
MOMENTUM = {"kind": "momentum", "lr": 0.1, "momentum": 0.9}


def mlp(hidden, **more):
    return {"kind": "mlp", "hidden": hidden, **more}


def train(loss, optimizer, batch_size, epochs, **more):
    return {"loss": loss, "optimizer": optimizer, "batch_size": batch_size, "epochs": epochs, **more}


def sweep(seeds, *vary):
    return {"kind": "sweep", "seeds": seeds, **({"vary": list(vary)} if vary else {})}


STUDIES = {
    "poly": {
        "model": {"kind": "poly", "coefficients": [0.0, 0.3, -2.0, 0.1, 1.0], "start": {"uniform": [-2, 2]}},
        "train": {"optimizer": {"lr": 0.01}, "steps": 100},
        "design": sweep(1000000),
    },
    "poly-given": {
        "model": {"kind": "poly", "coefficients": [1.0, -0.5, 0.0, 0.25, 0.0, 0.1],
                  "start": {"given": [-0.9, -0.1, 0.0, 0.1, 0.9]}},
        "train": {"optimizer": {"lr": 0.01}, "steps": 50},
        "design": sweep(5),
    },
    "digits-momentum": {
        "data": DIGITS, "model": mlp([32]), "train": train("cross_entropy", MOMENTUM, 32, 10),
        "design": sweep(512, "init", "order"),
    },
    "digits-all-sources": {
        "data": DIGITS, "model": mlp([17, 5], init="glorot_normal"), "train": train("cross_entropy", SGD, 50, 2),
        "design": sweep(200),
    },
    "digits-wide": {
        "data": DIGITS, "model": mlp([256, 256]), "train": train("cross_entropy", MOMENTUM, 32, 1),
        "design": sweep(64, "init", "order"),
    },
    "digits-whole-batch": {
        "data": DIGITS, "model": mlp([16], activation="tanh"), "train": train("cross_entropy", SGD, 100000, 10),
        "design": sweep(64, "init"),
    },
    "moons-logistic": {
        "data": MOONS, "model": mlp([16, 16]), "train": train("logistic", SGD, 32, 50),
        "design": sweep(4096, "init", "order"),
    },
    "moons-replacement": {
        "data": MOONS, "model": mlp([7, 3, 9, 5], activation="tanh", bias="zero"),
        "train": train("logistic", MOMENTUM, 24, 10, sampling="replacement"), "design": sweep(512),
    },
    "iris-small": {
        "data": {**IRIS, "split": {"train": 0.4, "test": 0.6}}, "model": mlp([6], bias=False),
        "train": train("cross_entropy", MOMENTUM, 7, 20), "design": sweep(2048),
    },
    "iris-softmax": {
        "data": IRIS, "model": mlp([]), "train": train("cross_entropy", SGD, 32, 20), "design": sweep(2048),
    },
    "linear-sgd": {
        "data": LINEAR, "model": {"kind": "linear", "fit": "sgd"},
        "train": train("squared", {"kind": "sgd", "lr": 0.02}, 10, 20), "design": sweep(2048),
    },
    "iris-optimizers": {
        "data": IRIS, "model": mlp([9, 6], activation="gelu", dropout=0.2),
        "train": train("cross_entropy", {"kind": "adamw", "lr": 0.01, "weight_decay": 0.1, "clip_norm": 1.0}, 13, 10,
                       schedule={"kind": "one_cycle"}, early_stopping={"patience": 3}),
        "numerics": [{"precision": p} for p in ("fp32", "fp64", "tf32", "bf16", "fp16")], "design": sweep(256),
    },
    "digits-nesterov": {
        "data": DIGITS, "model": mlp([32], activation="silu"),
        "train": train("cross_entropy", {"kind": "nesterov", "lr": 0.05, "momentum": 0.9, "weight_decay": 0.001}, 32, 3,
                       schedule={"kind": "cosine", "warmup": 20, "final": 0.1}, last_batch="drop"),
        "design": sweep(256, "init", "order"),
    },
    "iris-paths": {
        "data": IRIS, "model": mlp([7, 5]), "train": train("cross_entropy", MOMENTUM, 40, 5),
        "numerics": [{"path": path, "precision": precision, **split}
                     for precision in ("fp32", "fp64", "fp16")
                     for path, split in (("tree", {"split": 16}), ("butterfly", {"split": 32}),
                                         ("compensated", {"split": 5}), ("binned", {}), ("fixed", {}),
                                         ("drawn", {"split": 7, "replicates": 2}))],
        "design": sweep(64),
    },
    "linear-closed-form": {
        "data": LINEAR, "model": {"kind": "linear", "fit": "closed_form"}, "design": sweep(2048),
    },
    "linear-diverges": {
        "data": LINEAR, "model": mlp([9]), "train": train("squared", {"kind": "sgd", "lr": 100.0}, 10, 20),
        "design": sweep(64),
    },
}
BENCH_JOBS = "J1,J2,J3"
BENCH_ROUNDS = 5


def call(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


def must(*command):
    done = call(*command)
    if done.returncode != 0:
        sys.exit(f"gpu-check: {' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
    return done.stdout


def find_gpu(program):
    """Why no GPU can be used, or None."""
    probe = call(program, "bench", "--device", DEVICE, "--job", "J3", "--seeds", 1024, "--rounds", 1)
    return None if probe.returncode == 0 else (probe.stderr.strip() or f"the probe ended with {probe.returncode}")


def run_study(program, folder, name, device):
    """Path of the exported runs, and the seconds the run took, start of the program included."""
    study, store = os.path.join(folder, name + ".json"), os.path.join(folder, f"{name}.{device.replace(':', '')}.db")
    with open(study, "w", encoding="utf-8") as file:
        json.dump({"study": name, **STUDIES[name]}, file)
    begun = time.monotonic()
    must(program, "run", study, "--device", device, "--store", store)
    seconds = time.monotonic() - begun
    table = store[:-3] + ".csv"
    must(program, "export", store, "--table", "runs", "--format", "csv", "-o", table)
    os.remove(store)
    return table, seconds


def compare(gpu, cpu):
    """Counts of runs, of different digests and of rows that differ anywhere; the first few, for a person to look at."""
    n = n_digests = n_rows = 0
    examples = []
    with open(gpu, newline="", encoding="utf-8") as a, open(cpu, newline="", encoding="utf-8") as b:
        left, right = csv.DictReader(a), csv.DictReader(b)
        for x in left:
            y = next(right, None)
            n += 1
            if y is not None and x == y:
                continue
            n_rows += 1
            n_digests += y is None or x["digest"] != y["digest"]
            if len(examples) < 5:
                columns = [c for c in x if y is None or x[c] != y[c]]
                examples.append({"run": x["run"], "columns": columns, "digest_gpu": x["digest"],
                                 "digest_cpu": y["digest"] if y else None})
        n_missing = sum(1 for _ in right)
    return {"runs": n, "runs_only_on_cpu": n_missing, "different_digests": n_digests, "different_rows": n_rows,
            "equal": "yes" if n > 0 and n_rows == 0 and n_missing == 0 else "no", "examples": examples}


def column_hash(table):
    """A checksum of all digests in order, to be compared by eye with other machines."""
    import hashlib
    total = hashlib.sha256()
    with open(table, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            total.update(row["digest"].encode() + b"\n")
    return total.hexdigest()[:32]


def check_study(program, folder, name):
    gpu, gpu_s = run_study(program, folder, name, DEVICE)
    cpu, cpu_s = run_study(program, folder, name, "cpu")
    row = {"study": name, **compare(gpu, cpu), "digests_gpu": column_hash(gpu), "digests_cpu": column_hash(cpu),
           "seconds_gpu": round(gpu_s, 3), "seconds_cpu": round(cpu_s, 3)}
    os.remove(gpu)
    os.remove(cpu)
    print(f"{name:<22}{row['runs']:>9} runs   equal: {row['equal']}   {gpu_s:8.2f} s on the GPU, {cpu_s:8.2f} s on the CPU",
          flush=True)
    return row


def nvidia_smi():
    fields = "name,uuid,driver_version,memory.total,clocks.sm,clocks.max.sm,power.limit,ecc.mode.current"
    if shutil.which("nvidia-smi") is None:
        return None
    done = call("nvidia-smi", f"--query-gpu={fields}", "--format=csv,noheader", "-i", "0")
    if done.returncode != 0:
        return None
    return dict(zip(fields.split(","), (value.strip() for value in done.stdout.strip().split(","))))


def kernels(usage):
    """Registers, spills and memory of each kernel where nvcc was at hand, else null."""
    if not usage:
        return None
    with open(usage, encoding="utf-8") as file:
        return json.load(file)["kernels"]


def main():
    program, out, usage = sys.argv[1:]
    why = find_gpu(program)
    if why is not None:
        print(f"gpu-check: no GPU can be used here: {why}")
        return NO_GPU
    with tempfile.TemporaryDirectory(prefix="gpu-check-") as folder:
        rows = [check_study(program, folder, name) for name in STUDIES]
        bench = json.loads(must(program, "bench", "--device", DEVICE, "--job", BENCH_JOBS, "--rounds", BENCH_ROUNDS,
                                "--json"))
        report = {"schema": "seedvar.gpu-check/1", "time_unix": int(time.time()), "device": DEVICE,
                  "equal": "yes" if all(row["equal"] == "yes" for row in rows) else "no", "studies": rows,
                  "bench": bench, "nvidia_smi": nvidia_smi(), "kernels": kernels(usage)}
    path = os.path.join(out, "gpu-check.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=2)
        file.write("\n")
    for job in bench["jobs"]:
        print(f"{job['job']}: {job['seeds_per_s']:.0f} seeds/s ({job['seeds_per_s_min']:.0f} to "
              f"{job['seeds_per_s_max']:.0f} over {BENCH_ROUNDS} rounds)")
    print(f"all equal: {report['equal']}; written to {path}")
    return 0 if report["equal"] == "yes" else 1


if __name__ == "__main__":
    sys.exit(main())
