"""Bias and variance live: the same network trained on many small training sets of digits, at every alpha."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lsviz.core.calibration import confidence_and_correct, nll, nll_per_example, reliability_diagram
from lsviz.core.comparing.bias_variance import Decomposition, decompose_brier, decompose_nll
from lsviz.core.intervals import chance_of, crossed_interval
from lsviz.lab.config import ALPHAS, LabConfig
from lsviz.lab.data import make_data
from lsviz.lab.trials.trial import Steps, Tell, Trial, logits_of, taken, trained

Difference = tuple[float, float, float]  # mean, low, high
SIZES = (50, 150, 400)  # training digits
SEEDS = 8


@dataclass(frozen=True)
class Samples:
    """By training-set size: the two decompositions by alpha, and of every network accuracy, NLL and ECE on test digits, (seeds, M)."""

    alphas: tuple[float, ...]
    brier: Mapping[int, Mapping[float, Decomposition]]
    nll: Mapping[int, Mapping[float, Decomposition]]
    metrics: Mapping[int, Mapping[str, NDArray[np.float64]]]
    differences: Mapping[int, Mapping[str, tuple[Difference, ...]]]  # accuracy and NLL minus hard, over seeds and test digits
    chances: Mapping[int, Mapping[str, tuple[float, ...]]]  # p-values of these differences
    images: int  # of testing
    pool: int  # training digits that the samples are drawn from
    seeds: int = SEEDS


@dataclass(frozen=True)
class SamplesTrial(Trial[Samples]):
    """Each seed draws its own training digits, initial weights and batches; all alphas of a seed share them, the test digits are always the same."""

    sizes: tuple[int, ...] = SIZES
    seeds: int = SEEDS
    epochs: int = 40
    alphas: tuple[float, ...] = ALPHAS

    def run(self, tell: Tell) -> Samples:
        steps = Steps(tell, len(self.sizes) * self.seeds)
        whole = make_data(LabConfig(seed=self.seed))
        brier, cross, metrics, differences, chances = {}, {}, {}, {}, {}
        for size in self.sizes:
            logits = np.stack([self._network(whole, size, seed, steps) for seed in range(self.seeds)]).swapaxes(
                0, 1
            )  # (M, seeds, n, K)
            brier[size] = {alpha: decompose_brier(one, whole.test_y) for alpha, one in zip(self.alphas, logits)}
            cross[size] = {alpha: decompose_nll(one, whole.test_y) for alpha, one in zip(self.alphas, logits)}
            metrics[size] = _metrics(logits, whole.test_y)
            differences[size], chances[size] = _differences(logits, whole.test_y)
        return Samples(self.alphas, brier, cross, metrics, differences, chances, len(whole.test_y), len(whole.train_y), self.seeds)

    def _network(self, whole, size: int, seed: int, steps: Steps) -> NDArray[np.float32]:
        """Test logits (M, n, K) of one seed's networks."""
        rows = np.random.default_rng([self.seed, size, seed]).permutation(len(whole.train_x))[:size]
        config = LabConfig(width=64, epochs=self.epochs, batch=25, rate=2e-3, seed=100 * self.seed + seed, alphas=self.alphas)
        return logits_of(trained(config, taken(whole, rows), steps), whole.test_x)


def _differences(
    logits: NDArray, labels: NDArray[np.intp]
) -> tuple[dict[str, tuple[Difference, ...]], dict[str, tuple[float, ...]]]:
    """Every alpha of logits (M, seeds, n, K) minus the first, hard one, and the p-values."""
    right = [(one.argmax(axis=2) == labels).astype(float) for one in logits]
    loss = [np.stack([nll_per_example(z, labels) for z in one]) for one in logits]
    apart = {
        name: [partial(crossed_interval, each - values[0]) for each in values]
        for name, values in (("accuracy", right), ("nll", loss))
    }
    return (
        {name: tuple(interval() for interval in each) for name, each in apart.items()},
        {name: (1.0, *map(chance_of, each[1:])) for name, each in apart.items()},
    )


def _metrics(logits: NDArray, labels: NDArray[np.intp]) -> dict[str, NDArray[np.float64]]:
    found: dict[str, list[list[float]]] = {"accuracy": [], "nll": [], "ece15": []}
    for networks in logits.swapaxes(0, 1):
        scored = [confidence_and_correct(one, labels) for one in networks]
        found["accuracy"].append([correct.mean() for _, correct in scored])
        found["nll"].append([nll(one, labels) for one in networks])
        found["ece15"].append([reliability_diagram(*pair).ece for pair in scored])
    return {name: np.array(values) for name, values in found.items()}
