"""What a network says of the wrong classes: how probability not on the label is spread, and how much of that is likeness."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.errors import LsvizError
from lsviz.core.smoothing.closed_forms import log_probs

Floats = NDArray[np.float64]


def off_target(logits: ArrayLike, labels: ArrayLike) -> Floats:
    """Distribution over the wrong classes, (n, K), from logits (n, K): the label's entry 0, the others rescaled to sum 1.

    Computed from the wrong logits alone, so it is exact even where the label takes all probability. Needs K >= 3.
    """
    log_p = log_probs(logits)
    if log_p.shape[1] < 3:
        raise LsvizError("input.shape", argument="logits", shape=log_p.shape, expected="(n, K) with K of 3 or more")
    rest = log_p.copy()
    rest[np.arange(len(rest)), checks.class_labels(labels, *rest.shape)] = -np.inf
    rest = np.exp(rest - rest.max(axis=1, keepdims=True))
    return rest / rest.sum(axis=1, keepdims=True)


def flatness(distribution: ArrayLike) -> Floats:
    """Entropy of each row of `off_target` over log(K-1), (n,): 0 names one wrong class, 1 treats all alike, as smoothing asks."""
    q = np.asarray(distribution, np.float64)
    return -np.where(q > 0, q * np.log(np.where(q > 0, q, 1)), 0).sum(axis=1) / np.log(q.shape[1] - 1)


def mean_off_target(logits: ArrayLike, labels: ArrayLike) -> Floats:
    """Mean of `off_target` over the images of each class, (K, K): row true class, column wrong class; rows of absent classes are NaN."""
    q = off_target(logits, labels)
    labels = np.asarray(labels, np.intp)
    sums = np.zeros((q.shape[1], q.shape[1]))
    np.add.at(sums, labels, q)
    counts = np.bincount(labels, minlength=q.shape[1])
    with np.errstate(invalid="ignore"):
        return sums / counts[:, None]


def darkest(cells: ArrayLike) -> float:
    """Where a map's scale of colours ends: the value that all but one cell in 200 stay below; NaN cells do not count."""
    return float(np.nanquantile(np.asarray(cells), 0.995))


def likeliest_is_alike(distribution: ArrayLike, labels: ArrayLike, groups: ArrayLike) -> Floats:
    """1 where the likeliest wrong class is of the label's group, else 0, for the images of `share_of_alike` (m,): no scale of logits moves it."""
    q = np.asarray(distribution)
    return share_of_alike(np.eye(q.shape[1])[q.argmax(axis=1)], labels, groups)[0]


def share_of_alike(distribution: ArrayLike, labels: ArrayLike, groups: ArrayLike) -> tuple[Floats, Floats]:
    """Share of each image's off-target probability on classes of its label's group, and what an even spread gives: both (m,).

    `groups` (K,) numbers the classes' groups; images whose label is alone in its group are left out.
    """
    q, labels, groups = np.asarray(distribution, np.float64), np.asarray(labels, np.intp), np.asarray(groups)
    alike = groups[:, None] == groups[None, :]
    np.fill_diagonal(alike, False)
    kept = alike[labels].any(axis=1)
    rows = alike[labels[kept]]
    return (q[kept] * rows).sum(axis=1), rows.sum(axis=1) / (q.shape[1] - 1)


def similar_targets(weights: ArrayLike, alpha: float) -> Floats:
    """Targets (K, K), a row for each label: 1 - alpha + alpha/K on it, and the rest of alpha shared out as `weights` (K, K) say.

    Weights count relative to the row's others, the diagonal is not read; equal weights are label smoothing exactly. Raises
    LsvizError for a negative weight, and for a row without any.
    """
    w = np.array(weights, np.float64)
    if w.ndim != 2 or w.shape[0] != w.shape[1] or len(w) < 2:
        raise LsvizError("input.shape", argument="weights", shape=w.shape, expected="(K, K) with K of 2 or more")
    alpha = checks.number(alpha, "alpha", 0, 1)
    np.fill_diagonal(w, 0)
    total = w.sum(axis=1, keepdims=True)
    if not np.isfinite(w).all() or (w < 0).any() or (total <= 0).any():
        raise LsvizError("similar.weights")
    k = len(w)
    return alpha * (k - 1) / k * w / total + (1 - alpha * (k - 1) / k) * np.eye(k)
