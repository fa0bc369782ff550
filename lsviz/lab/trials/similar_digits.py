"""Similar classes live: digits learnt hard, smoothed evenly, and smoothed by a matrix that says which digits are alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core.calibration import (
    confidence_and_correct,
    nll_per_example,
    reliability_diagram,
)
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import crossed_interval
from lsviz.core.smoothing.wrong_classes import flatness, mean_off_target, off_target, similar_targets
from lsviz.lab.config import LabConfig
from lsviz.lab.data import LabData, make_data
from lsviz.lab.trials.trial import Steps, Tell, Trial, logits_of, trained

KINDS = ("hard", "even", "matrix")
SEEDS = 5
Difference = tuple[float, float, float]


@dataclass(frozen=True)
class Learnt:
    """One way to smooth, means over seeds and test digits; differences to even smoothing are paired over digits."""

    map: NDArray[np.float64]  # mean off-target distribution (K, K), diagonal NaN
    flatness: float
    accuracy: float
    nll: float
    ece: float
    against_even: Mapping[str, Difference]  # accuracy and nll


@dataclass(frozen=True)
class Alike:
    """The three, by name, with the alpha they were smoothed with."""

    alpha: float
    each: Mapping[str, Learnt]
    images: int
    seeds: int


@dataclass(frozen=True)
class AlikeTrial(Trial[Alike]):
    """`weights` (K, K): how alike the column is to the row's digit, relative to the row's others; the diagonal is not read."""

    alpha: float = 0.1
    weights: tuple[tuple[int, ...], ...] = ()
    seeds: int = SEEDS
    examples: int = 400
    epochs: int = 40

    def __post_init__(self) -> None:
        if not 0 < self.alpha <= 1:
            raise LsvizError("input.number", argument="alpha", value=self.alpha, low="just above 0", high=1)

    def run(self, tell: Tell) -> Alike:
        steps = Steps(tell, self.seeds)
        data = make_data(LabConfig(seed=self.seed, examples=self.examples))
        targets = np.stack(
            [
                similar_targets(weights, alpha)
                for weights, alpha in ((np.ones((10, 10)), 0.0), (np.ones((10, 10)), self.alpha), (self.weights, self.alpha))
            ]
        )
        made = []
        for seed in range(self.seeds):
            config = LabConfig(width=128, epochs=self.epochs, batch=50, seed=100 * self.seed + seed, alphas=(0.0,) * len(KINDS))
            made.append(logits_of(trained(config, data, steps, slope=matrix_slope(data, targets)), data.test_x))
        logits = dict(zip(KINDS, np.stack(made, axis=1)))  # name -> (seeds, n, K)
        scored = {name: _scored(one, data.test_y) for name, one in logits.items()}
        each = {name: _learnt(one, scored[name], scored["even"], data.test_y) for name, one in logits.items()}
        return Alike(self.alpha, each, len(data.test_y), self.seeds)


def matrix_slope(data: LabData, targets: ArrayLike):
    """Gradient by the logits of the cross-entropy against targets (M, K, K), a row for each label: p - target."""
    import torch

    asked = torch.as_tensor(np.asarray(targets, np.float64)[:, data.train_y])

    def slope(logits, rows):
        return logits.softmax(dim=2) - asked[:, rows].to(logits.dtype)

    return slope


def _scored(logits: NDArray, y: NDArray[np.intp]) -> tuple[NDArray, NDArray]:
    """Whether each seed answers each test digit right, and its NLL, of logits (seeds, n, K): (seeds, n) each."""
    right = np.stack([confidence_and_correct(one, y)[1] for one in logits])
    return right.astype(float), np.stack([nll_per_example(one, y) for one in logits])


def _learnt(logits: NDArray, scored: tuple[NDArray, NDArray], even: tuple[NDArray, NDArray], y: NDArray[np.intp]) -> Learnt:
    right, loss = scored
    drawn = np.mean([mean_off_target(one, y) for one in logits], axis=0)
    np.fill_diagonal(drawn, np.nan)
    flat = float(np.mean([flatness(off_target(one, y)).mean() for one in logits]))
    ece = float(np.mean([reliability_diagram(*confidence_and_correct(one, y)).ece for one in logits]))
    against = {"accuracy": crossed_interval(right - even[0]), "nll": crossed_interval(loss - even[1])}
    return Learnt(drawn, flat, float(right.mean()), float(loss.mean()), ece, against)
