"""Marked text as pieces: what is coloured, bold or italic in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_MARK = re.compile(r":(orange|blue|violet)\[([^\]]*)\]|\*\*(.+?)\*\*|\*(.+?)\*")


@lru_cache(maxsize=4096)
def parts(text: str) -> list[list[str]]:
    """Markup as [text, css classes] pieces, for JavaScript that only ever sets text.

    >>> parts("asks for :blue[**91 %**], not *all*")
    [['asks for ', ''], ['91 %', 'blue bold'], [', not ', ''], ['all', 'italic']]
    """
    return [[piece, " ".join(classes)] for piece, classes in _pieces(text, ())]


def paragraphs(text: str) -> list[list[list[str]]]:
    """The pieces of each line that is not empty."""
    return [parts(line) for line in text.split("\n") if line.strip()]


def _pieces(text: str, classes: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    at = 0
    for mark in _MARK.finditer(text):
        if mark.start() > at:
            yield text[at : mark.start()], classes
        color, colored, bold, italic = mark.groups()
        name, inside = (color, colored) if color else ("bold", bold) if bold else ("italic", italic)
        yield from _pieces(inside, (*classes, name))
        at = mark.end()
    if at < len(text):
        yield text[at:], classes
