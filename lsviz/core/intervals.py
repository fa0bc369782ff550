"""How far a difference may be chance: over paired seeds, over images, over both, and where only two shares are known."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from lsviz.core import checks
from lsviz.core.errors import LsvizError

Key = TypeVar("Key", bound=Hashable)
LEAST_SEEDS = 3  # below this, Student's interval says more about itself than about the networks
MANY = 5  # comparisons on one page; of more, chance is named


@dataclass(frozen=True)
class OverSeeds:
    """One number over M networks that differ in their seed: its mean, and its standard deviation where there are two or more."""

    mean: float
    deviation: float | None


def over_seeds(values: ArrayLike) -> OverSeeds | None:
    """Mean and sample standard deviation of (M,), in the unit of the values; None where no network told any."""
    values = np.asarray(values, np.float64)
    if values.ndim != 1:
        raise LsvizError("input.shape", argument="values", shape=values.shape, expected="(M,)")
    if not len(values):
        return None
    return OverSeeds(float(values.mean()), float(values.std(ddof=1)) if len(values) > 1 else None)


def side(low: float, high: float) -> int:
    """Where an interval lies: +1 above 0, -1 below it, 0 where it holds 0. An index into words for (equal, more, less)."""
    return 1 if low > 0 else -1 if high < 0 else 0


def seed_interval(values: ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """Mean of one number over M >= 2 seeds (M,) and its Student-t interval: (mean, low, high), mean +- t sd / sqrt(M)."""
    values = np.asarray(values, np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise LsvizError("input.shape", argument="values", shape=values.shape, expected="(m,), two seeds or more")
    quantile = float(stdtrit(len(values) - 1, 0.5 + checks.number(level, "level", 0, 1) / 2))
    return _around(values, quantile)


def mean_interval(values: ArrayLike, *, level: float = 0.95) -> tuple[float, float, float]:
    """Mean of one number, or one paired difference, of n images (n,) and its normal interval: (mean, low, high).

    One image has no spread to go by: both ends are its value.
    """
    values = np.asarray(values, np.float64)
    quantile = float(ndtri(0.5 + checks.number(level, "level", 0, 1) / 2))
    return _around(values, quantile if len(values) > 1 else 0.0)


def crossed_interval(values: ArrayLike, *, level: float = 0.95) -> tuple[float, float, float]:
    """Mean of (M, n), M paired seeds on the same n images, and its interval over seeds and images: (mean, low, high).

    Crossed random effects: the variance of the mean is that of the images' means plus that of the seeds' means, less what both
    hold of the rest; degrees of freedom by Satterthwaite (1946). One seed tells of images alone.
    """
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or not values.size:
        raise LsvizError("input.shape", argument="values", shape=values.shape, expected="(M, n)")
    (seeds, images), images_mean, seeds_mean = values.shape, values.mean(axis=0), values.mean(axis=1)
    if seeds == 1 or images == 1:
        return mean_interval(images_mean, level=level) if seeds == 1 else seed_interval(seeds_mean, level)
    rest = values - seeds_mean[:, None] - images_mean + values.mean()
    over_images, over_seeds = images_mean.var(ddof=1) / images, seeds_mean.var(ddof=1) / seeds
    variance = over_images + max(over_seeds - (rest**2).sum() / ((seeds - 1) * (images - 1) * values.size), 0)
    freedom = variance**2 / max(over_seeds**2 / (seeds - 1) + over_images**2 / (images - 1), 1e-300)
    quantile = float(stdtrit(max(freedom, 1.0), 0.5 + checks.number(level, "level", 0, 1) / 2))
    mean, half = float(values.mean()), quantile * float(np.sqrt(variance))
    return mean, mean - half, mean + half


def chance_of(interval: Callable[..., tuple[float, float, float]]) -> float:
    """The p-value of a difference of 0: 1 less the highest level at which `interval(level=...)` -> (mean, low, high) is clear of zero."""
    lasting, lost = 0.0, 0.0  # log10 of 1 - level: clear at the first, holding zero at the second
    for exponent in np.arange(-0.25, -12.25, -0.25):
        if not side(*interval(level=1 - 10**exponent)[1:]):
            lost = exponent
            break
        lasting = exponent
    else:
        return float(10**lasting)
    for _ in range(12):
        middle = (lasting + lost) / 2
        lasting, lost = (middle, lost) if side(*interval(level=1 - 10**middle)[1:]) else (lasting, middle)
    return float(10**lasting)


def at_level(difference: tuple[float, float, float], level: float) -> tuple[float, float, float]:
    """A normal interval of 95 % (mean, low, high) as it is at another level."""
    mean, low, high = difference
    wider = float(ndtri((1 + level) / 2) / ndtri(0.975))
    return mean, mean + wider * (low - mean), mean + wider * (high - mean)


def holm(chances: Mapping[Key, float], level: float = 0.95) -> frozenset[Key]:
    """Which of many differences are clear of zero even as the surest of so many: of m p-values the k-th least, counted from 0, must
    not exceed (1 - level) / (m - k), nor may one before it (Holm 1979). All of them together then err in 1 - level of all cases."""
    kept = []
    for k, key in enumerate(sorted(chances, key=lambda key: chances[key])):
        if chances[key] > (1 - level) / (len(chances) - k):
            break
        kept.append(key)
    return frozenset(kept)


def _around(values: NDArray[np.float64], quantile: float) -> tuple[float, float, float]:
    mean, half = float(values.mean()), 0.0
    if quantile:
        half = float(quantile * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, mean - half, mean + half


def share_difference(first: float, second: float, count: int, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of second - first, two shares of `count` images each, when only the shares are known: normal, not paired, so wider."""
    half = float(ndtri((1 + level) / 2) * np.sqrt((first * (1 - first) + second * (1 - second)) / count))
    return second - first - half, second - first + half
