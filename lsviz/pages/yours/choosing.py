"""Lists in which a reader says what the columns, or arrays, of a file are: where something was left out, or where it could not be told."""

from __future__ import annotations

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.outputs import Outputs
from lsviz.core.predictions.taken import Taken, Wish, shown
from lsviz.texts.catalogue import t

MOST_PARTS = 300  # a longer list is no list


def to_choose_from(found: Outputs | LsvizError) -> Taken | None:
    """What a file was taken for, where a reader may know better; None where there is nothing to choose."""
    if isinstance(found, LsvizError):
        parts = found.values.get("parts", ())
        return Taken("", "", "", (), parts, bool(found.values.get("columns", True))) if isinstance(parts, tuple) and parts else None
    taken = found.taken
    open_ = taken is not None and ((taken.columns and taken.left) or any(note.doubt for note in found.notes))
    return taken if open_ else None


def wished(key: str) -> Wish:
    """What was chosen for this file so far."""
    if (taken := st.session_state.get(f"yours_taken_{key}")) is None:
        return Wish()
    label, scores = st.session_state.get(f"yours_label_{key}"), st.session_state.get(f"yours_scores_{key}")
    left = st.session_state.get(f"yours_left_{key}")
    if left is not None and set(left) != set(taken.left):
        scores_named = tuple(part for part in taken.parts if part not in left and part != (label or taken.label))
    else:
        scores_named = (scores,) if scores and scores != taken.first else ()
    return Wish(scores_named, label if label and (label != taken.label or scores_named) else "")


def choose(key: str) -> None:
    """The lists themselves."""
    taken: Taken | None = st.session_state.get(f"yours_taken_{key}")
    if taken is None or len(taken.parts) > MOST_PARTS:
        return
    left, right = st.columns([1, 2])
    _begin(f"yours_label_{key}", taken.label if taken.label in taken.parts else None)
    left.selectbox(t("yours.choose_label"), taken.parts, index=None, key=f"yours_label_{key}", format_func=shown)
    if taken.columns:
        _begin(f"yours_left_{key}", list(taken.left))
        right.multiselect(t("yours.choose_left"), taken.parts, key=f"yours_left_{key}", format_func=shown)
    else:
        _begin(f"yours_scores_{key}", taken.first if taken.first in taken.parts else None)
        right.selectbox(t("yours.choose_scores"), taken.parts, index=None, key=f"yours_scores_{key}", format_func=shown)


def offer(key: str, found: Outputs | LsvizError) -> bool:
    """Remember what the file was taken for untouched, so that lists can be shown; is there anything to choose?"""
    taken = to_choose_from(found)
    if taken is not None:
        st.session_state.setdefault(f"yours_taken_{key}", taken)
    return taken is not None


def _begin(key: str, value: object) -> None:
    st.session_state.setdefault(key, value)
