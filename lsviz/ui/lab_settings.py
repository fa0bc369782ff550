"""The lab's controls: data, network, presets; and the training they ask for."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.lab.config import ALPHAS, MOST_CLASSES, LabConfig
from lsviz.lab.data import Table
from lsviz.state import DATASETS, ViewState
from lsviz.ui import controls
from lsviz.ui.texts import error_text, t

_TABLE = "lab_table"
# why each is worth a look is said in the texts; a preset sets what it names, and all else of the lab back to its default
PRESETS: Mapping[str, Mapping[str, object]] = {
    "sure": dict(lab_data="blobs", num_classes=5, lab_overlap=0.5, lab_examples=150, lab_epochs=150, alpha=0.0),
    "easy": dict(lab_data="digits", num_classes=10, alpha=0.1),
    "wrong": dict(lab_data="digits", num_classes=10, lab_noise=0.4, lab_width=256, lab_epochs=60, alpha=0.3),
    "few": dict(lab_data="digits", num_classes=10, lab_examples=100, lab_epochs=100, lab_batch=20, alpha=0.1),
    "large": dict(lab_data="digits", num_classes=10, alpha=0.9),
    "wide": dict(lab_data="digits", num_classes=10, lab_examples=300, lab_noise=0.2, lab_depth=1, lab_width=512, lab_epochs=100, alpha=0.1),
    "alike": dict(lab_data="blobs", num_classes=3, lab_overlap=0.45, lab_examples=300, lab_epochs=100, lab_flat=True, alpha=0.1),
}
_OWN = ("lab_curve", "lab_inside")  # how a result is looked at, which a preset leaves alone


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
    classes = controls.nearest_count(counts(state.lab_data, table), state.num_classes)
    return LabConfig(
        state.lab_data, classes, state.lab_examples, state.lab_noise, state.lab_flips, state.lab_spoiled, state.lab_overlap, state.lab_depth,
        state.lab_width, state.lab_flat, state.lab_epochs, state.lab_batch, state.lab_optimizer, state.lab_rate, state.lab_decay, state.lab_seed,
        ALPHAS, table.digest if table else "",
    )  # fmt: skip


def choose_preset(name: str) -> None:
    """Set the view to a preset (a widget callback)."""
    fresh, state = ViewState(), controls.view_state()
    cleared = {field: getattr(fresh, field) for field in vars(state) if field.startswith("lab_") and field not in _OWN}
    controls.update(**(cleared | PRESETS[name]))


def presets(state: ViewState) -> None:
    """A row of buttons; the sentence of the one that is set, as far as the lab's own settings go."""
    with st.container(horizontal=True, gap="small"):
        for name in PRESETS:
            st.button(t(f"lab.preset.{name}"), key=f"lab_preset_{name}", on_click=choose_preset, args=(name,))
    fresh = ViewState()
    for name, wanted in {"large": PRESETS["large"], **PRESETS}.items():  # as "easy" but for alpha
        fields = [f for f in vars(state) if f.startswith("lab_") and f not in (*_OWN, "lab_five", "lab_epoch", "lab_predict", "lab_guess")]
        if all(getattr(state, f) == wanted.get(f, getattr(fresh, f)) for f in fields) and (name != "large" or state.alpha >= 0.7):
            return st.caption(t(f"lab.why.{name}"))
    st.caption(t("lab.why_none"))


def settings(state: ViewState) -> None:
    """Data in one line, the rest behind a fold."""
    controls.choose("lab_data", DATASETS, "lab.data", label=t("lab.data_label"))
    if state.lab_data == "csv":
        _upload()
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        controls.slide("lab_noise", 0.0, 0.9, 0.05, t("lab.noise"), width=200, format="percent")
        if state.lab_noise:
            controls.choose("lab_flips", ("symmetric", "pair"), "lab.flips", label=t("lab.flips_label"))
        controls.count("lab_examples", t("lab.examples"), width=150)
        if state.lab_data == "blobs":
            controls.slide("lab_overlap", 0.05, 1.0, 0.05, t("lab.overlap"), width=200)
        controls.slide("lab_spoiled", 0.0, 3.0, 0.1, t("lab.spoiled"), width=200)
    with st.expander(t("lab.network"), icon=":material/tune:"):
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            for name in ("lab_width", "lab_depth", "lab_epochs", "lab_batch", "lab_seed"):
                controls.count(name, t(f"lab.{name.removeprefix('lab_')}"), width=130)
            controls.amount("lab_rate", t("lab.rate"), width=130)
            controls.amount("lab_decay", t("lab.decay"), width=130)
            controls.choose("lab_optimizer", ("adam", "sgd"), "lab.optimizer", label=t("lab.optimizer_label"))
            controls.toggle("lab_flat", t("lab.flat"))


def _upload() -> None:
    from lsviz.lab.table import MOST_BYTES, MOST_ROWS, read_table

    file = st.file_uploader(t("lab.upload", megabytes=f"{MOST_BYTES / 1e6:.0f}", rows=f"{MOST_ROWS:,}"), type=["csv", "txt", "tsv"], key="lab_file")
    if file is None:
        st.session_state.pop(_TABLE, None)
        st.caption(t("lab.upload_note"))
        return
    try:
        st.session_state[_TABLE] = read_table(file.getvalue())
    except LsvizError as error:
        st.session_state.pop(_TABLE, None)
        st.text(error_text(error))
