"""Which alpha? Networks of one series on the same rows: every measure with its paired difference to a reference, and what may be said by purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from lsviz.core import geometry
from lsviz.core.calibration import ece_difference, nll_per_example
from lsviz.core.calibration.registry import LEVEL, REPORTED, Number
from lsviz.core.comparing.changes import HIGHER_IS_BETTER, Change
from lsviz.core.comparing.selective import aurc_per_example, risk_per_example
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import at_level, mean_interval
from lsviz.core.predictions.diagnosis import Finding
from lsviz.core.predictions.summary import LEAST_ROWS, Summary

COMPARED = ("accuracy", "nll", "ece", "nll_at_temperature", "ece_at_temperature", "aurc", "error_at_50", "error_at_80")
SHAPES = ("nc1", "class_separation")  # of the features, where every file has them; no rows tell how far they stray
PURPOSES = {"as_is": "nll", "tempered": "nll_at_temperature", "ranking": "aurc"}  # and the measure that decides
RESAMPLES, MOST_ROWS = 300, 1_000_000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Against:
    """One measure of one network: its number as the report tells it, its difference to the reference (None for that itself) with its interval as one of
    all that are compared."""

    number: Number
    change: Change | None
    needed: int | None  # rows at which this difference, if it stays as it is, would be told; None where it is


@dataclass(frozen=True)
class Compared:
    """A series by rising alpha. `rows[measure]` has one entry a network; `reference[measure]` is the place of the one they are held against."""

    alphas: tuple[float, ...]
    names: tuple[str, ...]
    count: int  # common rows
    rows: Mapping[str, tuple[Against, ...]]
    reference: Mapping[str, int]
    shapes: Mapping[str, tuple[float, ...]]  # of the features

    @property
    def shapes_disagree(self) -> bool:
        """Whether, from the lowest alpha to the highest, one measure says that classes draw together and the other that they do not."""
        nc1, separation = (self.shapes.get(name, (0.0, 0.0)) for name in SHAPES)
        return (nc1[-1] - nc1[0]) * (separation[-1] - separation[0]) > 0

    @property
    def said(self) -> tuple[Finding, ...]:
        """One cautious sentence a purpose, as findings."""
        return tuple(self._purpose(purpose, measure) for purpose, measure in PURPOSES.items() if measure in self.rows)

    def _purpose(self, purpose: str, measure: str) -> Finding:
        best, entry, every = self.reference[measure], REPORTED[measure], self.rows[measure]
        known = {"alpha": f"{self.alphas[best]:g}", "value": entry.text(every[best].number.value), "rows": f"{self.count:,}"}
        open_ = [(one.needed or 0, self.alphas[i]) for i, one in enumerate(every) if one.change and not one.change.verdict]
        beaten = [self.alphas[i] for i, one in enumerate(every) if one.change and one.change.verdict < 0]
        if not open_:
            return Finding(f"which_{purpose}_one", self.count, self.count, known)
        most, nearest = max(open_)
        known |= {"others": ", ".join(f"{alpha:g}" for _, alpha in open_), "nearest": f"{nearest:g}", "worse": ", ".join(f"{a:g}" for a in beaten) or "0"}  # fmt: skip
        known["needed"] = f"{most:,}" if most < MOST_ROWS else f"{MOST_ROWS:,}+"
        return Finding(f"which_{purpose}_{'some' if beaten else 'none'}", self.count, self.count, known)


def which_alpha(series: Sequence[tuple[float, str, Summary]], reference: int | None = None) -> Compared:
    """Compare networks (alpha, name, summary) on the rows all of them have, each against the best of every measure, or against that at `reference`.

    Intervals of differences are 95 % for all comparisons of a measure together (Bonferroni): the best of many is best by luck too. Raises LsvizError for other rows.
    """
    series = sorted(series, key=lambda one: one[0])
    alphas, names, summaries = (tuple(each) for each in zip(*series))
    places = _common(summaries)
    parts = [_parts(summary, at) for summary, at in zip(summaries, places)]
    told = [name for name in COMPARED if all(np.isfinite(summary.numbers[name].value) for summary in summaries)]
    rows, chosen = {}, {}
    for name in told:
        values = np.array([summary.numbers[name].value for summary in summaries])
        best = int(values.argmax() if name in HIGHER_IS_BETTER else values.argmin())
        held = chosen[name] = best if reference is None else reference
        rows[name] = tuple(_against(name, summaries, parts, places, held, i) for i in range(len(summaries)))
    return Compared(alphas, names, len(places[0]), rows, chosen, _shapes(summaries))


def _common(summaries: Sequence[Summary]) -> list[NDArray[np.intp]]:
    """Where the rows that all have stand in each."""
    every = [summary.diagnosis.outputs.rows for summary in summaries]
    classes = {summary.diagnosis.outputs.num_classes for summary in summaries}
    if len(classes) > 1:
        raise LsvizError("outside.unpaired", reason=LsvizError("reason.other_classes", first=min(classes), second=max(classes)))
    rows = reduce(np.intersect1d, every)
    told = [max(int(one.max()) + 1, len(one)) for one in every]
    if len(rows) < LEAST_ROWS or max(told) - min(told) > 0.1 * max(told):
        raise LsvizError("outside.unpaired", reason=LsvizError("reason.other_rows", first=min(told), second=max(told)))
    places = [np.searchsorted(one, rows, sorter=np.argsort(one)) for one in every]
    places = [np.argsort(one)[at] for one, at in zip(every, places)]
    labels = [summary.diagnosis.labels[at] for summary, at in zip(summaries, places)]
    apart = max(int((one != labels[0]).sum()) for one in labels)
    if apart:
        raise LsvizError("outside.unpaired", reason=LsvizError("reason.other_labels", apart=apart, rows=len(rows)))
    return places


def _parts(summary: Summary, at: NDArray[np.intp]) -> dict[str, Floats]:
    """What each common row adds to every measure but ECE, (n,)."""
    confidence, correct = summary.assessment.confidence[at], summary.assessment.correct[at]
    return {
        "accuracy": correct.astype(float),
        "nll": nll_per_example(summary.diagnosis.logits[at], summary.diagnosis.labels[at]),
        "nll_at_temperature": summary.after_nll[at],
        "aurc": aurc_per_example(confidence, correct),
        "error_at_50": risk_per_example(confidence, correct, 0.5),
        "error_at_80": risk_per_example(confidence, correct, 0.8),
    }


def _against(name: str, summaries: Sequence[Summary], parts: Sequence[Mapping[str, Floats]], places: Sequence[NDArray[np.intp]], held: int, i: int) -> Against:  # fmt: skip
    number = summaries[i].numbers[name]
    if i == held:
        return Against(number, None, None)
    if name in parts[i]:
        apart, low, high = mean_interval(parts[i][name] - parts[held][name], level=LEVEL)
    else:
        made = [(one.after if name == "ece_at_temperature" else one.assessment) for one in (summaries[i], summaries[held])]
        mine, best = ((one.confidence[at], one.correct[at]) for one, at in zip(made, (places[i], places[held])))
        found = ece_difference(mine, best, resamples=RESAMPLES, level=LEVEL)
        apart, low, high = found.difference, found.low, found.high
    _, low, high = at_level((apart, low, high), 1 - (1 - LEVEL) / max(1, len(summaries) - 1))
    change = Change(name, number.value - apart, number.value, low, high)
    return Against(number, change, None if change.verdict else rows_needed(apart, low, high, len(places[i])))


def rows_needed(difference: float, low: float, high: float, rows: int) -> int:
    """About how many rows would tell this difference, if it stays as it is: intervals shrink as the root of the rows. Two digits, `MOST_ROWS` at most."""
    half = difference - low if difference > 0 else high - difference
    if abs(difference) * np.sqrt(MOST_ROWS / rows) <= half:
        return MOST_ROWS
    needed = max(rows * (half / difference) ** 2, rows + 1)
    unit = 10 ** max(0, int(np.log10(needed)) - 1)
    return min(MOST_ROWS, int(np.ceil(needed / unit)) * unit)


def _shapes(summaries: Sequence[Summary]) -> dict[str, tuple[float, ...]]:
    outputs = [summary.diagnosis.outputs for summary in summaries]
    if any(one.penultimate is None for one in outputs):
        return {}
    try:
        return {name: tuple(getattr(geometry, name)(one.penultimate, s.diagnosis.labels) for one, s in zip(outputs, summaries)) for name in SHAPES}  # fmt: skip
    except LsvizError:  # rows of too few classes
        return {}
