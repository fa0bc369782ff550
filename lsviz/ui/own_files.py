"""Somebody's own files in this session, and nowhere else: read, diagnosed with their switches, measured."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from lsviz.core.diagnosis import OFF, Diagnosis, diagnose
from lsviz.core.errors import LsvizError
from lsviz.core.outputs import Outputs, plain_text
from lsviz.core.summary import Summary, paired, summarise
from lsviz.core.verdict import Change
from lsviz.store import read_outside
from lsviz.ui.own_example import examples

_KEPT = "yours_kept"  # in the session alone: what was worked out for the files that are there now
_HANDED = "yours_handed"
MOST_FILES = 2


@dataclass(frozen=True)
class Own:
    """One file: its name (text from outside), its bytes' hash, and what was worked out, or why it was not."""

    key: str
    name: str
    sha256: str
    diagnosis: Diagnosis | None = None
    summary: Summary | None = None
    problem: LsvizError | None = None

    @property
    def state(self) -> tuple:
        """What tells it from the same file under other switches."""
        return self.key, tuple((finding.code, finding.applied) for finding in self.diagnosis.findings)


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


def own(uploaded) -> Own:
    """Read and measure an uploaded file, once per file and setting of its switches."""
    key = uploaded.file_id
    outputs, sha256 = keep((key, "read"), lambda: _read(uploaded))
    return _measured(key, plain_text(uploaded.name), outputs, sha256)


def stored() -> tuple[Own, ...]:
    """Stored networks in the place of files."""
    return tuple(_measured(one.key, one.name, one.outputs, one.sha256, (one.diagnosis, one.summary)) for one in examples())


def comparison(first: Own, second: Own) -> tuple[tuple[Change, ...], int] | LsvizError:
    """`first` minus `second` on their common rows, or why they cannot be paired."""
    return keep(("pair", first.state, second.state), lambda: _tried(lambda: paired(second.summary, first.summary)))


def switch_key(key: str, code: str) -> str:
    return f"yours_switch_{key}_{code}"


def keep(key: tuple, make: Callable[[], object]) -> object:
    """What `make` gave for this key earlier in this session, while every run has asked for it; else it is made now."""
    kept = st.session_state.setdefault(_KEPT, {})
    st.session_state.setdefault(f"{_KEPT}_used", set()).add(key)
    if key not in kept:
        kept[key] = make()
    return kept[key]


def forget_unused() -> None:
    """Drop what no file of this run asked for: a removed file leaves nothing behind."""
    kept, used = st.session_state.get(_KEPT, {}), st.session_state.pop(f"{_KEPT}_used", set())
    st.session_state[_KEPT] = {key: value for key, value in kept.items() if key in used}


# ---- parts ----------------------------------------------------------------------------------------------------------


def _measured(key: str, name: str, outputs: Outputs | LsvizError, sha256: str, ready: tuple[Diagnosis, Summary] | None = None) -> Own:
    """Diagnosis and summary under the switches as they stand; `ready` is what they come to untouched, where that is known."""
    if isinstance(outputs, LsvizError):
        return Own(key, name, sha256, problem=outputs)
    prefix = switch_key(key, "")
    told = {str(k).removeprefix(prefix): bool(on) for k, on in st.session_state.items() if str(k).startswith(prefix)}
    touched = {code: on for code, on in sorted(told.items()) if on == (code in OFF)}
    if ready and not touched:
        return Own(key, name, sha256, *ready)
    diagnosis = keep((key, "diagnosis", *touched.items()), lambda: diagnose(outputs, touched))
    summary = keep((key, "summary", *touched.items()), lambda: _tried(lambda: summarise(diagnosis)))
    if isinstance(summary, LsvizError):
        return Own(key, name, sha256, diagnosis, problem=summary)
    return Own(key, name, sha256, diagnosis, summary)


def _read(uploaded) -> tuple[Outputs | LsvizError, str]:
    content = uploaded.getvalue()
    return _tried(lambda: read_outside(content, uploaded.name)), hashlib.sha256(content).hexdigest()


def _tried(make: Callable[[], object]) -> object:
    """What `make` gives, or the error that a reader can mend: an answer like any other, so it is kept like one."""
    try:
        return make()
    except LsvizError as error:
        return error
