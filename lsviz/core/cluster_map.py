"""A map of many images: what its neighbourhoods are worth, where a class is densest, how it lies in a panel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core.projection import knn_exact

NEAREST = 5  # true neighbours that are drawn
AMONG = 15  # neighbours that are counted
FARTHER = 3  # an intruder is not even among three times as many true neighbours


@dataclass(frozen=True)
class Neighbourhoods:
    """Of each of n images on a map: its five nearest in the original space, rows (n, 5), nearest first; how many of its 15
    nearest there are among its 15 nearest here, `kept` (n,); how many of the 15 here are not among its 45 nearest there, `intruders` (n,).
    `here` (n, 15) are those on the map.
    """

    nearest: NDArray[np.signedinteger]
    kept: NDArray[np.uint8]
    intruders: NDArray[np.uint8]
    here: NDArray[np.signedinteger]


def true_neighbours(x: ArrayLike) -> tuple[NDArray, NDArray]:
    """`knn_exact` of points x (n, d), as many as `neighbourhoods` asks for: 45 and the image itself, or all of fewer."""
    return knn_exact(x, min(FARTHER * AMONG + 1, len(np.asarray(x))))


def neighbourhoods(x: ArrayLike, y: ArrayLike, *, near: NDArray | None = None) -> Neighbourhoods:
    """For points x (n, d) and their map y (n, 2); `near` may hand over the rows (n, 46) of `true_neighbours(x)`."""
    true = (true_neighbours(x)[0] if near is None else near)[:, 1:]
    here = _beside(np.asarray(y, np.float32), min(AMONG, len(true) - 1))
    n = len(true)
    found = np.zeros((2, n), np.uint8)
    for column in here.T:
        same = true == column[:, None]
        found[0] += same[:, :AMONG].any(axis=1)
        found[1] += ~same.any(axis=1)
    return Neighbourhoods(true[:, :NEAREST], found[0], found[1], here)


def _beside(y: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """The k nearest of every point of a map (n, 2 or 3), without itself: by a tree, in no time."""
    from scipy.spatial import cKDTree

    found = cKDTree(y).query(y, k + 1)[1]
    own = found == np.arange(len(y))[:, None]
    own[~own.any(axis=1), -1] = True  # many on one spot hide a point from itself
    return found[~own].reshape(len(y), k)


def densest(points: ArrayLike, width: float, most: int = 250) -> tuple[float, float, float]:
    """Where `points` (n, 2) are densest by a Gaussian kernel of `width`: x, y, and the kernel's sum over all there.

    The best of at most `most` points, evenly among all, then six steps of mean shift. All 0 without points.
    """
    there = np.asarray(points, float)
    if not len(there):
        return 0.0, 0.0, 0.0
    starts = there[np.unique(np.linspace(0, len(there) - 1, min(most, len(there))).astype(int))]

    def weigh(at: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.exp(-((at[:, None] - there) ** 2).sum(axis=2) / (2 * width**2))

    at = starts[weigh(starts).sum(axis=1).argmax()][None]
    for _ in range(6):
        weights = weigh(at)[0]
        at = (weights @ there / weights.sum())[None]
    return float(at[0, 0]), float(at[0, 1]), float(weigh(at).sum())
