#!/usr/bin/env python3
"""Each call of the CUDA runtime that a sweep makes fails once, with each of four errors (clusters: with one): a message with the mend, exit
code 4, a sound store, and the same command then ends with the bits of a sweep that nothing disturbed.

usage: test_cuda_faults.py PROGRAM     (the program with the emulated GPU)
"""
import concurrent.futures
import os
import subprocess
import sys
import tempfile

from seedvar_cli import TIMEOUT_S, Program, Tally, program_argument

DONE, DEVICE, STOPPED = 0, 4, 75
ERRORS = {100: "cudaErrorNoDevice", 2: "cudaErrorMemoryAllocation", 700: "cudaErrorIllegalAddress",
          702: "cudaErrorLaunchTimeout"}
# So little shared memory that the wide network stands in global memory, which then has to grow.
GPU = "shared=6000"
N_MOST = 150  # calls of a sweep

SWEEPS = {
    "networks": {
        "data": {"set": "iris", "standardize": True},
        "model": {"kind": "mlp", "hidden": [5]},
        "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 1},
        "arms": {"narrow": {}, "wide": {"model.hidden": [40]}},
        "design": {"kind": "sweep", "seeds": 2},
    },
    "clusters": {
        "data": {"set": "iris", "standardize": True},
        "model": {"kind": "kmeans", "clusters": 3, "start": "k-means++"},
        "train": {"max_iterations": 4},
        "design": {"kind": "sweep", "seeds": 3},
    },
    "descents": {
        "model": {"kind": "poly", "coefficients": [0.0, 0.3, -2.0, 0.1, 1.0], "start": {"uniform": [-2, 2]}},
        "train": {"optimizer": {"lr": 0.01}, "steps": 20},
        "design": {"kind": "sweep", "seeds": 3},
    },
}


def run_sweep(program, name, store, fault=None, device="cuda:0"):
    """fault: the number of a call and its error."""
    settings = GPU if fault is None else f"{GPU} fault={fault[0]} error={fault[1]}"
    return subprocess.run([program.path, "run", f"{name}.yaml", "--device", device, "--store", store, "--launch", "2"],
                          cwd=program.folder, capture_output=True, text=True, timeout=TIMEOUT_S,
                          env={**os.environ, "SEEDVAR_EMULATOR": settings})


def digest_of(done):
    return done.stdout.split("study digest:")[-1].split()[0] if done.returncode == DONE else None


def failed_call(done):
    """The call that the emulator says has failed; None: the sweep made fewer calls."""
    said = [line for line in done.stderr.splitlines() if line.startswith("emulator: call")]
    return said[0].split(", ")[1] if said else None


def messages(done):
    return [line for line in done.stderr.splitlines() if not line.startswith("emulator: call")]


def check_message(tally, name, done, error, is_training):
    said = messages(done)
    if not tally.check(len(said) == 1 and said[0].startswith("seedvar: "), f"{name}: one message", done.stderr):
        return
    text = said[0]
    tally.check("cuda:0" in text, f"{name}: names the device", text)
    tally.check(error in text or "shows no GPU" in text, f"{name}: names the error", text)
    tally.check("--device cpu" in text and "; " in text, f"{name}: says what to do", text)
    tally.check(not is_training or ": arm " in text and ": cuda:0: " in text, f"{name}: names the runs", text)


def check_store(program, tally, name, sweep, store, expected):
    """What is in the store is sound, and the same command goes on from there."""
    path, before = program.folder / store, 0
    if path.exists():
        verified = program.call("verify", store, "--json")
        tally.equal(verified.returncode, DONE, f"{name}: verify: {verified.stderr.strip()}")
        before = len(program.rows(store))
    resumed = run_sweep(program, sweep, store)
    tally.equal(digest_of(resumed), expected, f"{name}: the digest after going on: {resumed.stderr.strip()}")
    return before


def check_fault(program, sweep, number, code, expected):
    """One call, one error. Returns the tally and the call that failed."""
    tally, store = Tally(), f"{sweep}-{number}-{code}.db"
    done = run_sweep(program, sweep, store, (number, code))
    call, name = failed_call(done), f"{sweep}, call {number}, {ERRORS[code]}"
    if call is None:
        tally.equal(digest_of(done), expected, f"{name}: beyond the last call")
        return tally, None, 0
    name = f"{name} from {call}"
    is_last = done.returncode == DONE and call == "cudaFree"  # all is stored, and the process ends anyway
    if is_last:
        tally.equal((digest_of(done), messages(done)), (expected, []), f"{name}: when all is done")
    else:
        tally.equal(done.returncode, DEVICE, f"{name}: exit code: {done.stderr.strip()}")
        check_message(tally, name, done, ERRORS[code], (program.folder / store).exists())
    return tally, call, check_store(program, tally, name, sweep, store, expected)


def check_sweep(program, tally, sweep, errors):
    """Every call, until one is beyond the last. At least one in the middle must find rows of the launches before."""
    expected = digest_of(run_sweep(program, sweep, f"{sweep}.db"))
    calls, most_before, n_faults = [], 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number in range(1, N_MOST):
            tasks = [pool.submit(check_fault, program, sweep, number, code, expected) for code in errors]
            found = [task.result() for task in tasks]
            for part, _, before in found:
                tally.n_passed += part.n_passed
                tally.n_failed += part.n_failed
                most_before = max(most_before, before)
            names = {call for _, call, _ in found}
            tally.equal(len(names), 1, f"{sweep}, call {number}: the same call for each error")
            if names == {None}:
                break
            calls += names
            n_faults += len(found)
    tally.check(len(calls) > 15 and calls[-1] == "cudaFree", f"{sweep}: the calls of a sweep", calls)
    n_frees = 3 if sweep == "networks" else 2  # opening, growing, closing
    tally.equal(calls.count("cudaFree"), n_frees, f"{sweep}: calls of cudaFree")
    tally.check(most_before > 0, f"{sweep}: rows of earlier launches are kept")
    print(f"{sweep}: {n_faults} faults in {len(calls)} calls of {len(set(calls))} kinds")
    return set(calls), expected


def run_auto(program, name, store, fault, limit):
    return subprocess.run([program.path, "run", f"{name}.yaml", "--store", store, "--launch", "2", "--limit", str(limit),
                           "--threads", "1"],
                          cwd=program.folder, capture_output=True, text=True, timeout=TIMEOUT_S,
                          env={**os.environ, "SEEDVAR_EMULATOR": f"{GPU} processors=128 fault={fault[0]} error={fault[1]}"})


def check_auto(program, tally):
    """--device auto: a job of milliseconds is the CPU's; a GPU that cannot be opened is left alone; one that fails in the
    middle is told of."""
    done = run_auto(program, "networks", "auto.db", (1, 100), 4)
    tally.check(done.returncode == DONE and " on cpu (" in done.stdout and "emulator" not in done.stderr,
                "--device auto: no GPU is touched for a short job", done.stdout + done.stderr)
    # so many seeds that a GPU should be faster; of these a few
    program.study("long", {**SWEEPS["networks"], "design": {"kind": "sweep", "seeds": 30000000, "vary": ["init", "order"]}, "record": {"predictions": "none"}})
    run_auto(program, "long", "auto-cpu.db", (1, 100), 4)
    expected = program.rows("auto-cpu.db")
    for code, error in ERRORS.items():
        for number in range(1, 18):
            store = f"auto-{number}-{code}.db"
            done = run_auto(program, "long", store, (number, code), 4)
            name = f"--device auto, call {number}, {error}"
            if done.returncode == STOPPED:
                tally.equal(program.rows(store), expected, f"{name}: the CPU's runs")
                tally.check("training on the CPU" in done.stderr, f"{name}: says so", done.stderr)
            else:
                tally.equal(done.returncode, DEVICE, f"{name}: exit code")
                check_message(tally, name, done, error, True)
            tally.equal(done.returncode == STOPPED, not number > 13, f"{name}: opening and asking take thirteen calls")


def check_stress(program, tally, expected):
    """Work beside it, delays and cold caches change no digest of a path in the program's order; where one of their calls
    fails this is told, and what was trained is kept."""
    program.study("stressed", {**SWEEPS["networks"], "numerics": [{"path": "serial", "stress": "all"}]})
    tally.equal(digest_of(run_sweep(program, "stressed", "stressed.db")), expected, "stress all: the digest")
    numerics = program.rows("stressed.db", "numerics")
    tally.equal([(row["name"], row["stress"]) for row in numerics], [("serial fp32 all", "all")], "the store tells of stress")
    n_faults = 0
    for number in range(13, 60, 3):  # other calls from time to time: the work beside it has a thread of its own
        name, store = f"stressed, call {number}", f"stressed-{number}.db"
        done = run_sweep(program, "stressed", store, (number, 700))
        n_faults += done.returncode == DEVICE
        if done.returncode == DEVICE:
            check_message(tally, name, done, ERRORS[700], True)
        else:
            tally.equal(digest_of(done), expected, f"{name}: the digest: {done.stderr.strip()}")
        check_store(program, tally, name, "stressed", store, expected)
    tally.check(n_faults > 8, "calls of stressed sweeps that fail", n_faults)
    done = run_sweep(program, "stressed", "cpu.db", device="cpu")
    tally.check(done.returncode == DEVICE and "take stress out" in done.stderr, "no stress on a CPU", done.stderr)


def check_bench(program, tally):
    for number in (1, 2, 6, 8, 9, 10, 11, 12):
        done = subprocess.run([program.path, "bench", "--device", "cuda:0", "--job", "J3", "--seeds", "1", "--rounds",
                               "1"], cwd=program.folder, capture_output=True, text=True, timeout=TIMEOUT_S,
                              env={**os.environ, "SEEDVAR_EMULATOR": f"fault={number} error=700"})
        tally.equal(done.returncode, DEVICE, f"bench, call {number}: {done.stderr.strip()}")
        check_message(tally, f"bench, call {number}", done, ERRORS[700], False)


def main():
    tally, kinds = Tally(), set()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        for name, study in SWEEPS.items():
            program.study(name, study)
            found, expected = check_sweep(program, tally, name, [700] if name == "clusters" else ERRORS)
            kinds |= found
            if name == "networks":
                check_auto(program, tally)
                check_stress(program, tally, expected)
        check_bench(program, tally)
    wanted = {"cudaMalloc", "cudaMemcpy", "cudaLaunchKernelEx", "cudaDeviceSynchronize", "cudaFree", "cudaSetDevice"}
    tally.check(wanted <= kinds, "kinds of calls", sorted(kinds))
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
