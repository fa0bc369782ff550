"""The stored features as pictures: template plane, PCA or UMAP of every trained alpha, worked out once for all sessions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.core import geometry, projection
from lsviz.core.classes import CLASS_ORDER
from lsviz.core.errors import LsvizError
from lsviz.core.once import once
from lsviz.core.picture import Picture
from lsviz.core.temperature import apply_temperature
from lsviz.figures import numbers
from lsviz.state import PLANE_TRIO
from lsviz.store import RunRecord
from lsviz.texts.catalogue import class_name, t
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store, stamp
from lsviz.zoo.run_label import run_label

SPLITS = ("train", "test")
IN_PLANE = {"head_weight", "head_bias", *(f"{split}_{what}" for split in SPLITS for what in ("logits", "labels", "index"))}
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
    return _gallery_runs(stamp(), num_classes)


@once(32)  # asked for once for every entry of a drop-down
def _gallery_runs(stamp: str, num_classes: int) -> tuple[RunRecord, ...]:
    runs = tuple(run for run in networks.shown(num_classes) if set(_NEEDED) <= set(run.arrays) and _is_measured(run))
    return runs if runs and runs[0].config.alpha == 0 else ()  # everything is shown beside alpha = 0


def _is_measured(run: RunRecord) -> bool:
    return all(metric in run.metrics.get(split, {}) for split in SPLITS for metric in ("nc1", "scatter", "plane_scatter"))


def trio_within(classes: tuple[int, ...], num_classes: int) -> tuple[int, ...]:
    """Three classes (from 0) among the first `num_classes`; the usual trio where the asked ones do not all exist."""
    asked = classes if max(classes) <= num_classes else PLANE_TRIO
    return tuple(k - 1 for k in asked)


def gallery(num_classes: int, view: str, split: str, trio: tuple[int, ...]) -> Gallery:
    """`view` is plane, pca or umap; `trio` matters to the plane alone."""
    return _gallery(networks.snapped(num_classes), view, split, trio if view == "plane" else ())


@of_store(max_entries=48, words=True)
def _gallery(num_classes: int, view: str, split: str, trio: tuple[int, ...]) -> Gallery:
    pictures: list[Picture] = []
    problems: list[LsvizError] = []
    for run in gallery_runs(num_classes):
        try:
            picture = _picture(run, view, split, trio, pictures[-1] if pictures else None)
            if pictures and not np.array_equal(picture.index, pictures[0].index):
                raise LsvizError("store.images", run=run.id, first=gallery_runs(num_classes)[0].id)
            pictures.append(picture)
        except LsvizError as error:
            problems.append(error)
    places = trio if trio else tuple(range(num_classes))
    names = tuple(class_name(CLASS_ORDER, k) for k in places)
    return Gallery(tuple(pictures), names, places, tuple(problems))


def _picture(run: RunRecord, view: str, split: str, trio: tuple[int, ...], before: Picture | None, name: str = "") -> Picture:
    """One network's images: all whose logits are stored; PCA those with features."""
    arrays = networks.arrays(run.id)
    rows = feature_rows(arrays, split) if view == "pca" else slice(None)
    logits, labels, index = (arrays[f"{split}_{what}"][rows] for what in ("logits", "labels", "index"))
    labels, corners = labels.astype(int), None
    if view == "plane":
        chosen = np.flatnonzero(np.isin(labels, trio))
        logits, index = logits[chosen], index[chosen]
        labels = np.array([trio.index(k) for k in labels[chosen]])
        points, corners = plane_points(arrays, logits, trio)
    elif view == "pca":
        points = arrays[f"{split}_features"][:, :2].astype(float)
        if before is not None and np.array_equal(before.index, index):
            points = projection.turned(points, before.points)
    else:
        if f"map_{split}_layout" not in arrays:
            raise LsvizError("store.layout", run=run.id)
        points = arrays[f"map_{split}_layout"].astype(float) * run.facts[f"map_{split}_unit"]
    names = [class_name(CLASS_ORDER, int(k)) for k in logits.argmax(axis=1)]
    confidence = apply_temperature(logits, 1.0).max(axis=1)
    source = {"network": run.id, "images": split, "projection": projected(run, view, trio)}
    return Picture(run.config.alpha, points, labels, names, index, corners, confidence, name, source)


def projected(run: RunRecord, view: str, trio: tuple[int, ...]) -> str:
    """How a stored picture was made, as a table's entry: plane(three classes), pca() or umap(its parameters)."""
    inside = {"plane": ", ".join(CLASS_ORDER[k] for k in trio), "umap": run.facts.get("umap_parameters", "")}
    return f"{view}({inside.get(view, '')})"


@of_store(max_entries=16)
def comparable(num_classes: int) -> tuple[RunRecord, ...]:
    """Every sound run of this N that can be drawn in a plane at least: those of `gallery_runs` first, then seeds, noise, other data."""
    gallery = gallery_runs(num_classes)
    others = [
        run
        for run in networks.store().runs
        if run.config.num_classes == num_classes and set(run.arrays) >= IN_PLANE and run not in gallery
    ]
    order = lambda run: (run.config.size != 100, run.config.noise, run.config.seed, run.config.alpha, run.id)
    return (*gallery, *sorted(others, key=order))


def run_name(run: RunRecord) -> str:
    """What tells a run from those of the gallery, short where its seed or wrong labels do; nothing for one of the gallery."""
    c = run.config
    if run in gallery_runs(c.num_classes):
        return ""
    kinds = [kind for kind, _ in c.variant]
    if kinds not in ([], ["noise"]):
        return run_label(run)
    which = "hard" if c.alpha == 0 else "soft"
    return t(
        f"embeddings.run_{which}_{kinds[0] if kinds else 'seed'}",
        alpha=numbers.alpha_text(c.alpha),
        seed=c.seed,
        noise=numbers.percent(c.noise),
    )


def single(num_classes: int, run_id: str, view: str, split: str, trio: tuple[int, ...]) -> Picture:
    """Any one run of `comparable`. Raises LsvizError where its file or its features are missing."""
    return _single(networks.snapped(num_classes), run_id, view, split, trio if view == "plane" else ())


@of_store(max_entries=48, words=True)
def _single(num_classes: int, run_id: str, view: str, split: str, trio: tuple[int, ...]) -> Picture:
    family = gallery(num_classes, view, split, trio).pictures
    if own := [picture for picture in family if picture.source["network"] == run_id]:
        return own[0]
    run = networks.store().record(run_id)
    if view != "plane" and f"{split}_features" not in run.arrays:
        raise LsvizError("store.no_features", run=run_id)
    return _picture(run, view, split, trio, family[0] if family else None, run_name(run))


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


def mapped(arrays, split: str) -> NDArray[np.float64]:
    """All images (n, d) where a map looks for their neighbours: their features, where every image has them; else what the last layer reads."""
    logits = arrays[f"{split}_logits"]
    if len(arrays[f"{split}_features"]) == len(logits):
        return features(arrays, split)
    middle = np.broadcast_to(arrays["feature_mean"].astype(float), (len(logits), len(arrays["feature_mean"])))
    return geometry.completed_by_logits(middle, logits, arrays["head_weight"], arrays["head_bias"])


@of_store(max_entries=32)
def cosines(run_id: str, split: str) -> NDArray[np.float64]:
    """Cosines between the class means (K, K) of the stored features."""
    arrays = networks.arrays(run_id)
    return geometry.class_mean_cosines(features(arrays, split), arrays[f"{split}_labels"][feature_rows(arrays, split)].astype(int))


def mean_cosine(run_id: str, split: str) -> float:
    """Mean of `cosines` between different classes; a simplex has -1/(N-1)."""
    found = cosines(run_id, split)
    return float(found[~np.eye(len(found), dtype=bool)].mean())
