"""How much the parts do: full on a GPU; small so that an emulated GPU can do it in seconds."""

from session import ROOT

PARITY = ROOT / "tests" / "parity"
EMULATED = ROOT / "tests" / "emulator" / "studies"
RESULTS = ROOT / "results"
TINY = ROOT / "tests" / "cli" / "gpu_check"

FULL = {
    "parity": sorted((PARITY / "studies").glob("*.yaml")),
    # a study, and what is set in it
    "studies": [(RESULTS / "digits-init-by-order" / "study.yaml", []), (RESULTS / "digits-two-arms" / "study.yaml", []),
                (RESULTS / "kmeans-restarts" / "study.yaml", ["design.seeds=2000"]),
                *((path, []) for path in sorted((PARITY / "large").glob("*.yaml")))],
    "orders": sorted((PARITY / "hardware").glob("*.yaml")), "launches": 20,
    # sanitizer_libraries: which of these run a library's kernels, too. The shortest first: what there is no time for are the longest
    "sanitizer_cases": [EMULATED / f"{name}.yaml" for name in ("descents", "clusters", "fits", "distances", "shapes", "training", "paths")],
    "sanitizer_orders": [EMULATED / f"{name}.yaml" for name in ("tensor_cores", "hardware", "cublas")],
    "sanitizer_libraries": {"cublas.yaml"},
    "jobs": "J1,J2,J3,J4", "seeds": 0, "rounds": 6, "peer_device": "cuda", "peer_options": [], "peer_seconds": 45,
    "ncu": {"J1": 2112, "J2": 1056},
}

SMALL = {
    "parity": [TINY / "cases.yaml"],
    "studies": [(TINY / "cases.yaml", ["design.seeds=3"])],
    "orders": [TINY / "orders.yaml"], "launches": 3,
    "sanitizer_cases": [TINY / "cases.yaml"], "sanitizer_orders": [TINY / "orders.yaml"], "sanitizer_libraries": {"cases.yaml"},
    "jobs": "J3,J4", "seeds": 64, "rounds": 2, "peer_device": "cpu",
    "peer_options": ["--first", 16, "--most", 64], "peer_seconds": 2,
    "ncu": {"J3": 64},
}
