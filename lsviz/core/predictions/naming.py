"""Which class a label means: labels are matched with the names of classes wherever they are such names, whatever the order of the columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.taken import Note
from lsviz.core.predictions.text import plain_text

IGNORED = (-100, 255)  # labels that mark rows to leave out: PyTorch's, and that of pictures of classes
TRUTHS = {
    **dict.fromkeys(("false", "no", "n", "f", "neg", "negative", "off"), 0),
    **dict.fromkeys(("true", "yes", "t", "pos", "positive", "on"), 1),
}
_COUNTED = re.compile(r"(.*?)[\s_.:\-(\[]*(\d{1,6})(?:\.0+)?[)\]]?")
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.0*)?")


def numbers_of(names: Sequence[str]) -> list[int] | None:
    """The whole numbers that all these names are ("3", "-1", True), or that they count with ("score_0", "score 1"); None where they differ in more."""
    bare = [name.strip() for name in names]
    if all(_NUMBER.fullmatch(name) for name in bare):
        made = [int(float(name)) for name in bare]
    elif sorted(name.lower() for name in bare) == ["false", "true"]:
        made = [int(name.lower() == "true") for name in bare]
    else:
        counted = [_COUNTED.fullmatch(name) for name in bare]
        if not all(counted) or len({match[1].lower() for match in counted if match}) != 1:
            return None
        made = [int(match[2]) for match in counted if match]
    return made if len(set(made)) == len(made) else None


def counter(name: str) -> tuple[str, int] | None:
    """The stem and the number of a name that ends in one."""
    found = _COUNTED.fullmatch(name.strip())
    return (found[1].lower(), int(found[2])) if found else None


def by_numbers(labels: NDArray, names: Sequence[str], scores: NDArray) -> tuple[NDArray, tuple[Note, ...]]:
    """Labels (n,), whole numbers as they stand, as places 0..K-1 among the columns of `scores` (n, K); untouched where nothing tells.

    By name where all labels are names and places could not be meant, or where the names are the places in another order.
    """
    num_classes = scores.shape[1]
    with np.errstate(invalid="ignore"):
        whole = np.isfinite(labels) & (labels == np.floor(labels)) & (np.abs(labels) < 2**53)
    used = np.unique(labels[whole]).astype(np.int64)
    told = numbers_of(names) if len(names) == num_classes else None
    told_set = set(told or ())
    used = used[~np.isin(used, [mark for mark in IGNORED if mark not in told_set and (mark < 0 or num_classes < mark)])]
    if not len(used):
        return labels, ()
    places = list(range(num_classes))
    if told is None and num_classes == 2 and used[0] >= 0 and used[-1] <= 1 and len(names) == 2:
        return _by_truths(labels, names, scores)
    if told and told not in (places, [k + 1 for k in places]):
        named, placed = set(used) <= told_set, bool(used[0] >= 0 and used[-1] < num_classes)
        if named or placed:
            order = np.argsort(told)
            by_name = _mapped(labels, np.sort(told), order)
            if named and not placed:
                return by_name, (Note("named_numbers", {"first": told[0], "last": told[-1]}),)
            by_rank = _mapped(labels, np.arange(num_classes), order)
            if not named:
                return by_rank, (Note("named_ranks", {"first": told[0], "last": told[-1]}),)
            if np.array_equal(by_name, by_rank, equal_nan=True):
                return by_name, (Note("named_numbers", {"first": told[0], "last": told[-1]}),)
            top = scores.argmax(axis=1)
            better = float((top == by_rank).mean()) > float((top == by_name).mean()) + 0.2
            note = Note("named_ranks" if better else "named_numbers", {"first": told[0], "last": told[-1]}, doubt=better)
            return (by_rank if better else by_name), (note,)
    signed = {-1, 1} if num_classes == 2 else {-1, 0, 1} if num_classes == 3 else set()
    if used[0] == -1 and set(used) <= signed:
        order = np.arange(num_classes)
        return _mapped(labels, np.sort(list(signed)), order), (Note("signed_labels", {"columns": num_classes}),)
    return labels, ()


def _by_truths(labels: NDArray, names: Sequence[str], scores: NDArray) -> tuple[NDArray, tuple[Note, ...]]:
    """Labels 0 and 1 of two columns that are called yes and no, or positive and negative, in this order: 1 is yes, unless the answers say otherwise."""
    if [TRUTHS.get(_without(names)(name)) for name in names] != [1, 0]:
        return labels, ()
    turned, top = _mapped(labels, np.arange(2), np.array([1, 0])), scores.argmax(axis=1)
    doubt = float((top == labels).mean()) > float((top == turned).mean()) + 0.2
    return (labels if doubt else turned), (
        Note("named_truths", {"first": plain_text(names[0]), "last": plain_text(names[1])}, doubt=doubt),
    )


def _mapped(labels: NDArray, values: NDArray, places: NDArray) -> NDArray:
    """`labels` with each of the sorted `values` become its place; other labels become −100 where they mark rows, else stay."""
    at = np.searchsorted(values, labels)
    at[at == len(values)] = 0
    with np.errstate(invalid="ignore"):
        made = np.where(values[at] == labels, places[at], np.where(np.isin(labels, IGNORED), -100, labels))
    return made.astype(labels.dtype if labels.dtype.kind == "f" else np.int64)


def by_words(words: Sequence[str], names: Sequence[str]) -> list[int]:
    """Where each word stands among the names of classes: as it is written, without regard to case, then without what all names share ("p_cat").

    Raises LsvizError for a word that is the name of none.
    """
    counted = [counter(word) for word in words]
    stems = {found[0] for found in counted if found}
    keys = [lambda text: text, lambda text: text.strip().casefold(), _without(names)]
    if all(counted) and len(stems) == 1 and (told := numbers_of(names)):
        place = {number: k for k, number in enumerate(told)}
        keys_found = [place.get(found[1]) for found in counted if found]
        if all(word not in names for word in words) and None not in keys_found:
            return [k for k in keys_found if k is not None]
    for key in keys:
        place_of = {key(name): k for k, name in enumerate(names)}
        if len(place_of) == len(names):
            found_at = [place_of.get(key(word) if key is not keys[2] else word.strip().casefold()) for word in words]
            if None not in found_at:
                return [k for k in found_at if k is not None]
    truths = [TRUTHS.get(word.strip().lower()) for word in words]
    told = numbers_of(names)
    if None not in truths and told is not None and set(told) == {0, 1}:
        return [told.index(truth) for truth in truths if truth is not None]
    known = {name.strip().casefold() for name in names}
    strange = next((word for word in words if word.strip().casefold() not in known), words[0])
    raise LsvizError("outside.label_word", value=plain_text(strange) if strange else "(empty)")


def of_two(words: Sequence[str], name: str) -> list[int] | None:
    """0 or 1 for each of two words, where one column `name` speaks for the second class: the one it is called after, or a word for yes. None where nothing tells."""
    here = [
        word
        for word in words
        if word.strip() and re.search(rf"(?<![^\W_]){re.escape(word.strip())}(?![^\W_])", name, re.IGNORECASE)
    ]
    if len(words) == 2 and len(here) == 1:
        return [int(word == here[0]) for word in words]
    made = [TRUTHS.get(word.strip().lower()) for word in words]
    return [truth for truth in made if truth is not None] if None not in made else None


def are_names(words: Sequence[str], names: Sequence[str]) -> bool:
    """Is each of these words the name of a class?"""
    try:
        by_words(words, names)
    except LsvizError:
        return False
    return True


def _without(names: Sequence[str]) -> Callable[[str], str]:
    """A key that drops what all names begin or end with: "p_cat" and "p_dog" are cat and dog."""
    lower = [name.strip().casefold() for name in names]
    head = re.match(r".*[\s_.:\-(\[]", _shared(lower))
    tail = re.match(r".*[\s_.:\-)\]]", _shared([name[::-1] for name in lower]))
    begins, ends = len(head[0]) if head else 0, len(tail[0]) if tail else 0
    return lambda text: (low := text.strip().casefold())[begins : len(low) - ends]


def share_a_stem(names: Sequence[str]) -> bool:
    """Do all names begin or end with the same word, as "p_cat" and "p_dog"?"""
    return len(names) > 1 and _without(names)(names[0]) != names[0].strip().casefold()


def _shared(names: Sequence[str]) -> str:
    first, last = min(names, default=""), max(names, default="")
    return first[: next((i for i, (a, b) in enumerate(zip(first, last)) if a != b), min(len(first), len(last)))]


def tokens(name: str) -> tuple[str, ...]:
    """The words of a name, in lower case: "yTrue_2" is y, true, 2."""
    return tuple(part.lower() for part in re.findall(r"[A-Z]?[^\W_A-Z\d]+|[A-Z]+(?![a-z])|\d+", name))


def called_by(used: NDArray, words: Sequence[str] | None, names: Sequence[str]) -> list[int]:
    """Where the names stand that labels call: those that are `words`, or all that are numbers where all labels `used` are such numbers."""
    if words is not None:
        exact = {name.strip().casefold(): k for k, name in enumerate(names)}
        found = [exact.get(word.strip().casefold()) for word in words]
        if None not in found and len(set(found)) == len(words) > 1:
            return sorted(k for k in found if k is not None)
        for size in range(len(names), max(1, len(words) - 1), -1):  # names that share more than the words: p_cat, p_dog
            for start in range(len(names) - size + 1 if size > len(names) - 9 else 0):
                if are_names(words, names[start : start + size]):
                    return list(range(start, start + size))
        return []
    numbers = {
        k: told[0] for k, name in enumerate(names) if (told := numbers_of([name])) and re.fullmatch(r"\s*[+-]?\d+(\.0*)?\s*", name)
    }
    return sorted(numbers) if len(numbers) > 1 and set(used.tolist()) <= set(numbers.values()) else []
