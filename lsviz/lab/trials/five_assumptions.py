"""One data set in the plane, five assumptions added to the same training: what each makes a network believe where there are no data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from lsviz.core.errors import LsvizError
from lsviz.lab.config import LabConfig
from lsviz.lab.data import make_data
from lsviz.lab.trials.five_losses import losses_slope
from lsviz.lab.trials.trial import Steps, Tell, Trial, epochs_of, logits_of, trained

PRIORS = ("hard", "smoothed", "decay", "stopped", "penalty")
STRENGTHS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)  # alphas
DECAYS = tuple(round(10 ** (-4 + 0.15 * i), 6) for i in range(25))  # 0.0001 to 0.4
PENALTIES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.5, 2.0, 4.0)
SIDE = 40  # cells of the field along one side
ROOM = 1.6  # how far the field reaches beyond the data, in the standard deviation of the features
NEAR, FAR = 0.3, 1.2  # a cell this near to, or this far from, the nearest training example
KINDS: Mapping[str, dict] = {
    "moons": dict(data="moons", num_classes=2, examples=80, feature_noise=0.2),
    "blobs": dict(data="blobs", num_classes=3, examples=90, overlap=0.32),
}


@dataclass(frozen=True)
class Prior:
    """One assumption at every strength: what it was set to, and what its network says."""

    setting: tuple[float, ...]  # alpha, weight decay, epoch or weight of the penalty; (S,)
    levels: NDArray[np.uint16]  # (S, SIDE, SIDE): 100 x (answer + confidence), rows upwards
    sure: NDArray[np.float64]  # mean confidence on the training examples, near them and far from all, (S, 3)
    accuracy: tuple[float, ...]  # on 1,000 test examples


@dataclass(frozen=True)
class Priors:
    """The five, by name; `alphas` (S,) are the strengths of the smoothed one, which the others are matched to."""

    alphas: tuple[float, ...]
    each: Mapping[str, Prior]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    points: NDArray[np.float64]
    labels: NDArray[np.intp]
    names: tuple[str, ...]
    nbytes: int = 0


@dataclass(frozen=True)
class PriorsTrial(Trial[Priors]):
    """Same data, weights and batches. Each assumption is as strong as makes it, of all strengths tried, most nearly as sure as the
    smoothed network on the training examples: then the fields differ in where confidence goes, not in how much there is."""

    kind: str = "moons"

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise LsvizError("input.choice", argument="kind", value=self.kind, choices=", ".join(KINDS))

    def config(self, count: int, alphas: tuple[float, ...] = ()) -> LabConfig:
        """`count` networks of this data set."""
        return LabConfig(
            depth=2, width=64, epochs=200, batch=20, rate=3e-3, seed=self.seed, alphas=alphas or (0.0,) * count, **KINDS[self.kind]
        )

    def run(self, tell: Tell) -> Priors:
        steps = Steps(tell, 4)
        data = make_data(self.config(1))
        field = _Field(data)
        smoothed = field.look(trained(self.config(0, STRENGTHS), data, steps))
        aim = smoothed[1][:, 0]
        epochs = [field.look(networks) for networks in epochs_of(self.config(1), data, steps)]
        by_epoch = tuple(np.concatenate(parts) for parts in zip(*epochs))
        decayed = field.look(trained(self.config(len(DECAYS)), data, steps, decays=DECAYS))
        penalised = field.look(trained(self.config(len(PENALTIES)), data, steps, slope=penalty_slope(data, PENALTIES)))
        last = np.full(len(STRENGTHS), len(epochs) - 1)
        hard = [i for i, alpha in enumerate(STRENGTHS) if alpha == 0]
        near = lambda found: np.abs(found[1][:, 0][None, :] - aim[:, None]).argmin(axis=1)
        each = {
            "hard": _picked(range(1, len(epochs) + 1), by_epoch, last),
            "smoothed": _picked(STRENGTHS, smoothed, np.arange(len(STRENGTHS))),
            "decay": _picked(DECAYS, decayed, near(decayed)),
            "stopped": _picked(range(1, len(epochs) + 1), by_epoch, _stopped(by_epoch[1][:, 0], aim)),
            "penalty": _picked(PENALTIES, penalised, near(penalised)),
        }
        for name in ("decay", "stopped", "penalty"):  # at alpha 0 nothing is added
            each[name] = _replaced(each[name], hard, each["hard"])
        x, y = field.axes
        return Priors(
            STRENGTHS, each, x, y, data.train_x, data.train_y, data.names, sum(one.levels.nbytes for one in each.values())
        )


def penalty_slope(data, weights):
    """Gradient of CE - b H(p) by the logits, b for each network (M,)."""
    return losses_slope(data, [("penalty", b) for b in weights])


class _Field:
    """A raster that reaches beyond the data, and which of its cells are near to and far from them."""

    def __init__(self, data) -> None:
        low, high = data.train_x.min(axis=0) - ROOM, data.train_x.max(axis=0) + ROOM
        self.axes = tuple(np.linspace(a, b, SIDE) for a, b in zip(low, high))
        across, up = np.meshgrid(*self.axes)
        self.cells = np.stack([across.ravel(), up.ravel()], axis=1)
        nearest = np.sqrt(((self.cells[:, None] - data.train_x[None]) ** 2).sum(axis=2)).min(axis=1)
        self.near, self.far = nearest < NEAR, nearest > FAR
        self.data = data

    def look(self, networks) -> tuple[NDArray, NDArray, NDArray]:
        """Of M networks: levels (M, SIDE, SIDE), mean confidence on examples, near and far (M, 3), test accuracy (M,)."""
        confidence, answer = _answers(logits_of(networks, self.cells))
        on_data, _ = _answers(logits_of(networks, self.data.train_x))
        _, tested = _answers(logits_of(networks, self.data.test_x))
        levels = np.rint(100 * (answer + np.minimum(confidence, 0.99))).astype(np.uint16)
        sure = np.stack([on_data.mean(axis=1), confidence[:, self.near].mean(axis=1), confidence[:, self.far].mean(axis=1)], axis=1)
        return levels.reshape(-1, SIDE, SIDE), sure, (tested == self.data.test_y).mean(axis=1)


def _answers(logits: NDArray) -> tuple[NDArray, NDArray]:
    return softmax(logits.astype(np.float64), axis=2).max(axis=2), logits.argmax(axis=2)


def _stopped(sure: NDArray, aim: NDArray) -> NDArray[np.intp]:
    """The first epoch after which the hard network is as sure as each of `aim`; the last where it never is."""
    there = sure[None, :] >= aim[:, None]
    return np.where(there.any(axis=1), there.argmax(axis=1), len(sure) - 1)


def _picked(settings, found, rows) -> Prior:
    levels, sure, accuracy = found
    return Prior(tuple(float(settings[i]) for i in rows), levels[rows], sure[rows], tuple(float(accuracy[i]) for i in rows))


def _replaced(prior: Prior, rows: list[int], by: Prior) -> Prior:
    levels, sure, accuracy, setting = prior.levels.copy(), prior.sure.copy(), list(prior.accuracy), list(prior.setting)
    for i in rows:
        levels[i], sure[i], accuracy[i], setting[i] = by.levels[i], by.sure[i], by.accuracy[i], 0.0
    return Prior(tuple(setting), levels, sure, tuple(accuracy))
