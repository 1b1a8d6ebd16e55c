"""What the parts of gpu-check share: where the programs are, how long there is, what was found."""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

# How seedvar says that there is no cuBLAS of its version, and the loader that a program needs one; and how cuBLAS says no.
CUBLAS_GONE = re.compile(r"engine cublas needs libcublas|engine cublas: libcublas|libcublas\S*: cannot open|CUBLAS_STATUS_")


class Skip(Exception):
    """The part cannot be done here; says why."""


class OutOfTime(Exception):
    """The part's time is over; says in what."""


class Findings:
    """Of one part. broken, skipped, missing: a sentence each of what broke a promise, of what this machine lacks, and of
    what there was no time for; figures: everything else that belongs into the report."""

    def __init__(self):
        self.broken, self.skipped, self.missing, self.figures = [], [], [], {}

    def refuse(self, what, message):
        """Counts what the GPU refused. A cuBLAS that is not found, or fails, is no property of the GPU: the part is then not
        complete, told once."""
        if CUBLAS_GONE.search(message) is None:
            self.skipped.append(f"{what}: {message}")
        elif not any(CUBLAS_GONE.search(sentence) for sentence in self.missing):
            self.missing.append(f"engine cublas was not checked, first in {what}: {message}")

    def status(self):
        if self.broken:
            return "broken"
        return "incomplete" if self.missing else "kept"


def cublas_folders():
    """Where there is a libcublas: the CUDA Toolkit's, and those that Python packages brought."""
    home = pathlib.Path(os.environ.get("CUDA_HOME", "/usr/local/cuda"))
    found = [path for folder in ("lib64", "lib", "targets/x86_64-linux/lib") for path in home.glob(f"{folder}/libcublas.so.*")]
    found += [path for folder in sys.path for path in sorted(pathlib.Path(folder).glob("nvidia/*/lib/libcublas.so.*"))]
    return list(dict.fromkeys(str(path.parent.resolve()) for path in found))


def environment():
    """With those folders: the loader looks into few of them by itself."""
    folders = [*filter(None, [os.environ.get("LD_LIBRARY_PATH")]), *cublas_folders()]
    return {**os.environ, "LD_LIBRARY_PATH": os.pathsep.join(folders)} if folders else dict(os.environ)


class Session:
    """programs: folder of scripts/gpu-build; seedvar: its file, if it is another. folder: for files that are not
    kept; out: for those that are. sizes: how much of everything is done."""

    def __init__(self, programs, seedvar, device, folder, out, sizes, limit_s):
        self.programs, self.others = pathlib.Path(programs), {} if seedvar is None else {"seedvar": pathlib.Path(seedvar)}
        self.device, self.folder, self.out, self.sizes = device, pathlib.Path(folder), pathlib.Path(out), sizes
        self.environment = environment()
        self.end_s = self.part_end_s = time.monotonic() + limit_s

    def program(self, name):
        """seedvar, seedvar-ptx, parity, stress or symv_control."""
        path = self.others.get(name, self.programs / name)
        if not os.access(path, os.X_OK):
            raise Skip(f"{path} is not there; make the programs with scripts/gpu-build")
        return path

    def begin_part(self, share):
        """Of what is left of the whole time."""
        now_s = time.monotonic()
        self.part_end_s = now_s + share * max(self.end_s - now_s, 0)

    def left_s(self):
        """For the part at work."""
        return self.part_end_s - time.monotonic()

    def call(self, *command, at_most_s=None):
        """Like subprocess.run; raises OutOfTime, with the program and its children ended, when the part's time is over."""
        words = [str(word) for word in command]
        left_s = self.left_s() if at_most_s is None else min(self.left_s(), at_most_s)
        if left_s <= 0:
            raise OutOfTime(" ".join(words))
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                                   errors="replace", start_new_session=True, cwd=self.folder,
                                   env=self.environment)
        try:
            out, errors = process.communicate(timeout=left_s)
        except BaseException as ended:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            if isinstance(ended, subprocess.TimeoutExpired):
                raise OutOfTime(" ".join(words)) from None
            raise
        return subprocess.CompletedProcess(words, process.returncode, out, errors)

    def must(self, *command, codes=(0,)):
        """What the command printed; any other exit code is an error of the part."""
        done = self.call(*command)
        if done.returncode not in codes:
            raise RuntimeError(f"{' '.join(done.args)} ended with {done.returncode}: {(done.stderr or done.stdout)[-2000:]}")
        return done.stdout

    def seedvar(self, *arguments):
        return self.must(self.program("seedvar"), *arguments)

    def seedvar_json(self, *arguments):
        return json.loads(self.seedvar(*arguments, "--json"))


def say(text):
    print(text, flush=True)


def short(path):
    """A path as the repository has it."""
    path = pathlib.Path(path)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
