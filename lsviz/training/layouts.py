"""Lay out the stored features in two dimensions, once, so that pages draw without computing: `python -m lsviz.training.layouts checkpoints`.

For every family with features: the template plane, PCA, and UMAP chained from alpha = 0 (each network's layout started
from the one before); for alpha 0 and .1 also three independent UMAPs. Layouts are stored beside the features.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsviz.core import geometry, projection
from lsviz.core.errors import LsvizError
from lsviz.store import RunRecord, Store, write_run

INDEPENDENT_ALPHAS, INDEPENDENT_SEEDS = (0.0, 0.1), (0, 1, 2)
SPLITS = ("train", "test")
PARAMETERS = "15 neighbours, min_dist 0.1, 500 epochs, chained from alpha 0, on 64 principal components"


def features_of(arrays: Mapping[str, NDArray], split: str) -> NDArray[np.float64]:
    """Penultimate features (n, d) back from their stored principal components."""
    return arrays[f"{split}_features"].astype(float) @ arrays["feature_basis"].astype(float) + arrays["feature_mean"]


def layouts_of(
    record: RunRecord, arrays: Mapping[str, NDArray], before: dict[str, NDArray] | None
) -> tuple[dict[str, NDArray], dict[str, float]]:
    """All layouts of one run and the numbers that say what they keep; `before` holds the chained layouts it starts from."""
    made: dict[str, NDArray] = {}
    facts: dict[str, float] = {}
    templates = arrays["head_weight"].astype(float)
    for split in SPLITS:
        scores = arrays[f"{split}_features"].astype(np.float32)
        if len(templates) >= 3:
            made[f"layout_plane_{split}"], _ = geometry.template_plane(features_of(arrays, split), templates[:3])
        made[f"layout_pca_{split}"] = scores[:, :2]
        near = projection.knn_exact(scores, min(16, len(scores)))
        start = None if before is None else before[split]
        made[f"layout_umap_chained_{split}"] = projection.umap_layout(scores, init=start, neighbors=near)
        if record.config.alpha in INDEPENDENT_ALPHAS:
            for seed in INDEPENDENT_SEEDS:
                made[f"layout_umap_s{seed}_{split}"] = projection.umap_layout(scores, seed=seed, neighbors=near)
        rows = arrays[f"{split}_feature_rows"]
        labels = (arrays["train_labels"] if split == "train" else arrays["test_labels"][rows]).astype(int)
        picture = made[f"layout_umap_chained_{split}"]
        facts |= {
            f"umap_trust15_{split}": projection.trustworthiness(scores, picture),
            f"umap_kept15_{split}": projection.neighbour_preservation(scores, picture),
            f"umap_knn15_{split}": projection.knn_accuracy(picture, labels),
            f"pca_knn15_{split}": projection.knn_accuracy(made[f"layout_pca_{split}"], labels),
            f"features_knn15_{split}": projection.knn_accuracy(scores, labels),
            f"umap_components_{split}": projection.graph_components(near[0][:, :15]),
        }
    return {name: np.asarray(value, np.float16) for name, value in made.items()}, facts


def main(arguments: list[str]) -> int:
    folder = Path(arguments[0] if arguments else "checkpoints")
    store = Store(folder)
    try:
        if not store.runs:
            raise store.problems[0] if store.problems else LsvizError("store.empty", folder=folder)
        for runs in store.families().values():
            before = None
            for record in (run for run in runs if "test_features" in run.arrays):
                arrays: Mapping[str, NDArray] = store.load(record.id)
                if "layout_umap_chained_test" not in record.arrays:
                    layouts, facts = layouts_of(record, arrays, before)
                    told = {**record.facts, **facts, "umap_parameters": PARAMETERS}
                    write_run(folder, replace(record, facts=told), {**arrays, **layouts})
                    print(f"{record.id}: laid out", flush=True)
                    arrays = {**arrays, **layouts}
                before = {split: arrays[f"layout_umap_chained_{split}"].astype(np.float32) for split in SPLITS}
    except LsvizError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
