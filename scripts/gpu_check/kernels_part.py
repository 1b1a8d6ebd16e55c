"""Part kernels: registers, spills, shared memory of every kernel; blocks that a multiprocessor holds, job by job."""

import json
import re
import shutil
import subprocess

from session import Skip, say

RESOURCES = re.compile(r"Function (\S+):\s*REG:(\d+) STACK:(\d+) SHARED:(\d+) LOCAL:(\d+)")


def plain(name):
    """A kernel's name without its parameters, where c++filt is here."""
    if shutil.which("c++filt") is None:
        return name
    name = subprocess.run(["c++filt", name], capture_output=True, text=True, check=True).stdout.strip()
    return re.sub(r"^void ", "", re.sub(r"\(.*", "", re.sub(r"\(int\)", "", name)))


def from_cuobjdump(session):
    if shutil.which("cuobjdump") is None:
        return []
    text = session.must("cuobjdump", "--dump-resource-usage", session.program("seedvar"))
    return [{"kernel": plain(name), "registers": int(registers), "stack": int(stack), "static_shared": int(shared),
             "local": int(local)} for name, registers, stack, shared, local in RESOURCES.findall(text)]


def from_ptxas(session):
    """What scripts/gpu-build left beside the programs."""
    path = session.programs / "kernel_usage.json"
    usage = json.loads(path.read_text()) if path.exists() else {"kernels": []}
    return [{**row, "arch": usage["arch"]} for row in usage["kernels"]]


def describe_kernels(session, findings):
    bench = session.seedvar_json("bench", "--device", session.device, "--job", session.sizes["jobs"], "--seeds", 64,
                                 "--rounds", 1)
    found = re.search(r"(\d+) SMs", bench["device_detail"])
    n_processors = int(found.group(1)) if found else None
    findings.figures["jobs"] = [
        {"job": job["job"], "seeds_at_once": job["seeds_at_once"],
         "seeds_a_multiprocessor": job["seeds_at_once"] / n_processors if n_processors else None} for job in bench["jobs"]]
    for job in findings.figures["jobs"]:
        say(f"  {job['job']}: {job['seeds_a_multiprocessor']} seeds on a multiprocessor at a time")
    findings.figures["from_ptxas"], findings.figures["from_binary"] = from_ptxas(session), from_cuobjdump(session)
    kernels = findings.figures["from_ptxas"] or findings.figures["from_binary"]
    if not kernels:
        raise Skip("registers: no kernel_usage.json of scripts/gpu-build beside the programs, and no cuobjdump here")
    for k in kernels:
        say(f"  {k['kernel']:<30}{k.get('arch', ''):>8} {k['registers']:>4} registers, stack {k['stack']}, "
            f"spills {k.get('spill_stores', '?')}, static shared {k['static_shared']}")
