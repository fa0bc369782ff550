"""Files that one page hands to Your model in the place of uploaded ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import streamlit as st

_HANDED = "yours_handed"
MOST_FILES = 24  # read at a time


@dataclass(frozen=True)
class Handed:
    """A file that another page of this session made, in the place of an uploaded one."""

    name: str
    content: bytes

    @property
    def file_id(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:16]

    def getvalue(self) -> bytes:
        return self.content


def hand(*files: Handed) -> None:
    """Show these on Your model until somebody uploads a file there."""
    st.session_state[_HANDED] = files[:MOST_FILES]


def handed() -> list[Handed]:
    return list(st.session_state.get(_HANDED, ()))
