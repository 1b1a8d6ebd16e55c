"""A peer as a process of its own: tests/peers/peer_rounds.py says how it talks."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading

from session import ROOT, OutOfTime

PEERS = {"JAX": "jax_peer.py", "PyTorch": "torch_peer.py"}


class PeerGone(Exception):
    """The peer ended; says how."""


class Peer:
    def __init__(self, session, name, opening_s):
        """Raises OutOfTime, with the peer ended, when it has not chosen its forms after opening_s."""
        self.session, self.name = session, name
        command = [sys.executable, "-B", ROOT / "tests" / "peers" / PEERS[name], "--device", session.sizes["peer_device"], "--jobs",
                   session.sizes["jobs"], "--digits", ROOT / "data" / "digits.csv.gz", "--seconds", session.sizes["peer_seconds"],
                   *session.sizes["peer_options"]]
        self.errors = open(session.folder / f"{name}.errors", "w+", encoding="utf-8")
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True, start_new_session=True)
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()
        try:
            self.opening = self.answer(opening_s)
        except BaseException:  # whoever started it never gets it, and cannot end it
            self.close()
            raise

    def read(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                self.lines.put(line)
        self.lines.put(None)

    def answer(self, at_most_s):
        try:
            line = self.lines.get(timeout=max(min(at_most_s, self.session.left_s()), 0.01))
        except queue.Empty:
            raise OutOfTime(self.name) from None
        if line is None:
            self.lines.put(None)  # for the next who asks
            self.errors.seek(0)
            last = self.errors.read().strip().splitlines()[-1:]
            raise PeerGone(f"{self.name} is not used: {last[0] if last else 'it ended without a word'}")
        return json.loads(line)

    def round(self, job):
        try:
            self.process.stdin.write(job + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its last words follow
        return self.answer(self.session.left_s())

    def close(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.errors.close()
