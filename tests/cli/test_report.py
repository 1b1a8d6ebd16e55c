#!/usr/bin/env python3
"""report: a page, Markdown, JSON and figures; bounded however many runs there are; what is wrong gets one line.

usage: test_report.py PROGRAM
"""
import json
import os
import re
import subprocess
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

POLY = {"model": {"kind": "poly", "coefficients": [0.0, 0.3, -2.0, 0.1, 1.0], "start": {"uniform": [-2, 2]}},
        "train": {"steps": 20, "optimizer": {"lr": 0.01}}}
USAGE, IO = 2, 5
MOST_BYTES, MOST_ROWS = 3000000, 8192


def sweep(program, name, seeds, **more):
    store = program.folder / f"{name}.store"
    program.must("run", program.study(name, {**POLY, "design": {"kind": "sweep", "seeds": seeds}, **more}), "--store", store)
    return store


def data_of(page):
    """What the page holds besides what draws it."""
    return re.search(r'<script type="application/json" id="report">(.*?)</script>', page, re.DOTALL).group(1)


def check_forms(program, tally, store):
    done = program.must("report", store)
    page = (program.folder / "report.html").read_text(encoding="utf-8")
    tally.check("report.html" in done.stderr and done.stdout == "", "report names the file that it writes", done.stderr)
    document, held = program.json("report", store), json.loads(data_of(page))
    tally.equal(document["schema"], "seedvar.report/1", "schema")
    tally.equal([c["id"] for c in held["studies"][0]["charts"]], [c["id"] for c in document["studies"][0]["charts"]],
                "the page and the JSON have the same charts")
    markdown = program.must("report", store, "--markdown").stdout
    for chart in document["studies"][0]["charts"]:
        words = chart["caption"].strip() if "spec" in chart else f": {chart['reason']}."
        tally.equal((markdown.count(words), chart["title"] in markdown), (1, True), f"Markdown has {chart['id']}, once")
    tally.check(document["studies"][0]["answer"] in markdown, "Markdown has the answer")
    tally.equal(program.must("report", store, "--markdown", "-o", "r.md").stdout, "", "-o leaves stdout empty")
    tally.equal((program.folder / "r.md").read_text(encoding="utf-8"), markdown, "-o writes what stdout has")


def check_import(program, tally):
    """Of what a table of results cannot have there is no advice on study files."""
    rows = [f"{seed},{arm},{seed * 7 % 5 / 5}" for seed in range(6) for arm in "ab"]
    (program.folder / "table.csv").write_text("\n".join(["seed,arm,score", *rows, ""]))
    text = program.must("import", "table.csv").stdout + program.must("report", "table.csv", "--markdown").stdout
    advice = [word for word in ("design:", "kind:", "record", "study file", "numerics:") if word in text]
    tally.equal(advice, [], "an import is given advice on study files")
    tally.check(text.count("not how it went") == 1, "one reason, one line", text)


def check_captions(program, tally):
    """What stands in figures and Markdown needs no mouse, and speaks of lines only where there are some."""
    program.folder.joinpath("gaps.csv").write_text("\n".join(
        ["seed_init,seed_order,score", *(f"{i},{o},{(3 * i + o * o) % 5}" for i in range(5) for o in range(4) if i * o != 6), ""]))
    program.folder.joinpath("full.csv").write_text("\n".join(
        ["seed_init,seed_order,score", *(f"{i},{o},{(3 * i + o * o) % 5}" for i in range(5) for o in range(4)), ""]))
    for name, has_lines in (("gaps", False), ("full", True)):
        charts = {c["id"]: c for c in program.json("report", f"{name}.csv")["studies"][0]["charts"]}
        asking = [key for key, c in charts.items() if re.search("hover|drag|click", c.get("caption", ""), re.IGNORECASE)]
        tally.equal(asking, [], f"{name}: captions that ask for a mouse")
        tally.equal("Lines are" in charts["shares"]["caption"], has_lines, f"{name}: lines are spoken of where they are")


def check_same_numbers(program, tally, store):
    findings, document = program.json("analyze", store), program.json("report", store)
    charts = {c["id"]: c for c in document["studies"][0]["charts"]}
    curve = [row for row in findings["curves"] if row["metric"] == "f_end"]
    shown = [row for row in charts["sd_by_step"]["spec"]["datasets"]["curves"] if row["metric"] == "f_end"]
    tally.equal([(row["step"], row["sd"]) for row in shown], [(row["step"], row["sd"]) for row in curve], "curves of the findings")
    runs = program.rows(store)
    shown = charts["runs"]["spec"]["datasets"]["runs"]
    by_seed = {row["seed_init"]: row for row in runs}
    wrong = [r for r in shown if abs(float(by_seed[str(r["seed"])]["f_end"]) - r["f_end"]) > 1e-9]
    tally.check(len(shown) == len(runs) == 300 and not wrong, "the runs shown are the store's", wrong[:2])
    bins = [b for b in charts["distribution"]["spec"]["datasets"]["bins"] if b["metric"] == "f_end"]
    values = [float(row["f_end"]) for row in runs]
    counts = [sum(b["low"] <= v < b["high"] for v in values) for b in bins]
    tally.equal(counts, [b["runs"] for b in bins], "the histogram counts the runs")


def check_bound(program, tally):
    page = program.folder / "large.html"
    program.must("report", sweep(program, "large", 200000), "-o", page)
    data = data_of(page.read_text(encoding="utf-8"))
    tally.check(len(data) < MOST_BYTES, "data of 200,000 runs", len(data))
    for chart in json.loads(data)["studies"][0]["charts"]:
        for name, rows in chart.get("spec", {}).get("datasets", {}).items():
            tally.check(len(rows) <= MOST_ROWS, f"{chart['id']}, {name}: rows", len(rows))
    grid = {"data": {"set": "iris"}, "model": {"kind": "mlp", "hidden": [2]},
            "train": {"loss": "cross_entropy", "optimizer": {"kind": "sgd", "lr": 0.1}, "batch_size": 32, "steps": 1},
            "design": {"kind": "crossed", "vary": {"init": 100, "order": 80}}}
    program.must("run", program.study("grid", grid), "--store", "grid.store")
    charts = {c["id"]: c for c in program.json("report", "grid.store")["studies"][0]["charts"]}
    cells = charts["heat_map"]["spec"]["datasets"]["cells"]
    tally.equal((len(cells), len({c["init"] for c in cells}), len({c["order"] for c in cells})), (4096, 64, 64), "cells of a large grid")
    values = {(r["seed_init"], r["seed_order"]): float(r["test_accuracy"]) * 100 for r in program.rows("grid.store")}
    wrong = [c for c in cells if abs(values[str(c["init"]), str(c["order"])] - c["value"]) > 1e-6]
    tally.check(not wrong, "cells hold their runs", wrong[:2])


def check_odd_names(program, tally):
    """Names of studies and arms come from elsewhere and must stay text."""
    rows = ["seed,arm,score"] + [f"{i},{arm},{i % 7 + len(arm) % 3}" for i in range(30) for arm in ("</script><b>x", "a&b \u00e9")]
    (program.folder / "odd.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    program.must("report", "odd.csv", "-o", "odd.html")
    page = (program.folder / "odd.html").read_text(encoding="utf-8")
    tally.check("</script><b>" not in page, "an arm's name cannot end the page's data")
    names = {r["series"] for r in json.loads(data_of(page))["studies"][0]["charts"][4]["spec"]["datasets"]["runs"]}
    tally.equal(names, {"</script><b>x", "a&b \u00e9"}, "names stay what they are")


def figures(program, store, folder, form, python):
    return subprocess.run([program.path, "report", store, "--figures", folder, "--format", form], cwd=program.folder, text=True,
                          capture_output=True, timeout=120, env={**os.environ, "SEEDVAR_PYTHON": str(python)})


def check_figures(program, tally, store):
    """With a stand-in for vl-convert, so that the test needs none."""
    fake = program.folder / "python"
    fake.write_text('#!/bin/sh\nform=$3; shift 3\nfor path; do cp "$path.json" "$path.$form"; done\n')
    fake.chmod(0o755)
    done = figures(program, store, "figures", "svg", fake)
    tally.equal(done.returncode, 0, f"figures: {done.stderr}")
    drawn = [c["id"] for c in program.json("report", store)["studies"][0]["charts"] if "spec" in c]
    tally.equal(sorted(f.stem for f in (program.folder / "figures").glob("*.svg")), sorted(drawn), "a figure for each chart")
    for name in drawn:
        spec = json.loads((program.folder / "figures" / f"{name}.json").read_text())
        tally.check("var(--" not in json.dumps(spec) and spec["$schema"] and spec["width"] > 0, f"{name}.json stands by itself")
    absent = program.folder / "absent"
    absent.write_text("#!/bin/sh\nexit 9\n")
    absent.chmod(0o755)
    for python in (absent, program.folder / "nowhere"):
        done = figures(program, store, "figures", "pdf", python)
        tally.check(done.returncode == IO and "pip install vl-convert-python" in done.stderr and done.stderr.count("\n") == 1,
                    "without vl-convert one line says what to do", done.stderr)


def check_failures(program, tally, store):
    for arguments, code, words in [((), USAGE, "report lacks STORE"), ((store, "--figures", "f", "--format", "gif"), USAGE, "svg, pdf, png"),
                                   (("nothing.db",), USAGE, "nothing.db"), ((store, "-o", "no/such/folder.html"), IO, "no/such/folder.html"),
                                   ((store, "--fingerprints", "nowhere"), USAGE, "nowhere"), ((store, "-o", "/dev/full"), IO, "/dev/full"),
                                   ((store, "--metric", "speed"), USAGE, "there is no metric speed")]:
        done = program.call("report", *arguments)
        tally.equal(done.returncode, code, f"report {arguments}: exit code; {done.stderr}")
        tally.check(words in done.stderr and done.stderr.startswith("seedvar: "), f"report {arguments}: message", done.stderr)


def main():
    path = program_argument(__doc__)
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(path, folder)
        store = sweep(program, "small", 300, record={"checkpoints": "log2"})
        check_forms(program, tally, store)
        check_import(program, tally)
        check_captions(program, tally)
        check_same_numbers(program, tally, store)
        check_bound(program, tally)
        check_odd_names(program, tally)
        check_figures(program, tally, store)
        check_failures(program, tally, store)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
