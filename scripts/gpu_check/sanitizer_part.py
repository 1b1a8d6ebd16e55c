"""Part sanitizers: compute-sanitizer's four tools over the small cases of tests/emulator."""

import os
import re
import shutil

from session import OutOfTime, Skip, say, short

TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
SUMMARY = re.compile(r"ERROR SUMMARY: (\d+) error|RACECHECK SUMMARY: (\d+) hazard")
PLACES = ("/usr/local/cuda/bin", "/usr/local/cuda/compute-sanitizer")


def find_sanitizer():
    home = os.environ.get("CUDA_HOME", "/usr/local/cuda")
    return shutil.which("compute-sanitizer", path=os.pathsep.join([os.environ.get("PATH", ""), f"{home}/bin", *PLACES]))


def check_with_sanitizers(session, findings):
    sanitizer = find_sanitizer()
    if sanitizer is None:
        raise Skip("compute-sanitizer is not here; it comes with the CUDA Toolkit")
    findings.figures.update(version=session.must(sanitizer, "--version").strip().splitlines()[-1], runs=[])
    work = [("stress", ["--launches", 1], path) for path in session.sizes["sanitizer_orders"]]
    work += [("parity", [], path) for path in session.sizes["sanitizer_cases"]]
    for i, tool in enumerate(TOOLS):
        tool_s = session.left_s() / (len(TOOLS) - i)
        end_s = session.left_s() - tool_s
        for program, options, path in work:
            command = (sanitizer, "--tool", tool, "--print-limit", 10, session.program(program), "--device", session.device,
                       *options, path)
            run_tool(session, findings, tool, path, command, session.left_s() - end_s)


def run_tool(session, findings, tool, path, command, at_most_s):
    what = f"{tool}, {short(path)}"
    try:
        done = session.call(*command, at_most_s=at_most_s)
    except OutOfTime:
        findings.missing.append(f"{what}: no time was left")
        return
    text = done.stdout + done.stderr
    summary = SUMMARY.search(text)
    row = {"tool": tool, "study": short(path), "exit_code": done.returncode}
    row["errors"] = None if summary is None else int(summary.group(1) or summary.group(2))
    findings.figures["runs"].append(row)
    if row["errors"] == 0 and done.returncode == 0:
        say(f"  {what:<60} clean")
        return
    row["output"] = [line for line in text.splitlines() if line.startswith("=====")][:60] or text[-2000:].splitlines()
    if row["errors"]:
        findings.broken.append(f"{what}: {row['errors']} errors")
    elif row["errors"] == 0:
        findings.broken.append(f"{what}: no errors, but the program ended with {done.returncode}")
    else:
        findings.missing.append(f"{what}: the tool gave no summary: {' '.join(row['output'])[:300]}")
    say(f"  {what:<60} {(findings.broken + findings.missing)[-1]}")
