"""Calibration without bins: residuals smoothed by a Gaussian that is mirrored at 0 and 1, as one number and as a curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, optimize

from lsviz.core import checks

NUM_CELLS = 4096
LEAST_EXAMPLES = 20.0  # examples under the kernel, from which on a curve is told

Floats = NDArray[np.float64]


def smooth_ece(confidence: ArrayLike, correct: ArrayLike, *, num_cells: int = NUM_CELLS) -> float:
    """Calibration error without bins: sum |residual smoothed by a reflected Gaussian|, whose width is the answer itself.

    smECE_s falls as s rises; the value is the fixed point smECE_s = s (Blasiok & Nakkiran 2023).
    """
    cell, residual = _residuals(confidence, correct, num_cells)
    return _fixed_point(np.bincount(cell, residual, num_cells) / len(residual))


@dataclass(frozen=True)
class SmoothCurve:
    """Smoothed accuracy over the confidence (g,), with its pointwise 95 % band; NaN where too few examples are near.

    `ece` is the smooth ECE, and also the kernel's width: the |gap| drawn here, weighted by the density, averages to it.
    """

    confidence: Floats  # (g,)
    accuracy: Floats  # (g,)
    low: Floats  # (g,)
    high: Floats  # (g,)
    ece: float


def smooth_curve(
    confidence: ArrayLike, correct: ArrayLike, *, points: int = 128, resamples: int = 200, level: float = 0.95, seed: int = 0
) -> SmoothCurve:
    """The smooth reliability curve of confidence (n,) and correct (n,): confidence less the smoothed residual, over the density.

    The band is the bootstrap's, resampling examples at this width. Points outside the
    confidences seen, or with fewer than 20 examples under the kernel, are NaN.
    """
    cell, residual = _residuals(confidence, correct, NUM_CELLS)
    n = len(residual)
    width = _fixed_point(np.bincount(cell, residual, NUM_CELLS) / n)
    kernel = max(width, 1 / 200)  # a calibrated network's own width would join nothing
    at = ((np.arange(points) + 0.5) * NUM_CELLS / points).astype(np.intp)

    def gap(times: NDArray | None) -> tuple[Floats, Floats]:
        weight = np.bincount(cell, times, NUM_CELLS).astype(np.float64)
        moved = np.bincount(cell, residual if times is None else residual * times, NUM_CELLS)
        density, excess = _mirrored(np.stack([weight, moved]), kernel)[:, at]
        near = density * NUM_CELLS * kernel * 2 * np.sqrt(np.pi)  # examples that an equal weight would spread over the kernel
        return np.divide(excess, density, out=np.full(points, np.nan), where=density > 1e-9), near

    middle, near = gap(None)
    rng = np.random.default_rng(seed)
    draws = np.empty((resamples, points))
    for i in range(resamples):
        draws[i] = gap(np.bincount(rng.integers(n, size=n), minlength=n))[0]
    x = (at + 0.5) / NUM_CELLS
    told = (near >= LEAST_EXAMPLES) & (x > cell.min() / NUM_CELLS - 1 / points) & (x < cell.max() / NUM_CELLS + 1 / points)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.full((2, points), np.nan)
    if told.any():
        low[told], high[told] = np.nanquantile(draws[:, told], tails, axis=0)
    middle, low, high = (np.where(told, np.clip(x + values, 0, 1), np.nan) for values in (middle, low, high))
    return SmoothCurve(x, middle, low, high, width)


def _residuals(confidence: ArrayLike, correct: ArrayLike, num_cells: int) -> tuple[NDArray[np.intp], Floats]:
    """The cell of each example (n,) and correct - confidence (n,)."""
    confidence = checks.unit_vector(confidence)
    correct = checks.truth_vector(correct, len(confidence))
    return np.minimum((confidence * num_cells).astype(np.intp), num_cells - 1), correct - confidence


def _fixed_point(residual: Floats) -> float:
    spectrum = fft.dct(residual, type=2)

    def smoothed(width: float) -> float:
        return float(np.abs(fft.idct(spectrum * _damping(len(residual), width), type=2)).sum())

    if smoothed(0) < 1e-12:
        return 0.0
    return float(optimize.brentq(lambda width: smoothed(width) - width, 0, 1.001, xtol=1e-9))


def _mirrored(mass: Floats, width: float) -> Floats:
    """`mass` (..., cells) under a Gaussian of `width` that is mirrored at both ends by half a cell, so nothing is lost."""
    return fft.idct(fft.dct(mass, type=2) * _damping(mass.shape[-1], width), type=2)


def _damping(num_cells: int, width: float) -> Floats:
    return np.exp(-((np.pi * np.arange(num_cells) * width) ** 2) / 2)
