"""After training: three ways to mend confidence, and how much one ECE depends on the way it is counted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from lsviz.core import checks
from lsviz.core.calibration.binned import (
    EceDifference,
    ReliabilityDiagram,
    confidence_and_correct,
    ece_noise_floor,
    reliability_diagram,
    uniform_bins,
)
from lsviz.core.smoothing import desmooth
from lsviz.core.temperature import BOUNDS, fit_temperature, log_masses, newton_parts

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


TRIED = np.geomspace(0.25, 4, 33)  # temperatures; ECE jumps where a confidence crosses an edge, so it is tried, not descended


@dataclass(frozen=True)
class Cooled:
    """One network after the temperature that validation images chose: T, its diagram on test images, and its ECE in every resampling,
    (resamples,), of validation images, on which T is chosen anew, and of test images."""

    temperature: float
    diagram: ReliabilityDiagram
    draws: Floats


def cooled_anew(
    validation: tuple[ArrayLike, ArrayLike],
    test: tuple[ArrayLike, ArrayLike],
    by: str = "nll",
    *,
    resamples: int = 200,
    seed: int = 0,
) -> Cooled:
    """Cool a network by T of least validation "nll", or of least validation "ece" among `TRIED`. Both splits: logits (n, K), labels (n,).

    Networks on the same images are resampled alike by one seed, so that their draws can be subtracted.
    """
    checks.choice(by, "by", ("nll", "ece"))
    temperatures = (_by_nll if by == "nll" else _by_ece)(*validation, resamples, seed)
    points = np.log(temperatures)
    # The log of a confidence is smooth in log T: five places give all that lie between them.
    nodes = np.linspace(points.min(), points.max(), 5) if by == "nll" and np.ptp(points) else np.unique(points)
    masses, shares = log_masses(test[0], np.exp(nodes)), _shares(points, nodes)
    confidence, correct = confidence_and_correct(*test, float(temperatures[0]))
    diagram = reliability_diagram(confidence, correct)
    draws = np.empty(resamples)
    for i, times in enumerate(_resampled(len(correct), resamples, seed + 1)):
        claimed = np.minimum(np.exp(-(shares[i + 1] @ masses)), 1)
        excess = np.bincount(uniform_bins(claimed, diagram.edges), (claimed - correct) * times)
        draws[i] = np.abs(excess).sum() / len(correct)
    return Cooled(float(temperatures[0]), diagram, draws)


def cooled_difference(first: Cooled, second: Cooled, level: float = 0.95) -> EceDifference:
    """ECE of second - first, each after its own temperature.

    A temperature chosen anew may jump, so that basic and percentile bootstrap disagree: the interval holds both; and 0, as that of
    `ece_difference`, where neither ECE clears its noise floor.
    """
    difference = second.diagram.ece - first.diagram.ece
    low, high = (float(end) for end in np.quantile(second.draws - first.draws, [(1 - level) / 2, (1 + level) / 2]))
    low, high = min(low, 2 * difference - high), max(high, 2 * difference - low)
    if all(one.diagram.ece < ece_noise_floor(one.diagram, level=level).upper for one in (first, second)):
        low, high = min(low, 0.0), max(high, 0.0)
    return EceDifference(difference, low, high)


def _by_nll(logits: ArrayLike, labels: ArrayLike, resamples: int, seed: int) -> Floats:
    """T of least NLL, (1 + resamples,): of all rows, then one Newton step from it in log T on each resampling, of a factor 2 at most."""
    fitted = fit_temperature(logits, labels)
    parts = newton_parts(logits, labels, fitted)
    steps = np.zeros(1 + resamples)
    for i, times in enumerate(_resampled(parts.shape[1], resamples, seed), 1):
        slope, curvature = parts @ times
        steps[i] = fitted * slope / curvature if curvature > 0 else 0
    return np.clip(fitted * np.exp(np.clip(steps, -np.log(2), np.log(2))), *BOUNDS)


def _by_ece(logits: ArrayLike, labels: ArrayLike, resamples: int, seed: int) -> Floats:
    """The temperature of least ECE (15 bins) of `TRIED`, (1 + resamples,): of all rows, then of each resampling."""
    _, correct = confidence_and_correct(logits, labels)
    each, edges = np.arange(len(correct)), np.arange(16) / 15
    counts = np.vstack([np.ones(len(each)), _resampled(len(each), resamples, seed)]).T.astype(np.float32, "C")
    eces = []
    for confidence in np.minimum(np.exp(-log_masses(logits, TRIED)), 1):
        excess = sparse.csr_array(
            ((confidence - correct).astype(np.float32), (uniform_bins(confidence, edges), each)), (15, len(each))
        )
        eces.append(np.abs(excess @ counts).sum(axis=0))
    return TRIED[np.argmin(eces, axis=0)]


@lru_cache(maxsize=2)
def _resampled(n: int, resamples: int, seed: int) -> NDArray[np.uint8]:
    """How often each of n rows is drawn, (resamples, n): the same for every network."""
    rng = np.random.default_rng(seed)
    return np.stack([np.bincount(rng.integers(n, size=n, dtype=np.int32), minlength=n).astype(np.uint8) for _ in range(resamples)])


def _shares(points: Floats, nodes: Floats) -> Floats:
    """What each node tells of each point, (points, nodes): the polynomial through all nodes, by Lagrange."""
    apart = nodes[:, None] - nodes
    ratios = (points[:, None, None] - nodes) / np.where(apart == 0, 1, apart)
    ratios[:, apart == 0] = 1
    return ratios.prod(axis=2)


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
