"""What each class is told over alpha, as rows of one picture: many classes are folded into one row, padding has its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.core.smoothing.closed_forms import target_probabilities

MOST_ROWS = 10  # more classes than this are folded into one row


@dataclass(frozen=True)
class TargetRows:
    """Targets of one true class at S alphas: probabilities, in rows of the classes (from 0) that are shown one by one."""

    alphas: tuple[float, ...]  # (S,)
    true: NDArray[np.float64]  # (S,) what the true class is told
    off: NDArray[np.float64]  # (S,) what each other class is told
    true_class: int
    classes: tuple[int, ...]  # with a row of their own
    folded: int  # more classes, in one row together
    real: int  # classes that can be true
    padded: bool  # one more row, which is told nothing
    convention: str

    @property
    def at(self) -> int:
        """The true class's row."""
        return self.classes.index(self.true_class)

    @property
    def values(self) -> NDArray[np.float64]:
        """What each row is told (S, rows); the folded row holds what each of its classes is told."""
        values = np.repeat(self.off[:, None], len(self.classes) + bool(self.folded), axis=1)
        if self.padded:
            values = np.column_stack([values, 0 * self.off])
        values[:, self.at] = self.true
        return values


def target_rows(
    alphas: Sequence[float], num_classes: int, true_class: int, convention: str = "uniform", most: int = MOST_ROWS
) -> TargetRows:
    """The targets of `true_class` (from 0) at each of `alphas` (S,), in at most about `most` rows."""
    true, off = target_probabilities(num_classes, np.asarray(alphas), convention)
    real = real_classes(num_classes, convention)
    classes, folded = rows_shown(real, true_class, most)
    return TargetRows(tuple(alphas), true, off, true_class, tuple(classes), folded, real, real < num_classes, convention)


def rows_shown(num_classes: int, true_class: int, most: int = MOST_ROWS) -> tuple[list[int], int]:
    """Which classes (from 0) get a row of their own, and how many are folded into one more row."""
    if num_classes <= most:
        return list(range(num_classes)), 0
    first = [k for k in range(3) if k != true_class][:2] + [true_class]
    return sorted(first), num_classes - 3


def real_classes(num_classes: int, convention: str) -> int:
    """How many classes can be true: under "others_no_pad" the last place is padding."""
    return num_classes - (convention == "others_no_pad")
