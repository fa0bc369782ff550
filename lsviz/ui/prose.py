"""Running text of a page: numbers and signs stay on their line, and the first use of each glossary term on the page opens its card."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from lsviz.core.marked import parts
from lsviz.core.once import once
from lsviz.texts.catalogue import language, unbroken
from lsviz.texts.terms import card, linked, uses

_ENDS = re.compile(r" ([…~]) ")
_FIRST = "first_uses"  # term -> the text that used it first on this page


def begin() -> None:
    """No term was used yet. Called before a page is drawn; a fragment that runs alone keeps the page's."""
    st.session_state[_FIRST] = {}


def markdown(text: str, **options: Any) -> None:
    """`st.markdown` for sentences and tables."""
    st.markdown(_told(text), **options)


def caption(text: str, **options: Any) -> None:
    """`st.caption` for sentences."""
    st.caption(_told(text), **options)


def _told(text: str) -> str:
    return _kept(linked(text, lambda term: _is_first(term, text)))


@once(4096)
def _kept(text: str) -> str:
    """`text` as `unbroken` keeps it; outside tables, which are narrow on phones, the ends of an interval stay together too."""
    return unbroken(text) if text.lstrip().startswith("|") else _ENDS.sub("\u00a0\\1\u00a0", unbroken(text))


def _is_first(term: str, where: str) -> bool:
    return st.session_state.setdefault(_FIRST, {}).setdefault(term, where) == where


def pieces(text: str, where: str) -> list[list[str]]:
    """Marked text as [text, classes] or, for a term's first use on the page, [text, classes, term]: for JavaScript that only ever
    sets text. `where` is one for all that stand there in turn."""
    found = []
    for piece, classes in parts(_kept(text)):
        at = 0
        for start, end, term in uses(piece):
            if _is_first(term, where):
                found += [[piece[at:start], classes], [piece[start:end], classes, term]]
                at = end
        found.append([piece[at:], classes])
    return [piece for piece in found if piece[0]]


def cards(told: list[list[list[str]]]) -> dict[str, str]:
    """The cards of the terms in these texts' pieces."""
    return {term: card(language(), term) for text in told for _, _, *terms in text for term in terms}
