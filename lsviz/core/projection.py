"""Two dimensions from many: exact neighbours, PCA, UMAP by its fast path, and how much of the truth a picture keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.errors import LsvizError
from lsviz.core.umap_descent import curve, descend, fuzzy_graph

EPOCHS = {"final": 500, "preview": 200, "warm": 100}
MANY = 4096  # points; beyond them 7/10 of the epochs are enough: they cost trustworthiness at 15 less than .001
MAX_NEIGHBORS = 60
_BLOCK, _TABLE = 1024, 12_000_000  # rows, and entries, of the distance matrix held at once
_TENTH = 10


# ---- neighbours and PCA ---------------------------------------------------------------------------------------------


def knn_exact(x: ArrayLike, k: int, metric: str = "euclidean") -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The k nearest rows of every row of x (n, d), itself first: indices (n, k) int32, distances (n, k) float32, ascending.

    `metric` is euclidean or cosine. Distances come from one float32 matrix product a block of rows. Raises LsvizError
    for k outside 1..n.
    """
    data = _points(x)
    checks.choice(metric, "metric", ("euclidean", "cosine"))
    if not 1 <= k <= len(data):
        raise LsvizError("input.number", argument="k", value=k, low=1, high=len(data))
    if metric == "cosine":
        length = np.linalg.norm(data, axis=1, keepdims=True)
        data = np.divide(data, length, out=np.zeros_like(data), where=length > 0)
    else:
        data = data - data.mean(axis=0)  # smaller numbers lose fewer digits in the product
    squares = (data**2).sum(axis=1)
    indices = np.empty((len(data), k), np.int32)
    distances = np.empty((len(data), k), np.float32)
    block = min(_BLOCK, max(1, _TABLE // len(data)))
    for start in range(0, len(data), block):
        rows = np.arange(start, min(start + block, len(data)))
        table = (-2 * data[rows]) @ data.T
        table += squares  # what is left to add is the same all along a row
        table[np.arange(len(rows)), rows] = -np.inf  # itself first, duplicates or not
        near = _least(table, k)
        values = np.maximum(np.take_along_axis(table, near, axis=1) + squares[rows, None], 0)
        values[near == rows[:, None]] = -1
        order = np.lexsort((near, values), axis=1)
        near, values = np.take_along_axis(near, order, axis=1), np.take_along_axis(values, order, axis=1)
        values[:, 0] = 0
        indices[rows] = near
        distances[rows] = values / 2 if metric == "cosine" else np.sqrt(values)
    return indices, distances


def _least(table: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """Columns (m, k) of the k smallest in every row of `table` (m, n), in the columns' order; of equal ones the first. A fifth of argpartition's time.

    In a long row, none of them is larger than the k-th smallest of every tenth entry, and few are not.
    """
    rows, count = table.shape
    if k == count:
        return np.tile(np.arange(k), (rows, 1))
    few = table[:, ::_TENTH] if count > _TENTH * 4 * k else table
    reach = np.partition(few, k - 1, axis=1)[:, k - 1, None]
    found = np.flatnonzero(table <= reach)
    row, column = np.divmod(found, count)
    each = np.bincount(row, minlength=rows)
    if few is not table and 2 * each.max() < count:
        place = np.arange(len(row)) - np.repeat(np.cumsum(each) - each, each)
        shorter, where = np.full((rows, each.max()), np.inf, np.float32), np.zeros((rows, each.max()), np.intp)
        shorter[row, place], where[row, place] = table[row, column], column
        return np.take_along_axis(where, _least(shorter, k), axis=1)
    if few is not table:  # nearly all are alike
        return np.sort(np.argsort(table, axis=1, kind="stable")[:, :k], axis=1)
    if len(found) != k * rows:  # equals at the end of the reach: as many of these as there is room for
        last = table[row, column] == reach[row, 0]
        room = k - np.bincount(row[~last], minlength=rows)
        turn = np.cumsum(last) - 1
        first = np.searchsorted(row[last], np.arange(rows))
        column = column[~last | (turn - first[row] < room[row])]
    return column.reshape(rows, k)


@dataclass(frozen=True)
class Pca:
    """Principal components: scores (n, m), mean (d,), basis (m, d) of orthonormal rows, explained share of variance (m,)."""

    scores: NDArray[np.float64]
    mean: NDArray[np.float64]
    basis: NDArray[np.float64]
    explained: NDArray[np.float64]


def pca(x: ArrayLike, dims: int = 2) -> Pca:
    """Principal components of x (n, d). Signs are fixed: the largest entry of every basis row is positive."""
    data = _points(x).astype(np.float64)
    mean = data.mean(axis=0)
    centred = data - mean
    if len(data) > 4 * data.shape[1]:  # by the small matrix of covariances: a fifth of the time
        squares, columns = np.linalg.eigh(centred.T @ centred)
        values, basis = np.sqrt(np.maximum(squares[::-1], 0)), columns.T[::-1]
    else:
        _, values, basis = np.linalg.svd(centred, full_matrices=False)
    dims = min(dims, len(basis))
    signs = np.sign(basis[np.arange(len(basis)), np.abs(basis).argmax(axis=1)])
    basis = (basis * np.where(signs == 0, 1, signs)[:, None])[:dims]
    total = (values**2).sum()
    return Pca(centred @ basis.T, mean, basis, values[:dims] ** 2 / total if total > 0 else np.zeros(dims))


# ---- UMAP (McInnes et al. 2018) -------------------------------------------------------------------------------------


def umap_layout(
    x: ArrayLike,
    n_neighbors: int = 15,
    min_dist: float = 0.1,
    seed: int = 42,
    init: ArrayLike | None = None,
    *,
    spread: float = 1.0,
    metric: str = "euclidean",
    quality: str = "final",
    neighbors: tuple[NDArray, NDArray] | None = None,
    dims: int = 2,
    tell: Callable[[float, NDArray[np.float32]], None] | None = None,
) -> NDArray[np.float32]:
    """UMAP of x (n, d) -> (n, dims), dims 2 or 3, by exact neighbours and a seeded, single-threaded optimisation: bit-identical per process.

    `init` (n, dims) starts from an earlier layout with a small step, else from PCA. `quality` is final (500 epochs), preview
    (200) or warm (100), as `epochs_of` says. `neighbors` may hand over `knn_exact(x, k)` for any k >= n_neighbors. `n_neighbors` is lowered to
    n - 1 where there are fewer points; fewer than 4 points, or no spread at all, are returned as PCA. Two machines may
    give two pictures (rounding moves points), so keep layouts, not seeds. `tell` hears the share done and the layout as
    it stands (to be copied), at the start and every tenth epoch, and stops the work by raising. Graph and optimisation: `umap_descent`.
    """
    data = _points(x)
    checks.choice(quality, "quality", tuple(EPOCHS))
    if not 2 <= n_neighbors <= MAX_NEIGHBORS:
        raise LsvizError("input.number", argument="n_neighbors", value=n_neighbors, low=2, high=MAX_NEIGHBORS)
    checks.number(dims, "dims", 2, 3)
    flat = pca(data, dims).scores
    flat = np.pad(flat, ((0, 0), (0, dims - flat.shape[1])))
    if len(data) < 4 or np.ptp(flat) == 0:
        return flat.astype(np.float32)
    k = min(n_neighbors, len(data) - 1)
    found, far = neighbors if neighbors is not None else knn_exact(data, k, metric)
    found, far = found[:, :k], far[:, :k]
    if init is None:
        start = (flat / np.abs(flat).max() * 10).astype(np.float32)
        start += np.random.default_rng(seed).normal(scale=1e-4, size=start.shape).astype(np.float32)
        step = 1.0
    else:
        start, step = np.asarray(init, np.float32).copy(), 0.25
        if start.shape != (len(data), dims):
            raise LsvizError("input.shape", argument="init", shape=start.shape, expected=f"({len(data)}, {dims})")
    return descend(start, fuzzy_graph(found, far), *curve(spread, min_dist), epochs_of(quality, len(data)), step, seed, tell)


def epochs_of(quality: str, count: int) -> int:
    """Epochs of the optimisation for `count` points."""
    return EPOCHS[quality] if count <= MANY else EPOCHS[quality] * 7 // 10


def warm_up() -> None:
    """A tiny layout through the same code: the imports and compilation that the first one of a process waits for."""
    umap_layout(np.random.default_rng(0).normal(size=(40, 4)), 5, quality="warm")


def procrustes(moving: ArrayLike, fixed: ArrayLike) -> tuple[NDArray[np.float64], float]:
    """`moving` (n, 2) shifted, rotated, mirrored and scaled onto `fixed` (n, 2), and their correlation after it (0 to 1)."""
    a, b = np.asarray(moving, np.float64), np.asarray(fixed, np.float64)
    a0, b0 = a - a.mean(axis=0), b - b.mean(axis=0)
    u, values, v = np.linalg.svd(a0.T @ b0)
    scale = np.linalg.norm(a0) * np.linalg.norm(b0)
    likeness = float(values.sum() / scale) if scale > 0 else 0.0
    stretch = values.sum() / (a0**2).sum() if (a0**2).sum() > 0 else 0.0
    return a0 @ (u @ v) * stretch + b.mean(axis=0), likeness


def turned(moving: ArrayLike, fixed: ArrayLike) -> NDArray[np.float64]:
    """`moving` (n, 2) rotated or mirrored about its mean, never scaled, so that it lies as `fixed` (n, 2) does."""
    a, b = np.asarray(moving, np.float64), np.asarray(fixed, np.float64)
    a0, b0 = a - a.mean(axis=0), b - b.mean(axis=0)
    u, _, v = np.linalg.svd(a0.T @ b0)
    return a0 @ (u @ v) + a.mean(axis=0)


def evenly_over(count: int, most: int) -> NDArray[np.intp]:
    """At most `most` of `count` rows, evenly over all of them: they are often sorted by class."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(np.intp))


# ---- what a picture keeps -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """What a picture keeps of its original space, by the 15 nearest neighbours: votes in both, trustworthiness, share kept, pieces of the graph."""

    knn_original: float
    knn_picture: float
    trust: float
    kept: float
    pieces: int


def kept_by(x: ArrayLike, y: ArrayLike, labels: ArrayLike, k: int = 15) -> Kept:
    """All of it at once for x (n, d), its picture y (n, 2 or 3) and labels (n,). Raises LsvizError for fewer than 2 k + 2 images."""
    true, shown = knn_exact(x, min(k + 1, len(np.asarray(x))))[0], knn_exact(y, min(k + 1, len(np.asarray(y))))[0]
    return Kept(
        vote(true[:, 1:], labels), vote(shown[:, 1:], labels), trustworthiness(x, y, k, shown=shown[:, 1:]), _shared(true[:, 1:], shown[:, 1:]),
        graph_components(true[:, :k]),
    )  # fmt: skip


def trustworthiness(x: ArrayLike, y: ArrayLike, k: int = 15, *, shown: NDArray | None = None) -> float:
    """1 when every neighbour in the picture y (n, 2) is one in x (n, d); intruders count by their true rank (Venna & Kaski 2001).

    `shown` (n, k) may hand over the neighbours in the picture. A rank is counted, not sorted for: k comparisons with each
    row of distances take a fifth of the time of sorting it.
    """
    data, n = _points(x), len(np.asarray(x))
    if not 1 <= k < n / 2:
        raise LsvizError("input.number", argument="k", value=k, low=1, high=(n - 1) // 2)
    shown = knn_exact(y, k + 1)[0][:, 1:] if shown is None else shown
    centred = data - data.mean(axis=0)
    squares = (centred**2).sum(axis=1)
    penalty = 0
    for start in range(0, n, _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, n))
        table = squares[rows, None] + squares - 2 * centred[rows] @ centred.T
        table[np.arange(len(rows)), rows] = -np.inf
        reach = np.partition(table, k, axis=1)[:, k]  # the k-th neighbour's distance: nearer ones cost nothing
        far = np.take_along_axis(table, shown[rows].astype(np.intp), axis=1)
        for row, place in np.argwhere(far > reach[:, None]):
            penalty += int(np.count_nonzero(table[row] < far[row, place])) - k
    return float(1 - 2 * penalty / (n * k * (2 * n - 3 * k - 1)))


def _shared(true: NDArray, shown: NDArray) -> float:
    return float((true[:, :, None] == shown[:, None, :]).any(axis=2).mean())


def knn_accuracy(x: ArrayLike, labels: ArrayLike, k: int = 15) -> float:
    """Leave-one-out accuracy of a vote among the k nearest neighbours; ties go to the smaller class."""
    return vote(knn_exact(x, k + 1)[0][:, 1:], labels)


def vote(near: NDArray, labels: ArrayLike) -> float:
    """The same for neighbours `near` (n, k) that are known already."""
    return float(voted_right(near, labels).mean())


def voted_right(near: NDArray, labels: ArrayLike) -> NDArray[np.bool_]:
    """Whether they vote for the row's own label, (n,)."""
    y = np.asarray(labels)
    votes = np.zeros((len(y), int(y.max()) + 1), np.int32)
    np.add.at(votes, (np.arange(len(y))[:, None], y[near]), 1)
    return votes.argmax(axis=1) == y


def graph_components(indices: ArrayLike) -> int:
    """Pieces of the neighbour graph (n, k): between pieces a UMAP picture places islands by its start, not by the data."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    near = np.asarray(indices)
    rows = np.repeat(np.arange(len(near)), near.shape[1])
    graph = coo_array((np.ones(near.size, np.int8), (rows, near.ravel())), shape=(len(near), len(near)))
    return int(connected_components(graph, directed=False)[0])


def _points(x: ArrayLike) -> NDArray[np.float32]:
    data = np.ascontiguousarray(x, dtype=np.float32)
    if data.ndim != 2 or not len(data):
        raise LsvizError("input.shape", argument="x", shape=data.shape, expected="(n, d) with n of at least 1")
    if not np.isfinite(data).all():
        row, column = np.argwhere(~np.isfinite(data))[0]
        raise LsvizError("input.not_finite", argument="x", row=int(row), value=float(data[row, column]))
    return data
