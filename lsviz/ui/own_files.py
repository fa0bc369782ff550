"""Somebody's own files in this session, and nowhere else: read, diagnosed with their switches, measured; a stored network until there are any."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from lsviz.core.classes import CLASS_ORDER
from lsviz.core.diagnosis import Diagnosis, diagnose
from lsviz.core.errors import LsvizError
from lsviz.core.outputs import Outputs, outputs_from, plain_text
from lsviz.core.summary import Summary, paired, summarise
from lsviz.core.verdict import Change
from lsviz.figures.live import nearest_stop
from lsviz.store import read_outside
from lsviz.ui import controls, zoo
from lsviz.ui.run_table import run_label
from lsviz.ui.texts import class_name

_KEPT = "yours_kept"  # in the session alone: what was worked out for the files that are there now
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


def own(uploaded) -> Own:
    """Read and measure an uploaded file, once per file and setting of its switches."""
    key = uploaded.file_id
    outputs, sha256 = _keep((key, "read"), lambda: _read(uploaded))
    return _measured(key, plain_text(uploaded.name), outputs, sha256)


def examples() -> tuple[Own, ...]:
    """The stored network nearest to the view's alpha and its hard twin; those that cannot be read are left out."""
    state = controls.view_state()
    runs = {run.config.alpha: run for run in zoo.shown(state.num_classes)}
    if not runs:
        return ()
    alpha = tuple(runs)[nearest_stop(tuple(runs), state.alpha)]
    made = []
    for run in (runs[a] for a in dict.fromkeys((alpha, next(iter(runs))))):
        name = run_label(run)
        made.append(_measured(f"{zoo.stamp()} {run.id}", name, *_keep((run.id, zoo.stamp()), lambda run=run: (_stored(run.id), run.sha256))))
    return tuple(made)


def comparison(first: Own, second: Own) -> tuple[tuple[Change, ...], int] | LsvizError:
    """`first` minus `second` on their common rows, or why they cannot be paired."""
    return _keep((first.key, second.key, _switches(first), _switches(second)), lambda: _tried(lambda: paired(second.summary, first.summary)))


def switch_key(key: str, code: str) -> str:
    return f"yours_switch_{key}_{code}"


def forget_unused() -> None:
    """Drop what no file of this run asked for: a removed file leaves nothing behind."""
    kept, used = st.session_state.get(_KEPT, {}), st.session_state.pop(f"{_KEPT}_used", set())
    st.session_state[_KEPT] = {key: value for key, value in kept.items() if key in used}


# ---- parts ----------------------------------------------------------------------------------------------------------


def _measured(key: str, name: str, outputs: Outputs | LsvizError, sha256: str) -> Own:
    if isinstance(outputs, LsvizError):
        return Own(key, name, sha256, problem=outputs)
    prefix = switch_key(key, "")
    switched = {str(k).removeprefix(prefix): bool(on) for k, on in st.session_state.items() if str(k).startswith(prefix)}
    diagnosis = _keep((key, "diagnosis", *sorted(switched.items())), lambda: _tried(lambda: diagnose(outputs, switched)))
    if isinstance(diagnosis, LsvizError):
        return Own(key, name, sha256, problem=diagnosis)
    summary = _keep((key, "summary", *sorted(switched.items())), lambda: _tried(lambda: summarise(diagnosis)))
    if isinstance(summary, LsvizError):
        return Own(key, name, sha256, diagnosis, problem=summary)
    return Own(key, name, sha256, diagnosis, summary)


def _switches(one: Own) -> tuple:
    return tuple((finding.code, finding.applied) for finding in one.diagnosis.findings)


def _read(uploaded) -> tuple[Outputs | LsvizError, str]:
    content = uploaded.getvalue()
    return _tried(lambda: read_outside(content, uploaded.name)), hashlib.sha256(content).hexdigest()


def _stored(run_id: str) -> Outputs | LsvizError:
    arrays = lambda: {name: array for name, array in zoo.arrays(run_id).items() if not name.startswith("layout")}
    names = [class_name(CLASS_ORDER, k) for k in range(zoo.store().record(run_id).config.num_classes)]
    return _tried(lambda: outputs_from(arrays(), names))


def _tried(make: Callable[[], object]) -> object:
    """What `make` gives, or the error that a reader can mend: an answer like any other, so it is kept like one."""
    try:
        return make()
    except LsvizError as error:
        return error


def _keep(key: tuple, make: Callable[[], object]) -> object:
    kept = st.session_state.setdefault(_KEPT, {})
    st.session_state.setdefault(f"{_KEPT}_used", set()).add(key)
    if key not in kept:
        kept[key] = make()
    return kept[key]
