"""What a network's features say of its classes, row by row: whether the nearest rows vote right, and how tight classes are."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import geometry, projection
from lsviz.core.calibration.registry import Entry

KNN = "knn_accuracy"
TIGHTER = {"nc1": -1, "class_separation": 1}  # which way classes draw together
FEATURES = {entry.name: entry for entry in (Entry(KNN), *(Entry(name, share=False, digits=3) for name in TIGHTER))}
NEIGHBOURS = 15
MOST_ROWS, MOST_VALUES = 3000, 1_000_000  # that are looked at: neighbours cost rows x rows


def looked_at(rows: int, width: int) -> NDArray[np.intp]:
    """Which of `rows` rows of `width` features are measured, from the whole file."""
    return projection.evenly_over(rows, min(MOST_ROWS, max(NEIGHBOURS + 1, MOST_VALUES // max(1, width))))


def feature_parts(penultimate: ArrayLike, labels: ArrayLike) -> Mapping[str, NDArray[np.float64]]:
    """What each row of features (n, d) with labels (n,) adds to every measure of `FEATURES`, (n,): means are the measures.

    None of them where one has no value, as of rows of one class alone.
    """
    x, y = np.asarray(penultimate, np.float64), np.asarray(labels)
    near = projection.knn_exact(x, min(NEIGHBOURS + 1, len(x)))[0][:, 1:]
    parts = {
        KNN: projection.voted_right(near, y).astype(float),
        "nc1": geometry.nc1_per_example(x, y),
        "class_separation": geometry.class_separation_per_example(x, y),
    }
    return parts if all(np.isfinite(part).all() for part in parts.values()) else {}
