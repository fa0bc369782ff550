"""Some rows of a table, and what they show of its columns: whole, counting, adding up to one, following from others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.core.predictions.derived import NEAR, follow_from, probabilities_of, same
from lsviz.core.predictions.naming import are_names, by_words, counter, numbers_of

MOST_SAMPLED, MOST_ROWS, FEW_ROWS = 100_000, 4096, 200  # values and rows looked at, and rows where many guesses are tried


@dataclass(frozen=True)
class Sheet:
    """A table of m columns before it is known what they are: `number(j)` gives column j (n,) as numbers, for those in `numeric`.

    `words` are columns of text that may be labels: each row's place (n,) in a list of words. `named`: its first line had names.
    """

    names: tuple[str, ...]
    rows: int
    numeric: tuple[int, ...]
    number: Callable[[int], NDArray]
    words: Mapping[int, tuple[NDArray, Sequence[str]]]
    named: bool = True


@dataclass(frozen=True)
class Truth:
    """Labels (r,) of the rows that are looked at; with `words`, their places among these."""

    values: NDArray[np.float64]
    words: Sequence[str] | None = None

    @property
    def used(self) -> NDArray[np.int64]:
        return classes_in(self.values)


class Seen:
    """Rows of a sheet, evenly spaced. Columns are called by their places in it."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet, self.names, self.step = sheet, sheet.names, 1
        count = min(sheet.rows, MOST_ROWS, max(50, MOST_SAMPLED // max(1, len(sheet.numeric))))
        self._at = np.unique(np.linspace(0, sheet.rows - 1, count).astype(np.intp))
        self._columns: dict[int, NDArray] = {}
        self._last: tuple[tuple[int, ...], Truth | None, list[tuple[str, NDArray]]] | None = None

    def fewer(self) -> Seen:
        """About `FEW_ROWS` of the rows."""
        made = Seen(self.sheet)
        made._columns, made.step = self._columns, max(1, len(self._at) // FEW_ROWS)
        return made

    @property
    def at(self) -> NDArray[np.intp]:
        """Which rows these are (r,)."""
        return self._at[:: self.step]

    def column(self, j: int) -> NDArray[np.float64]:
        if j not in self._columns:
            self._columns[j] = self.sheet.number(j)[self._at].astype(np.float64)
        return self._columns[j][:: self.step]

    def table(self, columns: Sequence[int]) -> NDArray[np.float64]:
        return np.stack([self.column(j) for j in columns], axis=1)

    def truth(self, j: int) -> Truth:
        """Column j as labels."""
        if j in self.sheet.words:
            places, words = self.sheet.words[j]
            return Truth(places[self.at].astype(np.float64), words)
        return Truth(self.column(j))

    def whole(self, j: int) -> bool:
        """Is this a column of whole numbers?"""
        column = self.column(j)
        column = column[np.isfinite(column)]
        return bool((column == np.floor(column)).all())

    def counts_rows(self, j: int) -> bool:
        """A running number, or whole numbers of which none comes twice."""
        column = self.column(j)
        if len(column) < 8 or not self.whole(j) or not np.isfinite(column).all():
            return False
        steps = np.diff(column) / np.maximum(np.diff(self.at), 1)
        if np.ptp(steps) == 0 and steps[0] != 0:
            return True
        return len(column) >= 20 and len(np.unique(column)) == len(column)

    def groups(self, pool: Iterable[int]) -> dict[str, list[int]]:
        """Columns whose names share a stem and count."""
        if not self.sheet.named:
            return {}
        made: dict[str, dict[int, int]] = {}
        for j in pool:
            if (found := counter(self.names[j])) and found[1] not in made.setdefault(found[0], {}):
                made[found[0]][found[1]] = j
        return {stem: sorted(columns.values()) for stem, columns in made.items() if len(columns) > 1}

    def sum_off(self, columns: Sequence[int]) -> float | None:
        """How far these columns are from adding up to one, as probabilities, per cent or logarithms; None where they do not."""
        if len(columns) < 2:
            return None
        table = self.table(columns)
        table = table[np.isfinite(table).all(axis=1) | np.isneginf(table).any(axis=1)]
        if not len(table) or np.isnan(table).any():
            return None
        low, high = float(table.min()), float(table.max())
        if low >= -1e-6 and high <= 1.01:
            sums = table.sum(axis=1)
        elif low >= -1e-4 and high <= 101:
            sums = table.sum(axis=1) / 100
        elif high <= 1e-3:
            sums = np.exp(table).sum(axis=1)
        else:
            return None
        off = np.abs(sums - 1)
        return float(np.minimum(off, NEAR).mean()) if (off <= NEAR).mean() >= 0.98 else None

    def reason(self, j: int, scores: Sequence[int], truth: Truth | None) -> str | None:
        """Why column j is none of the scores beside `scores`; None where nothing tells."""
        column = self.column(j)
        finite = np.isfinite(column)
        if not finite.any():
            return "empty"
        if np.ptp(column[finite]) == 0:
            return "constant"
        if truth is not None and truth.words is None and np.array_equal(column, truth.values, equal_nan=True):
            return "truth"
        if self.counts_rows(j):
            return "rows"
        if len(scores):
            for reason, made in self.follows(scores, truth):
                if same(column, made):
                    return reason
        return "whole" if self.whole(j) and not all(self.whole(k) for k in scores) else None

    def follows(self, scores: Sequence[int], truth: Truth | None) -> list[tuple[str, NDArray]]:
        """All that people work out of scores and labels and save beside them. The last answer is kept: many columns ask for it in a row."""
        if self._last is None or self._last[0] != tuple(scores) or self._last[1] is not truth:
            names = [self.names[j] for j in scores]
            told = None if truth is None else places(truth, names)
            self._last = tuple(scores), truth, follow_from(self.table(scores), told, names)
        return self._last[2]

    def same_network(self, first: Sequence[int], second: Sequence[int]) -> bool:
        """Do both say the same, as probabilities and as logits for example?"""
        if len(first) != len(second):
            return False
        one, two = (probabilities_of(self.table(columns)) for columns in (first, second))
        return bool(np.nanmedian(np.abs(one - two).max(axis=1)) < 0.01)


def classes_in(labels: NDArray) -> NDArray[np.int64]:
    """The classes that occur, without marks of rows to ignore."""
    used = np.unique(labels[np.isfinite(labels)])
    used = used[(used != -100)]
    return (used[used != 255] if len(used) < 200 else used).astype(np.int64)


def needed_by(used: NDArray) -> int:
    """How many classes labels ask for, counted from 0 or, where they are not from 0, from their least."""
    if not len(used):
        return 2
    if used[0] < 0:
        return max(2, len(used))
    return int(used[-1]) + 1 if used[-1] < 10_000 else len(used)


def places(truth: Truth, names: Sequence[str]) -> NDArray[np.float64] | None:
    """Labels as places among columns of these names, where they are that."""
    if truth.words is not None:
        if not are_names(truth.words, names):
            return None
        return np.array(by_words(truth.words, names))[truth.values.astype(np.intp)].astype(np.float64)
    told = numbers_of(names)
    if told and set(truth.used.tolist()) <= set(told) and not (min(told) == 0 and sorted(told) == told):
        place = {number: float(k) for k, number in enumerate(told)}
        return np.array([place.get(value, -1.0) for value in truth.values.tolist()])
    return truth.values
