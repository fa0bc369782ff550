"""A cap instead of a pull: five losses that make a network less sure, each as strong as leaves it as sure as smoothing does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lsviz.core.calibration import confidence_and_correct
from lsviz.core.comparing.changes import per_image
from lsviz.core.errors import LsvizError
from lsviz.core.geometry import scatter_ratio
from lsviz.core.intervals import chance_of, crossed_interval, holm, seed_interval, side
from lsviz.core.temperature import fit_temperature
from lsviz.lab.config import LabConfig
from lsviz.lab.data import LabData, make_data
from lsviz.lab.trials.trial import Steps, Tell, Trial, trained

Difference = tuple[float, float, float]  # mean, low, high
SEEDS = 5
PULL = 0.1  # of the margin loss, its authors' usual one; its strength here is the margin
# From hardly anything to more than anybody uses; smoothing's own is what the reader chose.
STRENGTHS: Mapping[str, tuple[float, ...]] = {
    "penalty": (0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.2),
    "focal": (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 12.0),
    "margin": (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 8.0),
    "maxsup": (0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9),
}
LOSSES = ("hard", "smoothing", *STRENGTHS)
MEASURES = ("aurc", "ece_cooled", "ece", "accuracy", "spread")


@dataclass(frozen=True)
class Loss:
    """One loss over the seeds, on test digits, in fractions; `spread` is tr(Sigma_W) / tr(Sigma_B) of the last hidden layer.

    `against` is what it has more of than smoothing: (mean, low, high) over seeds and test digits, the spread over seeds alone;
    `moved` says +1 or -1 where that stays clear of zero as one of all the comparisons of the other losses (Holm), else 0.
    """

    strength: float
    confidence: float
    values: Mapping[str, float]
    against: Mapping[str, Difference]
    moved: Mapping[str, int]


@dataclass(frozen=True)
class Losses:
    """All of `LOSSES` by name, beside smoothing with `alpha`."""

    alpha: float
    each: Mapping[str, Loss]
    examples: int
    images: int
    seeds: int


@dataclass(frozen=True)
class LossesTrial(Trial[Losses]):
    """Digits: for every seed one hard network, a smoothed one and one for each strength of the others, all from the same weights and batches.

    Of each loss that strength is shown whose mean confidence on validation digits, over all seeds, is nearest to smoothing's.
    """

    alpha: float = 0.1
    seeds: int = SEEDS
    examples: int = 400
    epochs: int = 40

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1:
            raise LsvizError("input.number", argument="alpha", value=self.alpha, low="just above 0", high="just below 1")

    def run(self, tell: Tell) -> Losses:
        steps = Steps(tell, self.seeds)
        data = make_data(LabConfig(seed=self.seed, examples=self.examples))
        asked = [("hard", 0.0), ("smoothing", self.alpha), *((name, s) for name, each in STRENGTHS.items() for s in each)]
        seen = [self._seed(data, asked, seed, steps) for seed in range(self.seeds)]
        sure = np.mean([[one.sure for one in networks] for networks in seen], axis=0)  # (len(asked),), on validation digits
        chosen = {
            name: min(
                (place for place, (other, _) in enumerate(asked) if other == name), key=lambda place: abs(sure[place] - sure[1])
            )
            for name in LOSSES
        }
        smoothed = [networks[chosen["smoothing"]] for networks in seen]
        apart = {
            (name, measure): interval
            for name, place in chosen.items()
            for measure, interval in _apart([networks[place] for networks in seen], smoothed).items()
        }
        kept = holm({key: chance_of(interval) for key, interval in apart.items() if key[0] != "smoothing"})
        each = {}
        for name, place in chosen.items():
            against = {measure: apart[name, measure]() for measure in MEASURES}
            moved = {measure: side(*against[measure][1:]) * ((name, measure) in kept) for measure in MEASURES}
            confidence, values = _summed([networks[place] for networks in seen])
            each[name] = Loss(asked[place][1], confidence, values, against, moved)
        return Losses(self.alpha, each, len(data.train_y), len(data.test_y), self.seeds)

    def _seed(self, data: LabData, asked: Sequence[tuple[str, float]], seed: int, steps: Steps) -> list[_Network]:
        config = LabConfig(width=128, epochs=self.epochs, batch=50, seed=100 * self.seed + seed, alphas=(0.0,) * len(asked))
        networks = trained(config, data, steps, slope=losses_slope(data, asked))
        _, checked = _outputs(networks, data.validation_x)
        hidden, tested = _outputs(networks, data.test_x)
        return [_network(*one, data) for one in zip(checked, hidden, tested)]


# ---- the losses, by their gradients: z are logits (m, b, K), p their softmax, y the labels as one-hot rows (b, K), s the strengths (m, 1, 1)


def smoothing_gradient(z, y, s):
    """-(1 - s) log p_y - s/K sum log p: p - (1 - s) y - s/K (Szegedy et al. 2016). With s = 0 the plain cross-entropy."""
    return z.softmax(dim=2) - (1 - s) * y - s / z.shape[2]


def penalty_gradient(z, y, s):
    """-log p_y - s H(p): p - y + s p (log p + H) (Pereyra et al. 2017)."""
    p, logs = z.softmax(dim=2), z.log_softmax(dim=2)
    return p - y + s * p * (logs - (p * logs).sum(dim=2, keepdim=True))


def focal_gradient(z, y, s):
    """-(1 - p_y)^s log p_y: ((1 - p_y)^s - s p_y (1 - p_y)^(s-1) log p_y) (p - y) (Lin et al. 2017; Mukhoti et al. 2020)."""
    p = z.softmax(dim=2)
    own = (p * y).sum(dim=2, keepdim=True)
    rest = (1 - own).clamp(min=1e-7)
    return (rest**s - s * own * rest ** (s - 1) * (z.log_softmax(dim=2) * y).sum(dim=2, keepdim=True)) * (p - y)


def margin_gradient(z, y, s):
    """-log p_y + PULL sum_k max(0, max z - z_k - s): a cap on the gaps, no pull within it (Liu et al. 2022)."""
    top = _top(z)
    over = ((z * top).sum(dim=2, keepdim=True) - z > s).to(z.dtype)
    return z.softmax(dim=2) - y + PULL * (over.sum(dim=2, keepdim=True) * top - over)


def maxsup_gradient(z, y, s):
    """-log p_y + s (max z - mean z): smoothing's pull, on the top logit even where it is wrong: p - y + s (top - 1/K) (Zhou et al. 2025)."""
    return z.softmax(dim=2) - y + s * (_top(z) - 1 / z.shape[2])


def _top(z):
    """The largest logit as one-hot rows, (m, b, K)."""
    import torch

    return torch.nn.functional.one_hot(z.argmax(dim=2), z.shape[2]).to(z.dtype)


GRADIENTS: Mapping[str, Callable] = {
    "hard": smoothing_gradient, "smoothing": smoothing_gradient, "penalty": penalty_gradient, "focal": focal_gradient,
    "margin": margin_gradient, "maxsup": maxsup_gradient,
}  # fmt: skip


def losses_slope(data: LabData, asked: Sequence[tuple[str, float]]):
    """Gradient by the logits of as many networks: the loss of each by name and strength; those of one loss stand together."""
    import torch

    hot = torch.nn.functional.one_hot(torch.as_tensor(data.train_y), data.num_classes)
    names = [name for name, _ in asked]
    places = {name: slice(names.index(name), names.index(name) + names.count(name)) for name in dict.fromkeys(names)}
    strengths = torch.tensor([s for _, s in asked], dtype=torch.float64)[:, None, None]

    def slope(logits, rows):
        y, s = hot[rows].to(logits.dtype), strengths.to(logits.dtype)
        return torch.cat([GRADIENTS[name](logits[at], y, s[at]) for name, at in places.items()])

    return slope


# ---- what they come to ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Network:
    sure: float  # mean confidence on validation digits
    confidence: float  # mean, on test digits, as all below
    values: Mapping[str, NDArray[np.float64]]  # each digit's part of a measure, whose mean over the digits it is
    spread: float


def _outputs(networks, x: NDArray) -> list[NDArray]:
    import torch

    with torch.no_grad():
        return [made.numpy().copy() for made in networks.outputs(torch.as_tensor(x, dtype=torch.float32))]


def _network(checked: NDArray, hidden: NDArray, tested: NDArray, data: LabData) -> _Network:
    parts = per_image(tested, data.test_y, fit_temperature(checked, data.validation_y))
    values = {"ece_cooled": parts["ece_at_temperature"]} | {name: parts[name] for name in ("accuracy", "ece", "aurc")}
    sure, confidence = (
        float(confidence_and_correct(*one)[0].mean()) for one in ((checked, data.validation_y), (tested, data.test_y))
    )
    return _Network(sure, confidence, values, scatter_ratio(hidden, data.test_y))


def _summed(networks: Sequence[_Network]) -> tuple[float, dict[str, float]]:
    """Mean confidence and every measure, over the seeds."""
    values = {name: float(np.mean([one.values[name].mean() for one in networks])) for name in networks[0].values}
    values["spread"] = float(np.mean([one.spread for one in networks]))
    return float(np.mean([one.confidence for one in networks])), values


def _apart(networks: Sequence[_Network], smoothed: Sequence[_Network]) -> dict[str, Callable[..., Difference]]:
    """The interval of every measure less smoothing's, at any level."""
    pairs = list(zip(networks, smoothed, strict=True))
    apart: dict[str, Callable[..., Difference]] = {
        name: partial(crossed_interval, [one.values[name] - other.values[name] for one, other in pairs])
        for name in networks[0].values
    }
    return apart | {"spread": partial(seed_interval, [one.spread - other.spread for one, other in pairs])}
