#!/usr/bin/env python3
"""The arithmetic contract in the PTX of the kernels: every floating-point operation rounds to nearest, nothing is
approximated or flushed, and nothing is contracted that the source does not write as fma. PTX keeps multiplication and
addition apart where both say how they round, which nvcc lets them do under -fmad=false alone. The rules are tried first
on small kernels compiled with the build's flags, and with flags that break the contract. A function of the mathematical
library may leave no trace in PTX, so the sources are searched for their names.

usage: ptx_contract.py NVCC COMPILE_COMMANDS KERNELS_FOLDER PTX...
"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

FLOATS = re.compile(r"(?:f16|bf16|f32|f64|tf32)(?:x2)?")
ROUNDED = {"add", "sub", "mul", "fma", "div", "rcp", "sqrt"}
BANNED = {"mad", "ex2", "lg2", "sin", "cos", "tanh", "rsqrt"}
BANNED_MODIFIERS = {"approx", "full", "ftz", "sat"}
OPERATION = re.compile(r"^\s*(?:@!?%p\d+\s+)?([a-z][a-z0-9_]*)((?:[.:][a-z0-9_:]+)*)\s", re.MULTILINE)
LIBRARY_CALL = re.compile(
    r"\b(?:__)?(?:exp2?|exp10|expm1|log(?:2|10|1p|b)?|(?:a?(?:sin|cos|tan)h?)(?:pi)?|atan2|sincos(?:pi)?|pow|cbrt|rcbrt|"
    r"rsqrt|erf(?:c|inv|cinv|cx)?|normcdf(?:inv)?|[tl]gamma|r?hypot|norm[34]d|fmod|remainder|fdividef?|fmin|fmax|"
    r"curand_\w+)f?\s*\(")
COMMENT_OR_TEXT = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
ARITHMETIC_FLAG = re.compile(r"-?-(?:fmad|ftz|prec-div|prec-sqrt|use_fast_math|use-fast-math|fast-math)\b.*")

# Body of a kernel on float x, y, z; how many operations it becomes.
TRIALS = {
    "x * y + z": {"mul.rn.f32": 1, "add.rn.f32": 1},
    "fmaf(x, y, z)": {"fma.rn.f32": 1},
    "x / y - z": {"div.rn.f32": 1, "sub.rn.f32": 1},
    "sqrtf(x)": {"sqrt.rn.f32": 1},
    "(float)((double)x * y + z)": {"mul.rn.f64": 1, "add.rn.f64": 1, "cvt.rn.f32.f64": 1},
}
# Flags or bodies in which the rules must find something.
BREACHES = [
    ("x + y", ["-fmad=true"]),
    ("x / y", ["-prec-div=false"]),
    ("sqrtf(x)", ["-prec-sqrt=false"]),
    ("x + y", ["-ftz=true"]),
    ("x * y + z", ["--use_fast_math"]),
    ("expf(x)", []),
    ("__sinf(x)", []),
    ("rsqrtf(x)", []),
    ("__fadd_rz(x, y)", []),
    ("__double2float_rz((double)x * y)", []),
]


def operations(ptx):
    """Operation, modifiers; of floating-point numbers only."""
    for name, modifiers in OPERATION.findall(ptx):
        parts = [part for part in re.split(r"[.:]+", modifiers) if part]
        if any(FLOATS.fullmatch(part) for part in parts):
            yield name, parts


def to_narrower(parts):
    """Whether a conversion rounds: to fewer bits, or from integers."""
    kinds = [part for part in parts if re.fullmatch(r"[a-z]+\d+(?:x2)?", part)]
    if len(kinds) < 2 or not FLOATS.fullmatch(kinds[0]):
        return False
    bits = [int(re.search(r"\d+", kind).group()) for kind in kinds[:2]]
    return not FLOATS.fullmatch(kinds[1]) or bits[0] < bits[1]


def is_breach(name, parts):
    if name in BANNED or BANNED_MODIFIERS & set(parts):
        return True
    rounds = name in ROUNDED or (name == "cvt" and to_narrower(parts))
    return rounds and "rn" not in parts


def breaches(ptx):
    return sorted({".".join([name, *parts]) for name, parts in operations(ptx) if is_breach(name, parts)})


def flags_of(commands):
    """The arithmetic flags with which the build compiles the kernels to machine code: the same for each."""
    with open(commands, encoding="utf-8") as file:
        entries = [shlex.split(entry["command"]) for entry in json.load(file)
                   if "/svk_cuda.dir/" in entry["command"] and entry["file"].endswith(".cu")]
    found = {tuple(word for word in words if ARITHMETIC_FLAG.fullmatch(word)) for words in entries}
    if len(found) != 1:
        sys.exit(f"the kernels are compiled with {len(found)} sets of arithmetic flags: {found}")
    return list(found.pop())


def compile_trial(nvcc, folder, body, flags):
    source, ptx = os.path.join(folder, "trial.cu"), os.path.join(folder, "trial.ptx")
    with open(source, "w", encoding="utf-8") as file:
        file.write("extern \"C\" __global__ void trial(float x, float y, float z, float *result)\n"
                   f"{{\n    *result = {body};\n}}\n")
    subprocess.run([nvcc, "-ptx", "-arch=compute_90", *flags, source, "-o", ptx], check=True)
    with open(ptx, encoding="utf-8") as file:
        return file.read()


def check_rules(nvcc, flags):
    """Whether the rules tell right from wrong, and the build's flags do what they are for."""
    is_right = True
    with tempfile.TemporaryDirectory() as folder:
        for body, expected in TRIALS.items():
            ptx = compile_trial(nvcc, folder, body, flags)
            found = [".".join([name, *parts]) for name, parts in operations(ptx) if name in ROUNDED | {"cvt"}]
            counts = {name: found.count(name) for name in found if name not in ("cvt.f64.f32",)}
            if breaches(ptx) or counts != expected:
                print(f"{body}, {' '.join(flags)}: became {counts}, not {expected}; breaches: {breaches(ptx)}")
                is_right = False
        for body, broken in BREACHES:
            ptx = compile_trial(nvcc, folder, body, [*flags, *broken] if not broken else broken)
            if not breaches(ptx):
                print(f"{body}, {' '.join(broken)}: no breach was found in\n{ptx}")
                is_right = False
    return is_right


def library_calls(text):
    blank = COMMENT_OR_TEXT.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)
    return [(blank.count("\n", 0, found.start()) + 1, found.group()[:-1]) for found in LIBRARY_CALL.finditer(blank)]


def check_sources(folder):
    is_right = [name for _, name in library_calls('/* expf(x) */ "log(x)" y = svk_exp_f32(x);\n__expf (x) + fmaxf(x, y)')
                ] == ["__expf ", "fmaxf"]
    files = sorted(file for file in pathlib.Path(folder).rglob("*") if file.suffix in (".h", ".c", ".cu", ".cuh"))
    for file in files:
        calls = library_calls(file.read_text(encoding="utf-8"))
        is_right &= LIBRARY_MATH.get(file.name, set()) <= {name for _, name in calls}
        for line, name in calls:
            if name in LIBRARY_MATH.get(file.name, set()):
                continue
            print(f"{file}:{line}: {name}: the contract knows fma and sqrt alone (docs/numerics.md)")
            is_right = False
    print(f"{len(files)} files of kernels searched for functions of the mathematical library")
    return is_right and len(files) > 20


# what keeps a device busy beside a launch
WITHOUT_ARITHMETIC = {"device_load.ptx"}
# gradients on tensor cores, which the contract leaves undefined; all else in them is under it
WITH_TENSOR_CORES = {"mlp_mma.ptx", "cnn_mma.ptx"}
# exp and tanh of CUDA's library stand in these, beside arithmetic under the contract
LIBRARY_MATH = {"device_math.c": {"expf", "exp", "tanhf", "tanh"}, "device_math.cuh": {"expf", "exp", "tanhf", "tanh"}}
WITH_LIBRARY_MATH = re.compile(r"\w+_device_math_fp(?:32|64)\.ptx")
OF_LIBRARY_MATH = {"cvt.sat.f32.f32", "fma.rm.f32", "ex2.approx.ftz.f32", "rcp.approx.ftz.f32", "rcp.approx.ftz.f64"}
TENSOR_CORES = re.compile(r"^\s*(?:w?mma|wgmma)\.\S+", re.MULTILINE)
PRODUCTS = {"mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32", "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32"}


def check_file(path):
    with open(path, encoding="utf-8") as file:
        ptx = file.read()
    found, n = breaches(ptx), sum(1 for _ in operations(ptx))
    has_library = WITH_LIBRARY_MATH.fullmatch(os.path.basename(path)) is not None
    if has_library and not OF_LIBRARY_MATH & set(found):
        print(f"{path}: nothing of CUDA's mathematical library is in it")
        return False
    found = [operation for operation in found if not has_library or operation not in OF_LIBRARY_MATH]
    n_kernels, n_fma = ptx.count(".entry"), len(re.findall(r"\bfma\.", ptx))
    print(f"{os.path.basename(path)}: {n_kernels} kernels, {n} floating-point instructions, {n_fma} of them fma")
    for operation in found:
        print(f"{path}: {operation}: the contract knows no such operation (docs/numerics.md)")
    products = {found.strip() for found in TENSOR_CORES.findall(ptx)}
    is_expected = products == (PRODUCTS if os.path.basename(path) in WITH_TENSOR_CORES else set())
    if not is_expected:
        print(f"{path}: on tensor cores: {', '.join(sorted(products)) or 'nothing'}; only {' and '.join(sorted(WITH_TENSOR_CORES))} use "
              "them, each in both ways")
    return n_kernels > 0 and (n > 0) != (os.path.basename(path) in WITHOUT_ARITHMETIC) and not found and is_expected


def main():
    if len(sys.argv) < 5:
        sys.exit(__doc__.strip().splitlines()[-1])
    nvcc, commands, folder, *files = sys.argv[1:]
    results = [check_rules(nvcc, flags_of(commands)), check_sources(folder)] + [check_file(path) for path in files]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
