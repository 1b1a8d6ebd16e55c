"""libseedvar through ctypes: its structures and calls as in seedvar.h, and errors as exceptions."""
import ctypes
import ctypes.util
import importlib.metadata
import os
import pathlib
from ctypes import POINTER, Structure, byref, c_bool, c_char, c_char_p, c_double, c_int, c_size_t, c_uint64, c_void_p

OK, DIFFERENT, STOPPED, INCOMPLETE = "SV_OK", "SV_DIFFERENT", "SV_STOPPED", "SV_ERR_INCOMPLETE"
ALL_RUNS = 2**64 - 1

# The order of SV_STATUS_LIST in seedvar.h.
STATUSES = ("SV_OK", "SV_DIFFERENT", "SV_ERR_USAGE", "SV_ERR_STUDY", "SV_ERR_DATA", "SV_ERR_INCOMPLETE", "SV_ERR_DEVICE",
            "SV_ERR_UNSUPPORTED", "SV_ERR_STORE", "SV_ERR_MEMORY", "SV_ERR_IO", "SV_STOPPED", "SV_INTERRUPTED")


class Error(Exception):
    """What the library refused: `status` is its name in seedvar.h, the text says what to do."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class ErrorOut(Structure):
    _fields_ = [("status", c_int), ("message", c_char * 1000)]


class Progress(Structure):
    _fields_ = [("n_runs", c_uint64), ("n_done", c_uint64), ("n_before", c_uint64), ("elapsed_s", c_double),
                ("runs_per_s", c_double), ("arm", c_char_p), ("numerics", c_char_p), ("metric", c_char_p),
                ("n_values", c_uint64), ("mean", c_double), ("sd", c_double)]


ON_PROGRESS = ctypes.CFUNCTYPE(None, c_void_p, POINTER(Progress))
ON_NOTICE = ctypes.CFUNCTYPE(None, c_void_p, c_char_p)
WRITE = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(c_char), c_size_t)


class PlanOptions(Structure):
    _fields_ = [("device", c_char_p), ("simd", c_char_p), ("n_threads", c_int), ("n_launch", c_uint64)]


class RunOptions(Structure):
    _fields_ = [("store_path", c_char_p), ("device", c_char_p), ("simd", c_char_p), ("n_threads", c_int),
                ("n_limit", c_uint64), ("n_launch", c_uint64), ("command_line", c_char_p), ("on_progress", ON_PROGRESS),
                ("on_notice", ON_NOTICE), ("context", c_void_p), ("stop", POINTER(c_int))]


class RunSummary(Structure):
    _fields_ = [("n_runs", c_uint64), ("n_done", c_uint64), ("n_before", c_uint64), ("elapsed_s", c_double),
                ("study_digest", c_char * 33), ("device", c_char * 512)]


class AnalysisOptions(Structure):
    _fields_ = [("metric", c_char_p), ("level", c_double), ("margin", c_double), ("power", c_double),
                ("predictions", c_char_p), ("labels", c_char_p), ("with_test_rates", c_bool), ("arm", c_char_p),
                ("is_more_better", c_bool), ("is_less_better", c_bool)]


class InitOptions(Structure):
    _fields_ = [("target", c_char_p), ("study_path", c_char_p)]


class ReplayOptions(Structure):
    _fields_ = [("store_path", c_char_p), ("device", c_char_p), ("simd", c_char_p), ("n_threads", c_int),
                ("run", c_uint64)]


class ReplaySummary(Structure):
    _fields_ = [("n_replayed", c_uint64), ("n_different", c_uint64), ("first_different", c_uint64),
                ("n_left_out", c_uint64), ("elapsed_s", c_double)]


class BisectOptions(Structure):
    _fields_ = [("store_a", c_char_p), ("store_b", c_char_p), ("run_a", c_uint64), ("run_b", c_uint64),
                ("folder", c_char_p), ("simd", c_char_p), ("n_threads", c_int)]


class Published(Structure):
    _fields_ = [("mean", c_double), ("sd", c_double), ("n", c_uint64)]


class HowmanyQuestion(Structure):
    _fields_ = [("mean_a", c_double), ("sd_a", c_double), ("mean_b", c_double), ("sd_b", c_double), ("rho", c_double),
                ("is_paired", c_bool), ("power", c_double)]


class ClaimQuestion(Structure):
    _fields_ = [("value", c_double), ("n_seeds", c_uint64), ("path", c_char_p), ("published", Published),
                ("is_less_better", c_bool)]


class BenchOptions(Structure):
    _fields_ = [("jobs", c_char_p), ("n_seeds", c_uint64), ("n_threads", c_int), ("simd", c_char_p),
                ("device", c_char_p), ("n_rounds", c_int)]


class FingerprintOptions(Structure):
    _fields_ = [("device", c_char_p), ("simd", c_char_p), ("n_threads", c_int)]


FIGURE = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p, c_char_p, c_void_p)


def _find():
    """$SEEDVAR_LIBRARY, else the library beside this file (a wheel), else the system's."""
    beside = pathlib.Path(__file__).with_name("libseedvar.so")
    name = os.environ.get("SEEDVAR_LIBRARY") or (str(beside) if beside.exists() else ctypes.util.find_library("seedvar"))
    if name is None:
        raise ImportError("libseedvar is not there: pip install it with its source, or set SEEDVAR_LIBRARY to its path")
    library = ctypes.CDLL(name)
    library.sv_version.restype = c_char_p
    _check_version(name, library.sv_version().decode())
    return library


def _check_version(name, found):
    """The structures above are those of one version."""
    try:
        own = importlib.metadata.version("seedvar")
    except importlib.metadata.PackageNotFoundError:  # in a source tree
        return
    if found != own:
        raise ImportError(f"{name} is version {found}, and this package is of version {own}: pip install it with that "
                          "library's source, or take SEEDVAR_LIBRARY out of the environment")


_c = _find()
_c.sv_study_name.restype = c_char_p
_c.sv_study_name.argtypes = [c_void_p]
_c.sv_free.argtypes = [c_void_p]
_c.sv_study_close.argtypes = [c_void_p]
_c.sv_findings_close.argtypes = [c_void_p]

_OUT, _TEXT_OUT = POINTER(c_void_p), POINTER(c_void_p)
_SIGNATURES = {
    "sv_study_open": [c_char_p, POINTER(c_char_p), c_size_t, _OUT],
    "sv_study_plan": [c_void_p, POINTER(PlanOptions), c_bool, _TEXT_OUT],
    "sv_run": [c_void_p, POINTER(RunOptions), POINTER(RunSummary)],
    "sv_store_status": [c_char_p, c_bool, _TEXT_OUT],
    "sv_store_verify": [c_char_p, c_bool, _TEXT_OUT],
    "sv_store_export": [c_char_p, c_char_p, c_char_p, WRITE, c_void_p],
    "sv_analyze_file": [c_char_p, POINTER(AnalysisOptions), _OUT],
    "sv_findings_json": [c_void_p, _TEXT_OUT],
    "sv_findings_text": [c_void_p, _TEXT_OUT],
    "sv_doctor": [c_char_p, c_bool, _TEXT_OUT],
    "sv_init": [c_char_p, POINTER(InitOptions), c_bool, _TEXT_OUT],
    "sv_list": [c_char_p, c_bool, _TEXT_OUT],
    "sv_study_schema": [_TEXT_OUT],
    "sv_study_open_store": [c_char_p, c_char_p, _OUT],
    "sv_replay": [c_void_p, POINTER(ReplayOptions), POINTER(ReplaySummary)],
    "sv_replay_parting": [POINTER(ReplayOptions), c_char_p, c_uint64, c_bool, _TEXT_OUT],
    "sv_bisect": [POINTER(BisectOptions), c_bool, _TEXT_OUT],
    "sv_findings_part": [c_void_p, c_char_p, c_bool, _TEXT_OUT],
    "sv_report": [POINTER(c_void_p), c_size_t, c_char_p, c_char_p, _TEXT_OUT],
    "sv_report_figures": [POINTER(c_void_p), c_size_t, c_char_p, FIGURE, c_void_p],
    "sv_agree": [POINTER(Published), POINTER(Published), POINTER(AnalysisOptions), c_bool, _TEXT_OUT],
    "sv_howmany": [POINTER(HowmanyQuestion), POINTER(AnalysisOptions), c_bool, _TEXT_OUT],
    "sv_claim": [POINTER(ClaimQuestion), POINTER(AnalysisOptions), c_bool, _TEXT_OUT],
    "sv_bench": [POINTER(BenchOptions), c_bool, _TEXT_OUT],
    "sv_fingerprint": [POINTER(FingerprintOptions), _TEXT_OUT],
    "sv_compare": [c_char_p, c_char_p, POINTER(AnalysisOptions), c_bool, _TEXT_OUT],
    "sv_compare_all": [c_char_p, c_bool, _TEXT_OUT],
}
for _name, _arguments in _SIGNATURES.items():
    getattr(_c, _name).restype = c_int
    getattr(_c, _name).argtypes = [*_arguments, POINTER(ErrorOut)]


def encode(text):
    """A path or a text for the library; None stays None."""
    return None if text is None else os.fsencode(text)


def version():
    return _c.sv_version().decode()


def call(name, *arguments, also=()):
    """Calls a function that returns a status; any but SV_OK and those in `also` raises Error."""
    error = ErrorOut()
    status = STATUSES[getattr(_c, name)(*arguments, byref(error))]
    if status != OK and status not in also:
        raise Error(status, error.message.decode(errors="replace") or status)
    return status


def text(name, *arguments, also=()):
    """The text that a function gives out."""
    out = c_void_p()
    try:
        call(name, *arguments, byref(out), also=also)
        return ctypes.string_at(out).decode()
    finally:
        _c.sv_free(out)


class Study:
    """An open study file, or (overrides None) the study that a store was begun with, as a context."""

    def __init__(self, path, overrides, folder=None):
        self._handle = c_void_p()
        if overrides is None:
            call("sv_study_open_store", encode(path), encode(folder), byref(self._handle))
            return
        words = (c_char_p * max(1, len(overrides)))(*map(encode, overrides))
        call("sv_study_open", encode(path), words, len(overrides), byref(self._handle))

    def __enter__(self):
        return self._handle

    def __exit__(self, *_):
        _c.sv_study_close(self._handle)


def study_name(handle):
    return _c.sv_study_name(handle).decode()


class Findings:
    """Open findings, as a context."""

    def __init__(self, path, options):
        self._handle = c_void_p()
        call("sv_analyze_file", encode(path), byref(options), byref(self._handle))

    def __enter__(self):
        return self._handle

    def __exit__(self, *_):
        _c.sv_findings_close(self._handle)
