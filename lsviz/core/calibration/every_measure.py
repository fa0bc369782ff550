"""Every measure of one network's calibration, each with a bootstrap interval and what chance alone would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from lsviz.core import checks
from lsviz.core.calibration import binned
from lsviz.core.calibration.assessment import NUM_BINS
from lsviz.core.calibration.registry import RESAMPLED, Sample
from lsviz.core.temperature import apply_temperature

MEASURES = tuple(RESAMPLED)
UNBOUNDED = tuple(name for name, entry in RESAMPLED.items() if not entry.share)
ERRORS = tuple(name for name, entry in RESAMPLED.items() if entry.error)  # 0 is perfect

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """A number, its 95 % interval, and the median and 95 % quantile it would have if every probability were true."""

    value: float
    low: float
    high: float
    chance: float
    chance_upper: float


def measures(
    logits: ArrayLike, labels: ArrayLike, *, resamples: int = 200, level: float = 0.95, seed: int = 0,
    progress: Callable[[float], None] = lambda share: None,
) -> Mapping[str, Measure]:  # fmt: skip
    """Every measure of the registry that any sample has, for logits (n, K) and labels (n,); fractions, NLL in nats.

    Interval: basic bootstrap over examples (2 value - quantiles). Chance: labels drawn anew from the network's own
    probabilities. Where 0 is perfect, the interval starts at 0 unless the value clears its chance quantile. The Murphy and
    CORP terms belong to the Brier score of the top label; reliability and miscalibration count against a network.
    """
    probs = apply_temperature(logits, 1.0)
    labels = checks.class_labels(labels, *probs.shape)
    examples = _Examples(probs)
    rng = np.random.default_rng(seed)
    n, num_classes = probs.shape
    found = examples.measured(labels, np.arange(n))
    draws, chance = np.empty((2, resamples, len(MEASURES)))
    cumulative = np.cumsum(probs, axis=1)
    for i in range(resamples):
        draws[i] = list(examples.measured(labels, rng.integers(n, size=(n,))).values())
        redrawn = np.minimum((rng.random((n, 1)) > cumulative).sum(axis=1), num_classes - 1)
        chance[i] = list(examples.measured(redrawn, np.arange(n)).values())
        progress((i + 1) / resamples)
    tails = [(1 + level) / 2, (1 - level) / 2]
    made = {}
    for i, (name, value) in enumerate(found.items()):
        low, high = np.maximum(2 * value - np.nanquantile(draws[:, i], tails), 0.0)
        median, upper = np.nanquantile(chance[:, i], [0.5, level])
        if name in ERRORS and value < upper:
            low = 0.0
        if name not in UNBOUNDED:
            high = min(high, 1.0)
        made[name] = Measure(value, float(low), float(high), float(median), float(upper))
    return made


class _Examples:
    """What does not change between resamples: confidence, answer, and the class-wise bins of every probability."""

    def __init__(self, probs: Floats) -> None:
        n, self.num_classes = probs.shape
        self.probs, self.top = probs, probs.argmax(axis=1)
        self.confidence = np.minimum(probs.max(axis=1), 1.0)
        self.square = np.einsum("nk,nk->n", probs, probs)
        edges = binned.bin_edges([0.0], NUM_BINS)
        bins = binned.uniform_bins(np.minimum(probs.ravel(), 1.0), edges).reshape(n, -1)
        self.column = bins + np.arange(self.num_classes) * NUM_BINS  # (n, K): the class-wise bin of each probability
        rows = np.repeat(np.arange(n), self.num_classes)
        shape = (n, self.num_classes * NUM_BINS)
        self.claimed = sparse.csr_array((probs.ravel(), (rows, self.column.ravel())), shape).T.tocsr()  # (K B, n)

    def measured(self, labels: NDArray, rows: NDArray) -> dict[str, float]:
        """Every measure of the examples `rows` (m,), repeated ones included, under `labels` (n,)."""
        sample = _Drawn(self, labels, rows)
        return {name: entry.drawn(sample) for name, entry in RESAMPLED.items()}


class _Drawn(Sample):
    """Some rows of `examples`: what sums over classes comes from what was worked out for all rows, not from probabilities."""

    def __init__(self, examples: _Examples, labels: NDArray, rows: NDArray) -> None:
        correct = (examples.top == labels)[rows]
        super().__init__(examples.confidence[rows], correct, labels[rows], lambda: examples.probs[rows])
        self.examples, self.all_labels, self.rows = examples, labels, rows

    @cached_property
    def true(self) -> Floats:
        """Probability of the label, of all n examples."""
        return self.examples.probs[np.arange(len(self.all_labels)), self.all_labels]

    def nll(self) -> float:
        return float(-np.log(np.maximum(self.true[self.rows], 1e-300)).mean())

    def brier(self) -> float:
        return float((self.examples.square - 2 * self.true + 1)[self.rows].mean())

    def classwise(self) -> float:
        examples, labels = self.examples, self.all_labels
        times = np.bincount(self.rows, minlength=len(labels)).astype(np.float64)
        excess = examples.claimed @ times
        excess -= np.bincount(examples.column[np.arange(len(labels)), labels], times, len(excess))
        return float(np.abs(excess).sum() / len(self.rows) / examples.num_classes)
