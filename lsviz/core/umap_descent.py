"""The optimisation of UMAP: umap-learn's update rule, edge by edge, with forces read from a table, in stages that can be watched and stopped.

Where the time goes (2,000 points, 15 neighbours, 500 epochs, one thread): 6.5 million draws of an edge, each with five
repulsions, 0.33 s of CPU at 8 ns a force. umap-learn's own kernel takes 1.7 s for the same draws, nearly all of it in two
powers for each attraction and one for each repulsion. Exact neighbours take 0.08 s, PCA and the fuzzy graph 0.01 s.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Singles = NDArray[np.float32]
Doubles = NDArray[np.float64]

_DROPPED = 15  # bits of a float32's mantissa that the table ignores: 256 entries an octave, forces within 0.2 % of their power
_LEAST, _MOST = np.float32(2.0**-14), np.float32(2.0**14)  # squared distances; nearer and farther ones get the outermost entry
_NEGATIVES = 5.0  # repulsions for each attraction
EVERY = 10  # epochs between two calls of `tell`


def descend(
    start: NDArray[np.float32], graph: csr_matrix, a: float, b: float, epochs: int, step: float, seed: int, tell: Callable[[float, Singles], None] | None = None
) -> NDArray[np.float32]:  # fmt: skip
    """`start` (n, 2 or 3) moved down the gradient of the cross entropy with the fuzzy `graph` (n, n, sparse), by stochastic steps.

    a and b are UMAP's curve 1 / (1 + a d^2b); the step falls linearly to 0. `tell` gets the share of epochs done and the
    layout as it stands (to be copied), at the start and at every tenth epoch, and may raise to stop. Bit-identical for one seed: one thread, integer random numbers. The interpreter's lock is not held.
    Source: McInnes, Healy, Melville 2018, algorithm 5, as in umap-learn 0.5.
    """
    edges = graph.tocoo()
    edges.sum_duplicates()
    kept = edges.data >= edges.data.max() / epochs  # weaker edges would not be drawn once
    every = (edges.data.max() / edges.data[kept]).astype(np.float64)  # epochs from one draw of an edge to its next
    attract, repel, low = _forces(a, b)
    layout = np.ascontiguousarray(start, np.float32).copy()
    state = np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1)
    run = _compiled(layout.shape[1] == 3)
    heads, tails = edges.row[kept].astype(np.int32), edges.col[kept].astype(np.int32)
    next_draw, next_negative = every.copy(), every / _NEGATIVES
    for first in range(0, epochs, EVERY):
        if tell is not None:
            tell(first / epochs, layout)
        last = min(first + EVERY, epochs)
        run(layout, heads, tails, every, next_draw, next_negative, attract, repel, low, first, last, epochs, step, state)
    return layout


def _forces(a: float, b: float) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """Attraction and repulsion by squared distance: entry i holds those whose leading bits are `low + i`."""
    low, high = (int(end.view(np.int32)) >> _DROPPED for end in (_LEAST, _MOST))
    middles = (np.arange(low, high + 1, dtype=np.int32) << _DROPPED) + (1 << (_DROPPED - 1))
    d = middles.astype(np.int32).view(np.float32).astype(np.float64)
    attract, repel = -2 * a * b * d ** (b - 1) / (1 + a * d**b), 2 * b / ((0.001 + d) * (1 + a * d**b))
    return attract.astype(np.float32), repel.astype(np.float32), low


@lru_cache(maxsize=2)
def _compiled(deep: bool) -> Callable[..., None]:
    """The inner loop for two dimensions, or three (`deep`). Compiled at its first call in a process, in about a second."""
    import numba

    dropped, negatives, most = _DROPPED, _NEGATIVES, np.float32(4)  # a force moves a point by 4 at most

    @numba.njit(fastmath=True, inline="always")
    def looked_up(table: Singles, bits: np.int32, low: int) -> np.float32:
        return table[min(max((bits >> dropped) - low, 0), table.shape[0] - 1)]

    @numba.njit(fastmath=True, inline="always")
    def moved(force: np.float32, way: np.float32, size: np.float32) -> np.float32:
        return min(max(force * way, -most), most) * size

    @numba.njit(fastmath=True, nogil=True)
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
                    force = looked_up(attract, bits[0], low)
                    u, v = moved(force, u, size), moved(force, v, size)
                    x, y = x + u, y + v
                    layout[k, 0] -= u
                    layout[k, 1] -= v
                    if deep:
                        w = moved(force, w, size)
                        z += w
                        layout[k, 2] -= w
                next_draw[i] += every[i]
                draws = int((epoch - next_negative[i]) * negatives / every[i])
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
                        force = looked_up(repel, bits[0], low)
                        x, y = x + moved(force, u, size), y + moved(force, v, size)
                        if deep:
                            z += moved(force, w, size)
                layout[j, 0], layout[j, 1] = x, y
                if deep:
                    layout[j, 2] = z
                next_negative[i] += draws * every[i] / negatives
        state[0] = random

    return run
