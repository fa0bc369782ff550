"""How far a difference may be chance: over paired seeds, over images, over both, and where only two shares are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from lsviz.core import checks
from lsviz.core.errors import LsvizError

LEAST_SEEDS = 3  # below this, Student's interval says more about itself than about the networks


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


def paired_difference(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """Mean of second - first over paired seeds (M,), M >= 2, and its Student-t interval: (difference, low, high)."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.ndim != 1 or a.shape != b.shape or len(a) < 2:
        raise LsvizError("input.shape", argument="second", shape=b.shape, expected=f"{a.shape}, at least two paired seeds")
    return seed_interval(b - a, level)


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


def _around(values: NDArray[np.float64], quantile: float) -> tuple[float, float, float]:
    mean, half = float(values.mean()), 0.0
    if quantile:
        half = float(quantile * values.std(ddof=1) / np.sqrt(len(values)))
    return mean, mean - half, mean + half


def share_difference(first: float, second: float, count: int, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of second - first, two shares of `count` images each, when only the shares are known: normal, not paired, so wider."""
    half = float(ndtri((1 + level) / 2) * np.sqrt((first * (1 - first) + second * (1 - second)) / count))
    return second - first - half, second - first + half
