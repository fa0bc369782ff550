"""Below the pictures on Embeddings: any measure over alpha beside the literature, and the cosines between class means."""

from __future__ import annotations

import streamlit as st

from lsviz.core.classes import CLASS_ORDER
from lsviz.figures.geometry import SPLITS, cosine_figure, measure_figure
from lsviz.figures.live import LiveFigure
from lsviz.state import GEOMETRY, ViewState
from lsviz.store.published import published
from lsviz.ui import controls, zoo
from lsviz.ui.foot import figure_foot
from lsviz.ui.pictures import cosines, gallery_runs
from lsviz.ui.plots import live_plot
from lsviz.ui.texts import cached_words, class_name, setting_name, t, words


def geometry_details(state: ViewState, n: int) -> None:
    """A measure chosen from a list, over alpha; and the map of cosines, which follows alpha."""
    st.subheader(t("embeddings.measures_title"), anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        controls.pick("measure", GEOMETRY, t("embeddings.measure_label"), lambda name: t(f"embeddings.measure.{name}"), width=380)
        live = _measure(zoo.stamp(), n, state.measure)
        live_plot(live, key="embeddings_measure")
        figure_foot(live, key="embeddings_measure", badge=t("embeddings.measure_badge"), source="measured", how=t("embeddings.how_measure"))
    with right:
        live = _cosines(zoo.stamp(), n, state.split)
        live_plot(live, key="embeddings_cosine")
        figure_foot(live, key="embeddings_cosine", badge=t("badge.measured_one"), source="measured", how=t("embeddings.how_cosine"))


@cached_words(max_entries=64)
def _measure(stamp: str, n: int, name: str) -> LiveFigure:
    values: dict[str, dict[float, list[float]]] = {split: {} for split in SPLITS}
    for run in zoo.family(n):
        for split in SPLITS:
            if (value := run.metrics[split].get(name)) is not None:
                values[split].setdefault(run.config.alpha, []).append(value)
    others = [(f"{entry.cite.split(' (')[0]}: {setting_name(entry.setting)}", entry.value) for entry in published(metric=name) if entry.setting in ("hard", "label smoothing", "softmax") and "validation" not in entry.data]
    return measure_figure({split: family for split, family in values.items() if family}, t(f"embeddings.measure.{name}"), others, words("embeddings"))


@cached_words(max_entries=16)
def _cosines(stamp: str, n: int, split: str) -> LiveFigure:
    found = {run.config.alpha: cosines(stamp, run.id, split) for run in gallery_runs(n)}
    return cosine_figure(found, [class_name(CLASS_ORDER, k) for k in range(n)], words("embeddings"))
