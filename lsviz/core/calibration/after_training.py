"""After training: three ways to mend confidence, and how much one ECE depends on the way it is counted."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from lsviz.core import checks
from lsviz.core.calibration.binned import reliability_diagram
from lsviz.core.smoothing import desmooth

BIN_COUNTS = tuple(range(5, 51))

Floats = NDArray[np.float64]
Key = TypeVar("Key", bound=Hashable)


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


TRIED = np.geomspace(0.25, 4, 33)  # temperatures; ECE jumps where a confidence crosses an edge, so it is tried, not descended


@dataclass(frozen=True)
class Cooled:
    """One network after a temperature that validation images chose, by NLL and by ECE: T, and ECE on test images as it is and in
    every resampling, (resamples,), of validation images, on which T is chosen anew, and of test images."""

    temperature: Mapping[str, float]
    ece: Mapping[str, float]
    draws: Mapping[str, Floats]


def cooled_anew(
    networks: Mapping[Key, tuple[NDArray, NDArray, float]], validation_labels: NDArray, labels: NDArray, *, resamples: int = 100, seed: int = 0
) -> dict[Key, Cooled]:  # fmt: skip
    """Cool every network, (validation logits (m, K), test logits (n, K), T of least validation NLL), by that T or one of `TRIED`.

    All are resampled alike, so that their draws can be subtracted.
    """
    rng = np.random.default_rng(seed)
    counts = [
        np.vstack([np.ones(n), rng.multinomial(n, np.full(n, 1 / n), resamples)]).T for n in (len(validation_labels), len(labels))
    ]
    found = {}
    for key, (validation, test, fitted) in networks.items():
        tried = np.append(TRIED, fitted)
        losses, eces = _at_temperatures(validation, validation_labels, tried, counts[0])
        tested = _at_temperatures(test, labels, tried, counts[1])[1]
        chosen = {"nll": losses.argmin(axis=0), "ece": eces.argmin(axis=0)}
        after = {name: tested[at, np.arange(resamples + 1)] for name, at in chosen.items()}
        found[key] = Cooled(
            {name: float(tried[at[0]]) for name, at in chosen.items()},
            {name: float(values[0]) for name, values in after.items()},
            {name: values[1:] for name, values in after.items()},
        )
    return found


def cooled_difference(first: Cooled, second: Cooled, by: str, level: float = 0.95) -> tuple[float, float, float]:
    """ECE of second - first, each after its own temperature: (difference, low, high).

    A temperature chosen anew may jump, so that basic and percentile bootstrap disagree: the interval holds both.
    """
    difference = second.ece[by] - first.ece[by]
    low, high = (float(end) for end in np.quantile(second.draws[by] - first.draws[by], [(1 - level) / 2, (1 + level) / 2]))
    return difference, min(low, 2 * difference - high), max(high, 2 * difference - low)


def _at_temperatures(logits: NDArray, labels: NDArray, tried: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """NLL and ECE (15 bins of equal width) at temperatures (t,), (t, draws) each, with the n examples counted (n, draws) times."""
    z = np.asarray(logits, np.float32)
    z = z - z.max(axis=1, keepdims=True)
    each, total = np.arange(len(z)), len(z)
    short, correct = -z[each, labels].astype(np.float64), np.asarray(logits).argmax(axis=1) == labels
    losses, eces = np.empty((len(tried), counts.shape[1])), np.empty((len(tried), counts.shape[1]))
    for i, temperature in enumerate(tried):
        mass = np.exp(z / np.float32(temperature)).sum(axis=1, dtype=np.float64)
        confidence = 1 / mass
        place = np.clip(np.ceil(confidence * 15).astype(int) - 1, 0, 14)
        excess = sparse.csr_array((confidence - correct, (place, each)), (15, total))
        losses[i] = (short / temperature + np.log(mass)) @ counts / total
        eces[i] = np.abs(excess @ counts).sum(axis=0) / total
    return losses, eces


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
