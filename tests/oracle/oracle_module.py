"""Modules that an oracle needs and a machine may lack."""

import importlib
import os
import shutil
import subprocess
import sys

SKIPPED = 77


def find_module(name, package):
    """The module of this interpreter; else starts over under one that has it; else ends: exit code 1, or, with
    SEEDVAR_ALLOW_SKIP=1 in the environment, 77, which the test runner counts as skipped."""
    try:
        return importlib.import_module(name)
    except ImportError:
        pass
    for python in ("/usr/bin/python3", shutil.which("python3")):
        if python and subprocess.run([python, "-c", f"import {name}"], capture_output=True).returncode == 0:
            os.execv(python, [python, *sys.argv])
    if os.environ.get("SEEDVAR_ALLOW_SKIP") == "1":
        print(f"SKIPPED: no Python with {name} was found")
        sys.exit(SKIPPED)
    print(f"FAILED: no Python with {name} was found; install it (Debian: apt-get install {package}), or set "
          "SEEDVAR_ALLOW_SKIP=1 to do without this test")
    sys.exit(1)
