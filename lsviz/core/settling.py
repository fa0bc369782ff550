"""Maps laid out while somebody watches: exact neighbours, a descent with frames, then what the map keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import cluster_map, projection

MOST_TRUSTED = 10_000  # points whose trustworthiness is counted: it costs as much as all the rest, and grows with their square


@dataclass(frozen=True)
class Settled:
    """One map (n, dims) as it stands, and in two dimensions its frames so far: int16 (n, 2) about the middle, and their unit.

    Once it is done: `kept`, what it keeps of the original space, by name, and `near`, `cluster_map.neighbourhoods` of every
    point as bytes: five neighbours (n, 5, uint16), kept and intruders (n, uint8 each).
    """

    layout: NDArray[np.float32]
    frames: tuple[tuple[bytes, float], ...] = ()
    kept: tuple[tuple[str, float], ...] = ()
    near: bytes = b""


class Maps(tuple[Settled, ...]):
    """Several maps, as large as they are."""

    @property
    def nbytes(self) -> int:
        return sum(one.layout.nbytes + len(one.near) + sum(len(frame) for frame, _ in one.frames) for one in self)


def settle(
    points: Sequence[ArrayLike], labels: Sequence[NDArray[np.int64]], seeds: Sequence[int], tell: Callable[[str, float, object], None], *,
    neighbors: int = 15, min_dist: float = 0.1, spread: float = 1.0, metric: str = "euclidean", dims: int = 2, starts: Sequence[NDArray[np.float32]] = (),
) -> Maps:  # fmt: skip
    """A map of each of `points` (n, d) of classes `labels` (n,): all from PCA, or from `starts` (n, dims); later ones turned as the first.
    From `starts` a fifth of the epochs is enough: on 2,000 stored images trustworthiness then stays within .001 of a layout from PCA.

    `tell(stage, share, maps)` hears them as they stand, every tenth epoch; stages are neighbours, settle and worth.
    """
    made: list[Settled] = []
    near: list[tuple[NDArray, NDArray]] = []
    count = len(points)

    def told(stage: str, share: float) -> None:
        tell(stage, share / count, Maps(made) or None)

    for i, x in enumerate(points):
        start = starts[i] if starts else _beside(projection.pca(x, dims).scores, made)
        made.append(Settled(start, _framed(start)))
    for i, x in enumerate(points):
        told("neighbours", 0.2 * i)
        seen = max(neighbors, cluster_map.FARTHER * cluster_map.AMONG + 1)
        near.append(projection.knn_exact(x, min(seen, len(np.asarray(x))), metric))
    for i, x in enumerate(points):

        def hear(share: float, layout: NDArray[np.float32], i: int = i) -> None:
            if share == 0:
                return  # its start is there already
            shown = _beside(layout, made[:i])
            made[i] = replace(made[i], layout=shown, frames=made[i].frames + _framed(shown))
            told("settle", 0.2 * count + 0.6 * (i + share))

        done = projection.umap_layout(
            x,
            neighbors,
            min_dist,
            seeds[i],
            starts[i] if starts else None,
            spread=spread,
            metric=metric,
            neighbors=near[i],
            dims=dims,
            tell=hear,
            quality="warm" if starts else "final",
        )
        hear(1, done)
    for i, x in enumerate(points):
        told("worth", 0.8 * count + 0.2 * i)
        around = cluster_map.neighbourhoods(x, made[i].layout, near=near[i][0])
        true = near[i][0][:, 1 : cluster_map.AMONG + 1]
        few = len(true) <= MOST_TRUSTED
        kept = {
            "trust": projection.trustworthiness(x, made[i].layout, cluster_map.AMONG, shown=around.here) if few else float("nan"),
            "kept": float(around.kept.mean() / cluster_map.AMONG),
            "knn": projection.vote(around.here, labels[i]),
            "true": projection.vote(true, labels[i]),
            "pieces": float(projection.graph_components(near[i][0][:, : cluster_map.AMONG])),
        }
        file = around.nearest.astype("<u2").tobytes() + around.kept.tobytes() + around.intruders.tobytes()
        made[i] = replace(made[i], kept=tuple(kept.items()), near=file)
    return Maps(made)


def _beside(layout: NDArray, made: Sequence[Settled]) -> NDArray[np.float32]:
    """A copy, in the plane turned (never stretched) to lie as the first of those `made` does."""
    return (
        projection.turned(layout, made[0].layout).astype(np.float32) if made and layout.shape[1] == 2 else layout.astype(np.float32)
    )


def _framed(layout: NDArray[np.float32]) -> tuple[tuple[bytes, float], ...]:
    """A layout in the plane as a frame; none of one in space."""
    if layout.shape[1] != 2:
        return ()
    middle = layout - layout.mean(axis=0)
    unit = float(np.abs(middle).max()) / 32767 or 1.0
    return ((np.round(middle / unit).astype("<i2").tobytes(), unit),)
