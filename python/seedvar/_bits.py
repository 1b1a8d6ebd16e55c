"""Equal or not, bit for bit: runs trained again, stores and machines compared."""
import ctypes
import json

from . import _library


def replay(store, run=None, *, folder=None, device=None, simd=None, threads=0):
    """Trains the runs of a store again, or one of them, and counts those whose bits differ.

    folder: where the study's data files are (default: beside the store). Returns a dictionary (as seedvar.replay/1).
    """
    summary = _library.ReplaySummary()
    options = _library.ReplayOptions(
        store_path=_library.encode(store), device=_library.encode(device), simd=_library.encode(simd),
        n_threads=threads, run=_library.ALL_RUNS if run is None else run)
    with _library.Study(store, None, folder) as handle:
        _library.call("sv_replay", handle, ctypes.byref(options), ctypes.byref(summary), also=(_library.DIFFERENT,))
    return {"replayed": summary.n_replayed, "left_out": summary.n_left_out, "different": summary.n_different,
            "first_different": summary.first_different if summary.n_different else None,
            "elapsed_s": summary.elapsed_s}


def replay_parting(store, run, *, folder=None, device=None, simd=None, threads=0):
    """Where a run of a store parts from its replay, as a dictionary (`parting` of seedvar.replay/1)."""
    options = _library.ReplayOptions(
        store_path=_library.encode(store), device=_library.encode(device), simd=_library.encode(simd),
        n_threads=threads, run=run)
    return json.loads(_library.text("sv_replay_parting", ctypes.byref(options), _library.encode(folder), run, True,
                                    also=(_library.DIFFERENT,)))


def bisect(store, other=None, *, run=None, against=None, folder=None, simd=None, threads=0):
    """Where two runs part: step, layer and parameter, as a dictionary (seedvar.bisect/1).

    Runs `run` and `against` of one store; or of two stores (run: the first that differs; against: the same run).
    """
    options = _library.BisectOptions(
        store_a=_library.encode(store), store_b=_library.encode(other),
        run_a=_library.ALL_RUNS if run is None else run, run_b=_library.ALL_RUNS if against is None else against,
        folder=_library.encode(folder), simd=_library.encode(simd), n_threads=threads)
    return json.loads(_library.text("sv_bisect", ctypes.byref(options), True, also=(_library.DIFFERENT,)))


def fingerprint(*, device=None, simd=None, threads=0):
    """What this machine computes, as a dictionary (seedvar.fingerprint/1); takes less than a minute."""
    options = _library.FingerprintOptions(device=_library.encode(device), simd=_library.encode(simd), n_threads=threads)
    return json.loads(_library.text("sv_fingerprint", ctypes.byref(options)))


def compare(a, b, *, metric=None, level=0, margin=0):
    """Two stores of one study, or two files of fingerprints: what is equal bit for bit (seedvar.compare/1)."""
    options = _library.AnalysisOptions(metric=_library.encode(metric), level=level, margin=margin)
    return json.loads(_library.text("sv_compare", _library.encode(a), _library.encode(b), ctypes.byref(options), True,
                                    also=(_library.DIFFERENT,)))


def compare_all(folder):
    """All fingerprints (*.json) of a folder, machines against subjects (seedvar.atlas/1)."""
    return json.loads(_library.text("sv_compare_all", _library.encode(folder), True, also=(_library.DIFFERENT,)))


def bench(jobs=None, *, seeds=0, threads=0, simd=None, device=None, rounds=0):
    """Training speed beside the machine's multiply-add peak, as a dictionary (seedvar.bench/1); jobs: "J1,J2"."""
    options = _library.BenchOptions(jobs=_library.encode(jobs), n_seeds=seeds, n_threads=threads,
                                    simd=_library.encode(simd), device=_library.encode(device), n_rounds=rounds)
    return json.loads(_library.text("sv_bench", ctypes.byref(options), True))
