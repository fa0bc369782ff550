"""One network's images as points in the plane, with what a figure says of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Picture:
    """One network's images in two dimensions. n points, K' classes shown.

    `points` (n, 2), `labels` (n,) positions among the shown classes, `corners` (3, 2) templates or None, `predicted` (n,)
    the names of the predicted classes, `index` (n,) the images' rows in the official file. `name` stands in for "hard" or
    "smoothed" where the alpha alone does not tell networks apart; `source` are the columns that say where the points come from.
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

    def evenly(self, most: int) -> NDArray[np.intp]:
        """Rows of at most so many images, evenly among all."""
        return np.unique(np.linspace(0, len(self.points) - 1, min(most, len(self.points))).round().astype(np.intp))

    def thinned(self, most: int) -> Picture:
        """The same picture of at most so many images."""
        rows = self.evenly(most)
        confidence = None if self.confidence is None else self.confidence[rows]
        predicted = [self.predicted[i] for i in rows]
        return replace(
            self,
            points=self.points[rows],
            labels=self.labels[rows],
            predicted=predicted,
            index=self.index[rows],
            confidence=confidence,
        )
