"""The stored features as pictures: template plane, PCA or UMAP of every trained alpha, worked out once for all sessions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from lsviz.core import geometry, projection
from lsviz.core.classes import CLASS_ORDER
from lsviz.core.errors import LsvizError
from lsviz.core.temperature import apply_temperature
from lsviz.figures.embeddings import Picture
from lsviz.state import PLANE_TRIO
from lsviz.store import RunRecord
from lsviz.ui import zoo
from lsviz.ui.texts import cached_words, class_name

SPLITS = ("test", "train")
_NEEDED = (
    "feature_basis", "feature_mean", "head_weight", "head_bias", "test_feature_rows",
    *(f"{split}_{what}" for split in SPLITS for what in ("features", "logits", "labels", "index")),
)  # fmt: skip


@dataclass(frozen=True)
class Gallery:
    """Pictures by rising alpha, the shown classes' names and places in the class order, and what kept others out."""

    pictures: tuple[Picture, ...]
    names: tuple[str, ...]
    places: tuple[int, ...]
    problems: tuple[LsvizError, ...] = ()


def gallery_runs(num_classes: int) -> tuple[RunRecord, ...]:
    """The runs with stored features, one an alpha, rising from 0; none where hard targets have no such run."""
    runs = tuple(run for run in zoo.shown(num_classes) if set(_NEEDED) <= set(run.arrays) and _is_measured(run))
    return runs if runs and runs[0].config.alpha == 0 else ()  # everything is shown beside alpha = 0


def _is_measured(run: RunRecord) -> bool:
    return all(metric in run.metrics.get(split, {}) for split in SPLITS for metric in ("nc1", "scatter", "plane_scatter"))


def trio_within(classes: tuple[int, ...], num_classes: int) -> tuple[int, ...]:
    """Three classes (from 0) among the first `num_classes`; the usual trio where the asked ones do not all exist."""
    asked = classes if max(classes) <= num_classes else PLANE_TRIO
    return tuple(k - 1 for k in asked)


def gallery(num_classes: int, view: str, split: str, trio: tuple[int, ...]) -> Gallery:
    """`view` is plane, pca or umap; `trio` matters to the plane alone."""
    return _gallery(zoo.stamp(), zoo.snapped(num_classes), view, split, trio if view == "plane" else ())


@cached_words(max_entries=48)
def _gallery(stamp: str, num_classes: int, view: str, split: str, trio: tuple[int, ...]) -> Gallery:
    pictures, problems = [], []
    for run in gallery_runs(num_classes):
        try:
            before = pictures[-1].points if pictures else None
            picture = _picture(run, view, split, trio, before)
            if pictures and not np.array_equal(picture.index, pictures[0].index):
                raise LsvizError("store.images", run=run.id, first=gallery_runs(num_classes)[0].id)
            pictures.append(picture)
        except LsvizError as error:
            problems.append(error)
    places = trio if trio else tuple(range(num_classes))
    names = tuple(class_name(CLASS_ORDER, k) for k in places)
    return Gallery(tuple(pictures), names, places, tuple(problems))


def _picture(run: RunRecord, view: str, split: str, trio: tuple[int, ...], before: NDArray | None) -> Picture:
    arrays = zoo.arrays(run.id)
    rows = feature_rows(arrays, split)
    labels = arrays[f"{split}_labels"][rows].astype(int)
    predicted = arrays[f"{split}_logits"][rows].argmax(axis=1)
    confidence = apply_temperature(arrays[f"{split}_logits"][rows], 1.0).max(axis=1)
    index = arrays[f"{split}_index"][rows]
    corners = None
    if view == "plane":
        chosen = np.flatnonzero(np.isin(labels, trio))
        points, corners = plane_points(arrays, arrays[f"{split}_logits"][rows][chosen], trio)
        labels, predicted, index = np.array([trio.index(k) for k in labels[chosen]]), predicted[chosen], index[chosen]
        confidence = confidence[chosen]
    elif view == "pca":
        points = arrays[f"{split}_features"][:, :2].astype(float)
        points = points if before is None else projection.turned(points, before)
    else:
        if f"layout_umap_chained_{split}" not in arrays:
            raise LsvizError("store.layout", run=run.id)
        points = arrays[f"layout_umap_chained_{split}"].astype(float)
    names = [class_name(CLASS_ORDER, int(k)) for k in predicted]
    return Picture(run.config.alpha, points, labels, names, index, corners, confidence)


def plane_points(arrays, logits: NDArray, trio: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Images (n, 2) and templates (3, 2) in the trio's plane: from logits (n, K), which give it more exactly than 64 components."""
    chosen = list(trio)
    weight, bias = arrays["head_weight"][chosen].astype(float), arrays["head_bias"][chosen].astype(float)
    return geometry.template_plane_from_logits(logits[:, chosen].astype(float), weight, bias)


def feature_rows(arrays, split: str) -> slice | NDArray[np.int32]:
    """Which of the split's stored images have features: all of training, some of test."""
    return slice(None) if split == "train" else arrays["test_feature_rows"]


def features(arrays, split: str) -> NDArray[np.float64]:
    """Penultimate features (n, d) back from their stored principal components, and from the logits where these know more."""
    stored = arrays[f"{split}_features"].astype(float) @ arrays["feature_basis"].astype(float) + arrays["feature_mean"]
    logits = arrays[f"{split}_logits"][feature_rows(arrays, split)]
    return geometry.completed_by_logits(stored, logits, arrays["head_weight"], arrays["head_bias"])


@st.cache_resource(max_entries=32, show_spinner=False)
def cosines(stamp: str, run_id: str, split: str) -> NDArray[np.float64]:
    """Cosines between the class means (K, K) of the stored features."""
    arrays = zoo.arrays(run_id)
    return geometry.class_mean_cosines(features(arrays, split), arrays[f"{split}_labels"][feature_rows(arrays, split)].astype(int))


def mean_cosine(stamp: str, run_id: str, split: str) -> float:
    """Mean of `cosines` between different classes; a simplex has -1/(N-1)."""
    found = cosines(stamp, run_id, split)
    return float(found[~np.eye(len(found), dtype=bool)].mean())


@st.cache_resource(max_entries=32, show_spinner=False)
def trio_spread(stamp: str, num_classes: int, trio: tuple[int, ...]) -> dict[str, tuple[float, ...]]:
    """Spread of the trio's images in their own template plane, by split, one value an alpha."""
    made: dict[str, list[float]] = {split: [] for split in SPLITS}
    for run in gallery_runs(num_classes):
        arrays = zoo.arrays(run.id)
        for split in SPLITS:
            labels = arrays[f"{split}_labels"].astype(int)
            chosen = np.isin(labels, trio)
            points, _ = plane_points(arrays, arrays[f"{split}_logits"][chosen], trio)
            made[split].append(geometry.scatter_ratio(points, labels[chosen]))
    return {split: tuple(values) for split, values in made.items()}
