"""How tight the classes of stored networks are, in their template planes and over alpha."""

from __future__ import annotations

import numpy as np

from lsviz.core import geometry
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store
from lsviz.zoo.pictures import IN_PLANE, SPLITS, gallery_runs, plane_points


def trio_spread(num_classes: int, trio: tuple[int, ...]) -> dict[str, tuple[float, ...]]:
    """Spread of the trio's images in their own template plane, by split, one value an alpha: the runs of the gallery."""
    found = plane_spreads(num_classes, trio)
    return {split: tuple(found[split][run.id] for run in gallery_runs(num_classes)) for split in SPLITS}


@of_store(max_entries=32)
def plane_spreads(num_classes: int, trio: tuple[int, ...]) -> dict[str, dict[str, float]]:
    """The same for every seed of the family, by split and run; runs whose logits are not stored are left out."""
    runs = [run for run in networks.family(num_classes) if set(run.arrays) >= IN_PLANE]  # the gallery is part of its family
    return {split: {run.id: plane_spread(run.id, split, trio) for run in runs} for split in SPLITS}


@of_store(max_entries=256)
def plane_spread(run_id: str, split: str, trio: tuple[int, ...]) -> float:
    """Spread inside the trio's classes over that between them, in the plane of this run's templates, over all stored logits."""
    arrays = networks.arrays(run_id)
    labels = arrays[f"{split}_labels"].astype(int)
    chosen = np.isin(labels, trio)
    points, _ = plane_points(arrays, arrays[f"{split}_logits"][chosen], trio)
    return geometry.scatter_ratio(points, labels[chosen])


def spread_rows(num_classes: int, trio: tuple[int, ...]) -> dict[str, tuple[float, ...]]:
    """Measures of spread over the alphas, by their text key: in the trio's plane, in what the last layer sees, in all dimensions."""
    runs = gallery_runs(num_classes)
    rows: dict[str, tuple[float, ...]] = {}
    if trio:
        spread = trio_spread(num_classes, trio)
        rows |= {"plane_train": spread["train"], "plane_test": spread["test"]}
    else:
        rows |= {f"seen_{split}": tuple(run.metrics[split]["plane_scatter"] for run in runs) for split in ("train", "test")}
    rows["nc1_train"] = tuple(run.metrics["train"]["nc1"] for run in runs)
    rows["scatter_test"] = tuple(run.metrics["test"]["scatter"] for run in runs)
    return rows
