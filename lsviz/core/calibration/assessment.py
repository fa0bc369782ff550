"""All that is said about one network's calibration: its numbers, how sure they are, and what a temperature makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.calibration import binned
from lsviz.core.calibration.binned import EceInterval, ReliabilityDiagram
from lsviz.core.calibration.events import event_probability
from lsviz.core.calibration.kernel_smoothed import smooth_ece
from lsviz.core.intervals import mean_interval, side
from lsviz.core.temperature import apply_temperature, log_masses

NUM_BINS = 15  # of every ECE that is reported as a number, whatever bins a diagram shows
MIN_COUNT = 20  # a bin smaller than this does not count for the largest gap
TEMPERATURES = np.geomspace(0.25, 8, 25)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Assessment:
    """Calibration of one network on one set of n images, at one temperature. Fractions, never per cent; NLL in nats."""

    confidence: Floats  # (n,)
    correct: NDArray[np.bool_]  # (n,)
    accuracy: float
    nll: float
    brier: float  # summed over classes
    ece: EceInterval  # 15 bins of equal width
    ece_mass: float  # 15 bins of equal count
    smooth_ece: float
    max_gap: float  # over bins of at least 20 images
    signed_gap: float  # mean confidence - accuracy
    gap_low: float
    gap_high: float

    @property
    def mean_confidence(self) -> float:
        return self.accuracy + self.signed_gap

    @property
    def verdict(self) -> str:
        return calibrated(self.gap_low, self.gap_high, self.ece.ece, self.ece.floor.upper)

    def diagram(self, num_bins: int = NUM_BINS, strategy: str = "uniform", edges: ArrayLike | None = None) -> ReliabilityDiagram:
        """The reliability diagram of these predictions."""
        return binned.reliability_diagram(self.confidence, self.correct, num_bins, strategy, edges=edges)


def calibrated(gap_low: float, gap_high: float, ece: float, floor: float) -> str:
    """What may be said of a network's confidence: "over" or "under" where the interval of the mean gap is clear of 0; else "uneven"
    where its ECE is more than chance gives a calibrated one, for gaps that cancel are no calibration; else "right"."""
    return {1: "over", -1: "under"}.get(side(gap_low, gap_high), "uneven" if ece > floor else "right")


def assess(logits: ArrayLike, labels: ArrayLike, temperature: float = 1.0, *, level: float = 0.95) -> Assessment:
    """Assess logits (n, K) against labels (n,) after dividing by `temperature`.

    The signed gap is a mean over images, so its interval is the normal one: mean +- z sd / sqrt(n).
    """
    logits = _single(logits)
    confidence, correct = binned.confidence_and_correct(logits, labels, temperature)
    brier = binned.brier(apply_temperature(logits, temperature), labels)
    return _assessment(
        confidence, correct, _shortfall(logits, labels) / temperature - float(np.log(confidence).mean()), brier, level
    )


def assess_event(logits: ArrayLike, labels: ArrayLike, event: str, *, level: float = 0.95) -> Assessment:
    """Assess the probability of one event (`events.event_probability`) by logits (n, K) against labels (n,).

    "Accuracy" is then how often the event happened; NLL and Brier score are those of the event and its opposite.
    """
    probs = apply_temperature(_single(logits), 1.0)
    chance, happened = event_probability(probs, labels, event)
    given = np.where(happened, chance, 1 - chance)
    nll = float(-np.log(np.maximum(given, np.finfo(np.float32).tiny)).mean())
    return _assessment(chance, happened, nll, float(2 * ((chance - happened) ** 2).mean()), level)


def _assessment(confidence: Floats, correct: NDArray[np.bool_], nll: float, brier: float, level: float) -> Assessment:
    diagram = binned.reliability_diagram(confidence, correct, NUM_BINS)
    gap, low, high = mean_interval(confidence - correct, level=level)
    for array in (confidence, correct):
        array.flags.writeable = False  # shared by every session once cached
    return Assessment(
        confidence=confidence,
        correct=correct,
        accuracy=diagram.mean_accuracy,
        nll=nll,
        brier=brier,
        ece=binned.ece_interval(diagram, level=level),
        ece_mass=binned.reliability_diagram(confidence, correct, NUM_BINS, "mass").ece,
        smooth_ece=smooth_ece(confidence, correct),
        max_gap=diagram.max_gap(MIN_COUNT),
        signed_gap=gap,
        gap_low=low,
        gap_high=high,
    )


@dataclass(frozen=True)
class TemperatureCurve:
    """ECE-15 and NLL on one set of images over temperatures (t,), and the temperature that was chosen."""

    temperatures: Floats  # (t,)
    ece: Floats  # (t,)
    nll: Floats  # (t,)
    fitted: float


def temperature_curve(
    logits: ArrayLike, labels: ArrayLike, fitted: float, temperatures: ArrayLike = TEMPERATURES
) -> TemperatureCurve:
    """ECE and NLL of logits (n, K), labels (n,) over `temperatures`; `fitted` is the one that was chosen."""
    logits = _single(logits)
    labels = checks.class_labels(labels, *logits.shape)
    temperatures = np.asarray(temperatures, dtype=np.float64)
    correct, masses = logits.argmax(axis=1) == labels, log_masses(logits, temperatures)
    nll = _shortfall(logits, labels) / temperatures + masses.mean(axis=1)
    ece = np.array([binned.reliability_diagram(np.minimum(np.exp(-one), 1), correct, NUM_BINS).ece for one in masses])
    return TemperatureCurve(temperatures, ece, nll, fitted)


def _shortfall(logits: NDArray, labels: ArrayLike) -> float:
    """The mean of max z - z_y: -log p_y is this over T less the log of the confidence."""
    return float((logits.max(axis=1).astype(np.float64) - logits[np.arange(len(logits)), np.asarray(labels, np.intp)]).mean())


def _single(logits: ArrayLike) -> NDArray:
    """Checked logits (n, K); stored half precision becomes single, which loses nothing and is twice as fast."""
    logits = checks.scores(logits)
    return logits.astype(np.float32) if logits.dtype == np.float16 else logits


def cut(network: Assessment, num_bins: int, strategy: str, edges: Sequence[float]) -> ReliabilityDiagram:
    """The bins of one network under a `strategy` of `diagram_numbers`; "smooth" keeps those of equal width for its data."""
    if strategy == "own":
        return network.diagram(edges=(0.0, *edges, 1.0))
    return network.diagram(num_bins, "mass" if strategy == "mass" else "uniform")


@dataclass(frozen=True)
class Scaled:
    """One network under temperatures: as it is, at its fitted T, and over all of them."""

    before: Assessment
    after: Assessment
    curve: TemperatureCurve
