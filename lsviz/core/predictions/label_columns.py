"""Which column of a table is the label: by its name, else by what it holds; of several, the one that is no answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.derived import follow_from, one_to_one, same
from lsviz.core.predictions.naming import called_by, counter, tokens
from lsviz.core.predictions.seen import Seen, classes_in, needed_by, places
from lsviz.core.predictions.taken import LABELS, Note, listed
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


def rank(name: str) -> int | None:
    """How much a column of this name is called the label: least is most; None where it is called something else."""
    name, parts = name.strip(), tokens(name)
    if name.lower() in LABELS:
        return LABELS.index(name.lower())
    if not parts or set(parts) & set(GUESS_WORDS) or counter(name):
        return None
    begins = tuple(word for word in TRUE_WORDS if len(word) > 3 and "".join(parts).startswith(word))
    return next((len(LABELS) + k for k, word in enumerate(TRUE_WORDS) if word in (*parts, *begins)), None)


def candidates(seen: Seen, possible: Sequence[int]) -> list[int]:
    """Those of `possible` that are called the label, the likeliest first; in a table without names, those of whole numbers."""
    if not seen.sheet.named:
        whole = [j for j in possible if j not in seen.sheet.words and seen.whole(j) and not seen.counts_rows(j)]
        first = [j for j in (0, len(seen.names) - 1) if j in whole]
        return [*first, *(j for j in whole if j not in first)] if len(whole) < len(possible) else first[:1]
    ranks = {j: found for j in possible if (found := rank(seen.names[j])) is not None}
    called = sorted(ranks, key=lambda j: (ranks[j], j))
    discrete = [j for j in called if j in seen.sheet.words or seen.whole(j)]
    return discrete or called


def by_content(seen: Seen, pool: Sequence[int]) -> list[int]:
    """Columns that hold labels under another name: words that are names of columns of `pool`, whole numbers that fit the classes."""
    names = [seen.names[j] for j in pool]
    found = [j for j, (_, known) in seen.sheet.words.items() if called_by(np.arange(len(known)), known, names)]
    fractions = [j for j in pool if not seen.whole(j)]
    if not found and fractions:
        whole = [j for j in pool if seen.whole(j) and not seen.counts_rows(j) and not set(tokens(seen.names[j])) & set(ROW_WORDS)]
        told = {j: seen.column(j)[np.isfinite(seen.column(j))] for j in whole}
        found = [
            j for j in whole if len(told[j]) and np.ptp(told[j]) > 0 and (len(fractions) == 1 or told[j].max() <= len(fractions))
        ]
    return [j for j in found if not set(tokens(seen.names[j])) & set(GUESS_WORDS)]


def one_hot(seen: Seen, pool: Sequence[int]) -> tuple[int, ...]:
    """Columns of 0s and 1s that are one label together."""
    for stem, columns in seen.groups(pool).items():
        table = seen.table(columns)
        if len(columns) > 1 and np.isin(table, (0, 1)).all() and {*tokens(stem)} & {*TRUE_WORDS, *LABELS, "onehot"}:
            if not (table.sum(axis=1) == 1).all():
                raise LsvizError("outside.multi_label", name=plain_text(f"{seen.names[columns[0]]} …"))
            return tuple(columns)
    return ()


def better(seen: Seen, cands: Sequence[int], kept: Sequence[int]) -> tuple[int, tuple[Note, ...]]:
    """Of several columns that may be the label, the one that is, beside scores `kept`. Raises LsvizError where they differ and nothing tells."""
    names = [seen.names[j] for j in kept]
    made: dict[int, NDArray] = {}
    for j in cands:
        told = None if j in kept else places(seen.truth(j), names)
        if told is not None and (j in seen.sheet.words or needed_by(classes_in(told)) <= max(2, len(kept)) + 1):
            made[j] = told
    answers = [column for why, column in follow_from(seen.table(kept), None, names) if why == "answers"] if kept else []
    true = [j for j in made if not any(same(made[j], column) for column in answers)] or list(made)
    if not true:
        return cands[0], ()
    first = true[0]
    differing = [
        j
        for j in true
        if not one_to_one(made[j], made[first]) or (np.ptp(made[j] - made[first]) != 0 and not {j, first} & seen.sheet.words.keys())
    ]
    if differing:
        told_names, chosen = listed(seen.names[j] for j in [first, *differing]), plain_text(seen.names[first], 30)
        raise LsvizError("outside.which_label", names=told_names, first=chosen, parts=seen.names)
    by_name = [j for j in true if j in seen.sheet.words]
    if by_name and not np.array_equal(made[first], made[by_name[0]]):
        return by_name[0], ()
    if first != cands[0] and cands[0] in made:
        told_values = {"name": plain_text(seen.names[cands[0]]), "other": plain_text(seen.names[first])}
        return first, (Note("label_is_answer", told_values),)
    return first, ()
