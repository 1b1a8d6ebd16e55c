"""What runs say: findings as dictionaries, reports, charts."""
import contextlib
import csv
import ctypes
import io
import json
import math
import os
import pathlib
import tempfile

import numpy as np

from . import _library


def _cell(value):
    """NaN is a missing value here, as where pandas writes a CSV; in a CSV the word nan is a run that failed."""
    return "" if isinstance(value, float) and math.isnan(value) else value


def _write_table(table, path):
    columns = {name: map(_cell, np.asarray(table[name]).tolist()) for name in table}
    with io.open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values()))


@contextlib.contextmanager
def _open_findings(source, metric, level, margin, arm, less_is_better, tests=False, predictions=None, labels=None):
    """The handle of the findings of a file or a table."""
    with tempfile.TemporaryDirectory(prefix="seedvar-") as folder:
        folder = pathlib.Path(folder)
        if not isinstance(source, (str, os.PathLike)):
            _write_table(source, folder / "runs.csv")
            source = folder / "runs.csv"
        paths = {}
        for name, array in (("predictions", predictions), ("labels", labels)):
            if array is not None:
                paths[name] = folder / f"{name}.npy"
                np.save(paths[name], np.asarray(array))
        options = _library.AnalysisOptions(
            metric=_library.encode(metric), level=level, margin=margin, with_test_rates=tests,
            predictions=_library.encode(paths.get("predictions")), labels=_library.encode(paths.get("labels")),
            arm=_library.encode(arm), is_less_better=less_is_better is True, is_more_better=less_is_better is False)
        with _library.Findings(source, options) as handle:
            yield handle


def analyze(source, *, metric=None, level=0, margin=0, arm=None, less_is_better=None, tests=False, predictions=None,
            labels=None, as_text=False):
    """Findings as a dictionary (seedvar.findings/1), or as text.

    source: a store, a CSV of another program's results, or a table (a DataFrame, a dictionary of columns) with `seed`
    (or seed_init, ...), optionally `arm`, and a column a metric (docs/import.md). predictions, labels: whole numbers,
    [runs][points] and [points], for a table or a CSV. arm: the column that names the arms, or "none"; less_is_better:
    of the metric, None where its name says it.
    """
    with _open_findings(source, metric, level, margin, arm, less_is_better, tests, predictions, labels) as handle:
        if as_text:
            return _library.text("sv_findings_text", handle)
        return json.loads(_library.text("sv_findings_json", handle))


def report(*sources, output=None, format="html", atlas=None, metric=None, level=0, margin=0,  # noqa: A002
           arm=None, less_is_better=None):
    """The report of stores, CSVs or tables (as of analyze): format "html", "markdown" or "json".

    output: a file to write it to; without it the text is returned. atlas: what compare_all gives.
    """
    with contextlib.ExitStack() as opened:
        handles = [opened.enter_context(_open_findings(source, metric, level, margin, arm, less_is_better)).value
                   for source in sources]
        array = (ctypes.c_void_p * max(1, len(handles)))(*handles)
        text = _library.text("sv_report", array, len(handles), json.dumps(atlas).encode() if atlas else None,
                             format.encode())
    if output is None:
        return text
    pathlib.Path(output).write_text(text, encoding="utf-8")
    return None


def figures(*sources, metric=None, level=0, margin=0, arm=None, less_is_better=None):
    """Each chart of the report as a Vega-Lite specification: {name: dictionary} (altair.Chart.from_dict shows one)."""
    specs = {}

    def keep(_, name, spec, __):
        specs[name.decode()] = json.loads(spec)
        return 0

    with contextlib.ExitStack() as opened:
        handles = [opened.enter_context(_open_findings(source, metric, level, margin, arm, less_is_better)).value
                   for source in sources]
        array = (ctypes.c_void_p * max(1, len(handles)))(*handles)
        _library.call("sv_report_figures", array, len(handles), None, _library.FIGURE(keep), None)
    return specs


def paragraph(source, *, metric=None, level=0, margin=0, arm=None, less_is_better=None):
    """What a paper could say of the runs: a paragraph of text."""
    with _open_findings(source, metric, level, margin, arm, less_is_better) as handle:
        return _library.text("sv_findings_part", handle, b"paragraph", False)
