"""Every number a group of rows: a site, a device, a sensitive attribute; and which groups differ from the others, as one of all comparisons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from lsviz.core.calibration import nll_per_example
from lsviz.core.calibration.assessment import Assessment, assess
from lsviz.core.calibration.registry import REPORTED, Facts, Number
from lsviz.core.comparing.changes import Change
from lsviz.core.comparing.selective import risk_coverage
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import chance_of, holm
from lsviz.core.predictions.summary import Summary

LEAST, MOST = 50, 40  # rows from which a group is judged; groups
NUMBERS = ("accuracy", "confidence", "signed_gap", "nll", "ece", "aurc")
HELD_APART = ("accuracy", "signed_gap", "nll")  # means over rows: a group against all other rows
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Group:
    """One group of `count` rows; `name` is text from outside. Without `assessment` it has fewer than `LEAST` rows and is not judged.

    `apart[measure]` is its difference to all other rows; `kept` are those clear of 0 after Holm's correction for all groups and measures.
    """

    name: str
    count: int
    assessment: Assessment | None = None
    numbers: Mapping[str, Number] | None = None
    apart: Mapping[str, Change] | None = None
    kept: frozenset[str] = frozenset()


def by_group(summary: Summary, names: Sequence[str], codes: NDArray[np.intp]) -> tuple[Group, ...]:
    """Groups by falling count. `codes` (m,) has the place among `names` of every row of the file, those that were left out included."""
    outputs = summary.diagnosis.outputs
    if len(codes) <= int(outputs.rows.max()):
        raise LsvizError("outside.group_rows", found=len(codes), rows=int(outputs.rows.max()) + 1)
    if not 2 <= len(names) <= MOST:
        raise LsvizError("outside.groups", found=len(names), most=MOST)
    code = codes[outputs.rows]
    logits, labels = summary.diagnosis.logits, summary.diagnosis.labels
    a = summary.assessment
    parts = {
        "accuracy": a.correct.astype(float),
        "signed_gap": a.confidence - a.correct,
        "nll": nll_per_example(logits, labels),
    }
    counts = np.bincount(code, minlength=len(names))
    order = [int(k) for k in np.argsort(-counts, kind="stable") if counts[k]]
    judged = [k for k in order if counts[k] >= LEAST and counts[k] <= len(code) - LEAST]
    changes = {(k, name): _apart(name, parts[name], code == k) for k in judged for name in HELD_APART}
    kept = holm({key: chance for key, (_, chance) in changes.items()})
    made = []
    for k in order:
        if counts[k] < LEAST:
            made.append(Group(names[k], int(counts[k])))
            continue
        inside = code == k
        whole = assess(logits[inside], labels[inside])
        facts = Facts(logits[inside], labels[inside], whole, risk_coverage(whole.confidence, whole.correct), 1.0, whole, summary.after_nll[inside])  # fmt: skip
        apart = {name: changes[k, name][0] for name in HELD_APART if (k, name) in changes}
        numbers = {name: REPORTED[name].number(facts) for name in NUMBERS}
        made.append(Group(names[k], int(counts[k]), whole, numbers, apart, frozenset(name for name in apart if (k, name) in kept)))
    return tuple(made)


def _apart(metric: str, values: Floats, inside: NDArray[np.bool_]) -> tuple[Change, float]:
    """Mean inside less mean outside, its 95 % interval, and the chance of such a difference: two independent means, by the normal law."""
    mine, others = values[inside], values[~inside]
    difference = float(mine.mean() - others.mean())
    error = float(np.sqrt(mine.var(ddof=1) / len(mine) + others.var(ddof=1) / len(others)))

    def interval(level: float) -> tuple[float, float, float]:
        half = float(ndtri((1 + level) / 2)) * error
        return difference, difference - half, difference + half

    _, low, high = interval(0.95)
    return Change(metric, float(others.mean()), float(mine.mean()), low, high), chance_of(interval)
