#!/usr/bin/env python3
"""What the GPU lacks is recorded: runs of bf16x9 on an emulated GPU of compute capability 9.0.

usage: test_unsupported.py PROGRAM (with the emulated GPU)
"""
import sys
import tempfile

from seedvar_cli import Program, Tally, program_argument

BF16X9, NATIVE = "cublas:bf16x9 fp32", "serial fp32"
STUDY = {"study": "unsupported", "data": {"set": "iris", "standardize": True}, "model": {"kind": "mlp", "hidden": [4]},
         "train": {"loss": "cross_entropy", "optimizer": {"lr": 0.1}, "epochs": 2}, "arms": {"a": {}, "b": {"train.epochs": 3}},
         "numerics": [{"path": "serial"}, {"engine": "cublas", "math_mode": "bf16x9"}, {"engine": "cublas"}],
         "design": {"kind": "crossed", "vary": {"init": 3, "order": 3}}}


def main():
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_argument(__doc__), folder)
        study, store = program.study("study", STUDY), f"{folder}/store"
        said = program.must("run", study, "--device", "cuda:0", "--store", store, "--limit", 12, code=75).stderr
        tally.check("arm a is recorded as unsupported" in said and "compute capability 9.0" in said, "run tells of it", said)
        said = program.must("run", study, "--device", "cuda:0", "--store", store).stderr
        tally.check("arm b is recorded as unsupported" in said, "and when it goes on", said)
        again = program.json("run", study, "--device", "cuda:0", "--store", store)
        tally.equal((again["runs"], again["done"]), (54, 54), "no run is left")
        program.must("verify", store)

        rows = program.rows(store, "runs")
        lacking = [row for row in rows if row["numerics"] == BF16X9]
        tally.equal({(row["status"], row["digest"], row["test_loss"]) for row in lacking}, {("unsupported", "0" * 32, "")},
                    "no digest, no metrics")
        tally.equal((len(rows), len(lacking)), (54, 18), "runs of both arms")
        tally.check(all(row["status"] == "ok" for row in rows if row not in lacking), "the others are trained")

        checks = program.json("analyze", store)["checks"]
        tally.equal(checks["unsupported"], [{"arm": arm, "numerics": BF16X9, "n_runs": 9} for arm in "ab"], "findings")
        tally.equal(checks["equal_digests"]["n_runs"], 0, "they are no copies of one another")
        text = " ".join(program.must("analyze", store).stdout.split())
        tally.check(f"a, {BF16X9}: 9 runs unsupported" in text, "the analysis says so", text)

        said = program.must("run", study, "--device", "cpu", "--store", f"{folder}/other", code=4).stderr
        tally.check("cuBLAS multiplies on NVIDIA's GPUs alone" in said, "a CPU refuses the study", said)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
