"""What the machine is, and its clocks while the parts are at work."""

import hashlib
import platform
import shutil
import statistics
import subprocess
import sys
import threading
import time

FIELDS = ("name", "driver_version", "vbios_version", "memory.total", "clocks.max.sm", "clocks.max.memory", "power.limit",
          "ecc.mode.current", "ecc.errors.corrected.volatile.total", "ecc.errors.uncorrected.volatile.total",
          "compute_mode", "mig.mode.current", "persistence_mode")
CLOCKS = ("clocks.sm", "clocks.mem", "temperature.gpu", "power.draw")


def index_of(device):
    return device.partition(":")[2] or "0"


def ask_nvidia_smi(device):
    """Fields that identify no single card."""
    if shutil.which("nvidia-smi") is None:
        return None
    done = subprocess.run(["nvidia-smi", f"--query-gpu={','.join(FIELDS)}", "--format=csv,noheader", "-i", index_of(device)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return {"error": (done.stdout + done.stderr).strip()[:500]}
    return dict(zip(FIELDS, (value.strip() for value in done.stdout.strip().split(","))))


def describe_machine(session, probe):
    """probe: what `seedvar bench` says of its device. Equal fingerprints mean cards of a kind, driver and program alike."""
    known = {key: probe[key] for key in ("device", "device_model", "device_detail", "driver", "cuda_runtime", "version",
                                         "commit", "compiler")}
    kind = "|".join(known[key] for key in ("device_model", "device_detail", "driver", "cuda_runtime", "commit"))
    return {**known, "fingerprint": hashlib.sha256(kind.encode()).hexdigest()[:16], "os": platform.platform(),
            "processor": cpu_model(), "python": sys.version.split()[0], "nvidia_smi": ask_nvidia_smi(session.device)}


def cpu_model():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
        return f"{names[0]}, {len(names)} threads" if names else platform.machine()
    except OSError:
        return platform.machine()


class Clocks:
    """Samples of nvidia-smi, twice a second, from the start on."""

    def __init__(self, device):
        self.samples, self.process = [], None
        if shutil.which("nvidia-smi") is None:
            return
        self.process = subprocess.Popen(
            ["nvidia-smi", f"--query-gpu={','.join(CLOCKS)}", "--format=csv,noheader,nounits", "-lms", "500", "-i",
             index_of(device)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            try:
                self.samples.append((time.monotonic(), [float(word) for word in line.split(",")]))
            except ValueError:
                continue  # "[N/A]", or a message

    def since(self, begun_s):
        """Smallest, median and largest since then; None where nothing was sampled."""
        rows = [values for at_s, values in self.samples if at_s >= begun_s and len(values) == len(CLOCKS)]
        if not rows:
            return None
        return {name: {"min": min(column), "median": statistics.median(column), "max": max(column)}
                for name, column in zip(CLOCKS, zip(*rows))}

    def close(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
