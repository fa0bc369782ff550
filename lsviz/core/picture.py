"""One network's images as points in the plane, with what a figure says of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from lsviz.core.geometry import scatter_ratio, template_plane


@dataclass(frozen=True)
class Picture:
    """One network's images in two dimensions. n points, K' classes shown.

    `points` (n, 2), `labels` (n,) positions among the shown classes, `corners` (3, 2) templates or None, `predicted` (n,)
    the names of the predicted classes, `index` (n,) the images' rows in the official file. `name` stands in for "hard" or
    "smoothed" where the alpha alone does not tell networks apart; `source` are the columns that say where the points come from.
    `moved` (n,) is how far each image lies from its place in another picture, in units of the pictures' spread.
    """

    alpha: float
    points: NDArray[np.float64]
    labels: NDArray[np.intp]
    predicted: Sequence[str]
    index: NDArray[np.int32]
    corners: NDArray[np.float64] | None = None
    confidence: NDArray[np.float64] | None = None
    name: str = ""
    source: Mapping[str, str] = field(default_factory=dict)
    moved: NDArray[np.float64] | None = None

    @cached_property
    def apart(self) -> float:
        """Root mean square distance of the class means from their own mean: how far the classes lie apart as drawn."""
        means = np.stack([self.points[self.labels == k].mean(axis=0) for k in np.unique(self.labels)])
        return float(np.sqrt(((means - means.mean(axis=0)) ** 2).sum(axis=1).mean()))

    @cached_property
    def from_corners(self) -> tuple[float, float]:
        """How far the class means lie from their own template, and the templates from each other, on average; (0, 0) without templates."""
        if self.corners is None:
            return 0.0, 0.0
        away = [np.linalg.norm(self.points[self.labels == k].mean(axis=0) - corner) for k, corner in enumerate(self.corners)]
        return float(np.mean(away)), float(np.linalg.norm(self.corners - np.roll(self.corners, 1, axis=0), axis=1).mean())

    @cached_property
    def scatter(self) -> float:
        """Spread inside the classes over the spread between them, of the points as they are drawn."""
        return scatter_ratio(self.points, self.labels)

    def moved_from(self, first: Picture) -> Picture:
        """The same picture with `moved`: the way of each image (n,) from its place in `first`, both about their mean and in units
        of their spread, so that a picture which only grows has not moved. An image that only one of the two shows has not either."""
        _, here, there = np.intersect1d(self.index, first.index, return_indices=True)
        way = np.zeros(len(self.points))
        way[here] = np.linalg.norm(_scaled(self.points[here]) - _scaled(first.points[there]), axis=1)
        return replace(self, moved=way)

    def evenly(self, most: int) -> NDArray[np.intp]:
        """Rows of at most so many images, evenly among all."""
        return np.unique(np.linspace(0, len(self.points) - 1, min(most, len(self.points))).round().astype(np.intp))

    def thinned(self, most: int) -> Picture:
        """The same picture of at most so many images."""
        rows = self.evenly(most)
        predicted = [self.predicted[i] for i in rows]
        return replace(
            self,
            points=self.points[rows],
            labels=self.labels[rows],
            predicted=predicted,
            index=self.index[rows],
            confidence=None if self.confidence is None else self.confidence[rows],
            moved=None if self.moved is None else self.moved[rows],
        )


def on_plane(
    alpha: float,
    penultimate: NDArray,
    predicted: NDArray,
    templates: NDArray,
    labels: NDArray,
    rows: NDArray,
    trio: Sequence[int],
    names: Sequence[str],
) -> Picture:
    """Images of the three classes `trio` on the plane through their templates.

    `penultimate` (n, d), `predicted`, `labels` and `rows` (n,), `templates` (K, d), `names` those of all K classes.
    Raises LsvizError when the three templates lie on one line.
    """
    chosen = np.flatnonzero(np.isin(labels, trio))
    place = {k: i for i, k in enumerate(trio)}
    points, corners = template_plane(penultimate[chosen], templates[list(trio)])
    at = np.array([place[k] for k in labels[chosen]])
    return Picture(alpha, points, at, [names[k] for k in predicted[chosen]], rows[chosen], corners)


def _scaled(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """About their mean, in units of their spread."""
    about = points - points.mean(axis=0)
    return about / (np.sqrt((about**2).sum(axis=1).mean()) or 1.0)
