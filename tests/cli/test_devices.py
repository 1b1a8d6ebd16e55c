#!/usr/bin/env python3
"""Several GPUs in one command: the same results as on one however the launches fall, a row of the store for each device that
trained, one device that fails in the middle, an interrupt, and names that cannot be. Distances on GPUs; where their code
comes from.

usage: test_devices.py PROGRAM     (the program with the emulated GPU)
"""
import concurrent.futures
import json
import os
import signal
import subprocess
import sys
import tempfile

from seedvar_cli import TIMEOUT_S, Program, Tally, program_argument

DONE, USAGE, DEVICE, INTERRUPTED = 0, 2, 4, 130
STUDY = {
    "data": {"set": "iris", "standardize": True},
    "model": {"kind": "mlp", "hidden": [5]},
    "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 1},
    "arms": {"narrow": {}, "fast": {"train.optimizer.lr": 0.3}},
    "design": {"kind": "crossed", "vary": {"init": 4, "split": 3}},
    "numerics": [{"path": "serial"}, {"path": "drawn", "split": 4}],
    "record": {"checkpoints": "log2"},
}
N_RUNS = 48
TABLES = ("runs", "predictions", "curves")
N_MOST = 200  # calls of one of the GPUs


def environment(settings):
    return {**os.environ, "SEEDVAR_EMULATOR": settings}


def run(program, store, device, settings="devices=3", launch=2):
    return subprocess.run([program.path, "run", "study.yaml", "--device", device, "--store", store, "--launch", str(launch)],
                          cwd=program.folder, capture_output=True, text=True, timeout=TIMEOUT_S, env=environment(settings))


def tables_of(program, store):
    return [program.must("export", store, "--table", table).stdout for table in TABLES]


def digest_of(done):
    return done.stdout.split("study digest:")[-1].split()[0] if done.returncode == DONE else None


def check_distribution(program, tally, expected, tables, device, launch):
    name, store = f"--device {device} --launch {launch}", f"{device.replace(':', '').replace(',', '-')}-{launch}.db"
    done = run(program, store, device, launch=launch)
    if not tally.equal(digest_of(done), expected, f"{name}: digest: {done.stderr.strip()}"):
        return
    tally.check(tables_of(program, store) == tables, f"{name}: runs, predictions and curves")
    names = ["cuda:0", "cuda:1", "cuda:2"] if device == "cuda:all" else device.split(",")
    tally.check(all(one in done.stdout for one in names), f"{name}: the summary names the devices", done.stdout)
    machines, launches = program.rows(store, "machines"), program.rows(store, "launches")
    tally.check({m["device"] for m in machines} <= set(names), f"{name}: machine rows", machines)
    if launch == 1:  # 48 launches: no device can be so slow that it gets none
        tally.equal({m["device"] for m in machines}, set(names), f"{name}: every device has trained")
    tally.equal(len({m["device_uuid"] for m in machines}), len(machines), f"{name}: UUIDs tell the devices apart")
    for m in machines:
        is_gpu = m["device"].startswith("cuda")
        tally.check(m["device_uuid"].startswith("GPU-") == is_gpu, f"{name}: UUID of {m['device']}", m["device_uuid"])
    tally.equal({row["machine"] for row in launches}, {m["machine"] for m in machines}, f"{name}: launches name them")
    firsts = [int(row["first_run"]) for row in launches]
    tally.equal(firsts, sorted(firsts), f"{name}: launches are written in the order of the runs")


def check_fault(program, number, code, expected):
    """This call of the second GPU fails."""
    tally, store, name = Tally(), f"fault-{number}-{code}.db", f"call {number} of cuda:1 fails with {code}"
    done = run(program, store, "cuda:0,cuda:1", f"devices=2 at=1 fault={number} error={code}")
    said = [line for line in done.stderr.splitlines() if line.startswith("seedvar: ")]
    has_failed = "emulator: call" in done.stderr
    before = 0
    if done.returncode == DONE:
        tally.check(not has_failed or "cudaFree" in done.stderr, f"{name}: is told of", done.stderr)
        tally.equal(digest_of(done), expected, f"{name}: digest")
        return tally, has_failed, N_RUNS
    tally.equal(done.returncode, DEVICE, f"{name}: exit code")
    tally.check(len(said) == 1 and "cuda:1" in said[0] and "--device cpu" in said[0], f"{name}: message", done.stderr)
    if (program.folder / store).exists():
        tally.check("runs " in said[0], f"{name}: the message names the runs", said)
        tally.equal(program.call("verify", store).returncode, DONE, f"{name}: the store is sound")
        before = len(program.rows(store))
        tally.equal(digest_of(run(program, store, "cpu")), expected, f"{name}: goes on")
    return tally, has_failed, before


def check_faults(program, tally, expected):
    most_before, n_faults = 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for code, apart in ((700, 16), (2, 40)):
            numbers = range(1, N_MOST, apart)
            for part, has_failed, before in pool.map(lambda n: check_fault(program, n, code, expected), numbers):
                tally.n_passed += part.n_passed
                tally.n_failed += part.n_failed
                n_faults += has_failed
                most_before = max(most_before, before if before < N_RUNS else 0)
    tally.check(n_faults > 7, "calls of cuda:1 that fail", n_faults)
    tally.check(most_before > 0, "what was finished before a fault is kept", most_before)


def check_interrupt(program, tally, expected):
    """Ctrl-C: the launches of all devices end, and what they made is kept."""
    process = program.start_held("study.yaml", "--device", "cuda:0,cuda:1", "--launch", "1", store="interrupted.db",
                                 n_runs=N_RUNS, env=environment("devices=2"))
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
    _, said = process.communicate(timeout=TIMEOUT_S)
    tally.check(process.returncode == INTERRUPTED and "the same command goes on" in said, "Ctrl-C on two GPUs",
                f"{process.returncode} {said}")
    done = run(program, "interrupted.db", "cuda:0,cuda:1", launch=1)
    tally.equal(digest_of(done), expected, "digest after Ctrl-C")


def check_names(program, tally):
    for device, code, words in (
            ("cuda:0,cuda:0", USAGE, "twice"), ("cuda:0,", USAGE, "empty"), ("auto,cuda:0", USAGE, "stands alone"),
            ("cuda:0,gpu", USAGE, "not a device"), ("cuda:0,cuda:7", DEVICE, "cuda:0 to cuda:2"),
            ("cuda:all,cuda:1", USAGE, "twice")):
        done = run(program, "names.db", device)
        tally.equal(done.returncode, code, f"--device {device}")
        tally.check(words in done.stderr, f"--device {device}: says {words}", done.stderr)
    done = run(program, "names.db", "cuda:all", "devices=0")
    tally.check(done.returncode == DEVICE and "shows no GPU" in done.stderr, "cuda:all without a GPU", done.stderr)
    tally.check(not (program.folder / "names.db").exists(), "no store is made for a wrong name")
    listed = subprocess.run([program.path, "list", "devices"], capture_output=True, text=True, env=environment("devices=3"),
                            timeout=TIMEOUT_S, check=True).stdout
    tally.check(all(f"cuda:{i}" in listed for i in range(3)) and "cuda:3" not in listed, "list devices", listed)


def check_plan(program, tally):
    """What is planned for GPUs is what they then have."""
    kmeans = {"data": {"set": "iris"}, "model": {"kind": "kmeans", "clusters": 3, "start": "random"},
              "train": {"max_iterations": 9}, "design": {"kind": "sweep", "seeds": 9}}
    poly = {"model": {"kind": "poly", "coefficients": [3, -1, 2.5], "start": {"uniform": [-4, 2]}},
            "train": {"optimizer": {"lr": 0.01}, "steps": 10}, "design": {"kind": "sweep", "seeds": 50}}
    for name, study, least_bytes in (("networks", STUDY, 150 * 5 * 4), ("clusters", kmeans, 150 * 5 * 4), ("poly", poly, 5 * 8)):
        program.study(name, study)
        for device in ("cuda:0", "cuda:0,cuda:1"):
            options = (f"{name}.yaml", "--device", device, "--launch", "5")
            done = subprocess.run([program.path, "plan", *options, "--json"], cwd=program.folder, capture_output=True, text=True,
                                  env=environment("devices=2"), timeout=TIMEOUT_S)
            plan = json.loads(done.stdout or "{}")
            if not tally.equal(plan.get("device", {}).get("name"), device, f"plan of {name}: {done.stderr}"):
                continue
            tally.check(least_bytes < plan["memory"]["device_bytes"] < 1e9, f"plan of {name}: memory of {device}", plan["memory"])
            subprocess.run([program.path, "run", *options, "--store", f"{name}.db"], cwd=program.folder, check=True,
                           stdout=subprocess.DEVNULL, env=environment("devices=2"), timeout=TIMEOUT_S)
            tally.equal(len(program.rows(f"{name}.db", "launches")), plan["launches"]["number"], f"plan of {name}: launches")
            (program.folder / f"{name}.db").unlink()


def check_distances(program, tally):
    """Distances on GPUs are the CPU's: in launches that cut a seed's replicates apart, and in memory for few runs."""
    study = {**STUDY, "numerics": [{"path": "serial"}, {"path": "drawn", "split": 4, "replicates": 3}, {"precision": "fp64"}],
             "record": {"checkpoints": [0, 1, 3], "curves": "none", "distances": True}}
    program.must("run", program.study("distant", study), "--device", "cpu", "--store", "distant-cpu.db")
    expected = program.must("export", "distant-cpu.db", "--table", "distances").stdout
    for device, settings, launch in (("cuda:0", "memory=60000", 40), ("cuda:0,cuda:1", "devices=2", 5)):
        store = f"distant-{launch}.db"
        done = subprocess.run([program.path, "run", "distant.yaml", "--device", device, "--store", store, "--launch",
                               str(launch)], cwd=program.folder, capture_output=True, text=True, timeout=TIMEOUT_S,
                              env=environment(settings))
        tally.equal(done.returncode, DONE, f"distances on {device}: {done.stderr.strip()}")
        tally.check(program.must("export", store, "--table", "distances").stdout == expected, f"distances on {device}")


def check_code(program, tally):
    """The machine row tells the program's own code from what the driver compiles."""
    for store, settings, variables, code in (
            ("sass.db", "ptx=0", {"CUDA_FORCE_PTX_JIT": "0"}, "SASS for sm_90"),
            ("ptx.db", "sass=0", {}, "JIT for sm_90 from PTX of compute_80"),
            ("jit.db", "seed=1", {"CUDA_FORCE_PTX_JIT": "1", "CUDA_CACHE_DISABLE": "1"},
             "JIT for sm_90 from PTX of compute_80, CUDA_FORCE_PTX_JIT=1, CUDA_CACHE_DISABLE=1")):
        done = subprocess.run([program.path, "run", "study.yaml", "--device", "cuda:0", "--store", store],
                              cwd=program.folder, capture_output=True, text=True, timeout=TIMEOUT_S,
                              env={**environment(settings), **variables})
        tally.equal(done.returncode, DONE, f"{code}: {done.stderr.strip()}")
        tally.equal([row["cuda_code"] for row in program.rows(store, "machines")], [code], code)
    done = program.call("compare", "sass.db", "jit.db")
    tally.check(done.returncode == DONE and "SASS for sm_90;" in done.stdout and "JIT for sm_90" in done.stdout,
                "compare names both", done.stdout)
    done = subprocess.run([program.path, "run", "study.yaml", "--device", "cuda:0", "--store", "none.db"], cwd=program.folder,
                          capture_output=True, text=True, timeout=TIMEOUT_S,
                          env={**environment("ptx=0"), "CUDA_FORCE_PTX_JIT": "1"})
    said = "cuda:0: CUDA_FORCE_PTX_JIT is set, and this build has no PTX that the driver could compile " \
           "(cudaErrorNoKernelImageForDevice); unset it, or build with -DCMAKE_CUDA_ARCHITECTURES=80-virtual"
    tally.check(done.returncode == DEVICE and said in done.stderr, "the variable without PTX", done.stderr)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        program.study("study", STUDY)
        expected = digest_of(run(program, "one.db", "cpu", launch=7))
        tables = tables_of(program, "one.db")
        for device in ("cuda:0", "cuda:0,cuda:1", "cuda:1,cuda:0", "cuda:all", "cpu,cuda:2"):
            for launch in (1, 5):
                check_distribution(program, tally, expected, tables, device, launch)
        check_faults(program, tally, expected)
        check_interrupt(program, tally, expected)
        check_names(program, tally)
        check_plan(program, tally)
        check_distances(program, tally)
        check_code(program, tally)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
