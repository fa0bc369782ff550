"""The loops of UMAP that are compiled: strengths of the fuzzy graph, steps of the descent. Importing this module imports numba.

What is compiled is kept beside this file, or where NUMBA_CACHE_DIR says, so that another process need not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]

DROPPED = (
    15  # bits of a float32's mantissa that the tables of forces ignore: 256 entries an octave, forces within 0.2 % of their power
)
NEGATIVES = 5.0  # repulsions for each attraction
_STEPS, _CLOSE, _LEAST_SHARE = 64, 1e-5, 1e-3  # of the search for a width; and the least width, of the mean distance
_FURTHEST = np.float32(4)  # a force moves a point by this at most
_MOST = float(np.finfo(np.float32).max)


@numba.njit(cache=True, nogil=True)
def strengths(found: NDArray[np.int32], far: Singles, mean_far: np.float32) -> Singles:
    """How strongly each point belongs to its k nearest (n, k), itself first with 0: exp(-(d - nearest) / width), its sum log2 k.

    `found` and `far` are `knn_exact`'s, `mean_far` the mean of `far`. Source: McInnes, Healy, Melville 2018, algorithms 2 and 3; the same
    numbers as umap-learn 0.5, to the bit: the search in double precision, the rest in single.
    """
    count, k = far.shape
    wanted = np.log2(float(k))
    made = np.zeros((count, k), np.float32)
    for i in range(count):
        near = np.float32(0)
        for j in range(k):
            if far[i, j] > 0:
                near = far[i, j]  # distances rise along a row
                break
        low, high, width = 0.0, _MOST, 1.0
        for _ in range(_STEPS):
            total = 0.0
            for j in range(1, k):
                beyond = far[i, j] - near
                total += np.exp(-(beyond / width)) if beyond > 0 else 1.0
            if np.fabs(total - wanted) < _CLOSE:
                break
            if total > wanted:
                high = width
                width = (low + high) / 2
            else:
                low = width
                width = width * 2 if high >= _MOST else (low + high) / 2
        least = _LEAST_SHARE * (np.mean(far[i]) if near > 0 else mean_far)
        scale = np.float32(max(width, least))
        for j in range(k):
            if found[i, j] != i:
                beyond = far[i, j] - near
                made[i, j] = np.exp(-(beyond / scale)) if beyond > 0 and scale != 0 else np.float32(1)
    return made


@numba.njit(fastmath=True, inline="always")
def _looked_up(table: Singles, bits: np.int32, low: int) -> np.float32:
    return table[min(max((bits >> DROPPED) - low, 0), table.shape[0] - 1)]


@numba.njit(fastmath=True, inline="always")
def _moved(force: np.float32, way: np.float32, size: np.float32) -> np.float32:
    return min(max(force * way, -_FURTHEST), _FURTHEST) * size


def _descent(deep: bool) -> Callable[..., None]:
    @numba.njit(fastmath=True, nogil=True, cache=True)
    def run(
        layout: Singles, heads: NDArray[np.int32], tails: NDArray[np.int32], every: Doubles, next_draw: Doubles, next_negative: Doubles,
        attract: Singles, repel: Singles, low: int, first: int, last: int, epochs: int, step: float, state: NDArray[np.uint64],
    ) -> None:  # fmt: skip
        count, random = np.uint64(layout.shape[0]), state[0]
        squared = np.zeros(1, np.float32)
        bits = squared.view(np.int32)  # the same four bytes as a whole number
        z = w = np.float32(0)
        for epoch in range(first, last):
            size = np.float32(step * (1 - epoch / epochs))
            for i in range(every.shape[0]):
                if next_draw[i] > epoch:
                    continue
                j, k = heads[i], tails[i]
                x, y = layout[j, 0], layout[j, 1]
                u, v = x - layout[k, 0], y - layout[k, 1]
                squared[0] = u * u + v * v
                if deep:
                    z = layout[j, 2]
                    w = z - layout[k, 2]
                    squared[0] += w * w
                if squared[0] > 0:
                    force = _looked_up(attract, bits[0], low)
                    u, v = _moved(force, u, size), _moved(force, v, size)
                    x, y = x + u, y + v
                    layout[k, 0] -= u
                    layout[k, 1] -= v
                    if deep:
                        w = _moved(force, w, size)
                        z += w
                        layout[k, 2] -= w
                next_draw[i] += every[i]
                draws = int((epoch - next_negative[i]) * NEGATIVES / every[i])
                for _ in range(draws):
                    random ^= random << np.uint64(13)  # xorshift64 (Marsaglia 2003)
                    random ^= random >> np.uint64(7)
                    random ^= random << np.uint64(17)
                    other = np.int64(((random >> np.uint64(32)) * count) >> np.uint64(32))
                    if other == j:
                        continue
                    u, v = x - layout[other, 0], y - layout[other, 1]
                    squared[0] = u * u + v * v
                    if deep:
                        w = z - layout[other, 2]
                        squared[0] += w * w
                    if squared[0] > 0:
                        force = _looked_up(repel, bits[0], low)
                        x, y = x + _moved(force, u, size), y + _moved(force, v, size)
                        if deep:
                            z += _moved(force, w, size)
                layout[j, 0], layout[j, 1] = x, y
                if deep:
                    layout[j, 2] = z
                next_negative[i] += draws * every[i] / NEGATIVES
        state[0] = random

    return run


descent = {2: _descent(False), 3: _descent(True)}  # by dimensions
