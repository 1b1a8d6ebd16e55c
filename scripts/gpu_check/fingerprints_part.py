"""Part fingerprints: what this machine computes, from the program's own code and from that which the driver compiles."""

import json

from session import say

# what the fingerprint is called, and what makes the program take such code
CODES = {"sass": {}, "jit": {"CUDA_FORCE_PTX_JIT": "1"}}


def take_fingerprint(session, code):
    path = session.out / f"fingerprint-{code}.json"
    session.must(session.program("seedvar"), "fingerprint", "--device", session.device, "-o", path, **CODES[code])
    found = json.loads(path.read_text(encoding="utf-8"))
    say(f"  {path.name}: {found['machine']['cuda_code']}, {found['elapsed_s']:.1f} s")
    return path, found


def compare_fingerprints(session, findings):
    """The contract's subjects have the same bits from both; of the others, what is equal is counted."""
    paths = {}
    for code in CODES:
        paths[code], found = take_fingerprint(session, code)
        findings.figures[code] = {"file": paths[code].name, "cuda_code": found["machine"]["cuda_code"],
                                  "contract_digest": found["contract_digest"], "seconds": found["elapsed_s"]}
        if not found["machine"]["cuda_code"].lower().startswith(code):
            findings.missing.append(f"{paths[code].name} is of {found['machine']['cuda_code']}")
    compared = json.loads(session.must(session.program("seedvar"), "compare", *paths.values(), "--json", codes=(0, 1)))
    findings.figures.update({key: compared[key] for key in ("contract", "measured", "forbidden")})
    findings.figures["subjects"] = compared["subjects"]
    for subject in compared["subjects"]:
        if subject["promise"] == "contract" and subject["verdict"] in ("different", "varying"):
            findings.broken.append(f"{subject['subject']}: {subject['verdict']}, from SASS and from PTX")
    say(f"  contract: {compared['contract']}; measured: {compared['measured']}")
