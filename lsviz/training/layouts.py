"""Lay out the stored features in two dimensions, once, so that pages draw without computing: `python -m lsviz.training.layouts checkpoints`.

For every family with features: the template plane, PCA, and a map of all images by UMAP, chained from alpha = 0 (each network's
map starts from the one before). Stored beside the features, with what the map's neighbourhoods are worth.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsviz.core import cluster_map, geometry, projection
from lsviz.core.classes import superclass
from lsviz.core.errors import LsvizError
from lsviz.store import RunRecord, Store, write_run

SPLITS = ("train", "test")
OTHER_SEEDS = (
    0,
    1,
)  # maps laid out anew from PCA beside the chained one: their numbers are kept, to say how far they go with the seed
PEAK = 0.42  # width of the kernel that finds a class's densest place, in UMAP's units
FEATURES, LAST_LAYER = "64 principal components", "the last layer's directions"
PARAMETERS = "15 neighbours, min_dist 0.1, {epochs} epochs, chained from alpha 0, on {space}"


def features_of(arrays: Mapping[str, NDArray], split: str) -> NDArray[np.float64]:
    """Penultimate features (n, d) back from their stored principal components."""
    return arrays[f"{split}_features"].astype(float) @ arrays["feature_basis"].astype(float) + arrays["feature_mean"]


def space_of(arrays: Mapping[str, NDArray], split: str) -> tuple[NDArray[np.float32], str]:
    """All images of a split (n, d') where their neighbours are looked for, and what that space is.

    The stored components, where every image has them; else what the last layer reads of the features, which the logits tell.
    """
    if len(arrays[f"{split}_features"]) == len(arrays[f"{split}_logits"]):
        return arrays[f"{split}_features"].astype(np.float32), FEATURES
    logits = arrays[f"{split}_logits"]
    middle = np.broadcast_to(arrays["feature_mean"].astype(float), (len(logits), len(arrays["feature_mean"])))
    seen = geometry.completed_by_logits(middle, logits, arrays["head_weight"], arrays["head_bias"])
    return seen.astype(np.float32), LAST_LAYER


def map_of(
    x: NDArray[np.float32], labels: NDArray[np.int64], start: NDArray | None
) -> tuple[dict[str, NDArray], dict[str, object]]:
    """The map of images x (n, d) of classes `labels` (n,): its arrays, and the numbers that say what it keeps.

    `layout` int16 (n, 2) about the middle, in steps of `unit`; `near` rows of the five true neighbours (n, 5); `kept` and
    `intruders` of 15 (n,); `peaks` (K, 3) and `family_peaks` (20, 3): where a class, a superclass is densest, and how dense.
    """
    near = cluster_map.true_neighbours(x)

    def lay(seed: int, init: NDArray | None) -> NDArray:
        return projection.umap_layout(x, seed=seed, init=init, neighbors=near)

    made = lay(42, start)
    layout = projection.turned(made, made if start is None else start)
    layout -= layout.mean(axis=0)
    unit = float(np.abs(layout).max()) / 32767
    worth = cluster_map.neighbourhoods(x, layout, near=near[0])
    families = np.array([superclass(k) for k in labels])
    names = sorted({superclass(k) for k in range(100)})
    arrays: dict[str, NDArray] = {
        "layout": np.round(layout / unit).astype(np.int16),
        "near": worth.nearest.astype(np.uint16),
        "kept": worth.kept,
        "intruders": worth.intruders,
        "peaks": np.array([cluster_map.densest(layout[labels == k], PEAK) for k in range(labels.max() + 1)], np.float32),
        "family_peaks": np.array([cluster_map.densest(layout[families == name], PEAK) for name in names], np.float32),
    }
    others = [lay(seed, None) for seed in OTHER_SEEDS]
    share = lambda kept: float(kept.mean() / cluster_map.AMONG)
    facts: dict[str, object] = {
        "unit": unit,
        "true_vote": projection.vote(near[0][:, 1:16], labels),
        "vote": [projection.knn_accuracy(each, labels) for each in (layout, *others)],
        "kept": [share(worth.kept), *(share(cluster_map.neighbourhoods(x, each, near=near[0]).kept) for each in others)],
        "trust": projection.trustworthiness(x, layout),
        "pieces": projection.graph_components(near[0][:, :15]),
        "epochs": projection.epochs_of("final", len(x)),
    }
    return arrays, facts


def layouts_of(arrays: Mapping[str, NDArray], before: Mapping[str, NDArray]) -> tuple[dict[str, NDArray], dict[str, object]]:
    """All layouts of one run and their facts; `before` holds the maps it starts from, by split."""
    made: dict[str, NDArray] = {}
    facts: dict[str, object] = {}
    templates = arrays["head_weight"].astype(float)
    for split in SPLITS:
        if len(templates) >= 3:
            made[f"layout_plane_{split}"] = geometry.template_plane(features_of(arrays, split), templates[:3])[0].astype(np.float16)
        made[f"layout_pca_{split}"] = arrays[f"{split}_features"][:, :2].astype(np.float16)
        x, space = space_of(arrays, split)
        found, told = map_of(x, arrays[f"{split}_labels"].astype(int), before.get(split))
        made |= {f"map_{split}_{name}": array for name, array in found.items()}
        facts |= {f"map_{split}_{name}": value for name, value in told.items()} | {f"map_{split}_space": space}
        facts["umap_parameters"] = PARAMETERS.format(epochs=told["epochs"], space=space)
    return made, facts


def chained(record: RunRecord, arrays: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """The maps of a run that has them (n, 2), by split, for the next one to start from."""
    return {split: arrays[f"map_{split}_layout"].astype(np.float32) * record.facts[f"map_{split}_unit"] for split in SPLITS}


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0] if arguments else "checkpoints")
    store = Store(folder)
    try:
        if not store.runs:
            raise store.problems[0] if store.problems else LsvizError("store.empty", folder=folder)
        for runs in store.families().values():
            before: dict[str, NDArray] = {}
            for record in (run for run in runs if "test_features" in run.arrays):
                arrays: Mapping[str, NDArray] = store.load(record.id)
                if "map_test_layout" not in record.arrays:
                    layouts, facts = layouts_of(arrays, before)
                    kept = {name: array for name, array in arrays.items() if not name.startswith("layout_umap")}
                    old = {name: value for name, value in record.facts.items() if "15_" not in name and "umap_comp" not in name}
                    arrays = {**kept, **layouts}
                    record = write_run(folder, replace(record, facts=old | facts), arrays)
                    print(f"{record.id}: laid out", flush=True)
                before = chained(record, arrays)
    except LsvizError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
