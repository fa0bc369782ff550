"""After training: three ways to mend confidence, and how much one ECE depends on the way it is counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.calibration.binned import confidence_and_correct, reliability_diagram
from lsviz.core.smoothing import desmooth

BIN_COUNTS = tuple(range(5, 51))

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class DeSmoothed:
    """Probabilities (n, K) with the smoothing taken out, and the share of rows in which some class had to be cut at 0."""

    probs: Floats
    clipped: float


def desmoothed(probs: ArrayLike, alpha: float) -> DeSmoothed:
    """eta = (p - alpha/N) / (1 - alpha), cut at 0 and rescaled to sum 1, from probabilities (n, K).

    The smoothed loss is least at p = (1 - alpha) eta + alpha/N, so at that optimum this is its exact inverse; a trained network
    is not there, and negative entries show how far. The order of the classes does not change. Raises LsvizError unless
    0 <= alpha <= 0.999.
    """
    cut = (desmooth(probs, alpha, clip=False) < -1e-12).any(axis=1)
    return DeSmoothed(desmooth(probs, alpha), float(cut.mean()))


def temperature_of_least_ece(logits: ArrayLike, labels: ArrayLike) -> float:
    """The temperature of least ECE (15 bins) on logits (n, K) and labels (n,), of 33 between 0.25 and 4; the nearest to 1 of equals.

    ECE jumps where a confidence crosses an edge, so it is tried rather than descended.
    """
    tried = np.geomspace(0.25, 4, 33)
    eces = [reliability_diagram(*confidence_and_correct(logits, labels, float(t))).ece for t in tried]
    return float(min(zip(eces, np.abs(np.log(tried)), tried))[2])


def confidence_ceiling(num_classes: int, alpha: float) -> float:
    """t = 1 - alpha + alpha/N, what a network that hits its smoothed targets claims at most."""
    return 1 - alpha + alpha / num_classes


def ece_bound(accuracy: float, num_classes: int, alpha: float) -> float:
    """accuracy - t: no ECE is smaller while no confidence exceeds t, since ECE >= |accuracy - mean confidence|."""
    return max(0.0, accuracy - confidence_ceiling(num_classes, alpha))


def bound_start(accuracy: float, num_classes: int) -> float:
    """The alpha beyond which `ece_bound` is above 0: (1 - accuracy) N / (N - 1), where t falls to the accuracy."""
    return (1 - accuracy) * num_classes / (num_classes - 1)


@dataclass(frozen=True)
class Estimates:
    """The ECE of the same predictions over 5 to 50 bins, (46,) each: three ways to cut them."""

    right_closed: Floats  # equal width, (lo, hi]: Guo et al. (2017)
    left_closed: Floats  # equal width, [lo, hi), where a confidence of exactly 1 falls out of the last bin
    mass: Floats  # equal count

    @property
    def range(self) -> tuple[float, float]:
        every = np.concatenate([self.right_closed, self.left_closed, self.mass])
        return float(every.min()), float(every.max())


def ece_estimates(confidence: ArrayLike, correct: ArrayLike) -> Estimates:
    """Count the ECE of confidence (n,) and correct (n,) in every way of `Estimates`."""
    c = checks.unit_vector(confidence)
    y = checks.truth_vector(correct, len(c))
    uniform, mass = ([reliability_diagram(c, y, bins, strategy).ece for bins in BIN_COUNTS] for strategy in ("uniform", "mass"))
    return Estimates(np.array(uniform), np.array([_left_closed(c, y, bins) for bins in BIN_COUNTS]), np.array(mass))


def _left_closed(c: Floats, y: NDArray[np.bool_], bins: int) -> float:
    place = np.searchsorted(np.arange(1, bins + 1) / bins, c, side="right")  # edge b belongs to the bin above it
    inside = place < bins
    gaps = np.bincount(place[inside], (c - y)[inside], minlength=bins)
    return float(np.abs(gaps).sum() / len(c))
