#!/usr/bin/env python3
"""What cmake --install leaves serves a program of someone else (find_package, pkg-config), and the .deb names what it needs.

usage: test_install.py BUILD_FOLDER
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "cli"))
from seedvar_cli import Tally, program_argument  # noqa: E402

EXPECTED = ("bin/seedvar", "include/seedvar.h", "share/man/man1/seedvar.1", "share/bash-completion/completions/seedvar",
            "share/doc/seedvar/numerics.md", "share/doc/seedvar/schemas/findings.json")
AGREE = ("agree", "87.8", "0.7", "3", "88.2", "0.6", "3")
# what the program is linked with, as Debian names it
DEPENDS = ("libc6", "libjansson4", "libsqlite3-0", "libstdc++6", "libyaml-0-2", "zlib1g")


def call(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=300, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def check_tree(tally, prefix):
    for path in EXPECTED:
        tally.check(prefix.joinpath(path).is_file(), f"installed: {path}")
    library = next(prefix.rglob("libseedvar.so"))
    symbols = [line.split()[-1] for line in call("nm", "-D", "--defined-only", library).splitlines()]
    foreign = [s for s in symbols if not s.startswith("sv_")]
    tally.check(len(symbols) > 20 and not foreign, "the library exports sv_* alone", foreign[:5])
    used = re.findall(r"\bstrn?casecmp\w*", call("nm", "-D", "--undefined-only", library))
    tally.equal(used, [], "no comparison of words that the locale of a calling program changes")
    return library


def check_consumer(tally, prefix, library, folder, expected):
    environment = {**os.environ, "LD_LIBRARY_PATH": str(library.parent),
                   "PKG_CONFIG_PATH": str(library.parent / "pkgconfig")}
    call("cmake", "-S", HERE / "consumer", "-B", folder / "consumer", f"-DCMAKE_PREFIX_PATH={prefix}")
    call("cmake", "--build", folder / "consumer")
    for name in ("in_c", "in_cpp"):
        tally.equal(call(folder / "consumer" / name, env=environment), expected, f"find_package: {name}")
    flags = call("pkg-config", "--cflags", "--libs", "seedvar", env=environment).split()
    call("cc", HERE / "consumer" / "consumer.c", "-o", folder / "by_pkg_config", *flags)
    tally.equal(call(folder / "by_pkg_config", env=environment), expected, "pkg-config")


def check_deb(tally, build, folder):
    call("cpack", "-G", "DEB", "-B", folder / "deb", cwd=build)
    package = next(folder.joinpath("deb").glob("*.deb"))
    depends = call("dpkg-deb", "-f", package, "Depends")
    tally.equal([name for name in DEPENDS if name not in depends], [], f"the .deb's dependencies: {depends}")
    files = call("dpkg-deb", "-c", package)
    tally.check("./usr/bin/seedvar" in files and "/libseedvar.so.0" in files, "the .deb's files", files[:500])


def main():
    tally, build = Tally(), pathlib.Path(program_argument(__doc__)).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        prefix = folder / "prefix"
        call("cmake", "--install", build, "--prefix", prefix)
        library = check_tree(tally, prefix)
        program = prefix / "bin" / "seedvar"
        tally.check(json.loads(call(program, "doctor", "--json"))["is_fit"], "doctor of the installed program")
        check_consumer(tally, prefix, library, folder, call(program, *AGREE))
        if tally.check(shutil.which("dpkg-deb"), "dpkg-deb is there"):
            check_deb(tally, build, folder)
    sys.exit(tally.finish())


if __name__ == "__main__":
    main()
