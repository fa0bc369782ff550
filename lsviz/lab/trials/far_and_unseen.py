"""Far and unseen: how sure networks of every alpha are where there are no data, and of digits that they were never shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax, stdtrit

from lsviz.core.comparing.selective import SCORES, auroc_parts, score_of
from lsviz.lab.config import ALPHAS, LabConfig
from lsviz.lab.data import LabData, make_data
from lsviz.lab.trials.trial import Steps, Tell, Trial, logits_of, trained

SEEDS = 5
SEEN = 8  # the digits 0 to 7 are learnt, 8 and 9 are not
# From the mean of the data, in its root mean square distance from there.
DISTANCES = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
DIRECTIONS = 300
Difference = tuple[float, float, float]
_FIELDS = ("train_x", "train_y", "clean_y", "validation_x", "validation_y", "test_x", "test_y")


@dataclass(frozen=True)
class Unseen:
    """By score, then alpha: AUROC of learnt against unseen digits, and its difference to the hard network's (mean, low, high).

    `sure` (M, len(DISTANCES)): mean top probability on random directions, over seeds; `seen` and `unseen` count test digits.
    """

    alphas: tuple[float, ...]
    auroc: Mapping[str, tuple[float, ...]]
    against_hard: Mapping[str, tuple[Difference, ...]]
    sure: NDArray[np.float64]
    seen: int
    unseen: int
    examples: int
    seeds: int


@dataclass(frozen=True)
class UnseenTrial(Trial[Unseen]):
    """Every seed starts from its own weights and batches; all alphas of a seed share them. The digits are the same for all."""

    seeds: int = SEEDS
    examples: int = 400
    epochs: int = 40
    alphas: tuple[float, ...] = ALPHAS

    def run(self, tell: Tell) -> Unseen:
        steps = Steps(tell, self.seeds)
        data, unseen = learnt_and_unseen(make_data(LabConfig(seed=self.seed)), self.examples)
        rays = np.random.default_rng([self.seed, 5]).normal(size=(DIRECTIONS, data.train_x.shape[1]))
        rays *= np.sqrt((data.train_x**2).sum(axis=1).mean()) / np.linalg.norm(rays, axis=1, keepdims=True)
        parts: dict[str, list[list[tuple[NDArray, NDArray]]]] = {score: [] for score in SCORES}
        sure = np.zeros((len(self.alphas), len(DISTANCES)))
        for seed in range(self.seeds):
            config = LabConfig(
                num_classes=SEEN, width=128, epochs=self.epochs, batch=50, seed=100 * self.seed + seed, alphas=self.alphas
            )
            networks = trained(config, data, steps)
            known, strange = logits_of(networks, data.test_x), logits_of(networks, unseen)
            for score in SCORES:
                parts[score].append([auroc_parts(score_of(a, score), score_of(b, score)) for a, b in zip(known, strange)])
            for place, distance in enumerate(DISTANCES):
                sure[:, place] += softmax(logits_of(networks, distance * rays), axis=2).max(axis=2).mean(axis=1) / self.seeds
        areas = {
            score: tuple(float(np.mean([networks[m][0].mean() for networks in each])) for m in range(len(self.alphas)))
            for score, each in parts.items()
        }
        against = {
            score: tuple(_difference([(networks[0], networks[m]) for networks in each]) for m in range(len(self.alphas)))
            for score, each in parts.items()
        }
        return Unseen(self.alphas, areas, against, sure, len(data.test_y), len(unseen), len(data.train_y), self.seeds)


def learnt_and_unseen(whole: LabData, examples: int) -> tuple[LabData, NDArray[np.float64]]:
    """The digits below `SEEN`, `examples` of them to train on, standardised by these alone; and every other digit (m, d)."""
    rows = np.flatnonzero(whole.train_y < SEEN)[:examples]
    centre = whole.train_x[rows].mean(axis=0)
    scale = (whole.train_x[rows] - centre).std()
    fit = lambda x: (x - centre) / scale
    keep = lambda x, y: (fit(x[y < SEEN]), y[y < SEEN])
    validation, test = keep(whole.validation_x, whole.validation_y), keep(whole.test_x, whole.test_y)
    train = fit(whole.train_x[rows]), whole.train_y[rows], whole.clean_y[rows]
    every = ((whole.train_x, whole.train_y), (whole.validation_x, whole.validation_y), (whole.test_x, whole.test_y))
    unseen = np.concatenate([fit(x[y >= SEEN]) for x, y in every])
    return replace(whole, **dict(zip(_FIELDS, (*train, *validation, *test))), names=whole.names[:SEEN]), unseen


Parts = tuple[NDArray[np.float64], NDArray[np.float64]]


def _difference(pairs: Sequence[tuple[Parts, Parts]]) -> Difference:
    """Mean over seeds of the second AUROC minus the first, and its interval over seeds, learnt and unseen digits (DeLong et al. 1988).

    The three variances are added though that of the seeds holds a share of the others, so the interval is a little too wide.
    """
    seen, unseen = (np.stack([second[i] - first[i] for first, second in pairs]) for i in (0, 1))
    each = seen.mean(axis=1)
    variance = sum(part.mean(axis=0).var(ddof=1) / part.shape[1] for part in (seen, unseen)) + each.var(ddof=1) / len(each)
    half = float(stdtrit(len(each) - 1, 0.975) * np.sqrt(variance))
    return float(each.mean()), float(each.mean()) - half, float(each.mean()) + half
