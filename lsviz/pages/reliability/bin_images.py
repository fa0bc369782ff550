"""From a bin of the reliability diagram to its images: what they are, what was claimed, hard against smoothed."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from lsviz.core.calibration.assessment import cut
from lsviz.core.classes import CLASS_ORDER
from lsviz.core.errors import LsvizError
from lsviz.core.temperature import apply_temperature
from lsviz.figures import numbers
from lsviz.pages.reliability.diagram import event_of
from lsviz.state import ViewState
from lsviz.texts.catalogue import class_name, error_text, t
from lsviz.ui import controls, prose
from lsviz.ui.thumbnails import data_folder, thumbnails
from lsviz.zoo import networks
from lsviz.zoo.calibration import about
from lsviz.zoo.kept import of_store

MOST = 60  # images listed at once
BARS = 20  # classes, up to which all probabilities are drawn


def bin_images(state: ViewState, num_classes: int, alpha: float) -> None:
    """A drop-down of the bins and the table of the chosen bin's images, the most surprising first."""
    network = about(num_classes, event_of(state, num_classes))[alpha]
    diagram = cut(network, state.bins, state.binning, state.edges)
    used = [int(b) + 1 for b in np.flatnonzero(diagram.counts)]
    fullest = int(np.argmax(diagram.counts)) + 1
    st.subheader(t("reliability.bin_title"), anchor=False)
    shown = state.bin if state.bin in used else fullest
    names = {b: _bin_name(diagram, b - 1) for b in used}
    controls.pick("bin", used, t("reliability.bin_label"), names.get, shown, width=420)
    low, high = diagram.edges[shown - 1], diagram.edges[shown]
    inside = np.flatnonzero((network.confidence > low) & (network.confidence <= high) | (shown == 1) & (network.confidence == 0))
    surprise = np.abs(network.correct[inside] - network.confidence[inside])
    rows = inside[np.argsort(-surprise, kind="stable")][:MOST]
    table, note = _table(num_classes, alpha, tuple(rows.tolist()), data_folder())
    table = table | {"claimed": network.confidence[rows].tolist()}
    config = {column: made for column, made in _columns(num_classes, alpha).items() if column in table}
    tall = 52 if "picture" in config else 36
    st.dataframe(
        {column: table[column] for column in config},
        column_config=config,
        hide_index=True,
        row_height=tall,
        height=tall * min(len(rows), 7) + 40,
    )
    if len(inside) > len(rows):
        prose.caption(t("reliability.bin_most", most=MOST, count=numbers.whole(len(inside))))
    prose.caption(note)


def _bin_name(diagram, b: int) -> str:
    low, high = (numbers.percent(edge) for edge in diagram.edges[b : b + 2])
    count = numbers.whole(int(diagram.counts[b]))
    return t("reliability.bin_name", low=low, high=high, count=count, right=numbers.percent(diagram.accuracy[b], 0))


@of_store(max_entries=64, words=True)
def _table(num_classes: int, alpha: float, rows: tuple[int, ...], folder: str) -> tuple[dict[str, list], str]:
    runs = {run.config.alpha: run.id for run in networks.shown(num_classes)}
    arrays, chosen = networks.arrays(runs[alpha]), list(rows)
    labels = arrays["test_labels"][chosen].astype(int)
    index = arrays["test_index"][chosen] if "test_index" in arrays else np.array(chosen)
    probs = apply_temperature(arrays["test_logits"][chosen], 1.0)
    name = lambda k: class_name(CLASS_ORDER, int(k))
    table: dict[str, list] = {
        "index": index.tolist(), "true": [name(k) for k in labels], "predicted": [name(k) for k in probs.argmax(axis=1)],
        "right": (probs.argmax(axis=1) == labels).tolist(), "true_chosen": probs[np.arange(len(labels)), labels].tolist(), "chosen": probs.tolist(),
    }  # fmt: skip
    if alpha and 0.0 in runs:
        hard = networks.arrays(runs[0.0])
        if np.array_equal(hard["test_labels"], arrays["test_labels"]):
            other = apply_temperature(hard["test_logits"][chosen], 1.0)
            table |= {"true_hard": other[np.arange(len(labels)), labels].tolist(), "hard": other.tolist()}
    if not folder or "test_index" not in arrays:
        return table, t("reliability.bin_no_pictures")
    try:
        shown = thumbnails(folder, "test", index)
    except (LsvizError, IndexError) as error:
        return table, error_text(error) if isinstance(error, LsvizError) else t("reliability.bin_no_pictures")
    return table | {"picture": shown}, t("reliability.bin_pictures")


def _columns(num_classes: int, alpha: float) -> dict[str, ColumnConfig]:
    a = numbers.alpha_text(alpha)
    head = lambda column: t(f"reliability.bin_col_{column}", a=a)
    made = {"picture": st.column_config.ImageColumn(head("picture"))}
    made |= {"index": st.column_config.NumberColumn(head("index"), format="%d")}
    made |= {column: st.column_config.TextColumn(head(column)) for column in ("true", "predicted")}
    made |= {"right": st.column_config.CheckboxColumn(head("right"))}
    compared = ("hard", "chosen") if alpha else ("chosen",)
    made |= {
        column: st.column_config.NumberColumn(head(column), format="percent")
        for column in ("claimed", *(f"true_{c}" for c in compared))
    }
    if num_classes <= BARS:
        made |= {column: st.column_config.BarChartColumn(head(column), y_min=0, y_max=1) for column in compared}
    return made
