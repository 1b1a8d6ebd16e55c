"""What the tests of the command line share: running the program, studies as dictionaries, a tally of checks."""
import csv
import io
import json
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time

TIMEOUT_S = 120


class Tally:
    """Counts checks and prints those that fail. A script ends with `sys.exit(tally.finish())`."""

    def __init__(self):
        self.n_passed, self.n_failed, self.started_s = 0, 0, time.monotonic()

    def check(self, is_right, name, detail=""):
        if is_right:
            self.n_passed += 1
        else:
            self.n_failed += 1
            print(f"FAILED {name}" + (f": {str(detail).strip()[:800]}" if detail != "" else ""), flush=True)
        return is_right

    def equal(self, found, expected, name):
        return self.check(found == expected, name, f"{found!r} is not {expected!r}")

    def finish(self):
        print(f"{self.n_passed} passed, {self.n_failed} failed in {time.monotonic() - self.started_s:.1f} s")
        return 1 if self.n_failed or not self.n_passed else 0


class Program:
    """The program under test, and a folder for its files."""

    def __init__(self, path, folder):
        self.path, self.folder = str(pathlib.Path(path).resolve()), pathlib.Path(folder)
        if not pathlib.Path(self.path).is_file():
            sys.exit(f"{path}: no such program")

    def call(self, *arguments, cwd=None):
        return subprocess.run([self.path, *map(str, arguments)], capture_output=True, text=True, cwd=cwd or self.folder,
                              stdin=subprocess.DEVNULL, timeout=TIMEOUT_S)

    def must(self, *arguments, code=0):
        """Like call; any other exit code ends the test."""
        done = self.call(*arguments)
        if done.returncode != code:
            words = " ".join(map(str, arguments))
            raise RuntimeError(f"{words}: exit code {done.returncode}, not {code}\n{done.stderr}")
        return done

    def json(self, *arguments, code=0):
        return json.loads(self.must(*arguments, "--json", code=code).stdout)

    def start_held(self, *arguments, store, n_runs, **options):
        """Starts a run of n_runs into `store` and holds it still, by SIGSTOP, when some rows are in but not half of them;
        SIGCONT lets it go on. So what is tried on a run under way does not hang on how fast the machine is."""
        words, path = [self.path, "run", *map(str, arguments), "--store", str(store)], self.folder / store
        for _ in range(9):  # an attempt fails where the machine does nothing else for as long as half the runs take
            for file in (path, path.with_name(path.name + "-journal")):
                file.unlink(missing_ok=True)
            running = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
            while running.poll() is None and 2 * rows_so_far(path) < n_runs:
                if rows_so_far(path) > 0:
                    running.send_signal(signal.SIGSTOP)
                    if 0 < 2 * rows_so_far(path) < n_runs:
                        return running
                    running.send_signal(signal.SIGCONT)
                time.sleep(0.001)
            running.kill()
            output, said = running.communicate()
        raise RuntimeError(f"no run was caught under way: {output} {said}")

    def study(self, name, study):
        """Writes a study (JSON is YAML) and returns its path."""
        path = self.folder / f"{name}.yaml"
        path.write_text(json.dumps({"study": name, **study}, indent=1))
        return path

    def rows(self, store, table="runs"):
        """A table as a list of dictionaries of texts."""
        return list(csv.DictReader(io.StringIO(self.must("export", store, "--table", table).stdout)))


def rows_so_far(store):
    """How many rows a store has that another process may be writing; 0 where that cannot be seen now."""
    if not store.exists():
        return 0
    database = sqlite3.connect(f"file:{store}?mode=ro", uri=True, timeout=0)
    try:
        return database.execute("SELECT count(*) FROM run").fetchone()[0]
    except sqlite3.OperationalError:  # locked, or its tables are not there yet
        return 0
    finally:
        database.close()


def program_argument(document):
    """The program's path from the command line; any other use prints the last line of the document."""
    if len(sys.argv) < 2:
        sys.exit(document.strip().splitlines()[-1])
    return sys.argv[1]
