"""The lab's controls: data, network, presets; and the training they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.core.gate import passing, turn
from lsviz.lab.config import ALPHAS, MOST_CLASSES, NEGATIVE, LabConfig
from lsviz.lab.data import Table
from lsviz.pages.lab import trainings
from lsviz.state import DATASETS, ViewState, nearest_count
from lsviz.texts.catalogue import error_text, t
from lsviz.ui import controls, prose, uploads

_TABLE, _READ = "lab_table", "lab_table_read"
# why each is worth a look is said in the texts; a preset sets what it names, and all else of the lab back to its default
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "sure": dict(lab_data="blobs", num_classes=5, lab_overlap=0.5, lab_examples=150, lab_epochs=150, alpha=0.0),
    "easy": dict(lab_data="digits", num_classes=10, alpha=0.1),
    "wrong": dict(lab_data="digits", num_classes=10, lab_noise=0.4, lab_width=256, lab_epochs=60, lab_five=True, alpha=0.3),
    "few": dict(lab_data="digits", num_classes=10, lab_examples=100, lab_epochs=100, lab_batch=20, alpha=0.1),
    "large": dict(lab_data="digits", num_classes=10, alpha=0.9),
    "wide": dict(
        lab_data="digits", num_classes=10, lab_examples=300, lab_noise=0.2, lab_depth=1, lab_width=512, lab_epochs=100, alpha=0.1
    ),
    "alike": dict(lab_data="blobs", num_classes=3, lab_overlap=0.45, lab_examples=300, lab_epochs=100, lab_flat=True, alpha=0.1),
}
_OWN = ("lab_curve", "lab_inside", "lab_predict", "lab_guess")  # how a result is looked at, which a preset leaves alone


def counts(data: str, table: Table | None = None) -> tuple[int, ...]:
    """The numbers of classes this data set can have."""
    if data == "csv":
        return (len(table.names),) if table else (2,)
    return (2,) if data == "moons" else tuple(range(2, MOST_CLASSES[data] + 1))


def uploaded() -> Table | None:
    """The table this session uploaded; it stays in the session."""
    return st.session_state.get(_TABLE)


def config_of(state: ViewState) -> LabConfig:
    """The training that the view asks for."""
    table = uploaded() if state.lab_data == "csv" else None
    classes = nearest_count(counts(state.lab_data, table), state.num_classes)
    alphas = {*ALPHAS, *(NEGATIVE if state.lab_negative else ()), *((state.lab_also,) if state.lab_also else ())}
    return LabConfig(
        state.lab_data, classes, state.lab_examples, state.lab_noise, state.lab_flips, state.lab_spoiled, state.lab_overlap, state.lab_depth,
        state.lab_width, state.lab_flat, state.lab_epochs, state.lab_batch, state.lab_optimizer, state.lab_rate, state.lab_decay, state.lab_seed,
        tuple(sorted(alphas)), table.digest if table else "",
    )  # fmt: skip


def stops(state: ViewState) -> tuple[float, ...]:
    """The alphas of the dock: those that are trained, negative ones apart."""
    return tuple(sorted({*ALPHAS, *((state.lab_also,) if state.lab_also else ())}))


def preset_view(name: str, state: ViewState) -> ViewState:
    """The view of a preset: what it names, all else of the lab at its default, the room as it is."""
    fresh = ViewState()
    cleared = {field: getattr(fresh, field) for field in vars(state) if field.startswith("lab_") and field not in _OWN}
    return replace(state, **{**cleared, **PRESETS[name]})


def _choose(name: str) -> None:
    """Set the view to a preset and train it (a callback)."""
    controls.update(**vars(preset_view(name, controls.view_state())))
    trainings.press()


def presets(state: ViewState) -> None:
    """A row of presets; the sentence of the one that is set, as far as the lab's own settings go."""
    if not controls.offers("controls"):
        return
    with st.container(horizontal=True, gap="xsmall", key="lab_presets"):
        for name in PRESETS:
            st.button(t(f"lab.preset.{name}"), key=f"lab_preset_{name}", on_click=_choose, args=(name,))
    prose.caption(t(f"lab.why.{chosen}" if (chosen := preset_of(state)) else "lab.why_none"))


def preset_of(state: ViewState) -> str:
    """The preset whose training this view asks for; "" where it is none."""
    asked = [
        name
        for name in PRESETS
        if replace(preset_view(name, state), alpha=state.alpha, lab_epoch=state.lab_epoch, lab_five=state.lab_five) == state
    ]
    return "large" if "large" in asked and state.alpha >= 0.7 else next(iter(asked), "")  # as "easy" but for alpha


def settings(state: ViewState) -> bool:
    """Data and the button in one line, noise and size in the next, the network in a menu. Returns whether there are data."""
    line = st.container(horizontal=True, gap="small", vertical_alignment="center")
    if controls.offers("controls"):
        if state.lab_data == "csv":
            _upload()
        _data(state)
    ready = state.lab_data != "csv" or uploaded() is not None
    with line:
        controls.choose("lab_data", DATASETS, "lab.data", label=t("lab.data_label"))
        if controls.offers("controls"):
            with st.popover(t("lab.network"), icon=":material/tune:"):
                _network()
        count = len(stops(state)) + len(NEGATIVE) * state.lab_negative
        st.button(
            t("lab.go", count=count),
            type="primary",
            icon=":material/play_arrow:",
            on_click=trainings.press,
            disabled=not ready,
            key="lab_go",
        )
    return ready


def _data(state: ViewState) -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        controls.slide("lab_noise", 0.0, 0.9, 0.05, t("lab.noise"), width=200, format="percent")
        if state.lab_noise:
            controls.choose("lab_flips", ("symmetric", "pair"), "lab.flips", label=t("lab.flips_label"))
        if state.lab_data == "blobs":
            controls.slide("lab_overlap", 0.05, 1.0, 0.05, t("lab.overlap"), width=200)
        controls.count("lab_examples", t("lab.examples"), width=150)


def _network() -> None:
    for names in (("lab_width", "lab_depth", "lab_epochs"), ("lab_batch", "lab_seed", "lab_rate"), ("lab_decay", "lab_also")):
        with st.container(horizontal=True, gap="small"):
            for name in names:
                field = controls.amount if name in ("lab_rate", "lab_decay", "lab_also") else controls.count
                field(name, t(f"lab.{name.removeprefix('lab_')}"), width=130)
    controls.slide("lab_spoiled", 0.0, 3.0, 0.1, t("lab.spoiled"), width=280)
    controls.choose("lab_optimizer", ("adam", "sgd"), "lab.optimizer", label=t("lab.optimizer_label"))
    controls.toggle("lab_flat", t("lab.flat"))
    controls.toggle("lab_negative", t("lab.negative"))


def _upload() -> None:
    from lsviz.lab.table import MOST_BYTES, MOST_CELLS, MOST_ROWS, read_table

    limits = {"megabytes": f"{MOST_BYTES / 1e6:.0f}", "rows": f"{MOST_ROWS:,}", "cells": f"{MOST_CELLS:,}"}
    file = st.file_uploader(
        t("lab.upload", **limits), type=["csv", "txt", "tsv"], key="lab_file", max_upload_size=MOST_BYTES // 10**6
    )
    before, now = uploaded(), None
    if file is None:
        prose.caption(t("lab.upload_note"))
    else:
        known, read = st.session_state.get(_READ, (None, None))
        if known != file.file_id:
            try:
                with turn():
                    read = read_table(uploads.content(file))
            except LsvizError as error:
                read = error.bare()
            if not passing(read):
                uploads.release(file, "lab_file")
            st.session_state[_READ] = (None if passing(read) else file.file_id), read
        if isinstance(read, LsvizError):
            st.text(error_text(read))
        else:
            now = read
    st.session_state[_TABLE] = now
    if (now and now.digest) != (before and before.digest):
        st.rerun()  # the dock was drawn with the former number of classes
