"""What smoothing would do to a network's confidence, told from the hard network alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lsviz.core.calibration.assessment import Assessment
from lsviz.core.comparing.changes import Change
from lsviz.core.intervals import mean_interval

Interval = tuple[float, float, float]  # value, low, high


@dataclass(frozen=True)
class Closing:
    """The alpha at which the mean gap is foretold to close, with the ends that the hard gap's interval gives."""

    alpha: float
    low: float
    high: float


def foretold_gaps(hard: Assessment, num_classes: int, alphas: Sequence[float]) -> dict[float, Interval]:
    """(1 - alpha) c + alpha / N - accuracy with its interval over images: smoothing's targets, applied to a hard network's answers."""
    return {a: mean_interval((1 - a) * hard.confidence + a / num_classes - hard.correct) for a in alphas}


def foretold_closing(hard: Assessment, num_classes: int) -> Closing | None:
    """alpha* = (c - accuracy) / (c - 1/N); None unless the network is over-confident."""
    if hard.verdict != "over":
        return None
    reach = hard.mean_confidence - 1 / num_classes
    return Closing(*(min(gap / reach, 1.0) for gap in (hard.signed_gap, hard.gap_low, hard.gap_high)))


def measured_closing(gaps: Mapping[float, float]) -> float | None:
    """Where the measured gaps by rising alpha first fall from above 0 to 0 or below, between the two by a straight line; None if they do not."""
    points = list(gaps.items())
    for (a, before), (b, after) in zip(points, points[1:]):
        if before > 0 >= after:
            return a + (b - a) * before / (before - after)
    return None


def foretold_against(hard: Assessment, soft: Assessment, num_classes: int, alpha: float) -> Change:
    """The gap measured at alpha from the one foretold, over the same images: "less" where smoothing takes more confidence than told."""
    foretold = (1 - alpha) * hard.confidence + alpha / num_classes - hard.correct
    measured = soft.confidence - soft.correct
    _, low, high = mean_interval(measured - foretold)
    return Change("signed_gap", float(foretold.mean()), float(measured.mean()), low, high)
