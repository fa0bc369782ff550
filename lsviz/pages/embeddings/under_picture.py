"""The numbers under each picture on Embeddings: what the picture keeps of the original space, and how its spread goes with alpha."""

from __future__ import annotations

import numpy as np

from lsviz.core import projection
from lsviz.core.comparing.trend import Trend, trend
from lsviz.core.projection import Kept
from lsviz.figures import numbers
from lsviz.pages.embeddings import map_store as maps
from lsviz.pages.embeddings.numbers import in_seeds, number
from lsviz.texts.catalogue import t
from lsviz.ui import prose
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store
from lsviz.zoo.pictures import SPLITS, feature_rows, features, single
from lsviz.zoo.spread import plane_spreads

LEAST = 32  # images below which 15 neighbours are half of them


@of_store(max_entries=256, words=True)
def under(run_id: str, view: str, n: int, split: str, trio: tuple[int, ...], short: bool = False) -> str:
    """The quiet lines below a picture: its network in the original space (not where `short`), and what the picture keeps of it."""
    run = networks.store().record(run_id)
    lines = (
        []
        if short
        else [
            t(
                "embeddings.under_space",
                **{name: in_seeds(run, split, name) for name in ("nc1", "plane_scatter", "class_separation")},
            )
        ]
    )
    if view == "plane" and trio:
        away, side = (f"{length:.2f}" for length in single(n, run_id, view, split, trio).from_corners)
        lines.append(t("embeddings.under_plane", spread=in_seeds(run, split, "this_plane", trio), away=away, side=side))
    if found := kept(n, run_id, view, split, trio):
        told = {name: f"{getattr(found, name):.2f}" for name in ("knn_original", "knn_picture", "trust", "kept")}
        lines.append(t("embeddings.under_picture", **told, pieces=found.pieces, d=networks.arrays(run_id)["head_weight"].shape[1]))
    return "  \n".join(lines)


@of_store(max_entries=128, words=True)  # the picture it looks at carries names
def kept(n: int, run_id: str, view: str, split: str, trio: tuple[int, ...]) -> Kept | None:
    """What this picture keeps of the original space; None without features, and for too few images to have 15 neighbours."""
    arrays = networks.arrays(run_id)
    if f"{split}_features" not in networks.store().record(run_id).arrays:
        return None
    run = networks.store().record(run_id)
    if view == "umap" and maps.has_map(run, split):  # measured when it was laid out
        found = maps.worth(run, split)
        return Kept(found.true_vote, found.vote[0], found.trust, found.kept[0], found.pieces)
    picture = single(n, run_id, view, split, trio)
    index = arrays[f"{split}_index"][feature_rows(arrays, split)]
    _, here, there = np.intersect1d(index, picture.index, return_indices=True)
    if len(here) < LEAST:
        return None
    return projection.kept_by(features(arrays, split)[here], picture.points[there], picture.labels[there])


# ---- does it fall with alpha? ---------------------------------------------------------------------------------------


def spread_trend(n: int, trio: tuple[int, ...]) -> None:
    """Whether the spread falls with alpha, on training and on new images, over every stored seed: whatever the answer is."""
    for split, found in spread_trends(n, trio).items():
        prose.markdown(t(f"embeddings.trend_{split}.{found.shape}", values=", ".join(map(_at, zip(*_columns(found))))))


@of_store(max_entries=32)
def spread_trends(n: int, trio: tuple[int, ...]) -> dict[str, Trend]:
    """By split: the trend of the spread in the trio's plane; without a trio, in what the last layer sees."""
    made = {}
    for split in SPLITS:
        of = (
            plane_spreads(n, trio)[split]
            if trio
            else {run.id: run.metrics[split].get("plane_scatter") for run in networks.family(n)}
        )
        values: dict[float, list[float]] = {}
        for run in networks.family(n):
            if (spread := of.get(run.id)) is not None:
                values.setdefault(run.config.alpha, []).append(spread)
        made[split] = trend(values)
    return made


def _columns(found: Trend):
    return found.alphas, found.means, found.lows, found.highs, found.seeds


def _at(column: tuple[float, float, float, float, int]) -> str:
    alpha, mean, low, high, seeds = column
    key = f"embeddings.trend_{'hard' if alpha == 0 else 'soft'}{'_seeds' if seeds > 1 else ''}"
    return t(key, alpha=numbers.alpha_text(alpha), mean=number(mean), low=number(low), high=number(high), count=seeds)
