"""Wrong labels live: digits learnt with a share of the labels replaced, at several strengths of smoothing and with the noise known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from lsviz.core.intervals import crossed_interval
from lsviz.core.smoothing import (
    backward_correction_rate,
    noise_rate_to_alpha,
    transition_matrix,
)
from lsviz.lab.config import LabConfig
from lsviz.lab.data import LabData, flip_labels, make_data
from lsviz.lab.trials.trial import Steps, Tell, Trial, logits_of, taken, trained

RATES = (0.0, 0.2, 0.4, 0.6)
STRENGTHS = (-0.4, 0.0, 0.1, 0.2, 0.4, 0.7)
SEEDS = 5
Difference = tuple[float, float, float]


@dataclass(frozen=True)
class Noised:
    """One noise rate and method over all seeds. Fractions; of the replaced training labels, NaN where there are none: learnt by heart, given the wrong or the true label."""

    accuracy: float
    against_hard: Difference | None  # paired over test digits, each digit's mean over the seeds
    learnt: float
    given: float
    true: float


@dataclass(frozen=True)
class Wrong:
    """By (noise rate, alpha), and by noise rate for the two corrections that know it."""

    cells: Mapping[tuple[float, float], Noised]
    corrected: Mapping[tuple[float, str], Noised]
    flipped: Mapping[float, int]  # replaced labels of one seed
    examples: int
    images: int
    seeds: int


@dataclass(frozen=True)
class WrongTrial(Trial[Wrong]):
    """The digits stay the same; every seed replaces other labels and starts from other weights."""

    rates: tuple[float, ...] = RATES
    alphas: tuple[float, ...] = STRENGTHS
    seeds: int = SEEDS
    examples: int = 400
    epochs: int = 40

    def run(self, tell: Tell) -> Wrong:
        steps = Steps(tell, self.seeds * (len(self.rates) + sum(rate > 0 for rate in self.rates)))
        whole = make_data(LabConfig(seed=self.seed, examples=self.examples))
        cells: dict[tuple[float, float], Noised] = {}
        corrected: dict[tuple[float, str], Noised] = {}
        flipped: dict[float, int] = {}
        for rate in self.rates:
            columns: dict[float | str, list[_Seen]] = {}
            for seed in range(self.seeds):
                data = self._noisy(whole, rate, seed)
                flipped[rate] = int(data.flipped.sum())
                for name, seen in self._networks(data, rate, seed, steps):
                    columns.setdefault(name, []).append(seen)
            for name, seen in columns.items():
                noised = _summed(seen, None if name == 0 else columns.get(0.0))
                if isinstance(name, str):
                    corrected[rate, name] = noised
                else:
                    cells[rate, name] = noised
        return Wrong(cells, corrected, flipped, len(whole.train_y), len(whole.test_y), self.seeds)

    def _noisy(self, whole: LabData, rate: float, seed: int) -> LabData:
        noisy = taken(whole, np.arange(len(whole.train_y)))
        noisy.train_y[:] = flip_labels(
            whole.clean_y, whole.num_classes, rate, "symmetric", np.random.default_rng([self.seed, seed, 7])
        )
        return noisy

    def _networks(self, data: LabData, rate: float, seed: int, steps: Steps):
        """Every network of one seed and rate, by name, as seen on test digits and on replaced labels."""
        backward = (
            max(-2.0, backward_correction_rate(float(noise_rate_to_alpha(rate, data.num_classes)))) if rate else 0.0
        )  # -2 is the lab's least
        alphas = (*self.alphas, backward) if rate else self.alphas
        config = LabConfig(width=128, epochs=self.epochs, batch=50, seed=100 * self.seed + seed, alphas=alphas)
        smoothed = _seen(trained(config, data, steps), data)
        yield from zip((*self.alphas, "backward"), smoothed)
        if rate:
            slope = forward_slope(data, transition_matrix(data.num_classes, float(noise_rate_to_alpha(rate, data.num_classes))))
            one = LabConfig(width=128, epochs=self.epochs, batch=50, seed=100 * self.seed + seed, alphas=(0.0,))
            yield "forward", _seen(trained(one, data, steps, slope=slope), data)[0]


def forward_slope(data: LabData, transition: NDArray):
    """Gradient of -log (T' p)_y by the logits: p - p T_.y / (T' p)_y (Patrini et al. 2017)."""
    import torch

    to_label = torch.as_tensor(
        np.asarray(transition, np.float64)[:, data.train_y].T.copy()
    )  # (n, K): chance that each class is labelled so

    def slope(logits, rows):
        p = logits.softmax(dim=2)
        weighted = p * to_label[rows].to(p.dtype)
        return p - weighted / weighted.sum(dim=2, keepdim=True)

    return slope


@dataclass(frozen=True)
class _Seen:
    right: NDArray[np.float64]  # (n,) of the test digits
    learnt: float
    given: float
    true: float


def _seen(networks, data: LabData) -> list[_Seen]:
    right = logits_of(networks, data.test_x).argmax(axis=2) == data.test_y
    wrong = np.flatnonzero(data.flipped)
    if not len(wrong):
        return [_Seen(one.astype(float), np.nan, np.nan, np.nan) for one in right]
    logits = logits_of(networks, data.train_x[wrong]).astype(np.float64)
    p = softmax(logits, axis=2)
    each = np.arange(len(wrong))
    learnt = logits.argmax(axis=2) == data.train_y[wrong]
    return [
        _Seen(
            one.astype(float),
            float(learnt[m].mean()),
            float(p[m, each, data.train_y[wrong]].mean()),
            float(p[m, each, data.clean_y[wrong]].mean()),
        )
        for m, one in enumerate(right)
    ]


def _summed(seen: list[_Seen], hard: list[_Seen] | None) -> Noised:
    against = None if hard is None else crossed_interval([a.right - b.right for a, b in zip(seen, hard)])
    mean = lambda name: float(np.mean([getattr(one, name) for one in seen]))
    return Noised(float(np.mean([one.right.mean() for one in seen])), against, mean("learnt"), mean("given"), mean("true"))
