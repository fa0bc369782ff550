"""What every column of a table is: label, scores, or left out with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.label_columns import better, by_content, candidates, one_hot, rank
from lsviz.core.predictions.naming import counter
from lsviz.core.predictions.score_columns import Scores, check_single, check_surplus, scores_among
from lsviz.core.predictions.seen import Seen, Sheet, Truth
from lsviz.core.predictions.taken import Note, Wish, listed, matching, shown
from lsviz.core.predictions.text import plain_text

REASONS = ("rows", "text", "empty", "constant", "whole", "truth", "answers", "derived", "again", "sum", "name", "odd", "asked")


@dataclass(frozen=True)
class Choice:
    """Places of columns. `label` is None where the labels are the 0s and 1s of `one_hot`; `left` says why each other was left out."""

    label: int | None
    kept: tuple[int, ...]
    left: Mapping[int, str]
    notes: tuple[Note, ...]
    one_hot: tuple[int, ...] = ()


def choose(sheet: Sheet, wish: Wish | None = None) -> Choice:
    """What every column is. Raises LsvizError where that cannot be told; `wish` settles it."""
    wish, names, seen = wish or Wish(), sheet.names, Seen(sheet)
    asked, ignored = matching(names, wish.columns), set(matching(names, wish.ignore))
    left = dict.fromkeys(sorted(ignored), "asked")
    left |= {j: "text" for j in range(len(names)) if j not in {*sheet.numeric, *sheet.words, *ignored}}
    left |= {j: "empty" for j in sheet.numeric if j not in {*ignored, *asked} and np.isnan(seen.column(j)).all()}
    pool = [j for j in sheet.numeric if j not in left]

    by_name = [j for j in (*pool, *sheet.words) if j not in left and j not in asked]
    cands = matching(names, [wish.label])[:1] if wish.label else candidates(seen, by_name)
    hot = one_hot(seen, pool) if not wish.label and sheet.named and not (cands and rank(names[cands[0]]) is not None) else ()
    content = not cands and not hot
    if content and not (cands := by_content(seen, pool)):
        raise LsvizError("outside.no_label_column", parts=names)
    label = cands[0] if cands else None
    notes: tuple[Note, ...] = ()
    found = _scores(seen, pool, asked, label, hot, wish)
    if label is not None and len(cands) > 1:
        true, notes = better(seen, cands, found.kept)
        if true != label:
            label, found = true, _scores(seen, pool, asked, true, hot, wish)

    if not sheet.named:
        notes += (Note("no_header", {"place": label + 1 if label is not None else 0}),)
    elif content and label is not None:
        notes += (Note("label_by_content", {"name": plain_text(names[label])}, doubt=label not in sheet.words),)
    if not asked and label is not None:
        check_single(seen, found.kept, seen.truth(label))
        if sheet.named and not wish.ignore:
            notes += check_surplus(seen, found.kept, seen.truth(label))
    _check_stems(names, found.kept, [j for j, why in left.items() if why == "text"])
    rest = dict.fromkeys(sheet.numeric, "asked") | dict.fromkeys(sheet.words, "text") | left | dict(found.left)
    rest = {j: rest[j] for j in sorted(rest) if j != label and j not in found.kept and j not in hot}
    return Choice(label, tuple(found.kept), rest, notes + _told_left(names, rest), hot)


def _scores(seen: Seen, pool: list[int], asked: list[int], label: int | None, hot: tuple[int, ...], wish: Wish) -> Scores:
    """The scores beside these labels: those asked for, else those of `pool`."""
    if asked:
        return Scores([j for j in asked if j != label], {})
    truth = Truth(seen.table(hot).argmax(axis=1).astype(float)) if hot else None if label is None else seen.truth(label)
    rest = [j for j in pool if j != label and j not in hot]
    return scores_among(seen, rest, truth, settled=bool(wish.ignore)) if rest else Scores([], {})


def _check_stems(names: Sequence[str], kept: Sequence[int], text: Sequence[int]) -> None:
    """A column that is called like the scores but holds text is no number that somebody meant to be one."""
    stems = {found[0] for j in kept if (found := counter(names[j]))}
    for j in text:
        if len(stems) == 1 and (found := counter(names[j])) and found[0] in stems and found[0]:
            raise LsvizError("outside.cell", column=shown(names[j]), value="text", parts=tuple(names))


def _told_left(names: Sequence[str], left: Mapping[int, str]) -> tuple[Note, ...]:
    """One note a reason."""
    return tuple(
        Note(f"left_{why}", {"names": listed(names[j] for j in columns)}, doubt=why == "odd")
        for why in REASONS
        if (columns := [j for j in left if left[j] == why and (names[j].strip() or why != "empty")])
    )
