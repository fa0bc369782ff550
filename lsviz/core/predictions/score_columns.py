"""Which columns of a table are the scores of its classes, and why each other one is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.derived import same
from lsviz.core.predictions.naming import by_words, called_by, numbers_of, share_a_stem, tokens
from lsviz.core.predictions.seen import Seen, Truth, needed_by, places
from lsviz.core.predictions.taken import Note, listed, shown

SCORE_WORDS = ("prob", "probs", "probability", "proba", "p", "score", "scores", "logit", "logits", "sigmoid", "p1", "p_1", "output", "decision", "yhat", "pred", "prediction")  # fmt: skip
BESIDE_WORDS = (
    "mean", "avg", "average", "std", "var", "variance", "norm", "entropy", "margin", "gap", "loss", "nll", "brier", "energy", "gini", "conf", "confidence", "certainty",
    "uncertainty", "weight", "weights", "temp", "temperature", "difficulty", "noise", "agreement", "rank", "max", "min", "top", "top1", "top2", "second", "true", "distance",
    "latency", "length", "price", "age", "lat", "lon", "latitude", "longitude", "info", "mi", "bald", "ood", "prob", "score", "z", "sum", "amount", "duration", "size",
)  # fmt: skip
SURE_WORDS = ("conf", "confidence", "certainty", "max", "top1")


@dataclass(frozen=True)
class Scores:
    """Places of the columns of scores, in order, and why each other one is none."""

    kept: list[int]
    left: Mapping[int, str]


@dataclass(frozen=True)
class _Asked:
    """Which of `pool` are scores? `settled`: somebody has said what is to be left out, so what remains is meant."""

    seen: Seen
    pool: list[int]
    truth: Truth | None
    settled: bool

    @cached_property
    def fractions(self) -> list[int]:
        return [j for j in self.pool if not self.seen.whole(j)]

    @cached_property
    def count(self) -> int:
        """How many classes occur."""
        return 2 if self.truth is None else len(self.truth.used)

    @cached_property
    def needed(self) -> int:
        """How many the labels ask for."""
        return self.count if self.truth is None or self.truth.words is not None else needed_by(self.truth.used)

    @cached_property
    def groups(self) -> dict[str, list[int]]:
        return self.seen.groups(self.pool)

    @cached_property
    def named(self) -> list[int]:
        """Columns that labels call, without others of names alike that follow from them."""
        if self.truth is None:
            return []
        words, names = self.truth.words, [self.seen.names[j] for j in self.pool]
        named = [self.pool[k] for k in called_by(self.truth.used, words, names)]
        if not named or words is None:
            return named
        sure = [named[k] for k in sorted(by_words(words, [self.seen.names[j] for j in named]))]
        more = [j for j in named if j not in sure]
        if len(sure) < 2 or not more:
            return named
        follow = [j for j in more if self.seen.reason(j, sure, self.truth) is not None]
        return [j for j in named if j not in follow]


def scores_among(seen: Seen, pool: list[int], truth: Truth | None, settled: bool = False) -> Scores:
    """The columns of scores among `pool`: those that add up to one, else those that labels name, those that count, one alone, or all that nothing explains.

    Raises LsvizError where that cannot be told; `settled`: somebody has said what is to be left out, so what remains is meant.
    """
    asked = _Asked(seen, pool, truth, settled)
    for look in (_adding, _called, _counting, _single):
        if found := look(asked):
            return found
    return _unexplained(asked)


# ---- ways to find them ----------------------------------------------------------------------------------------------


def _adding(asked: _Asked) -> Scores | None:
    seen, pool, least = asked.seen, asked.pool, max(2, asked.count)
    sets = [one for one in (asked.named, *sorted(asked.groups.values(), key=len, reverse=True)) if one]
    adding = [one for one in sets if len(one) >= least and seen.sum_off(one) is not None]
    adding = [one for k, one in enumerate(adding) if one not in adding[:k]]
    whole_off = seen.sum_off(pool) if asked.count <= len(pool) else None
    if whole_off is not None and not any(_about_as_near(seen, one, whole_off) for one in adding):
        nearer = whole_off > 1e-6 and any(_about_as_near(seen, run, whole_off / 4) for run in _runs(seen, pool, least))
        if not nearer:
            kept = _without_zeros(asked, pool)
            return Scores(kept, dict.fromkeys([j for j in pool if j not in kept], "constant"))
    neighbours = _runs(seen, pool, least)
    anywhere = [] if neighbours or adding else [_apart(seen, pool, least)]
    for run in (*neighbours, *filter(None, anywhere)):
        rest = [j for j in asked.fractions if j not in run]
        if len(rest) > 1 and all(seen.reason(j, rest, asked.truth) == "derived" for j in run):
            continue  # confidence and its rest
        if not any(set(run) & set(one) for one in adding):
            adding.append(run)
    return _explained(asked, _without_zeros(asked, adding[0]), "sum", rivals=adding[1:]) if adding else None


def _called(asked: _Asked) -> Scores | None:
    named, truth = asked.named, asked.truth
    if not named:
        return None
    more = [j for j in asked.fractions if j not in named and truth is not None and truth.words is not None]
    odd = _odd(asked.seen, more, named)
    open_ = [j for j in odd if asked.seen.reason(j, named, truth) is None]
    if open_ and not asked.settled:
        raise unclear(asked.seen, open_)
    kept = sorted({*named, *(j for j in more if j not in odd and asked.seen.reason(j, named, truth) is None)})
    return _explained(asked, kept, "name")


def _counting(asked: _Asked) -> Scores | None:
    if not asked.groups:
        return None
    largest, least = max(asked.groups.values(), key=len), max(2, asked.needed)
    rest = [j for j in asked.fractions if j not in largest and asked.seen.reason(j, largest, asked.truth) is None]
    rivals = [
        one for one in asked.groups.values() if one != largest and len(one) >= min(len(largest), least) and set(one) & set(rest)
    ]
    if len(largest) >= least and not (rest and len(largest) != asked.needed) and not rivals:
        return _explained(asked, largest, "name")
    if (rest or rivals) and not asked.settled and len(largest) >= 3:
        raise unclear(asked.seen, rest)
    return None


def _single(asked: _Asked) -> Scores | None:
    """The one column of a network of two classes, by its name where there are others."""
    fractions = asked.fractions
    if asked.truth is None or asked.count > 2 or not fractions:
        return None
    found = fractions[0] if len(fractions) == 1 else _one_of(asked)
    return None if found is None else _explained(asked, [found], "name")


def _one_of(asked: _Asked) -> int | None:
    seen, fractions = asked.seen, asked.fractions
    truth = None if asked.truth is None or asked.truth.words is not None else asked.truth
    for j in fractions:
        rest = [k for k in fractions if k != j]
        if all(seen.reason(k, [j], truth) == "derived" for k in rest) and not seen.reason(j, rest, truth):
            return j
    words = {j: set(tokens(seen.names[j])) for j in fractions}
    called = [j for j in fractions if words[j] & set(SCORE_WORDS) and not words[j] & {*SURE_WORDS, "true", "top", "top2", "second"}]
    pairs = [[one, two] for one, two in pairwise(fractions)]
    called = [j for j in called if all(j in pair or seen.reason(j, pair, truth) != "derived" for pair in pairs)]
    called = [j for j in called if len(fractions) < 3 or seen.reason(j, [k for k in fractions if k != j], None) != "derived"]
    if len(called) == 2:
        raw, squashed = sorted(called, key=lambda j: -np.ptp(seen.column(j)))
        if same(seen.column(squashed), 1 / (1 + np.exp(-np.clip(seen.column(raw), -700, 700)))):
            return raw
    return called[0] if len(called) == 1 else None


def _unexplained(asked: _Asked) -> Scores:
    seen, truth, fractions, needed = asked.seen, asked.truth, asked.fractions, asked.needed
    kept = fractions or [j for j in asked.pool if not seen.counts_rows(j)]
    if not fractions:
        kept = [j for j in kept if seen.reason(j, [k for k in kept if k != j], truth) not in ("answers", "truth")]
    kept = _trimmed(seen, kept, truth)
    whole = [j for j in sorted(asked.pool) if j not in fractions]
    back = [j for j in whole if fractions and seen.reason(j, kept, truth) in ("whole", "constant")]
    if truth is not None and truth.words is None and len(kept) < needed == len(kept) + len(back):
        kept = sorted([*kept, *back])  # columns that the labels need: classes of one value
    odd = _odd(seen, kept, kept) if len(kept) > max(2, needed) else []
    if odd and len(kept) - len(odd) >= max(2, needed) and not asked.settled:
        if len(kept) - len(odd) > needed or set(odd) != set(kept[: len(odd)]) and set(odd) != set(kept[-len(odd) :]):
            raise unclear(seen, odd)
        return _explained(asked, [j for j in kept if j not in odd], "name", dict.fromkeys(odd, "odd"))
    return _explained(asked, kept, "name")


def _explained(
    asked: _Asked, kept: list[int], why: str, left: Mapping[int, str] | None = None, rivals: Sequence[list[int]] = ()
) -> Scores:
    """`kept`, once every other column of the pool has its reason, `why` where it has no other. Raises LsvizError where another network's scores stand beside."""
    seen, pool, truth, left = asked.seen, asked.pool, asked.truth, dict(left or {})
    for other in rivals:
        open_ = [j for j in other if j not in kept and seen.reason(j, kept, truth) in (None, "whole")]
        if len(open_) >= 2 and not asked.settled and not seen.same_network(kept, open_):
            raise unclear(seen, open_)
        left |= dict.fromkeys(open_, "again")
    for columns in seen.groups([j for j in pool if j not in kept]).values():
        if len(columns) == len(kept) > 1 and seen.same_network(kept, columns):
            left |= dict.fromkeys(columns, "again")
    for j in pool:
        if j not in kept and j not in left:
            left[j] = seen.reason(j, kept, truth) or why
    rest = [j for j in pool if left.get(j) in ("sum", "name")]
    if len(rest) == len(kept) > 1 and not asked.settled and _answers(seen, rest, truth) and not seen.same_network(kept, rest):
        raise unclear(seen, rest)
    return Scores(kept, left)


# ---- what columns are like ------------------------------------------------------------------------------------------


def _about_as_near(seen: Seen, columns: Sequence[int], off: float) -> bool:
    """Do these columns alone add up to one about as well as that?"""
    own = seen.sum_off(columns)
    return own is not None and own <= 2 * off + 1e-9


def _runs(seen: Seen, pool: Sequence[int], least: int) -> list[list[int]]:
    """Stretches of neighbours that add up to one, the best first, none of them part of another."""
    found = []
    ends = {j: (np.nanmin(seen.column(j)), np.nanmax(seen.column(j))) for j in pool}
    for able in ([j for j in pool if ends[j][0] >= -1e-6 and ends[j][1] <= 101], [j for j in pool if ends[j][1] <= 1e-3]):
        most = len(able) if len(able) <= 40 else 12
        for cut in range(most + 1):
            for head in range(cut + 1):
                run = able[head : len(able) - (cut - head)]
                varied = sum(ends[j][0] < ends[j][1] for j in run)
                if len(run) >= least and varied > 1 and (off := seen.sum_off(run)) is not None:
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


def _apart(seen: Seen, pool: Sequence[int], least: int) -> list[int]:
    """Columns anywhere in the table that add up to one, where only one choice of them does."""
    for exponent in (False, True):
        with np.errstate(all="ignore"):
            made = {
                j: np.exp(seen.column(j)) if exponent else seen.column(j)
                for j in pool
                if not exponent or np.nanmax(seen.column(j)) <= 1e-3
            }
        able = [
            j for j, column in made.items() if np.nanmin(column) >= -1e-6 and np.nanmax(column) <= 1.01 and np.nanstd(column) > 0
        ]
        if len(able) < max(2, least):
            continue
        table = np.stack([made[j] for j in able], axis=1)
        table = table[np.isfinite(table).all(axis=1)]
        if len(table) <= 2 * len(able):
            continue
        share = np.linalg.lstsq(table, np.ones(len(table)), rcond=None)[0]
        found = [j for j, one in zip(able, share) if one > 0.5]
        if np.abs(share - np.rint(share)).max() < 0.2 and len(found) >= max(2, least) and seen.sum_off(found) is not None:
            return found
    return []


def _without_zeros(asked: _Asked, columns: list[int]) -> list[int]:
    """Columns of nothing but 0 are no classes where the labels count fewer."""
    zero = [j for j in columns if not asked.seen.column(j).any()]
    words = asked.truth is not None and asked.truth.words is not None
    if not words and zero and len(columns) - len(zero) == asked.needed and not asked.seen.groups(columns):
        return [j for j in columns if j not in zero]
    return columns


def _trimmed(seen: Seen, kept: list[int], truth: Truth | None) -> list[int]:
    """Without what follows from the others at either end: confidence, entropy, margin, loss."""
    seen = seen.fewer()
    truth = None if truth is None else Truth(truth.values[:: seen.step], truth.words)
    for cut in range(min(8 if len(kept) <= 64 else 3, len(kept) - 2), 0, -1):
        for head in range(cut + 1):
            rest = kept[head : len(kept) - (cut - head)]
            if all(seen.reason(j, rest, truth) in ("derived", "answers") for j in kept if j not in rest):
                return rest
    return kept


def _odd(seen: Seen, columns: Sequence[int], others: Sequence[int]) -> list[int]:
    """Those of `columns` that look unlike the scores of the others: of one sign alone, or of another size."""
    every = seen.table(others)
    every = every[np.isfinite(every).all(axis=1)]
    if len(every) < 20 or not columns:
        return []
    spread, middle = float(np.median(every.std(axis=0))), float(np.median(every.mean(axis=0)))
    both = float(((every.min(axis=0) < 0) & (every.max(axis=0) > 0)).mean()) > 0.9 * (1 - len(columns) / (2 * len(others)))
    found = []
    for j in columns:
        own = seen.column(j)[np.isfinite(seen.column(j))]
        one_sign = both and (own.min() >= 0 or own.max() <= 0)
        if one_sign or abs(float(own.mean()) - middle) > 8 * spread or not spread / 8 <= own.std() <= 8 * spread:
            found.append(j)
    return found


def _answers(seen: Seen, columns: Sequence[int], truth: Truth | None) -> bool:
    """Are these columns, in this order, right far more often than the most common class?"""
    told = truth.values if truth and truth.words is None else places(truth, [seen.names[j] for j in columns]) if truth else None
    if told is None:
        return False
    right = (np.nan_to_num(seen.table(columns), nan=-np.inf).argmax(axis=1) == told - (np.nanmin(told) == 1)).mean()
    return bool(right > np.unique(told, return_counts=True)[1].max() / len(told) + 0.1)


def unclear(seen: Seen, columns: Sequence[int]) -> LsvizError:
    return LsvizError("outside.which_columns", names=listed(seen.names[j] for j in columns), parts=seen.names)


# ---- whether to trust them ------------------------------------------------------------------------------------------


def check_single(seen: Seen, kept: Sequence[int], truth: Truth) -> None:
    """One column alone can be read for two classes, and only where it speaks of one of them."""
    if len(kept) != 1:
        return
    name, column, classes = seen.names[kept[0]], seen.column(kept[0]), len(truth.used)
    if classes > 2:
        raise LsvizError("outside.one_column", name=shown(name), found=classes, parts=seen.names)
    if set(tokens(name)) & set(SURE_WORDS) or (len(column) >= 20 and np.nanmin(column) >= 0.5 and np.nanmax(column) <= 1):
        raise LsvizError("outside.only_sure", name=shown(name), parts=seen.names)


def check_surplus(seen: Seen, kept: Sequence[int], truth: Truth) -> tuple[Note, ...]:
    """More columns than the labels have classes: some may be no classes, unless they add up to one, count, or have the same beginning."""
    names = [seen.names[j] for j in kept]
    needed = len(truth.words) if truth.words is not None else needed_by(truth.used)
    if len(kept) <= max(2, needed) or seen.sum_off(kept) is not None or numbers_of(names) or share_a_stem(names):
        return ()
    if beside := [j for j in kept if set(tokens(seen.names[j])) & set(BESIDE_WORDS)]:
        raise unclear(seen, beside)
    if truth.words is None and _misplaced(seen.table(kept), truth.values, needed):
        raise unclear(seen, kept)
    return (Note("more_columns", {"columns": len(kept), "classes": needed, "names": listed(names)}, doubt=True),)


def _misplaced(scores: NDArray, labels: NDArray, needed: int) -> bool:
    """Are more rows right once some neighbours are taken for no classes?"""
    table = np.nan_to_num(scores, nan=-np.inf)
    least = labels[np.isfinite(labels)].min()
    labels, extra = labels - (least if least == 1 else 0), scores.shape[1] - needed
    right = [
        float((np.delete(table, range(start, start + extra), axis=1).argmax(axis=1) == labels).mean())
        for start in range(needed + 1)
    ]
    return max(right) > float((table.argmax(axis=1) == labels).mean()) + 0.1
