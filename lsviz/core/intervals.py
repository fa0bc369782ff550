"""How far a difference may be chance: intervals over paired seeds, over images, and where only two shares are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

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


def paired_difference(first: ArrayLike, second: ArrayLike, level: float = 0.95) -> tuple[float, float, float]:
    """Mean of second - first over paired seeds (M,), M >= 2, and its Student-t interval: (difference, low, high)."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if a.ndim != 1 or a.shape != b.shape or len(a) < 2:
        raise LsvizError("input.shape", argument="second", shape=b.shape, expected=f"{a.shape}, at least two paired seeds")
    apart = b - a
    half = float(stdtrit(len(apart) - 1, (1 + level) / 2) * apart.std(ddof=1) / np.sqrt(len(apart)))
    return float(apart.mean()), float(apart.mean()) - half, float(apart.mean()) + half


def mean_difference(apart: ArrayLike, *, level: float = 0.95) -> tuple[float, float, float]:
    """Mean of the paired differences (n,) of n images and its normal interval: (mean, low, high)."""
    apart = np.asarray(apart, np.float64)
    half = float(ndtri((1 + level) / 2) * apart.std(ddof=1) / np.sqrt(len(apart)))
    return float(apart.mean()), float(apart.mean()) - half, float(apart.mean()) + half


def share_difference(first: float, second: float, count: int, *, level: float = 0.95) -> tuple[float, float]:
    """Interval of second - first, two shares of `count` images each, when only the shares are known: normal, not paired, so wider."""
    half = float(ndtri((1 + level) / 2) * np.sqrt((first * (1 - first) + second * (1 - second)) / count))
    return second - first - half, second - first + half
