#!/usr/bin/env python3
"""scripts/gpu-check on an emulated GPU, with stand-ins for the tools that only a GPU's machine has: every part, what breaks
a promise, what is skipped and said to be, and that one part's failure does not cost the others. And tests/peers.

usage: test_gpu_check.py PROGRAM (with the emulated GPU; parity and stress are beside it)
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from seedvar_cli import Tally, program_argument

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ["parity", "orders", "speed", "studies", "kernels", "ncu", "fingerprints", "sanitizers"]

SANITIZER = """#!/bin/sh
[ "$1" = --version ] && { echo "Version 0.0"; exit 0; }
tool=$2; shift 4
"$@" || exit $?
if [ $tool = racecheck ]; then
    for line in $LINES_OF_RACES; do
        echo "========= Error: Race reported between Read access at svk_mlp<0>(svk_cuda_mlp)+0x1230 in $line"
        echo "=========     and Write access at svk_mlp<0>(svk_cuda_mlp)+0x1250 in $line [128 hazards]"
        echo "========="
    done
    echo "========= RACECHECK SUMMARY: ${RACES:-0} hazards displayed (0 errors, 0 warnings)"
else echo "========= ERROR SUMMARY: 0 errors"; fi
"""
SMI = """#!/bin/sh
case "$1" in
*clocks.sm*) while :; do echo "1980, 2619, 40, 650.5"; echo "[N/A], 2619, 40, 650.5"; sleep 0.2; done ;;
*) echo "Card, 580.1, 96.0, 81559 MiB, 1980 MHz, 2619 MHz, 700.00 W, Enabled, 0, 0, Default, Disabled, Enabled" ;;
esac
"""
CUOBJDUMP = """#!/bin/sh
echo " Function svk_poly:"
echo "  REG:40 STACK:8 SHARED:16 LOCAL:4 CONSTANT[0]:500"
"""

# Its table goes into the log, what the program says to the output.
NCU = """#!/bin/sh
while [ "$1" != --log-file ]; do shift; done
log=$2; shift 2
[ -n "$NCU_ERROR" ] && { echo "==ERROR== $NCU_ERROR" >$log; exit 1; }
"$@" || exit $?
{
    echo "==PROF== Connected to process 1"
    echo '"ID","Process ID","Kernel Name","Block Size","Grid Size","Section Name","Metric Name","Metric Unit","Metric Value"'
    echo '"0","1","svk_poly","(128, 1, 1)","(8, 1, 1)","GPU Speed Of Light Throughput","Duration","us","12.5"'
    echo '"0","1","svk_poly","(128, 1, 1)","(8, 1, 1)","Occupancy","","",""'
    echo '"1","1","svk_poly","(128, 1, 1)","(8, 1, 1)","GPU Speed Of Light Throughput","Duration","us","11.5"'
} >$log
"""

SYMV = """#!/bin/sh
echo '{"repeats": 100, "distinct_with_atomics": 97, "distinct_without_atomics": 1}'
"""


# An emulated GPU takes minutes for a fingerprint: the CPU's, with what a GPU says of its code.
FINGERPRINT = """#!/bin/sh
[ "$1" = fingerprint ] || exec "{program}" "$@"
"{program}" fingerprint --device cpu -o "$5" || exit $?
code="SASS for sm_90"
case "$0" in *-ptx) code="JIT for sm_90 from PTX of compute_80" ;; esac
sed -i 's/"cuda_code": ""/"cuda_code": "'"$code"'"/' "$5"
"""


class GpuCheck:
    def __init__(self, program, folder):
        self.program, self.folder, self.tools = pathlib.Path(program).resolve(), folder, folder / "tools"
        self.tools.mkdir()

    def tool(self, name, text, folder=None):
        path = (folder or self.tools) / name
        path.write_text(text)
        path.chmod(0o755)

    def programs(self, name, **others):
        """A folder with the emulated programs, some replaced by scripts."""
        folder = self.folder / name
        folder.mkdir()
        for program in ("seedvar", "parity", "stress"):
            (folder / program).symlink_to(self.program if program == "seedvar" else self.program.parent / program)
        for program, text in others.items():
            (folder / program).unlink(missing_ok=True)
            self.tool(program, text, folder)
        return folder

    def run(self, programs, *options, **environment):
        """Exit code, the report (None where none was written), and what was printed."""
        out = programs / "out"
        done = subprocess.run(
            [sys.executable, ROOT / "scripts" / "gpu-check", "--small", "--programs", programs, *options, out],
            capture_output=True, text=True, timeout=120,
            env={**os.environ, "PATH": f"{self.tools}:/usr/bin:/bin", "CUDA_HOME": "/nowhere", **environment})
        path = out / "gpu-check.json"
        return done.returncode, json.loads(path.read_text()) if path.exists() else None, done.stdout + done.stderr


def part_of(report, name):
    return next(part for part in report["parts"] if part["part"] == name)


def statuses(report):
    return {part["part"]: part["status"] for part in report["parts"]}


def test_all_kept(tally, check):
    for name, text in (("compute-sanitizer", SANITIZER), ("nvidia-smi", SMI), ("cuobjdump", CUOBJDUMP), ("ncu", NCU)):
        check.tool(name, text)
    fingerprint = FINGERPRINT.format(program=check.program)
    code, report, text = check.run(check.programs("whole", symv_control=SYMV, seedvar=fingerprint, **{"seedvar-ptx": fingerprint}))
    if not tally.equal((code, report and statuses(report)), (0, {name: "kept" for name in PARTS}), "all parts kept"):
        print(text)
        return
    tally.equal((report["schema"], report["promises"]), ("seedvar.gpu-check/1", "kept"), "what it is")
    tally.equal(report["machine"]["nvidia_smi"]["clocks.max.sm"], "1980 MHz", "fields of nvidia-smi")
    tally.check("uuid" not in json.dumps(report).lower() and len(report["machine"]["fingerprint"]) == 16, "no card is named")
    tally.equal(part_of(report, "speed")["clocks"]["clocks.sm"]["median"], 1980, "clocks")
    tally.equal([part_of(report, "parity")[key] for key in ("equal", "different", "refused")], [2, 0, 0], "cases")
    orders = part_of(report, "orders")
    tally.equal(orders["positive_control"], {"cases": 15, "varied": 15}, "orders vary")
    tally.equal(orders["symv_control"]["distinct_with_atomics"], 97, "cuBLAS's atomics vary")
    serial = next(case for case in orders["cases"] if case["numerics"] == "serial fp32")
    tally.equal((serial["digests_a_run"]["most"], serial["compared"], serial["different"]), (1, 3, 0), "one digest")
    arrival = next(case for case in orders["cases"] if case["numerics"] == "arrival/8 fp32")
    tally.equal((arrival["promise"], arrival["compared"], arrival["different"]), ("replay", 3, 0), "logs replayed")
    tally.equal({case["stress"] for case in orders["cases"]}, {"none", "cold_cache", "co_resident", "delays"}, "every stress")
    refused = [text for text in orders["skipped"] if "co_resident" in text and "blocks that share a run" in text]
    tally.equal(orders["skipped"], refused, "nothing else is passed over")
    tally.equal(len(refused), 1, "blocks that need the GPU for themselves are told")
    codes = part_of(report, "fingerprints")
    tally.equal([codes[code]["cuda_code"] for code in ("sass", "jit")],
                ["SASS for sm_90", "JIT for sm_90 from PTX of compute_80"], "fingerprints of both codes")
    tally.equal((codes["contract"]["different"], codes["contract"]["varying"], codes["forbidden"]), (0, 0, 0), "same contract")
    tally.check(codes["contract"]["equal"] > 100, "subjects of the contract", codes["contract"])
    kept = [(check.folder / "whole" / "out" / codes[code]["file"]).is_file() for code in ("sass", "jit")]
    tally.equal(kept, [True, True], "both are kept")
    tally.equal(part_of(report, "studies")["studies"][0]["runs"], 6, "runs through the store")
    tally.equal([row["errors"] for row in part_of(report, "sanitizers")["runs"]], [0] * 6,
                "four tools, two studies, one with a library for two of them")
    launches = part_of(report, "ncu")["jobs"][0]["launches"]
    tally.equal([[m["value"] for m in launch["metrics"]] for launch in launches], [["12.5"], ["11.5"]], "counters of two launches")
    kernels = part_of(report, "kernels")
    tally.equal([kernels["from_binary"][0][key] for key in ("registers", "local")], [40, 4], "cuobjdump read")
    tally.check(all(job["seeds_a_multiprocessor"] > 0 for job in kernels["jobs"]), "occupancy", kernels["jobs"])
    test_speed(tally, part_of(report, "speed"))


def test_speed(tally, speed):
    tally.equal([(job["job"], len(job["seeds_per_s"]["rounds"])) for job in speed["jobs"]], [("J3", 2), ("J4", 2)], "jobs")
    names = [peer["name"] for peer in speed["peers"]]
    gone = [name for name in ("JAX", "PyTorch") if any(f"{name} is not used" in text for text in speed["skipped"])]
    tally.equal(sorted(names + gone), ["JAX", "PyTorch"], "a peer is used or said to be missing")
    for peer in speed["peers"]:
        tally.equal(sorted(peer["rounds"]), ["J3", "J4"], peer["name"])
        tally.check(all(row["factor"]["min"] > 0 for row in peer["rounds"].values()), f"{peer['name']}: factors")


def test_broken(tally, check):
    case = {"arm": "base", "numerics": "serial fp32", "backend": "cuda:0", "outcome": "different", "message": "digest 1, not 2"}
    found = {"equal": "no", "backends": [{}, {"equal": 1, "different": 1, "refused": 0}], "cases": [case]}
    programs = check.programs("broken", parity=f"#!/bin/sh\necho '{json.dumps(found)}'\nexit 1\n")
    code, report, _ = check.run(programs, "--parts", "studies,parity")
    tally.equal((code, statuses(report)), (1, {"parity": "broken", "studies": "kept"}), "a difference is told")
    tally.check("digest 1, not 2" in part_of(report, "parity")["broken"][0], "with its place")
    found["cases"][0]["outcome"] = "refused"
    found.update(equal="yes", backends=[{}, {"equal": 1, "different": 0, "refused": 1}])
    check.tool("parity", f"#!/bin/sh\necho '{json.dumps(found)}'\n", programs)
    code, report, text = check.run(programs, "--parts", "parity")
    tally.equal((code, len(part_of(report, "parity")["skipped"])), (0, 1), "a refusal is counted")
    tally.check("1 skipped" in text and "skipped: " in text, "and printed")
    test_hazards(tally, check)
    changed = "#!/bin/sh\n" + f'"{check.program}" "$@"\ncase "$*" in export*cuda*) sed -i "3s/0/1/" "$8" ;; esac\n'
    code, report, _ = check.run(check.programs("changed", seedvar=changed), "--parts", "studies")
    tally.equal((code, statuses(report)), (1, {"studies": "broken"}), "a row of the store that differs")


def test_hazards(tally, check):
    """Between atomic operations of the source there is none, whatever the compiler makes of them."""
    lines = (ROOT / "kernels" / "cuda" / "mlp_parts.cuh").read_text().splitlines()
    atomic = next(i for i, line in enumerate(lines, 1) if "atomicAdd(&b.gradients" in line)
    both = [f"mlp_parts.cuh:{atomic}", "sm_60_atomic_functions.hpp:90"]
    for name, places, n, expected in (("races", [], 3, 3), ("mixed", [*both, f"mlp_parts.cuh:{atomic + 1}"], 3, 1),
                                      ("hidden", both, 3, 1), ("atomics", both, 2, 0)):
        code, report, text = check.run(check.programs(name), "--parts", "sanitizers", RACES=str(n), LINES_OF_RACES=" ".join(places))
        broken = part_of(report, "sanitizers")["broken"]
        tally.equal((code, len(broken)), (1, 1) if expected else (0, 0), f"{name}: hazards are told")
        tally.check(not expected or f": {expected} errors" in broken[0], f"{name}: how many", text)
        tally.check(expected or "but for 2 hazards between atomic operations" in text, f"{name}: told all the same", text)


def test_cublas(tally, check):
    """One that is not found leaves a part incomplete; the loader is told where there is one."""
    gone = "numerics c: engine cublas needs libcublas.so.13, which is not there (no such file); install cuBLAS of CUDA 13"
    case = {"arm": "base", "numerics": "c", "backend": "cuda:0", "outcome": "refused", "message": gone}
    found = {"equal": "yes", "backends": [{}, {"equal": 1, "different": 0, "refused": 2}], "cases": [case, case]}
    programs = check.programs("gone-cublas", parity=f"""#!/bin/sh
echo "$LD_LIBRARY_PATH" >"$(dirname "$0")/folders"
echo '{json.dumps(found)}'
""")
    home = check.folder / "cuda"
    library = home / "targets" / "x86_64-linux" / "lib" / "libcublas.so.13"
    library.parent.mkdir(parents=True)
    library.touch()
    code, report, text = check.run(programs, "--parts", "parity", CUDA_HOME=str(home), LD_LIBRARY_PATH="/mine")
    parity = part_of(report, "parity")
    tally.equal((code, parity["status"], parity["skipped"]), (3, "incomplete", []), "cuBLAS that is not found")
    tally.check(len(parity["missing"]) == 1 and gone in parity["missing"][0], "is told, once", parity["missing"])
    folders = (programs / "folders").read_text().strip().split(":")
    tally.check(folders[0] == "/mine" and str(library.parent) in folders, "the loader looks into its folder", folders)


def test_slow_peers(tally, check):
    """Peers that never come to an end cost neither our numbers nor the GPU."""
    folder = check.folder / "modules"
    folder.mkdir()
    for name in ("jax", "torch"):
        (folder / f"{name}.py").write_text(f"import os, time\nopen('{folder}/{name}.pid', 'w').write(str(os.getpid()))\ntime.sleep(600)\n")
    code, report, text = check.run(check.programs("slow-peers"), "--parts", "speed", "--limit", "40", PYTHONPATH=str(folder))
    speed = part_of(report, "speed")
    tally.equal((code, speed["status"]), (3, "incomplete"), f"slow peers: {text}")
    tally.equal([len(job["seeds_per_s"]["rounds"]) for job in speed["jobs"]], [2, 2], "rounds of ours")
    tally.equal(len(speed["missing"]), 2, f"both are told: {speed['missing']}")
    for name in ("jax", "torch"):
        pid = int((folder / f"{name}.pid").read_text())
        tally.check(not pathlib.Path(f"/proc/{pid}").exists(), f"{name} has ended")


def test_no_counters(tally, check):
    code, report, _ = check.run(check.programs("counters"), "--parts", "ncu", NCU_ERROR="ERR_NVGPUCTRPERM - no permission")
    ncu = part_of(report, "ncu")
    tally.equal((code, ncu["status"]), (3, "skipped"), "counters that may not be read")
    tally.check("ERR_NVGPUCTRPERM" in ncu["reason"], "say why", ncu["reason"])


def test_unfinished(tally, check):
    crash = "#!/bin/sh\necho no such thing >&2\nexit 9\n"
    code, report, _ = check.run(check.programs("crash", stress=crash), "--parts", "orders,studies")
    tally.equal((code, statuses(report)), (3, {"orders": "error", "studies": "kept"}), "a part that crashes")
    tally.check("no such thing" in part_of(report, "orders")["reason"], "says so")
    slow = check.programs("slow", parity="#!/bin/sh\nsleep 60\n")
    code, report, _ = check.run(slow, "--parts", "parity,studies", "--limit", "24")
    tally.equal((code, statuses(report)), (3, {"parity": "incomplete", "studies": "kept"}), "out of time, and time of its own")
    code, report, _ = check.run(slow, "--parts", "parity", "--limit", "6")
    tally.equal((code, statuses(report)), (3, {"parity": "incomplete"}), "all time is over")
    same = '{"cases": [{"arm": "a", "numerics": "n", "promise": "none", "kept": "yes", "launches": 1, "runs": 1, ' \
           '"runs_that_vary": 0, "digests_a_run": {"least": 1, "most": 1}}]}'
    code, report, _ = check.run(check.programs("same", stress=f"#!/bin/sh\necho '{same}'\n"), "--parts", "orders")
    tally.equal((code, statuses(report)), (3, {"orders": "incomplete"}), "a positive control that does not vary")
    same = check.programs("steady", symv_control=SYMV.replace("97", "1") + "exit 1\n")
    code, report, text = check.run(same, "--parts", "orders")
    tally.equal((code, statuses(report)), (3, {"orders": "incomplete"}), "atomics that do not vary")
    tally.check("cublasSsymv: 1 results with atomics" in part_of(report, "orders")["missing"][0], "say so", text)
    code, report, text = check.run(check.programs("none"), "--parts", "orders")
    tally.check(code == 0 and any("symv_control is not there" in line for line in part_of(report, "orders")["skipped"]),
                "no control here", text)
    gone = check.programs("gone", symv_control="#!/bin/sh\necho libcublas.so.13: cannot open shared object file >&2\nexit 127\n")
    code, report, text = check.run(gone, "--parts", "orders")
    tally.check(code == 3 and "libcublas.so.13" in part_of(report, "orders")["missing"][0], "no cuBLAS for the control", text)
    alone = check.programs("alone")
    (alone / "parity").unlink()
    code, report, _ = check.run(alone, "--parts", "parity")
    tally.equal((code, statuses(report)), (3, {"parity": "skipped"}), "nothing checked is not all kept")


def test_refusals(tally, check):
    programs = check.programs("refusals")
    code, report, text = check.run(programs, "--device", "cuda:7")
    tally.equal((code, report), (4, None), "no such GPU")
    tally.check("cuda:7" in text, "is named", text)
    code, _, text = check.run(programs, "--parts", "parity,tempo")
    tally.check(code == 2 and "'tempo'" in text and "orders" in text, "no such part", text)


def test_peer(tally, name):
    """That its networks learn, in every form; the jobs of gpu-check's small sizes have none."""
    done = subprocess.run([sys.executable, "-B", ROOT / "tests" / "peers" / name, "--device", "cpu", "--jobs", "J1", "--first",
                           "4", "--most", "4", "--seconds", "20", "--digits", ROOT / "data" / "digits.csv.gz"],
                          input="J1\nJ9\n", capture_output=True, text=True, timeout=120)
    if not tally.equal(done.returncode, 0, f"{name}: {done.stderr[-500:]}"):
        return
    opening, answer, unknown = map(json.loads, done.stdout.splitlines())
    tried = opening["jobs"]["J1"]["tried"]
    tally.check(len(tried) >= 2 and all(row.get("learnt", 0) > 0.85 for row in tried), f"{name} learns", tried)
    tally.check(answer["seeds"] == 4 and answer["seconds"] > 0 and "error" in unknown, f"{name}: rounds", done.stdout)


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        check = GpuCheck(program_argument(__doc__), pathlib.Path(folder))
        test_all_kept(tally, check)
        test_broken(tally, check)
        test_cublas(tally, check)
        test_slow_peers(tally, check)
        test_no_counters(tally, check)
        test_unfinished(tally, check)
        test_refusals(tally, check)
        test_peer(tally, "torch_peer.py")
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
