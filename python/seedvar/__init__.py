"""seedvar from Python: train under very many seeds, and say what the spread of the results is made of.

    import seedvar
    seedvar.run("digits.yaml", store="digits.db")
    runs = seedvar.open("digits.db").runs()
    print(seedvar.analyze("digits.db")["summary"])

A study is a file, or a dictionary with the same keys; `data=(x, y)` puts arrays in the place of its data set. Results are
those of the program, bit for bit. Errors are seedvar.Error, whose text says what to do.
"""
import contextlib
import csv
import ctypes
import io
import json
import os
import pathlib
import re
import tempfile
import threading

import numpy as np

from . import _library
from ._bits import bench, bisect, compare, compare_all, fingerprint, replay, replay_parting
from ._findings import analyze, figures, paragraph, report
from ._library import Error
from ._published import agree, claim, howmany

__all__ = ["Error", "Store", "agree", "analyze", "bench", "bisect", "claim", "compare", "compare_all", "doctor",
           "figures", "fingerprint", "howmany", "init", "open", "paragraph", "plan", "replay", "replay_parting",
           "report", "run", "schema", "version", "words"]

version = _library.version
_TEXTS = {"arm", "numerics", "status", "digest"}
_COUNTS = re.compile("run|replicate|seed_.*")  # of the runs; their metrics are float64


def _write_study(study, data, folder):
    """A dictionary as a file in `folder`, with the arrays beside it."""
    study = dict(study)
    if data is not None:
        x, y = (np.asarray(part) for part in data)
        np.save(folder / "x.npy", x)
        np.save(folder / "y.npy", y)
        study["data"] = {**study.get("data", {}), "set": "npy", "file": "x.npy", "target_file": "y.npy"}
    path = folder / f"{study.get('study', 'study')}.yaml".replace("/", "-")
    path.write_text(json.dumps(study, default=lambda value: value.item()))
    return path


@contextlib.contextmanager
def _open_study(study, data, overrides):
    """The handle of a study given as a path or as a dictionary."""
    words = [f"{key}={json.dumps(value)}" for key, value in (overrides or {}).items()]
    if isinstance(study, (str, os.PathLike)):
        if data is not None:
            raise Error("SV_ERR_USAGE", "data=(x, y) goes with a study given as a dictionary")
        with _library.Study(study, words) as handle:
            yield handle
        return
    with tempfile.TemporaryDirectory(prefix="seedvar-") as folder:
        with _library.Study(_write_study(study, data, pathlib.Path(folder)), words) as handle:
            yield handle


def plan(study, *, data=None, overrides=None, device=None, simd=None, threads=0, launch=0):
    """What the study would run, where, in what time and memory, as a dictionary (seedvar.plan/1); arguments as of run."""
    options = _library.PlanOptions(device=_library.encode(device), simd=_library.encode(simd), n_threads=threads,
                                   n_launch=launch)
    with _open_study(study, data, overrides) as handle:
        return json.loads(_library.text("sv_study_plan", handle, ctypes.byref(options), True))


def _call_interruptibly(work, stop):
    """Runs work() in a thread, so that Ctrl-C reaches this one: the launch at work is then finished and kept."""
    outcome = []

    def keep():
        try:
            outcome.append((work(), None))
        except BaseException as error:  # handed on to the caller's thread
            outcome.append((None, error))

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(0.1)
    except KeyboardInterrupt:
        stop.value = 1
        thread.join()
        raise
    value, error = outcome[0]
    if error is not None:
        raise error
    return value


def run(study, store=None, *, data=None, overrides=None, device=None, simd=None, threads=0, limit=0, launch=0,
        progress=None):
    """Trains what the store lacks; the same call goes on where one was stopped.

    study: a file or a dictionary. store: a file (default: the study's name with .db, in this folder). data: arrays
    (x, y) for a dictionary. overrides: {"train.epochs": 5}. device: "auto", "cpu", "cuda:0". progress: a function of a
    dictionary, called after each commit from another thread. Returns a dictionary (as seedvar.run/1).
    """
    def on_progress(_, told):
        p = told.contents
        progress({"runs": p.n_runs, "done": p.n_done, "before": p.n_before, "elapsed_s": p.elapsed_s,
                  "runs_per_s": p.runs_per_s, "metric": p.metric.decode() if p.metric else None,
                  "mean": p.mean, "sd": p.sd})

    stop, summary = ctypes.c_int(0), _library.RunSummary()
    with _open_study(study, data, overrides) as handle:
        path = store if store is not None else _library.study_name(handle).replace("/", "-") + ".db"
        options = _library.RunOptions(
            store_path=_library.encode(path), device=_library.encode(device), simd=_library.encode(simd),
            n_threads=threads, n_limit=limit, n_launch=launch, command_line=b"seedvar.run (Python)",
            on_progress=_library.ON_PROGRESS(on_progress) if progress else _library.ON_PROGRESS(),
            stop=ctypes.pointer(stop))
        _call_interruptibly(lambda: _library.call("sv_run", handle, ctypes.byref(options), ctypes.byref(summary),
                                                  also=(_library.STOPPED,)), stop)
    return {"runs": summary.n_runs, "done": summary.n_done, "before": summary.n_before,
            "elapsed_s": summary.elapsed_s, "study_digest": summary.study_digest.decode() or None,
            "device": summary.device.decode(), "store": os.fspath(path)}


def init(data, study=None, *, target=None):
    """Looks at a CSV and drafts a study of it: what was seen, as a dictionary (seedvar.init/1).

    study: a new file for the draft; without it the draft is in the dictionary alone.
    """
    options = _library.InitOptions(target=_library.encode(None if target is None else str(target)),
                                   study_path=_library.encode(study))
    return json.loads(_library.text("sv_init", _library.encode(data), ctypes.byref(options), True))


def schema():
    """The JSON Schema of a study, as a dictionary."""
    return json.loads(_library.text("sv_study_schema"))


def words(topic=None):
    """The words that a study takes: "models", "metrics", "devices", ... (seedvar.list/1); without a topic the topics."""
    return json.loads(_library.text("sv_list", _library.encode(topic), True))


def doctor(store=None):
    """What is installed and what would go wrong, as a dictionary (seedvar.doctor/1)."""
    return json.loads(_library.text("sv_doctor", _library.encode(store), True, also=("SV_ERR_STORE",)))


def _numbers(values, may_be_whole):
    """Whole numbers as uint64 or int64, others as float64 (an empty cell is NaN), anything else as text."""
    for kind in (np.uint64, np.int64) if may_be_whole else ():
        with contextlib.suppress(ValueError, OverflowError):
            return np.array([int(value) for value in values], dtype=kind)
    with contextlib.suppress(ValueError):
        return np.array([float(value) if value else np.nan for value in values])
    return np.array(values)


def _column(table, name, values):
    if name in _TEXTS:
        return np.array(values, dtype=str)
    return _numbers(values, table != "runs" or _COUNTS.fullmatch(name))


def _arrays(table, text):
    """The columns of a CSV as arrays; a DataFrame where pandas is there."""
    rows = list(csv.reader(io.StringIO(text)))
    cells = list(zip(*rows[1:])) or [()] * len(rows[0])
    columns = {name: _column(table, name, values) for name, values in zip(rows[0], cells)}
    try:
        import pandas
    except ImportError:
        return columns
    return pandas.DataFrame(columns)


class Store:
    """A store, for reading."""

    def __init__(self, path):
        self.path = os.fspath(path)
        self.status()

    def __repr__(self):
        return f"seedvar.open({self.path!r})"

    def runs(self):
        """Every run: seeds, status, digest, metrics. A DataFrame where pandas is there, else a dictionary of arrays."""
        return self.table("runs")

    def table(self, name):
        """runs, arms, numerics, launches, machines, predictions, checkpoints or curves."""
        parts = []

        def write(_, chunk, n):
            parts.append(ctypes.string_at(chunk, n))
            return 0

        _library.call("sv_store_export", _library.encode(self.path), _library.encode(name), b"csv",
                      _library.WRITE(write), None)
        return _arrays(name, b"".join(parts).decode())

    def status(self):
        """What the store holds, as a dictionary (seedvar.status/1)."""
        text = _library.text("sv_store_status", _library.encode(self.path), True, also=(_library.INCOMPLETE,))
        return json.loads(text)

    def verify(self):
        """Recomputes every checksum; Error with the place of the first fault."""
        return json.loads(_library.text("sv_store_verify", _library.encode(self.path), True))

    def analyze(self, **options):
        """seedvar.analyze of this store."""
        return analyze(self.path, **options)


def open(path):  # noqa: A001: seedvar.open(store) reads as it should
    """A store that is there."""
    return Store(path)
