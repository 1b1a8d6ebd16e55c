"""Part fingerprints: what this machine computes, from the program's own code and from that which the driver compiles."""

import json

from session import CUBLAS_GONE, say

# What the fingerprint is called, and the program: one with code for this GPU, and one with PTX alone. The variable
# CUDA_FORCE_PTX_JIT would do for the second, but takes cuBLAS its code, too.
PROGRAMS = {"sass": "seedvar", "jit": "seedvar-ptx"}


def take_fingerprint(session, findings, code):
    path = session.out / f"fingerprint-{code}.json"
    session.must(session.program(PROGRAMS[code]), "fingerprint", "--device", session.device, "-o", path)
    found = json.loads(path.read_text(encoding="utf-8"))
    said = found["machine"]["cuda_code"]
    findings.figures[code] = {"file": path.name, "cuda_code": said, "contract_digest": found["contract_digest"],
                              "seconds": found["elapsed_s"]}
    say(f"  {path.name}: {said}, {found['elapsed_s']:.1f} s")
    if not said.lower().startswith(code):
        findings.missing.append(f"{path.name} is of {said}")
    for subject in found["subjects"]:
        if CUBLAS_GONE.search(subject.get("missing", "")):
            findings.refuse(f"{path.name}, {subject['subject']}", subject["missing"])
    return path


def compare_fingerprints(session, findings):
    """The contract's subjects have the same bits from both; of the others, what is equal is counted."""
    paths = [take_fingerprint(session, findings, code) for code in PROGRAMS]
    compared = json.loads(session.must(session.program("seedvar"), "compare", *paths, "--json", codes=(0, 1)))
    findings.figures.update({key: compared[key] for key in ("contract", "measured", "forbidden")})
    findings.figures["subjects"] = compared["subjects"]
    for subject in compared["subjects"]:
        if subject["promise"] == "contract" and subject["verdict"] in ("different", "varying"):
            findings.broken.append(f"{subject['subject']}: {subject['verdict']}, from SASS and from PTX")
    say(f"  contract: {compared['contract']}; measured: {compared['measured']}")
