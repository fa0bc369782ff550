"""The rows behind a stretch of the reliability diagram: those whose confidence lies in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.core.predictions.summary import Summary


@dataclass(frozen=True)
class Stretch:
    """Places (m,) among a network's rows, mistakes first and the surest of them first; how many are right, and how sure they are on average."""

    places: NDArray[np.intp]
    accuracy: float
    confidence: float


def stretch(summary: Summary, low: float, high: float) -> Stretch:
    """Rows of confidence in (low, high], as bins are; 0 is in the first. NaN for the means of none."""
    confidence, correct = summary.assessment.confidence, summary.assessment.correct
    inside = np.flatnonzero((confidence > low if low > 0 else confidence >= 0) & (confidence <= high))
    places = inside[np.lexsort((-confidence[inside], correct[inside]))]
    if not len(places):
        return Stretch(places, float("nan"), float("nan"))
    return Stretch(places, float(correct[places].mean()), float(confidence[places].mean()))


def stretch_rows(summary: Summary, found: Stretch, names: Sequence[str], ids: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """A line a row: its place in the file, counted from 1, or what `ids` call it; true class, answer, confidence, and whether that is right.

    `names` of the classes and `ids` are text from outside.
    """
    outputs, labels, at = summary.diagnosis.outputs, summary.diagnosis.labels, found.places
    answers = summary.diagnosis.logits[at].argmax(axis=1)
    called = [ids[row] if row < len(ids) else str(row + 1) for row in map(int, outputs.rows[at])]
    sure = [f"{value:.4f}" for value in summary.assessment.confidence[at]]
    right = summary.assessment.correct[at]
    return [
        (who, names[int(y)], names[int(a)], c, "1" if r else "0")
        for who, y, a, c, r in zip(called, labels[at], answers, sure, right)
    ]
