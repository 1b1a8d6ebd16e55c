#!/usr/bin/env python3
"""Registers, spills and memory of every CUDA kernel, as ptxas reports them. Needs no GPU. The build's target
kernel_usage measures into kernel_usage.json (seedvar.kernel-usage/1), kernel_table writes the table of kernels/README.md.

usage: kernel_usage.py measure FILE PTXAS NVCC_VERSION ARCH PTX...
       kernel_usage.py spills FILE            exits 1 when a kernel spills or uses local memory
       kernel_usage.py table FILE README      exits 1 when the table differs, 77 when it is another compiler's
       kernel_usage.py write FILE README
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys

DIFFERENT, WRONG_USE, SKIPPED = 1, 2, 77
BEGIN, END = "<!-- kernel table, written by the target kernel_table -->\n", "<!-- end of the kernel table -->\n"
NUMBERS = {  # what ptxas -v says
    "registers": r"Used (\d+) registers",
    "static_shared": r"(\d+) bytes smem",
    "local": r"(\d+) bytes lmem",
    "stack": r"(\d+) bytes stack frame",
    "spill_stores": r"(\d+) bytes spill stores",
    "spill_loads": r"(\d+) bytes spill loads",
}
NONE_OF = ("local", "stack", "spill_stores", "spill_loads")


def plain(name):
    """A kernel's name without its parameters: svk_mlp<0>."""
    name = subprocess.run(["c++filt", name], capture_output=True, text=True, check=True).stdout.strip()
    return re.sub(r"^void |\(int\)|\((?!int\)).*", "", name)


def measure_file(ptxas, arch, ptx):
    done = subprocess.run([ptxas, "-v", f"-arch={arch}", ptx, "-o", os.devnull], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"kernel_usage: ptxas cannot read {ptx}:\n{done.stderr}")
    rows = []
    for part in done.stderr.split("Compiling entry function ")[1:]:
        found = {key: re.search(pattern, part) for key, pattern in NUMBERS.items()}
        rows.append({"kernel": plain(re.match(r"'([^']+)'", part).group(1)),
                     **{key: int(value.group(1)) if value else 0 for key, value in found.items()}})
        if rows[-1]["registers"] == 0:
            sys.exit(f"kernel_usage: ptxas does not say how many registers a kernel uses:\n{part}")
    return rows


def measure(path, ptxas, version, arch, *files):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        rows = [row for rows in pool.map(lambda file: measure_file(ptxas, arch, file), files) for row in rows]
    if not rows:
        sys.exit("kernel_usage: there is no kernel in these files")
    rows.sort(key=lambda row: row["kernel"])
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"schema": "seedvar.kernel-usage/1", "nvcc": version, "arch": arch, "kernels": rows}, file, indent=1)
    return 0


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def spills(path):
    usage, status = read(path), 0
    for row in usage["kernels"]:
        used = [f"{row[key]} bytes of {key.replace('_', ' ')}" for key in NONE_OF if row[key] > 0]
        if used:
            print(f"{row['kernel']} on {usage['arch']}: {', '.join(used)}; a kernel may have none")
            status = DIFFERENT
    print(f"{len(usage['kernels'])} kernels, {usage['arch']}, nvcc {usage['nvcc']}")
    return status


def table_of(usage):
    lines = [f"nvcc {usage['nvcc']}, {usage['arch']}:", "",
             "| kernel | registers | static shared, bytes | spills, bytes | local, bytes |", "| --- | --- | --- | --- | --- |"]
    lines += [f"| {row['kernel']} | {row['registers']} | {row['static_shared']} | {row['spill_stores'] + row['spill_loads']} | "
              f"{max(row['local'], row['stack'])} |" for row in usage["kernels"]]
    return "\n" + "\n".join(lines) + "\n\n"


def split(readme):
    """What stands before the table, the table, what stands behind."""
    with open(readme, encoding="utf-8") as file:
        text = file.read()
    if text.count(BEGIN) != 1 or text.count(END) != 1:
        sys.exit(f"kernel_usage: {readme} lacks the lines\n{BEGIN}{END}between which the table stands")
    before, rest = text.split(BEGIN)
    return before, *rest.split(END)


def compare(path, readme):
    usage, (_, table, _) = read(path), split(readme)
    if table == table_of(usage):
        return 0
    compiler = f"nvcc {usage['nvcc']}, {usage['arch']}:"
    if compiler not in table:
        print(f"skipped: {readme} holds the table of another compiler than {compiler[:-1]}")
        return SKIPPED
    print(f"the table of {readme} is not that of these kernels; build the target kernel_table, which writes it anew:\n"
          f"{table_of(usage)}")
    return DIFFERENT


def write(path, readme):
    before, _, behind = split(readme)
    with open(readme, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + table_of(read(path)) + END + behind)
    return 0


COMMANDS = {"measure": (measure, 5), "spills": (spills, 1), "table": (compare, 2), "write": (write, 2)}


def main():
    command, n_least = COMMANDS.get(sys.argv[1] if len(sys.argv) > 1 else "", (None, 0))
    if command is None or len(sys.argv) - 2 < n_least:
        print(__doc__.strip(), file=sys.stderr)
        return WRONG_USE
    return command(*sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
