#!/usr/bin/env python3
"""The report in a headless Chromium: it draws every chart, says nothing on the console, asks nothing of the network, and
answers to mouse and keyboard, in both colour schemes and on paper.

usage: test_report.py PROGRAM CHROMIUM [FOLDER]     (FOLDER: where to leave the page and pictures of it)
"""
import csv
import io
import json
import os
import pathlib
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "cli"))
from chromium import Browser  # noqa: E402
from seedvar_cli import Program, Tally  # noqa: E402

DIGITS = {"set": "digits", "standardize": True, "split": {"train": 0.3, "val": 0.2, "test": 0.5}}
NET = {"kind": "mlp", "hidden": [6], "activation": "relu"}
TRAIN = {"loss": "cross_entropy", "optimizer": {"kind": "momentum", "lr": 0.05, "momentum": 0.9}, "batch_size": 32, "epochs": 2}
STUDIES = {
    "grid <b>": {"data": {**DIGITS, "split": {**DIGITS["split"], "test_fixed": True}}, "model": NET, "train": TRAIN,
                 "design": {"kind": "crossed", "vary": {"init": 12, "order": 10}},
                 "record": {"checkpoints": "log2", "predictions": "counts"}},
    "arms": {"data": DIGITS, "model": NET, "train": TRAIN, "arms": {"relu": {}, "tanh": {"model.activation": "tanh"}},
             "design": {"kind": "sweep", "seeds": 60}, "record": {"checkpoints": "log2"}},
    "groups": {"data": DIGITS, "model": NET, "train": TRAIN,
               "design": {"kind": "one-at-a-time", "vary": {"init": 3, "order": 3}, "bases": 6}},
    "one-base": {"data": DIGITS, "model": NET, "train": TRAIN, "design": {"kind": "one-at-a-time", "vary": {"init": 3, "order": 3}}},
    "one-run": {"data": DIGITS, "model": NET, "train": TRAIN, "design": {"kind": "sweep", "seeds": 1}, "record": {"checkpoints": "log2"}},
}
DRAWN = {"grid <b>": {"shares", "distribution", "runs", "famous", "heat_map", "sd_by_step", "test_set", "expected_best", "gains"},
         "arms": {"comparison", "distribution", "runs", "famous", "sd_by_step", "expected_best", "gains", "opposite"},
         "groups": {"indices", "distribution", "runs", "test_set", "expected_best", "gains", "atlas"},
         "one-base": {"distribution", "runs", "test_set", "expected_best", "gains"},
         "one-run": {"distribution", "runs", "expected_best"}}
ALL = set().union(*DRAWN.values()) | {"distance", "ulps", "bits", "probe"}

MARKS = """[...document.querySelectorAll('figure')].map(f => ({id: f.id, marks: [...f.querySelectorAll(
    '.plot svg .mark-rect path, .plot svg .mark-line path, .plot svg .mark-symbol path, .plot svg .mark-rule line, .plot svg .mark-area path')]
    .filter(m => { const b = m.getBBox(); return m.closest('.role-mark') && b.width + b.height > 0; }).length}))"""
CONTRASTS = """(() => {
    const shade = (c) => { const v = c.match(/[\\d.]+/g).slice(0, 3).map(x => x / 255).map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
                           return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
    const ground = shade(getComputedStyle(document.body).backgroundColor);
    const contrast = (c) => { const s = shade(c); return (Math.max(s, ground) + .05) / (Math.min(s, ground) + .05); };
    const of = (q, p) => [...document.querySelectorAll(q)].map(e => contrast(getComputedStyle(e)[p]));
    const colours = [1, 2, 3, 4, 5, 6, 7, 8].map(i => { const e = document.createElement('i'); e.style.color = `var(--c${i})`;
        document.body.append(e); const c = getComputedStyle(e).color; e.remove(); return contrast(c); });
    return {dark: ground < .2, text: Math.min(...of('figcaption, h2, .answer, summary, label', 'color')),
            labels: Math.min(...of('.role-axis-label text', 'fill')), colours: Math.min(...colours)}; })()"""


def add_distances(program):
    """A study of equal seeds under several numerics, where the program records distances."""
    if "distances" not in program.must("spec", "--schema").stdout:
        return
    STUDIES["paths"] = {"data": DIGITS, "model": NET, "train": TRAIN, "design": {"kind": "sweep", "seeds": 8},
                        "numerics": [{"path": "serial"}, {"path": "drawn", "split": 8, "replicates": 2},
                                     {"path": "serial", "probe": {"step": 0}}, {"path": "serial", "probe": {"step": 20}}],
                        "record": {"checkpoints": "log2", "distances": True, "predictions": "counts"}}
    DRAWN["paths"] = {"shares", "distribution", "runs", "sd_by_step", "distance", "ulps", "bits", "probe",
                      "expected_best", "gains", "atlas", "famous"}
    DRAWN["groups"].remove("atlas")


def make_page(program, pictures):
    stores, folder = [], program.folder
    add_distances(program)
    for i, (name, study) in enumerate(STUDIES.items()):
        stores.append(folder / f"{i}.store")
        program.must("run", program.study(f"study-{i}", {**study, "study": name}), "--store", stores[-1])
    machines = folder / "machines"
    machines.mkdir(exist_ok=True)
    program.must("fingerprint", "-o", machines / "here.json")
    page = pictures / "report.html"
    program.must("report", *stores, "--fingerprints", machines, "-o", page)
    return page, program.json("report", *stores, "--fingerprints", machines)


def open_page(browser, page, scheme):
    browser.open(page, scheme=scheme)
    browser.wait_for("document.body && document.body.dataset.drawn")


def check_drawn(tally, browser, document, scheme):
    marks = {m["id"]: m["marks"] for m in browser.run(MARKS)}
    for number, study in enumerate(document["studies"]):
        expected = {c["id"] for c in study["charts"] if "spec" in c}
        tally.check(expected == DRAWN[study["study"]], f"charts of {study['study']}: {sorted(expected)}")
        for chart in study["charts"]:
            key = f"{number}-{chart['id']}"
            if "spec" in chart:
                tally.check(marks.get(key, 0) > 0, f"{scheme}: {key} has {marks.get(key)} marks")
            else:
                shown = browser.run(f"[...document.querySelectorAll('.study')][{number}].querySelector('.rest').innerText")
                tally.check(key not in marks and chart["reason"] in shown, f"{key}: the page does not say why it is not drawn")
        tally.check({c["id"] for c in study["charts"]} == ALL, "the page knows other charts than this test")


def check_page(tally, browser, page, document, folder):
    for scheme in ("light", "dark"):
        open_page(browser, page, scheme)
        check_drawn(tally, browser, document, scheme)
        contrast = browser.run(CONTRASTS)
        tally.check(contrast["dark"] == (scheme == "dark"), f"{scheme}: the ground has the other scheme's colour")
        tally.check(contrast["text"] >= 4.5 and contrast["labels"] >= 4.5 and contrast["colours"] >= 3,
                    f"{scheme}: contrasts {contrast}")
        browser.picture(str(folder / f"{scheme}.png"))
    answer = browser.run("document.querySelector('.answer').innerText")
    tally.check("explains" in answer and answer == document["studies"][0]["answer"], f"the answer reads: {answer}")
    first = browser.run("document.querySelector('figure').id")
    tally.check(first == "0-shares", f"the first figure is {first}")
    tally.check(browser.run("document.querySelector('h1').innerText").startswith("grid <b>"), "the title is not as written")
    browser.run("document.querySelector('header button').click()")
    tally.check(not browser.run(CONTRASTS)["dark"], "the button does not change the scheme")


def middle_of(browser, selector):
    return browser.run(f"""(() => {{ const e = document.querySelector(`{selector}`); e.scrollIntoView({{block: 'center'}});
        const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2, b.width, b.height]; }})()""")


def check_mouse(tally, browser):
    x, y, *_ = middle_of(browser, "[id='1-runs'] .mark-symbol.role-mark path")
    browser.mouse("mouseMoved", x - 30, y)
    browser.mouse("mouseMoved", x, y)
    told = browser.wait_for("document.querySelector('#vg-tooltip-element.visible')?.innerText", 10)
    tally.check("seed" in told and "test_accuracy" in told, f"a run's tooltip says {told!r}")
    count = "document.querySelector('[id=\"1-runs\"] .mark-text.role-mark text').textContent"
    all_runs = browser.run(count)
    x, y, width, height = middle_of(browser, "[id='1-runs'] .plot svg")
    browser.mouse("mousePressed", x - width / 8, y, button="left", clickCount=1)
    for k in range(1, 9):
        browser.mouse("mouseMoved", x - width / 8 + k * width / 32, y, button="left", buttons=1)
    browser.mouse("mouseReleased", x + width / 8, y, button="left", clickCount=1)
    brushed = browser.wait_for(f"{count} !== {json.dumps(all_runs)} && {count}", 10)
    number = [int(text.split(" ")[0].replace(",", "")) for text in (all_runs, brushed)]
    tally.check(number[0] == 120 and 0 < number[1] < 120, f"brushed: {brushed!r} of {all_runs!r}")


def check_choices(tally, browser):
    points = "document.querySelectorAll('[id=\"1-runs\"] .mark-symbol.role-mark path').length"
    choose = "(() => {{ const s = document.querySelectorAll('.study')[1].querySelectorAll('select')[{}]; s.value = '{}'; s.onchange(); }})()"
    browser.run(choose.format(0, "test_loss"))
    browser.wait_for("document.querySelector('[id=\"1-distribution\"] svg').textContent.includes('test_loss')", 10)
    tally.check("These words are about test_accuracy" in browser.run("document.getElementById('1-distribution').innerText"),
                "the page does not say that its words are about another metric")
    before = browser.run(points)
    browser.run(choose.format(1, "tanh"))
    browser.wait_for(f"{points} === {before // 2}", 10)
    other = browser.run("document.querySelector('[id=\"0-distribution\"] svg').textContent")
    tally.check("test_accuracy" in other, "a choice in one study changes another")


def try_every_choice(browser):
    """Whether that is silent is for check_silence to say."""
    browser.run("""(() => { for (const s of document.querySelectorAll('select')) { const was = s.value;
        for (const o of s.options) { s.value = o.value; s.onchange(); } s.value = was; s.onchange(); } })()""")
    time.sleep(1)


def await_file(folder, ending):
    end = time.monotonic() + 20
    while time.monotonic() < end:
        found = [f for f in folder.iterdir() if f.name.endswith(ending) and f.stat().st_size > 0]
        if found:
            return found[0].read_bytes()
        time.sleep(0.05)
    raise RuntimeError(f"no {ending} was downloaded")


def check_downloads(tally, browser, document, folder):
    browser.downloads_to(str(folder))
    for text in ("SVG", "PNG", "CSV"):
        browser.run(f"[...document.querySelectorAll('[id=\"0-shares\"] button')].find(b => b.innerText === '{text}').click()")
    drawing = await_file(folder, "shares.svg").decode()
    tally.check(ElementTree.fromstring(drawing).tag.endswith("svg") and "var(--" not in drawing, "the SVG is not whole")
    image = await_file(folder, "shares.png")
    tally.check(image[:8] == b"\x89PNG\r\n\x1a\n" and len(image) > 5000, "the PNG is none")
    rows = list(csv.DictReader(io.StringIO(await_file(folder, "shares.csv").decode())))
    chart = next(c for c in document["studies"][0]["charts"] if c["id"] == "shares")
    told = chart["spec"]["datasets"]["components"]
    tally.check(len(rows) == len(told) and float(rows[0]["share"]) == float(f"{told[0]['share']:.7g}"), "the CSV has other rows")


def check_keyboard(tally, browser):
    browser.run("document.activeElement.blur(); scrollTo(0, 0)")
    n_wanted = browser.run("document.querySelectorAll('button, select, summary').length")
    met = set()
    for _ in range(4 * n_wanted):
        browser.key("Tab", 9)
        met.add(browser.run("""(() => { const e = document.activeElement, all = [...document.querySelectorAll('button, select, summary')];
            return all.indexOf(e); })()"""))
        if len(met - {-1}) == n_wanted:
            break
    tally.check(len(met - {-1}) == n_wanted, f"Tab reaches {len(met - {-1})} of {n_wanted}")
    browser.run("document.querySelector('[id=\"0-shares\"] summary').focus()")
    browser.key("Enter", 13, "\r")
    rows = browser.wait_for("document.querySelectorAll('[id=\"0-shares\"] tbody tr').length", 10)
    tally.check(rows > 3, f"the table has {rows} rows")


def check_paper(tally, browser):
    browser.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    tally.check(browser.run("getComputedStyle(document.querySelector('.controls')).display") == "none", "controls are printed")
    tally.check(not browser.run(CONTRASTS)["dark"], "a dark page is printed")
    pdf = browser.call("Page.printToPDF")["data"]
    tally.check(len(pdf) > 50000, "the print is empty")


def check_silence(tally, browser):
    loud = [c for c in browser.complaints if not c.startswith("warning: WARN")]
    tally.check(not loud, f"the console says: {loud[:3]}")
    tally.check(not browser.requests, f"requests: {browser.requests[:3]}")
    # and both would have been noticed:
    browser.run("fetch('https://example.org/').catch(() => 0)")
    tally.check(len(browser.complaints) > 0 and any("example.org" in c for c in browser.complaints),
                "the page's policy lets requests out")


def main():
    tally = Tally()
    if len(sys.argv) < 3:
        sys.exit(__doc__.strip().splitlines()[-1])
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else scratch)
        page, document = make_page(Program(sys.argv[1], scratch), folder)
        with Browser(sys.argv[2]) as browser:
            check_page(tally, browser, page, document, folder)
            check_mouse(tally, browser)
            check_choices(tally, browser)
            check_downloads(tally, browser, document, folder)
            check_keyboard(tally, browser)
            check_paper(tally, browser)
            try_every_choice(browser)
            check_silence(tally, browser)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
