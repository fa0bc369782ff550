"""UMAP's fuzzy graph and its optimisation: umap-learn's rules, edge by edge, with forces read from a table, in stages that can be watched and stopped.

What is compiled lies in `umap_kernel`, imported at the first layout: umap-learn itself takes seconds to import, for code that is not used here.

Where the time goes (2,000 points, 15 neighbours, 500 epochs, one thread): 6.5 million draws of an edge, each with five
repulsions, 0.33 s of CPU at 8 ns a force. umap-learn's own kernel takes 1.7 s for the same draws, nearly all of it in two
powers for each attraction and one for each repulsion. Exact neighbours take 0.08 s, PCA and the fuzzy graph 0.01 s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Singles = NDArray[np.float32]

_LEAST, _MOST = np.float32(2.0**-14), np.float32(2.0**14)  # squared distances; nearer and farther ones get the outermost entry
EVERY = 10  # epochs between two calls of `tell`


def fuzzy_graph(found: NDArray[np.int32], far: Singles) -> csr_matrix:
    """The symmetric graph (n, n) of the k nearest neighbours (n, k), `knn_exact`'s: a + b - ab of the strengths there and back."""
    from scipy.sparse import coo_matrix

    from lsviz.core.umap_kernel import strengths

    far = np.ascontiguousarray(far, np.float32)
    there = strengths(np.ascontiguousarray(found, np.int32), far, np.float32(far.mean()))
    rows = np.repeat(np.arange(len(found), dtype=np.int32), found.shape[1])
    graph = coo_matrix((there.ravel(), (rows, found.ravel())), shape=(len(found), len(found)))
    graph.eliminate_zeros()
    back = graph.transpose()
    both = (graph + back - graph.multiply(back)).tocsr()
    both.eliminate_zeros()
    return both


def curve(spread: float, min_dist: float) -> tuple[float, float]:
    """(a, b) of 1 / (1 + a d^2b), which is nearest to 1 up to `min_dist` and exp(-(d - min_dist) / spread) beyond, in 300 places."""
    from scipy.optimize import curve_fit

    d = np.linspace(0, spread * 3, 300)
    wanted = np.where(d < min_dist, 1.0, np.exp(-(d - min_dist) / spread))
    (a, b), _ = curve_fit(lambda d, a, b: 1.0 / (1.0 + a * d ** (2 * b)), d, wanted)
    return float(a), float(b)


def descend(
    start: NDArray[np.float32], graph: csr_matrix, a: float, b: float, epochs: int, step: float, seed: int, tell: Callable[[float, Singles], None] | None = None
) -> NDArray[np.float32]:  # fmt: skip
    """`start` (n, 2 or 3) moved down the gradient of the cross entropy with the fuzzy `graph` (n, n, sparse), by stochastic steps.

    a and b are UMAP's curve 1 / (1 + a d^2b); the step falls linearly to 0. `tell` gets the share of epochs done and the
    layout as it stands (to be copied), at the start and at every tenth epoch, and may raise to stop. Bit-identical for one seed: one thread, integer random numbers. The interpreter's lock is not held.
    Source: McInnes, Healy, Melville 2018, algorithm 5, as in umap-learn 0.5.
    """
    from lsviz.core.umap_kernel import NEGATIVES, descent

    edges = graph.tocoo()
    edges.sum_duplicates()
    kept = edges.data >= edges.data.max() / epochs  # weaker edges would not be drawn once
    every = (edges.data.max() / edges.data[kept]).astype(np.float64)  # epochs from one draw of an edge to its next
    attract, repel, low = _forces(a, b)
    layout = np.ascontiguousarray(start, np.float32).copy()
    state = np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1)
    run = descent[layout.shape[1]]
    heads, tails = edges.row[kept].astype(np.int32), edges.col[kept].astype(np.int32)
    next_draw, next_negative = every.copy(), every / NEGATIVES
    for first in range(0, epochs, EVERY):
        if tell is not None:
            tell(first / epochs, layout)
        last = min(first + EVERY, epochs)
        run(layout, heads, tails, every, next_draw, next_negative, attract, repel, low, first, last, epochs, step, state)
    return layout


def _forces(a: float, b: float) -> tuple[NDArray[np.float32], NDArray[np.float32], int]:
    """Attraction and repulsion by squared distance: entry i holds those whose leading bits are `low + i`."""
    from lsviz.core.umap_kernel import DROPPED

    low, high = (int(end.view(np.int32)) >> DROPPED for end in (_LEAST, _MOST))
    middles = (np.arange(low, high + 1, dtype=np.int32) << DROPPED) + (1 << (DROPPED - 1))
    d = middles.astype(np.int32).view(np.float32).astype(np.float64)
    attract, repel = -2 * a * b * d ** (b - 1) / (1 + a * d**b), 2 * b / ((0.001 + d) * (1 + a * d**b))
    return attract.astype(np.float32), repel.astype(np.float32), low
