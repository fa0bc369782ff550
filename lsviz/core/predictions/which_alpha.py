"""Which alpha? Networks of one series on the same rows: every measure with its paired difference to a reference, and what may be said by purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from lsviz.core.calibration import ece_difference, nll_per_example
from lsviz.core.calibration.registry import LEVEL, REPORTED, Number
from lsviz.core.comparing.changes import HIGHER_IS_BETTER, Change
from lsviz.core.comparing.selective import aurc_per_example, risk_per_example
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import at_level, mean_interval, side
from lsviz.core.predictions.diagnosis import Finding
from lsviz.core.predictions.feature_measures import FEATURES, KNN, TIGHTER, feature_parts, looked_at
from lsviz.core.predictions.summary import LEAST_ROWS, Summary

COMPARED = ("accuracy", "nll", "ece", "nll_at_temperature", "ece_at_temperature", "aurc", "error_at_50", "error_at_80")
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
    """A series by rising alpha. `rows[measure]` has one entry a network; `reference[measure]` is the place of the one they are held against: the best,
    or for the measures of `TIGHTER`, where there is none, the lowest alpha. Features are measured where every file has them, on `feature_rows` rows;
    `ends[measure]` is what becomes of them from the lowest alpha to the highest."""

    alphas: tuple[float, ...]
    names: tuple[str, ...]
    count: int  # common rows
    rows: Mapping[str, tuple[Against, ...]]
    reference: Mapping[str, int]
    feature_rows: int
    ends: Mapping[str, Change]

    @property
    def called(self) -> tuple[str, ...]:
        """One name a network: its alpha, and its number where several have it."""
        numbered = [
            f" ({self.alphas[:i].count(alpha) + 1})" if self.alphas.count(alpha) > 1 else "" for i, alpha in enumerate(self.alphas)
        ]
        return tuple(f"{alpha:g}{number}" for alpha, number in zip(self.alphas, numbered))

    @property
    def tighter(self) -> Mapping[str, int]:
        """From the lowest alpha to the highest: +1 where more neighbours vote right or classes draw together, -1 the other way, 0 where rows tell neither."""
        return {name: side(one.low, one.high) * TIGHTER.get(name, 1) for name, one in self.ends.items()}

    @property
    def at_odds(self) -> tuple[str, ...]:
        """Measures of tightness that say the opposite of the neighbours' vote."""
        return tuple(name for name in TIGHTER if self.ends and self.tighter[name] * self.tighter[KNN] < 0)

    @property
    def shapes_disagree(self) -> bool:
        """Whether one measure says that classes draw together and another that they do not."""
        return {1, -1} <= {self.tighter.get(name) for name in TIGHTER}

    @property
    def said(self) -> tuple[Finding, ...]:
        """One cautious sentence a purpose, as findings."""
        return tuple(self._purpose(purpose, measure) for purpose, measure in PURPOSES.items() if measure in self.rows)

    def _purpose(self, purpose: str, measure: str) -> Finding:
        best, entry, every = self.reference[measure], REPORTED[measure], self.rows[measure]
        known = {"alpha": self.called[best], "value": entry.text(every[best].number.value), "rows": f"{self.count:,}"}
        open_ = [(one.needed or 0, i) for i, one in enumerate(every) if one.change and not one.change.verdict]
        beaten = [self.called[i] for i, one in enumerate(every) if one.change and one.change.verdict < 0]
        if not open_:
            return Finding(f"which_{purpose}_one", self.count, self.count, known)
        most, nearest = max(open_)
        known |= {
            "others": ", ".join(self.called[i] for _, i in open_),
            "nearest": self.called[nearest],
            "worse": ", ".join(beaten),
        }
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
    features, ends = _features(summaries, places), {}
    for name in FEATURES if features else ():
        mine = [one[name] for one in features]
        best = 0 if name in TIGHTER else int(np.argmax([part.mean() for part in mine]))
        held = chosen[name] = best if reference is None else reference
        rows[name] = tuple(_of_features(name, mine, held, i) for i in range(len(mine)))
        ends[name] = _apart(name, mine[-1], mine[0])
    return Compared(alphas, names, len(places[0]), rows, chosen, len(features[0][KNN]) if features else 0, ends)


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


def _features(summaries: Sequence[Summary], places: Sequence[NDArray[np.intp]]) -> list[Mapping[str, Floats]]:
    """What each of some common rows adds to the measures of every network's features; none where a file has no features, or rows of one class alone."""
    found = [summary.diagnosis.outputs.penultimate for summary in summaries]
    widths = [x.shape[1] for x in found if x is not None]
    if len(widths) < len(found):
        return []
    some = looked_at(len(places[0]), max(widths))
    made = [
        feature_parts(x[at[some]], one.diagnosis.labels[at[some]]) for one, x, at in zip(summaries, found, places) if x is not None
    ]
    return made if all(made) else []


def _of_features(name: str, every: Sequence[Floats], held: int, i: int) -> Against:
    value, low, high = mean_interval(every[i], level=LEVEL)
    number = Number(value, max(0.0, low), high if name == "nc1" else min(1.0, high))
    if i == held:
        return Against(number, None, None)
    change = _apart(name, every[i], every[held], 1 - (1 - LEVEL) / max(1, len(every) - 1))
    told = side(change.low, change.high)
    return Against(number, change, None if told else rows_needed(change.difference, change.low, change.high, len(every[i])))


def _apart(name: str, mine: Floats, other: Floats, level: float = LEVEL) -> Change:
    """`mine` less `other`, (n,) in pairs."""
    _, low, high = mean_interval(mine - other, level=level)
    return Change(name, float(other.mean()), float(mine.mean()), low, high)
