"""Part sanitizers: compute-sanitizer's four tools over the small cases of tests/emulator."""

import os
import re
import shutil

from session import ROOT, OutOfTime, Skip, say, short

TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
NOT_FOR_LIBRARIES = ("racecheck", "initcheck")  # what they find in cuBLAS's kernels is not ours to mend
SUMMARY = re.compile(r"ERROR SUMMARY: (\d+) error|RACECHECK SUMMARY: (\d+) hazard")
HAZARD = re.compile(r"^=+ +(?:Error|Warning): .*[Rr]ace reported")
ACCESS = re.compile(r"access at .*?([\w.]+\.(?:cuh?|hp?p?)):(\d+)")
PLACES = ("/usr/local/cuda/bin", "/usr/local/cuda/compute-sanitizer")
PRINTED = 100  # reports at most


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
            if tool in NOT_FOR_LIBRARIES and path.name in session.sizes["sanitizer_libraries"]:
                continue
            command = (sanitizer, "--tool", tool, "--print-limit", PRINTED, session.program(program), "--device", session.device,
                       *options, path)
            run_tool(session, findings, tool, path, command, session.left_s() - end_s)


def is_atomic(file, line):
    """Whether this line of the kernels, or of CUDA's headers, is an atomic operation."""
    if re.search(r"atomic_functions\.hp?p?$", file):
        return True
    path = ROOT / "kernels" / "cuda" / file
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return 0 < line <= len(lines) and re.search(r"\batomic\w+\(", lines[line - 1]) is not None


def count_atomic_hazards(lines):
    """Hazards of which every access is an atomic operation of the source: the compiler makes some of them from a load and a
    loop of compare-and-swap, whose load racecheck takes for an access of its own."""
    hazards = []
    for line in lines:
        if HAZARD.search(line):
            hazards.append([])
        access = ACCESS.search(line)
        if hazards and "access at" in line:
            hazards[-1].append(access is not None and is_atomic(access.group(1), int(access.group(2))))
    return sum(len(accesses) >= 2 and all(accesses) for accesses in hazards)


def run_tool(session, findings, tool, path, command, at_most_s):
    what = f"{tool}, {short(path)}"
    try:
        done = session.call(*command, at_most_s=at_most_s)
    except OutOfTime:
        findings.missing.append(f"{what}: no time was left")
        return
    text = done.stdout + done.stderr
    lines = [line for line in text.splitlines() if line.startswith("=====")]
    summary = SUMMARY.search(text)
    row = {"tool": tool, "study": short(path), "exit_code": done.returncode}
    row["errors"] = None if summary is None else int(summary.group(1) or summary.group(2))
    row["atomic_hazards"] = count_atomic_hazards(lines) if tool == "racecheck" else 0
    findings.figures["runs"].append(row)
    if row["errors"] is not None and row["errors"] == row["atomic_hazards"] and done.returncode == 0:
        say(f"  {what:<60} clean" + (f", but for {row['errors']} hazards between atomic operations" if row["errors"] else ""))
        if row["errors"]:
            row["output"] = lines[:60]
        return
    row["output"] = lines[:60] or text[-2000:].splitlines()
    if row["errors"]:
        findings.broken.append(f"{what}: {row['errors'] - row['atomic_hazards']} errors")
    elif row["errors"] == 0:
        findings.broken.append(f"{what}: no errors, but the program ended with {done.returncode}")
    else:
        findings.missing.append(f"{what}: the tool gave no summary: {' '.join(row['output'])[:300]}")
    say(f"  {what:<60} {(findings.broken + findings.missing)[-1]}")
