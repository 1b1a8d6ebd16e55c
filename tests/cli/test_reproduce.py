"""scripts/reproduce: findings that are as committed, that differ, that are not there.

test_reproduce.py PROGRAM
"""
import json
import pathlib
import subprocess
import sys
import tempfile

from seedvar_cli import Tally, program_argument

SCRIPT = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts/reproduce"
POLY = {"model": {"kind": "poly", "coefficients": [1.992, -3.88, 1.4, 1, 0, 0, 0.01], "start": {"uniform": [-4, 2]}},
        "train": {"optimizer": {"lr": 0.01}, "steps": 20}}


def main():
    tally, program = Tally(), program_argument(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        results = folder / "results"
        (results / "descent").mkdir(parents=True)
        for name, seeds in (("study", 40), ("study-few", 3)):
            study = {"study": name, **POLY, "design": {"kind": "sweep", "seeds": seeds}}
            (results / "descent" / f"{name}.yaml").write_text(json.dumps(study))

        def call(*arguments):
            return subprocess.run([sys.executable, "-B", SCRIPT, *arguments, "--program", program, "--results", results],
                                  capture_output=True, text=True, timeout=120)

        done = call("descent")
        tally.check(done.returncode == 1 and "there is no findings.json" in done.stdout, "nothing committed", done.stdout)
        done = call("descent", "--write")
        tally.check(done.returncode == 0, "write", done.stderr)
        kept = results / "descent/findings.json"
        tally.check(kept.is_file() and (results / "descent/findings-few.json").is_file(), "both studies are written")
        findings = json.loads(kept.read_text())
        rows = [line for line in kept.read_text().splitlines() if line.startswith('{"arm":')]
        tally.check(json.loads(rows[0].rstrip(",")) == findings["summary"][0], "written with a line for every finding", rows[:1])
        findings["paragraph"] = findings["paragraph"].replace(findings["machine"], "Another machine")
        findings["machine"] = "Another machine"
        kept.write_text(json.dumps(findings))
        done = call("descent")
        tally.check(done.returncode == 0 and done.stdout.count("equal after") == 2, "equal but for the machine", done.stdout)

        for key, change, told in [
                ("mean", lambda row: row.update(mean=row["mean"] * (1 + 1e-10)), "summary[0].mean: committed"),
                ("n", lambda row: row.update(n=row["n"] + 1), "summary[0].n: committed 41, found 40"),
                ("more", lambda row: row.update(more=1), "summary[0].more: only in what is committed"),
                ("less", lambda row: row.pop("sd"), "summary[0].sd: only in what was found")]:
            changed = json.loads(json.dumps(findings))
            change(changed["summary"][0])
            kept.write_text(json.dumps(changed))
            done = call("descent")
            tally.check(done.returncode == 1 and told in done.stdout and "study.yaml: 1 difference" in done.stdout
                        and "study-few.yaml: equal" in done.stdout, f"a difference: {key}", done.stdout)
        findings["summary"].append({})
        kept.write_text(json.dumps(findings))
        done = call("descent")
        tally.check(done.returncode == 1 and "entries" in done.stdout, "a longer list", done.stdout)

        done = call("ascent")
        tally.check(done.returncode == 2 and "there are: descent" in done.stderr, "no such result", done.stderr)
        (results / "descent/study.yaml").write_text("study: [")
        done = call("descent")
        tally.check(done.returncode == 2 and "study.yaml:2:1" in done.stderr, "the program's own failure", done.stderr)
    return tally.finish()


if __name__ == "__main__":
    sys.exit(main())
