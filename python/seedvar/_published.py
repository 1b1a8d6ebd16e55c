"""Questions to numbers as papers print them: means, SDs, counts of runs."""
import ctypes
import json
import os

from . import _library


def agree(a, b, *, level=0, margin=0):
    """Do two published results agree? a, b: (mean, SD, number of runs). A dictionary (seedvar.agree/1)."""
    results = [ctypes.byref(_library.Published(mean=mean, sd=sd, n=n)) for mean, sd, n in (a, b)]
    options = _library.AnalysisOptions(level=level, margin=margin)
    return json.loads(_library.text("sv_agree", *results, ctypes.byref(options), True))


def howmany(a, b, *, rho=None, power=0, level=0, margin=0):
    """How many seeds an arm find a difference? a, b: (mean, SD) of single runs. A dictionary (seedvar.howmany/1).

    rho: correlation of the arms over common seeds, where they have them.
    """
    question = _library.HowmanyQuestion(mean_a=a[0], sd_a=a[1], mean_b=b[0], sd_b=b[1], rho=rho or 0,
                                        is_paired=rho is not None, power=power)
    options = _library.AnalysisOptions(level=level, margin=margin)
    return json.loads(_library.text("sv_howmany", ctypes.byref(question), ctypes.byref(options), True))


def claim(runs, value, seeds=1, *, metric=None, level=0, arm=None, less_is_better=None):
    """Is `value` what the best of so many seeds reaches anyway? A dictionary (seedvar.claim/1).

    runs: a store or a CSV of runs, or a published result (mean, SD, number of runs), of which more is better unless
    less_is_better. Of runs, None: the metric's name says it; arm: as of analyze.
    """
    question = _library.ClaimQuestion(value=value, n_seeds=seeds, is_less_better=less_is_better is True)
    if isinstance(runs, (str, os.PathLike)):
        question.path = _library.encode(runs)
    else:
        question.published = _library.Published(*runs)
    options = _library.AnalysisOptions(metric=_library.encode(metric), level=level, arm=_library.encode(arm),
                                       is_less_better=less_is_better is True,
                                       is_more_better=less_is_better is False)
    return json.loads(_library.text("sv_claim", ctypes.byref(question), ctypes.byref(options), True))
