"""What stands in a figure's place when networks are missing or damaged: one sentence and the command that mends it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.texts.catalogue import error_text, t
from lsviz.zoo.networks import problems

_NAMED_AT_ONCE = 3  # broken runs a page names before it only counts them


def sorry(height: int, *more: LsvizError) -> None:
    """In the place of a figure, at its height: one plain sentence about what is missing, and the command that mends it."""
    wrong = (*problems(), *more)
    sentence, command = _sentence_and_command(wrong[0]) if wrong else (t("zoo.nothing"), "")
    place = st.container(height=height, border=True, vertical_alignment="center", horizontal_alignment="center")
    with place, st.container(width=620):
        st.text(sentence)
        if command:
            st.code(command, language="bash", wrap_lines=True)


def to_train(sentence: str, plan: str) -> None:
    """In the place of a figure whose networks are missing: one sentence and the command that trains them."""
    st.text(sentence)
    st.code(t("zoo.command", plan=plan), language="bash", wrap_lines=True)


def mention(wrong: Sequence[LsvizError]) -> None:
    """Below the figures: the networks that cannot be shown while the others are, one sentence each."""
    for error in wrong[:_NAMED_AT_ONCE]:
        st.text(error_text(error))
    if len(wrong) > _NAMED_AT_ONCE:
        st.text(t("zoo.more", count=len(wrong) - _NAMED_AT_ONCE))


def _sentence_and_command(error: LsvizError) -> tuple[str, str]:
    """'It is gone. Restore it: git checkout' -> ('It is gone. Restore it:', 'git checkout')."""
    text = error_text(error)
    before, colon, command = text.rpartition(": ")
    return (before + ":", command) if command.startswith(("python ", "git ")) else (text, "")
