"""Somebody's own files in this session, and nowhere else: read, diagnosed with their switches, measured."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import streamlit as st

from lsviz.core.comparing.changes import Change
from lsviz.core.errors import LsvizError
from lsviz.core.gate import PAGE, passing, turn
from lsviz.core.predictions.diagnosis import OFF, Diagnosis, diagnose
from lsviz.core.predictions.outputs import Outputs
from lsviz.core.predictions.summary import Summary, paired, summarise
from lsviz.core.predictions.taken import Wish
from lsviz.core.predictions.text import plain_text
from lsviz.lab.allocator import give_back
from lsviz.pages.yours import choosing
from lsviz.pages.yours.example import examples
from lsviz.predictions.reading import read_outside
from lsviz.texts.catalogue import language
from lsviz.ui import uploads
from lsviz.ui.handed import MOST_FILES, Handed

Made = TypeVar("Made")
_KEPT = "yours_kept"  # in the session alone: what was worked out for the files that are there now
UPLOADER = "yours_files"  # the key of the place for files
MOST_SCORES = 2 * PAGE.scores  # that the files read together may hold
SECONDS = 20  # on one file; the largest take about two


@dataclass(frozen=True)
class Own:
    """One file: its name (text from outside), its bytes' hash, and what was worked out."""

    key: str
    name: str
    sha256: str
    diagnosis: Diagnosis
    summary: Summary
    wish: Wish = Wish()

    @property
    def state(self) -> tuple:
        """What tells it from the same file under other switches."""
        return self.key, self.wish, tuple((finding.code, finding.applied) for finding in self.diagnosis.findings)


@dataclass(frozen=True)
class Refused:
    """One file that could not be measured, and why; with its diagnosis where it came so far."""

    key: str
    name: str
    problem: LsvizError
    diagnosis: Diagnosis | None = None


def owns(uploaded: Sequence) -> list[Own | Refused]:
    """Read and measure uploaded files, each once per setting of its switches; those beyond `MOST_SCORES` are not kept."""
    made: list[Own | Refused] = []
    left = MOST_SCORES
    for file in uploaded[:MOST_FILES]:
        own = tried(partial(_own, file, left))
        one = Refused(file.file_id, plain_text(file.name), own) if isinstance(own, LsvizError) else own
        left -= one.diagnosis.outputs.scores.size if one.diagnosis else 0
        made.append(one)
    return made


def stored() -> tuple[Own | Refused, ...]:
    """Stored networks in the place of files."""
    return tuple(_measured(one.key, one.name, one.outputs, one.sha256, (one.diagnosis, one.summary)) for one in examples())


def comparison(first: Own, second: Own) -> tuple[tuple[Change, ...], int] | LsvizError:
    """`first` minus `second` on their common rows, or why they cannot be paired."""
    return keep(("pair", first.state, second.state), lambda: worked(lambda: paired(second.summary, first.summary)))


def switch_key(key: str, code: str) -> str:
    return f"yours_switch_{key}_{code}"


def keep(key: tuple, make: Callable[[], Made]) -> Made:
    """What `make` gave for this key earlier in this session, while every run has asked for it; else it is made now."""
    kept = st.session_state.setdefault(_KEPT, {})
    st.session_state.setdefault(f"{_KEPT}_used", set()).add(key)
    if key not in kept:
        made = make()
        if passing(made):
            return made
        kept[key] = made
    return kept[key]


def keep_worded(key: tuple, make: Callable[[], Made]) -> Made:
    """The same for what holds words, once a language."""
    return keep((language(), *key), make)


def forget(key: tuple) -> None:
    """Let this be made anew when it is next asked for."""
    st.session_state.get(_KEPT, {}).pop(key, None)


def forget_unused() -> None:
    """Drop what no file of this run asked for: a removed file leaves nothing behind. In place, as Streamlit holds what was there until the next run."""
    kept, used = st.session_state.get(_KEPT, {}), st.session_state.pop(f"{_KEPT}_used", set())
    for key in kept.keys() - used:
        if drop := getattr(kept.pop(key), "drop", None):  # it has work running elsewhere
            drop()


# ---- parts ----------------------------------------------------------------------------------------------------------


def _measured(
    key: str,
    name: str,
    outputs: Outputs | LsvizError,
    sha256: str,
    ready: tuple[Diagnosis, Summary] | None = None,
    wish: Wish = Wish(),  # noqa: B008  (frozen)
) -> Own | Refused:
    """Diagnosis and summary under the switches as they stand; `ready` is what they come to untouched, where that is known."""
    if isinstance(outputs, LsvizError):
        return Refused(key, name, outputs)
    prefix = switch_key(key, "")
    told = {str(k).removeprefix(prefix): bool(on) for k, on in st.session_state.items() if str(k).startswith(prefix)}
    touched = {code: on for code, on in sorted(told.items()) if on == (code in OFF)}
    if ready and not touched:
        return Own(key, name, sha256, *ready)
    diagnosis = keep((key, wish, "diagnosis", *touched.items()), lambda: worked(lambda: diagnose(outputs, touched, _timer())))
    if isinstance(diagnosis, LsvizError):
        return Refused(key, name, diagnosis)
    summary = keep((key, wish, "summary", *touched.items()), lambda: worked(lambda: summarise(diagnosis, tick=_timer())))
    if isinstance(summary, LsvizError):
        return Refused(key, name, summary, diagnosis)
    return Own(key, name, sha256, diagnosis, summary, wish)


def _own(file, left: int) -> Own | Refused:
    """One file, read and measured in one turn: the room it was found to have is not taken by another in between."""
    wish = choosing.wished(file.file_id)
    with nullcontext() if (file.file_id, "read", wish) in st.session_state.get(_KEPT, {}) else turn():
        outputs, sha256 = _reading(file, left, wish)
        return _measured(file.file_id, plain_text(file.name), outputs, sha256, wish=wish)


@dataclass(frozen=True)
class _TooMany:
    """In the place of outputs that found no room beside the others: how many `scores` they have, so that they are read again once they fit."""

    scores: int


def _reading(uploaded, left: int, wish: Wish) -> tuple[Outputs | LsvizError, str]:
    """What the file holds, or "outside.together" where it has more than `left` scores; room differs from run to run, so only what is in the file is kept."""
    key = (uploaded.file_id, "read", wish)
    for _ in range(2):
        found, sha256 = keep(key, lambda: _read(uploaded, left, wish))
        if isinstance(found, _TooMany) == (_scores_in(found) > left) and not passing(found):
            break
        forget(key)
    return (LsvizError("outside.together", limit=MOST_SCORES) if isinstance(found, _TooMany) else found), sha256


def _scores_in(found: Outputs | LsvizError | _TooMany) -> int:
    if isinstance(found, LsvizError):
        return 0
    return found.scores if isinstance(found, _TooMany) else found.scores.size


def _read(uploaded, left: int, wish: Wish) -> tuple[Outputs | LsvizError | _TooMany, str]:
    """What was read or refused is no longer needed as it came; what found no room, or none for now, will be, and so is what leaves a choice."""
    content = tried(lambda: uploads.content(uploaded))
    if isinstance(content, LsvizError):
        return content, ""
    sha256 = hashlib.sha256(content).hexdigest()
    outputs = worked(lambda: read_outside(content, uploaded.name, PAGE, wish))
    if (scores := _scores_in(outputs)) > left:
        return _TooMany(scores), sha256
    choice = not isinstance(outputs, _TooMany) and choosing.offer(uploaded.file_id, outputs)
    if not passing(outputs) and not choice and not wish and not isinstance(uploaded, Handed):
        uploads.release(uploaded, UPLOADER)
    return outputs, sha256


def worked(make: Callable[[], Made]) -> Made | LsvizError:
    """What `make` gives, worked out in one's turn; or the error a reader can mend. Memory that was needed on the way goes back."""

    def work() -> Made:
        with turn():
            try:
                return make()
            finally:
                give_back()

    return tried(work)


def _timer() -> Callable[[], None]:
    """Raises once `SECONDS` have passed since now."""
    until = time.monotonic() + SECONDS

    def tick() -> None:
        if time.monotonic() > until:
            raise LsvizError("outside.slow", limit=SECONDS)

    return tick


def tried(make: Callable[[], Made]) -> Made | LsvizError:
    """What `make` gives, or the error that a reader can mend: an answer like any other, so it is kept like one."""
    try:
        return make()
    except LsvizError as error:
        return error.bare()
