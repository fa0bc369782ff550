"""Which columns of a table are scores of classes and which one is the label, decided by what they hold; what is neither is named with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.derived import NEAR, follow_from, one_to_one, probabilities_of, same
from lsviz.core.predictions.naming import are_names, by_words, counter, numbers_of, share_a_stem
from lsviz.core.predictions.taken import LABELS, Note, Wish, listed, matching, shown
from lsviz.core.predictions.text import plain_text

TRUE_WORDS = ("label", "labels", "target", "targets", "truth", "true", "gt", "gold", "actual", "groundtruth", "reference", "expected", "answer", "class", "category", "y")  # fmt: skip
GUESS_WORDS = (
    "pred",
    "preds",
    "predicted",
    "prediction",
    "predictions",
    "hat",
    "guess",
    "estimate",
    "model",
    "argmax",
    "top1",
    "output",
)
ROW_WORDS = ("id", "ids", "idx", "index", "row", "fold", "split", "epoch", "step", "unnamed", "level", "seed", "file", "path", "uuid", "time", "timestamp", "date")  # fmt: skip
SCORE_WORDS = ("prob", "probs", "probability", "proba", "p", "score", "scores", "logit", "logits", "sigmoid", "p1", "p_1", "output", "decision", "yhat", "pred", "prediction")  # fmt: skip
BESIDE_WORDS = (
    "mean", "avg", "average", "std", "var", "variance", "norm", "entropy", "margin", "gap", "loss", "nll", "brier", "energy", "gini", "conf", "confidence", "certainty",
    "uncertainty", "weight", "weights", "temp", "temperature", "difficulty", "noise", "agreement", "rank", "max", "min", "top", "top1", "top2", "second", "true", "distance",
    "latency", "length", "price", "age", "lat", "lon", "latitude", "longitude", "info", "mi", "bald", "ood", "prob", "score", "z", "sum", "amount", "duration", "size",
)  # fmt: skip
SURE_WORDS = ("conf", "confidence", "certainty", "max", "top1")
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
class Choice:
    """Places of columns. `label` is None where the labels are the 0s and 1s of `one_hot`; `left` says why each other was left out."""

    label: int | None
    kept: tuple[int, ...]
    left: Mapping[int, str]
    notes: tuple[Note, ...]
    one_hot: tuple[int, ...] = ()


REASONS = ("rows", "text", "empty", "constant", "whole", "truth", "answers", "derived", "again", "sum", "name", "odd", "asked")


def choose(sheet: Sheet, wish: Wish | None = None) -> Choice:
    """What every column is. Raises LsvizError where that cannot be told; `wish` settles it."""
    wish = wish or Wish()
    return _Looking(sheet, wish).choice()


class _Looking:
    def __init__(self, sheet: Sheet, wish: Wish) -> None:
        self.sheet, self.wish, self.names = sheet, wish, sheet.names
        self.asked, ignored = matching(self.names, wish.columns), set(matching(self.names, wish.ignore))
        self.left = dict.fromkeys(sorted(ignored), "asked")
        self.notes: list[Note] = []
        known = {*sheet.numeric, *sheet.words, *ignored}
        self.left |= {j: "text" for j in range(len(self.names)) if j not in known}
        count = min(sheet.rows, MOST_ROWS, max(50, MOST_SAMPLED // max(1, len(sheet.numeric))))
        self.at = np.unique(np.linspace(0, sheet.rows - 1, count).astype(np.intp))
        self.few = slice(None)
        self._seen: dict[int, NDArray] = {}
        self._follows: dict[tuple, list[tuple[str, NDArray]]] = {}
        self.pool = [j for j in sheet.numeric if j not in ignored and self._usable(j)]

    def _usable(self, j: int) -> bool:
        if j not in self.asked and np.isnan(self.seen(j)).all():
            self.left[j] = "empty"
            return False
        return True

    def seen(self, j: int) -> NDArray[np.float64]:
        """Some rows of column j, evenly spaced."""
        if j not in self._seen:
            self._seen[j] = self.sheet.number(j)[self.at].astype(np.float64)
        return self._seen[j][self.few]

    def table(self, columns: Sequence[int]) -> NDArray[np.float64]:
        return np.stack([self.seen(j) for j in columns], axis=1)

    def whole(self, j: int) -> bool:
        """Is this a column of whole numbers?"""
        column = self.seen(j)
        column = column[np.isfinite(column)]
        return bool((column == np.floor(column)).all())

    # ---- labels -----------------------------------------------------------------------------------------------------

    def truth(self, j: int | None) -> NDArray[np.float64] | None:
        """Labels of the sampled rows, words as their numbers."""
        if j is None:
            return None
        return self.sheet.words[j][0][self.at][self.few].astype(np.float64) if j in self.sheet.words else self.seen(j)

    def rank(self, j: int) -> int | None:
        """How much column j is called the label: least is most; None where it is called something else."""
        name = self.names[j].strip().lower()
        if name in LABELS:
            return LABELS.index(name)
        parts = tokens(self.names[j])
        if not parts or set(parts) & set(GUESS_WORDS) or counter(name):
            return None
        return next(
            (
                len(LABELS) + k
                for k, word in enumerate(TRUE_WORDS)
                if word in parts or word in "".join(parts)[: len(word)] and len(word) > 3
            ),
            None,
        )

    def labels(self) -> list[int]:
        """The columns that may be the label, the likeliest first."""
        if self.wish.label:
            return matching(self.names, [self.wish.label])[:1]
        possible = [j for j in (*self.pool, *self.sheet.words) if j not in self.left and j not in self.asked]
        if not self.sheet.named:
            whole = [j for j in possible if self.whole(j) and not self.counts_rows(j)]
            first = [j for j in (0, len(self.names) - 1) if j in whole]
            return [*first, *(j for j in whole if j not in first)] if len(whole) < len(possible) else first[:1]
        called = sorted((j for j in possible if self.rank(j) is not None), key=lambda j: (self.rank(j), j))
        discrete = [j for j in called if j in self.sheet.words or self.whole(j)]
        return discrete or called

    def by_content(self) -> list[int]:
        """Columns that hold labels under another name: words that are names of columns, whole numbers that fit the classes."""
        words = [j for j, (_, known) in self.sheet.words.items() if self.named(self.pool, np.arange(len(known)), known)]
        whole = [
            j
            for j in self.pool
            if self.whole(j) and not self.counts_rows(j) and np.ptp(self.seen(j)[np.isfinite(self.seen(j))]) > 0
            and not set(tokens(self.names[j])) & set(ROW_WORDS)
        ]  # fmt: skip
        fractions = [j for j in self.pool if not self.whole(j)]
        found = words or (whole if len(fractions) >= 1 else [])
        kept = []
        for j in found:
            told = self.truth(j)
            strange = told is not None and j not in self.sheet.words and len(fractions) > 1 and np.nanmax(told) > len(fractions)
            if not strange and not set(tokens(self.names[j])) & set(GUESS_WORDS):
                kept.append(j)
        return kept

    def one_hot(self) -> tuple[int, ...]:
        """Columns of 0s and 1s that are one label together."""
        for stem, columns in self.groups(self.pool).items():
            table = self.table(columns)
            if len(columns) > 1 and np.isin(table, (0, 1)).all() and {*tokens(stem)} & {*TRUE_WORDS, *LABELS, "onehot"}:
                if not (table.sum(axis=1) == 1).all():
                    raise LsvizError("outside.multi_label", name=plain_text(f"{self.names[columns[0]]} …"))
                return tuple(columns)
        return ()

    def counts_rows(self, j: int) -> bool:
        """A running number, or whole numbers of which none comes twice."""
        column = self.seen(j)
        if len(column) < 8 or not self.whole(j) or not np.isfinite(column).all():
            return False
        steps = np.diff(column) / np.maximum(np.diff(self.at[self.few]), 1)
        if np.ptp(steps) == 0 and steps[0] != 0:
            return True
        return len(column) >= 20 and len(np.unique(column)) == len(column)

    # ---- scores -----------------------------------------------------------------------------------------------------

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

    def better_off(self, columns: Sequence[int], off: float) -> bool:
        """Do these columns alone add up to one about as well as that?"""
        own = self.sum_off(columns)
        return own is not None and own <= 2 * off + 1e-9

    def runs(self, pool: Sequence[int], least: int) -> list[list[int]]:
        """Stretches of neighbours that add up to one, the best first, none of them part of another."""
        found = []
        ends = {j: (np.nanmin(self.seen(j)), np.nanmax(self.seen(j))) for j in pool}
        for able in ([j for j in pool if ends[j][0] >= -1e-6 and ends[j][1] <= 101], [j for j in pool if ends[j][1] <= 1e-3]):
            most = len(able) if len(able) <= 40 else 12
            for cut in range(most + 1):
                for head in range(cut + 1):
                    run = able[head : len(able) - (cut - head)]
                    varied = sum(ends[j][0] < ends[j][1] for j in run)
                    if len(run) >= least and varied > 1 and (off := self.sum_off(run)) is not None:
                        found.append((off, len(run), run))
        if not found:
            return []
        kept: list[list[int]] = []
        while found:
            best = min(off for off, *_ in found)
            run = max((one for one in found if one[0] <= 2 * best + 1e-9), key=lambda one: one[1])[2]
            kept.append(run)
            found = [one for one in found if not set(one[2]) & set(run)]
        return kept

    def apart(self, pool: Sequence[int], least: int) -> list[int]:
        """Columns anywhere in the table that add up to one, where only one choice of them does."""
        for exponent in (False, True):
            with np.errstate(all="ignore"):
                made = {
                    j: np.exp(self.seen(j)) if exponent else self.seen(j)
                    for j in pool
                    if not exponent or np.nanmax(self.seen(j)) <= 1e-3
                }
            able = [
                j
                for j, column in made.items()
                if np.nanmin(column) >= -1e-6 and np.nanmax(column) <= 1.01 and np.nanstd(column) > 0
            ]
            if len(able) < max(2, least):
                continue
            table = np.stack([made[j] for j in able], axis=1)
            table = table[np.isfinite(table).all(axis=1)]
            if len(table) <= 2 * len(able):
                continue
            share = np.linalg.lstsq(table, np.ones(len(table)), rcond=None)[0]
            found = [j for j, one in zip(able, share) if one > 0.5]
            if np.abs(share - np.rint(share)).max() < 0.2 and len(found) >= max(2, least) and self.sum_off(found) is not None:
                return found
        return []

    def scores(self, pool: list[int], truth: NDArray | None, words: Sequence[str] | None) -> list[int]:
        """The columns of scores among `pool`; the others are put into `left`."""
        used = None if truth is None else _classes(truth)
        count = len(used) if used is not None else 2
        needed = _needed(used) if used is not None and words is None else count
        whole = {j for j in pool if self.whole(j)}
        fractions = [j for j in pool if j not in whole]
        named, groups = self.named(pool, used, words), self.groups(pool)
        if named and words is not None:
            named = self.without_others(named, truth, words)
        sets = [one for one in (named, *sorted(groups.values(), key=len, reverse=True)) if one]
        adding = [one for one in sets if len(one) >= max(2, count) and self.sum_off(one) is not None]
        adding = [one for k, one in enumerate(adding) if one not in adding[:k]]
        whole_off = self.sum_off(pool) if count <= len(pool) else None
        if whole_off is not None and not any(self.better_off(one, whole_off) for one in adding):
            runs = (
                [run for run in self.runs(pool, max(2, count)) if self.better_off(run, whole_off / 4)] if whole_off > 1e-6 else []
            )
            if not runs:
                return self.without_zeros(pool, needed, words)
        neighbours = self.runs(pool, max(2, count))
        anywhere = [] if neighbours or adding else [self.apart(pool, max(2, count))]
        for run in (*neighbours, *filter(None, anywhere)):
            rest = [j for j in fractions if j not in run]
            if len(rest) > 1 and all(self.reason(j, rest, truth, words) == "derived" for j in run):
                continue  # confidence and its rest
            if not any(set(run) & set(one) for one in adding):
                adding.append(run)
        if adding:
            return self.told(self.without_zeros(adding[0], needed, words), pool, truth, words, "sum", adding[1:])
        if named:
            more = [j for j in fractions if j not in named and words is not None]
            odd = self.odd(more, named)
            open_ = [j for j in odd if self.reason(j, named, truth, words) is None]
            if open_ and not self.wish.ignore:
                raise self.unclear(open_)
            kept = sorted({*named, *(j for j in more if j not in odd and self.reason(j, named, truth, words) is None)})
            return self.told(kept, pool, truth, words, "name")
        if groups:
            largest = max(groups.values(), key=len)
            rest = [j for j in fractions if j not in largest and self.reason(j, largest, truth, words) is None]
            rivals = [
                one
                for one in groups.values()
                if one != largest and len(one) >= min(len(largest), max(2, needed)) and set(one) & set(rest)
            ]
            if len(largest) >= max(2, needed) and not (rest and len(largest) != needed) and not rivals:
                return self.told(largest, pool, truth, words, "name")
            if (rest or rivals) and not self.wish.ignore and len(largest) >= 3:
                raise self.unclear(rest)
        single = self.single(fractions, used, count, truth if words is None else None)
        if single is not None:
            return self.told([single], pool, truth, words, "name")
        kept = fractions or [j for j in pool if not self.counts_rows(j)]
        if not fractions:
            kept = [j for j in kept if self.reason(j, [k for k in kept if k != j], truth, words) not in ("answers", "truth")]
        kept = self.trimmed(kept, truth, words)
        back = [j for j in sorted(whole) if fractions and self.reason(j, kept, truth, words) in ("whole", "constant")]
        if words is None and used is not None and len(kept) < needed == len(kept) + len(back):
            kept = sorted([*kept, *back])  # columns that the labels need: classes of one value
        odd = self.odd(kept, kept) if len(kept) > max(2, needed) else []
        if odd and len(kept) - len(odd) >= max(2, needed) and not self.wish.ignore:
            if len(kept) - len(odd) > needed or set(odd) != set(kept[: len(odd)]) and set(odd) != set(kept[-len(odd) :]):
                raise self.unclear(odd)
            self.left |= dict.fromkeys(odd, "odd")
            kept = [j for j in kept if j not in odd]
        return self.told(kept, pool, truth, words, "name")

    def unclear(self, columns: Sequence[int]) -> LsvizError:
        return LsvizError("outside.which_columns", names=listed(self.names[j] for j in columns), parts=self.names)

    def named(self, pool: Sequence[int], used: NDArray | None, words: Sequence[str] | None) -> list[int]:
        """Columns that labels name: those whose names are words of labels, or all that are called by a number where the labels are such names."""
        if used is None:
            return []
        if words is not None:
            names = [self.names[j] for j in pool]
            exact = {name.strip().casefold(): j for name, j in zip(names, pool)}
            found = [exact.get(word.strip().casefold()) for word in words]
            if None not in found and len(set(found)) == len(words) > 1:
                return sorted(j for j in found if j is not None)
            for size in range(len(pool), max(1, len(words) - 1), -1):  # names that share more than the words: p_cat, p_dog
                for start in range(len(pool) - size + 1 if size > len(pool) - 9 else 0):
                    if are_names(words, names[start : start + size]):
                        return list(pool[start : start + size])
            return []
        numbers = {
            j: told[0]
            for j in pool
            if (told := numbers_of([self.names[j]])) and re.fullmatch(r"\s*[+-]?\d+(\.0*)?\s*", self.names[j])
        }
        return sorted(numbers) if len(numbers) > 1 and set(used.tolist()) <= set(numbers.values()) else []

    def without_others(self, named: list[int], truth: NDArray | None, words: Sequence[str]) -> list[int]:
        """Of columns with names alike those that labels name, and others that may be classes which do not occur."""
        places = by_words(words, [self.names[j] for j in named])
        sure = [named[k] for k in sorted(places)]
        more = [j for j in named if j not in sure]
        if len(sure) < 2 or not more:
            return named
        follow = [j for j in more if self.reason(j, sure, truth, words) is not None]
        return [j for j in named if j not in follow]

    def without_zeros(self, columns: list[int], needed: int, words: Sequence[str] | None) -> list[int]:
        """Columns of nothing but 0 at either end are no classes where the labels count fewer."""
        zero = [j for j in columns if not self.seen(j).any()]
        if words is None and zero and len(columns) - len(zero) == needed and not self.groups(columns):
            self.left |= dict.fromkeys(zero, "constant")
            return [j for j in columns if j not in zero]
        return columns

    def single(self, fractions: Sequence[int], used: NDArray | None, count: int, truth: NDArray | None) -> int | None:
        """The one column of a network of two classes, by its name where there are others."""
        if used is None or count > 2 or not fractions:
            return None
        if len(fractions) == 1:
            return fractions[0]
        for j in fractions:
            rest = [k for k in fractions if k != j]
            if all(self.reason(k, [j], truth, None) == "derived" for k in rest) and not self.reason(j, rest, truth, None):
                return j
        words = {j: set(tokens(self.names[j])) for j in fractions}
        called = [
            j for j in fractions if words[j] & set(SCORE_WORDS) and not words[j] & {*SURE_WORDS, "true", "top", "top2", "second"}
        ]
        pairs = [[one, two] for one, two in pairwise(fractions)]
        called = [j for j in called if all(j in pair or self.reason(j, pair, truth, None) != "derived" for pair in pairs)]
        called = [
            j for j in called if len(fractions) < 3 or self.reason(j, [k for k in fractions if k != j], None, None) != "derived"
        ]
        if len(called) == 2:
            raw, squashed = sorted(called, key=lambda j: -np.ptp(self.seen(j)))
            if same(self.seen(squashed), 1 / (1 + np.exp(-np.clip(self.seen(raw), -700, 700)))):
                return raw
        return called[0] if len(called) == 1 else None

    def trimmed(self, kept: list[int], truth: NDArray | None, words: Sequence[str] | None) -> list[int]:
        """Without what follows from the others at either end: confidence, entropy, margin, loss."""
        if len(kept) < 3:
            return kept
        self.few = slice(None, None, max(1, len(self.at) // FEW_ROWS))
        try:
            return self._trimmed(kept, None if truth is None else truth[self.few], words)
        finally:
            self.few = slice(None)

    def _trimmed(self, kept: list[int], truth: NDArray | None, words: Sequence[str] | None) -> list[int]:
        for cut in range(min(8 if len(kept) <= 64 else 3, len(kept) - 2), 0, -1):
            for head in range(cut + 1):
                rest = kept[head : len(kept) - (cut - head)]
                if all(self.reason(j, rest, truth, words) in ("derived", "answers") for j in kept if j not in rest):
                    return rest
        return kept

    def odd(self, columns: Sequence[int], others: Sequence[int]) -> list[int]:
        """Those of `columns` that look unlike the scores of the others: of one sign alone, or of another size."""
        every = self.table(others)
        every = every[np.isfinite(every).all(axis=1)]
        if len(every) < 20 or not columns:
            return []
        spread, middle = float(np.median(every.std(axis=0))), float(np.median(every.mean(axis=0)))
        both = float(((every.min(axis=0) < 0) & (every.max(axis=0) > 0)).mean()) > 0.9 * (1 - len(columns) / (2 * len(others)))
        found = []
        for j in columns:
            own = self.seen(j)[np.isfinite(self.seen(j))]
            one_sign = both and (own.min() >= 0 or own.max() <= 0)
            if one_sign or abs(float(own.mean()) - middle) > 8 * spread or not spread / 8 <= own.std() <= 8 * spread:
                found.append(j)
        return found

    def reason(self, j: int, scores: Sequence[int], truth: NDArray | None, words: Sequence[str] | None) -> str | None:
        """Why column j is none of the scores beside `scores`; None where nothing tells."""
        column = self.seen(j)
        finite = np.isfinite(column)
        if not finite.any():
            return "empty"
        if np.ptp(column[finite]) == 0:
            return "constant"
        if truth is not None and words is None and np.array_equal(column, truth, equal_nan=True):
            return "truth"
        if self.counts_rows(j):
            return "rows"
        if len(scores):
            for reason, made in self.follows(scores, truth, words):
                if same(column, made):
                    return reason
        return "whole" if self.whole(j) and not all(self.whole(k) for k in scores) else None

    def follows(self, scores: Sequence[int], truth: NDArray | None, words: Sequence[str] | None) -> list[tuple[str, NDArray]]:
        """All that people work out of scores and labels and save beside them."""
        key = (tuple(scores), truth is None, self.few.step)
        if key not in self._follows:
            self._follows = {
                key: follow_from(self.table(scores), self.answered(scores, truth, words), [self.names[j] for j in scores])
            }
        return self._follows[key]

    def answered(self, scores: Sequence[int], truth: NDArray | None, words: Sequence[str] | None) -> NDArray | None:
        """The labels as places among `scores`, where they are that."""
        if truth is None:
            return None
        names = [self.names[j] for j in scores]
        if words is not None:
            if not are_names(words, names):
                return None
            return np.array(by_words(words, names))[truth.astype(np.intp)].astype(np.float64)
        told = numbers_of(names)
        if told and set(_classes(truth).tolist()) <= set(told) and not (min(told) == 0 and sorted(told) == told):
            place = {number: float(k) for k, number in enumerate(told)}
            return np.array([place.get(value, -1.0) for value in truth.tolist()])
        return truth

    def told(
        self,
        kept: list[int],
        pool: Sequence[int],
        truth: NDArray | None,
        words: Sequence[str] | None,
        why: str,
        rivals: Sequence[list[int]] = (),
    ) -> list[int]:
        """`kept`, once every other column of `pool` has its reason in `left`. Raises LsvizError where another network's scores stand beside."""
        for other in rivals:
            open_ = [j for j in other if j not in kept and self.reason(j, kept, truth, words) in (None, "whole")]
            if len(open_) >= 2 and not self.wish.ignore and not self.same_network(kept, open_):
                raise self.unclear(open_)
            self.left |= dict.fromkeys(open_, "again")
        groups = self.groups([j for j in pool if j not in kept])
        for columns in groups.values():
            if len(columns) == len(kept) > 1 and self.same_network(kept, columns):
                self.left |= dict.fromkeys(columns, "again")
        for j in pool:
            if j not in kept and j not in self.left:
                self.left[j] = self.reason(j, kept, truth, words) or why
        rest = [j for j in pool if self.left.get(j) in ("sum", "name")]
        if (
            len(rest) == len(kept) > 1
            and not self.wish.ignore
            and self.answer(rest, truth, words)
            and not self.same_network(kept, rest)
        ):
            raise self.unclear(rest)
        return kept

    def answer(self, columns: Sequence[int], truth: NDArray | None, words: Sequence[str] | None) -> bool:
        """Are these columns, in this order, right far more often than the most common class?"""
        told = truth if words is None else self.answered(columns, truth, words)
        if told is None:
            return False
        right = (np.nan_to_num(self.table(columns), nan=-np.inf).argmax(axis=1) == told - (np.nanmin(told) == 1)).mean()
        return bool(right > np.unique(told, return_counts=True)[1].max() / len(told) + 0.1)

    def same_network(self, first: Sequence[int], second: Sequence[int]) -> bool:
        if len(first) != len(second):
            return False
        one, two = (probabilities_of(self.table(columns)) for columns in (first, second))
        return bool(np.nanmedian(np.abs(one - two).max(axis=1)) < 0.01)

    # ---- both -------------------------------------------------------------------------------------------------------

    def choice(self) -> Choice:
        cands, content = self.labels(), False
        hot: tuple[int, ...] = ()
        if not self.wish.label and self.sheet.named and (not cands or self.rank(cands[0]) is None):
            hot = self.one_hot()
        if not cands and not hot:
            cands, content = self.by_content(), True
            if not cands:
                raise LsvizError("outside.no_label_column", parts=self.names)
        label = cands[0] if cands else None
        kept = self.kept(label, hot)
        if label is not None and len(cands) > 1 and (better := self.better(cands, kept)) != label:
            label = better
            self.left = {j: why for j, why in self.left.items() if why in ("asked", "text", "empty")}
            kept = self.kept(label, hot)
        if not self.sheet.named:
            self.notes.append(Note("no_header", {"place": label + 1 if label is not None else 0}))
        elif content and label is not None:
            self.notes.append(
                Note("label_by_content", {"name": plain_text(self.names[label])}, doubt=label not in self.sheet.words)
            )
        if not self.asked and label is not None:
            self.check_single(kept, label)
            self.check_surplus(kept, label)
        self.check_stems(kept)
        for j in (*self.sheet.numeric, *self.sheet.words):
            if j not in self.left:
                self.left[j] = "text" if j in self.sheet.words else "asked"
        left = {j: self.left[j] for j in sorted(self.left) if j != label and j not in kept and j not in hot}
        return Choice(label, tuple(kept), left, tuple(self.notes) + self.told_left(left), hot)

    def kept(self, label: int | None, hot: tuple[int, ...]) -> list[int]:
        if self.asked:
            return [j for j in self.asked if j != label]
        words = self.sheet.words[label][1] if label in self.sheet.words and label is not None else None
        truth = self.table(hot).argmax(axis=1).astype(float) if hot else self.truth(label)
        pool = [j for j in self.pool if j != label and j not in hot and j not in self.left]
        return self.scores(pool, truth, words) if pool else []

    def better(self, cands: list[int], kept: list[int]) -> int:
        """Of several columns that may be the label, the one that is. Raises LsvizError where they differ and nothing tells."""
        names = [self.names[j] for j in kept]
        made: dict[int, NDArray] = {}
        for j in cands:
            words = self.sheet.words[j][1] if j in self.sheet.words else None
            told = None if j in kept else self.answered(kept, self.truth(j), words)
            if told is not None and (words is not None or _needed(_classes(told)) <= max(2, len(kept)) + 1):
                made[j] = told
        answers = [column for why, column in follow_from(self.table(kept), None, names) if why == "answers"] if kept else []
        true = [j for j in made if not any(same(made[j], column) for column in answers)] or list(made)
        if not true:
            return cands[0]
        first = true[0]
        differing = [
            j
            for j in true
            if not one_to_one(made[j], made[first])
            or (np.ptp(made[j] - made[first]) != 0 and not {j, first} & self.sheet.words.keys())
        ]
        if differing:
            raise self.which_label([first, *differing])
        by_name = [j for j in true if j in self.sheet.words]
        if by_name and not np.array_equal(made[first], made[by_name[0]]):
            return by_name[0]
        if first != cands[0] and cands[0] in made:
            self.notes.append(
                Note("label_is_answer", {"name": plain_text(self.names[cands[0]]), "other": plain_text(self.names[first])})
            )
        return first

    def which_label(self, columns: Sequence[int]) -> LsvizError:
        return LsvizError(
            "outside.which_label",
            names=listed(self.names[j] for j in columns),
            first=plain_text(self.names[columns[0]], 30),
            parts=self.names,
        )

    def check_single(self, kept: Sequence[int], label: int) -> None:
        """One column alone can be read for two classes, and only where it speaks of one of them."""
        if len(kept) != 1:
            return
        name, column = self.names[kept[0]], self.seen(kept[0])
        truth = self.truth(label)
        classes = 2 if truth is None else len(_classes(truth))
        if classes > 2:
            raise LsvizError("outside.one_column", name=shown(name), found=classes, parts=self.names)
        if set(tokens(name)) & set(SURE_WORDS) or (len(column) >= 20 and np.nanmin(column) >= 0.5 and np.nanmax(column) <= 1):
            raise LsvizError("outside.only_sure", name=shown(name), parts=self.names)

    def check_surplus(self, kept: Sequence[int], label: int) -> None:
        """More columns than the labels have classes: some may be no classes, unless they add up to one, count, or have the same beginning."""
        words, truth = self.sheet.words[label][1] if label in self.sheet.words else None, self.truth(label)
        if truth is None or not self.sheet.named or self.wish.ignore:
            return
        names = [self.names[j] for j in kept]
        needed = len(words) if words is not None else _needed(_classes(truth))
        if len(kept) <= max(2, needed) or self.sum_off(kept) is not None or numbers_of(names) or share_a_stem(names):
            return
        if beside := [j for j in kept if set(tokens(self.names[j])) & set(BESIDE_WORDS)]:
            raise self.unclear(beside)
        if words is None and self.misplaced(kept, truth, needed):
            raise self.unclear(kept)
        self.notes.append(Note("more_columns", {"columns": len(kept), "classes": needed, "names": listed(names)}, doubt=True))

    def misplaced(self, kept: Sequence[int], truth: NDArray, needed: int) -> bool:
        """Are more rows right once some neighbours are taken for no classes?"""
        table = np.nan_to_num(self.table(kept), nan=-np.inf)
        least = truth[np.isfinite(truth)].min()
        truth, extra = truth - (least if least == 1 else 0), len(kept) - needed
        right = [
            float((np.delete(table, range(start, start + extra), axis=1).argmax(axis=1) == truth).mean())
            for start in range(needed + 1)
        ]
        return max(right) > float((table.argmax(axis=1) == truth).mean()) + 0.1

    def check_stems(self, kept: Sequence[int]) -> None:
        """A column that is called like the scores but holds text is no number that somebody meant to be one."""
        stems = {found[0] for j in kept if (found := counter(self.names[j]))}
        for j in [j for j, why in self.left.items() if why == "text"]:
            if len(stems) == 1 and (found := counter(self.names[j])) and found[0] in stems and found[0]:
                raise LsvizError("outside.cell", column=shown(self.names[j]), value="text", parts=self.names)

    def told_left(self, left: Mapping[int, str]) -> tuple[Note, ...]:
        """One note a reason."""
        return tuple(
            Note(f"left_{why}", {"names": listed(self.names[j] for j in columns)}, doubt=why == "odd")
            for why in REASONS
            if (columns := [j for j in left if left[j] == why and (self.names[j].strip() or why != "empty")])
        )


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case: "yTrue_2" is y, true, 2."""
    return tuple(part.lower() for part in re.findall(r"[A-Z]?[^\W_A-Z\d]+|[A-Z]+(?![a-z])|\d+", name))


def _classes(truth: NDArray) -> NDArray[np.int64]:
    """The classes that occur, without marks of rows to ignore."""
    used = np.unique(truth[np.isfinite(truth)])
    used = used[(used != -100)]
    return (used[used != 255] if len(used) < 200 else used).astype(np.int64)


def _needed(used: NDArray) -> int:
    """How many classes labels ask for, counted from 0 or, where they are not from 0, from their least."""
    if not len(used):
        return 2
    if used[0] < 0:
        return max(2, len(used))
    return int(used[-1]) + 1 if used[-1] < 10_000 else len(used)
