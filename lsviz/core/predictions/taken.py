"""What a file was taken for: which of its parts are the scores and the labels, what was left out, and what somebody asked for by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.text import plain_text

LABELS = ("test_labels", "labels", "label", "targets", "target", "y_true", "y_test", "y", "classes", "class")  # most telling first
MOST_LISTED = 6


@dataclass(frozen=True)
class Wish:
    """What somebody said of a file: its columns (or array) of scores, its labels, what is neither. `*` stands for any letters."""

    columns: tuple[str, ...] = ()
    label: str = ""
    ignore: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.columns or self.label or self.ignore)


@dataclass(frozen=True)
class Note:
    """One thing that reading decided, told as the finding `code`. `doubt`: it may be wrong, so no limit is passed by it."""

    code: str
    values: Mapping[str, object] = field(default_factory=dict)
    doubt: bool = False


@dataclass(frozen=True)
class Taken:
    """The names of the labels, the first and last scores, and what was left out; `parts` are all there are to choose from. No trusted text."""

    label: str
    first: str
    last: str
    left: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    columns: bool = True  # of a table; else arrays
    rows: int = 0  # that were read, before any was left out


def matching(names: Sequence[str], wished: Iterable[str]) -> list[int]:
    """Where the wished names stand, each once, in the order of the wish. Raises LsvizError for one that is nowhere."""
    found: dict[int, None] = {}
    for wish in wished:
        here = [i for i, name in enumerate(names) if name == wish] or [
            i for i, name in enumerate(names) if fnmatchcase(name.strip().lower(), wish.strip().lower())
        ]
        if not here:
            raise LsvizError("outside.no_such_part", name=plain_text(wish, 30), names=listed(names))
        found.update(dict.fromkeys(here))
    return list(found)


def listed(names: Iterable[str]) -> str:
    """The first few names, as plain text."""
    every = [shown(name, 24) for name in names]
    return (", ".join(every[:MOST_LISTED]) + (" …" if len(every) > MOST_LISTED else "")) or "nothing"


def shown(name: str, longest: int = 60) -> str:
    """A name as plain text; that of a column without one is a pair of quotes."""
    return plain_text(name, longest) or '""'
