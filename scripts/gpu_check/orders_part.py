"""Part orders: the same launch over and over, undisturbed and under each stress; what varies and what must not."""

import json

from session import OutOfTime, Skip, say, short

STRESSES = ("none", "cold_cache", "co_resident", "delays")
NOT_HERE = 4


def check_orders(session, findings):
    """Paths in the program's order have one digest, the CPU's; logs of path arrival give the CPU the bits of every launch.
    Atomic additions and tensor cores come near to the CPU's path serial. The paths whose order the hardware draws anew in each launch, and a routine of cuBLAS that adds with atomics, are the positive control: they should vary."""
    findings.figures.update(launches=session.sizes["launches"], cases=[])
    for stress in STRESSES:
        for path in session.sizes["orders"]:
            check_study(session, findings, stress, path)
    report_control(findings)
    check_symv(session, findings)


def check_study(session, findings, stress, path):
    what = f"{short(path)}, {stress}"
    try:
        done = session.call(session.program("stress"), "--device", session.device, "--launches",
                            session.sizes["launches"], "--stress", stress, path)
    except OutOfTime:
        findings.missing.append(f"{what}: no time was left")
        return
    if done.returncode == NOT_HERE:
        findings.skipped.append(f"{what}: {done.stderr.strip()}")
        return
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{' '.join(done.args)} ended with {done.returncode}: {done.stderr[-2000:]}")
    for case in json.loads(done.stdout)["cases"]:
        findings.figures["cases"].append(case)
        judge(case, f"{what}, {case['arm']}, {case['numerics']}", findings)


def judge(case, what, findings):
    if case["kept"] == "refused":
        findings.refuse(what, case["message"])
        return
    if case["kept"] == "no":
        findings.broken.append(f"{what}: " + case.get("message", case.get("difference", "more than one digest")))
    if "digests_a_run" in case:
        counts = case["digests_a_run"]
        say(f"  {what:<70} {counts['least']} to {counts['most']} digests in {case['launches']} launches, "
            f"{case['runs_that_vary']} of {case['runs']} runs vary, promise {case['promise']}, kept: {case['kept']}")


def report_control(findings):
    """How many of the cases without the promise of one digest had more than one. Tensor cores are counted, but no control: their
    order is unknown, not drawn."""
    free = [case for case in findings.figures["cases"]
            if case.get("promise") in ("replay", "near", "none") and not case["numerics"].startswith("mma-")]
    varied = [case for case in free if case["runs_that_vary"] > 0]
    findings.figures["positive_control"] = {"cases": len(free), "varied": len(varied)}
    say(f"  positive control: {len(varied)} of {len(free)} cases in the hardware's order varied")
    if free and not varied:
        findings.missing.append("no case in the hardware's order varied: this check cannot tell orders apart here")


def check_symv(session, findings):
    """cublasSsymv repeated: with atomics allowed its results should differ, without never."""
    try:
        done = session.call(session.program("symv_control"))
    except Skip as skip:
        findings.skipped.append(f"cublasSsymv: {skip}")
        return
    except OutOfTime:
        findings.missing.append("cublasSsymv: no time was left")
        return
    if done.returncode not in (0, 1):
        findings.refuse("cublasSsymv", done.stderr.strip() or f"symv_control ended with {done.returncode}")
        return
    found = findings.figures["symv_control"] = json.loads(done.stdout)
    counts = f"{found['distinct_with_atomics']} results with atomics, {found['distinct_without_atomics']} without, " \
             f"in {found['repeats']} repeats"
    say(f"  cublasSsymv, a positive control: {counts}")
    if done.returncode == 1:
        findings.missing.append(f"cublasSsymv: {counts}; it should differ with atomics, and only with them")
