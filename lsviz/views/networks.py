"""Networks: what was trained, how, on what, with what result; and what all of this rests on."""

from __future__ import annotations

import streamlit as st

from lsviz.core.classes import CLASS_ORDER
from lsviz.figures.live import LiveFigure
from lsviz.figures.networks import learning_figure
from lsviz.store import RunRecord
from lsviz.ui import zoo
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import live_plot
from lsviz.ui.run_table import column_config, run_label, run_rows
from lsviz.ui.texts import class_name, t, words


@st.cache_resource(max_entries=16, show_spinner=False)
def curves(stamp: str, run_id: str) -> tuple[LiveFigure, LiveFigure]:
    run = zoo.store().record(run_id)
    section = words("networks")
    return tuple(learning_figure(run.history, quantity, run_label(run), section) for quantity in ("nll", "accuracy"))


def heading(runs: tuple[RunRecord, ...]) -> None:
    devices = ", ".join(sorted({run.device for run in runs}))
    days = sorted({run.trained_at[:10] for run in runs})
    dates = days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"
    st.title(t("networks.headline", count=len(runs)), anchor=False)
    st.caption(t("networks.sentence", devices=devices, dates=dates))


def table(runs: tuple[RunRecord, ...]) -> None:
    st.subheader(t("networks.table_title"))
    rows = run_rows(runs)
    st.dataframe(rows, hide_index=True, column_config=column_config(), height=36 * min(len(rows) + 1, 12) + 4)
    st.caption(t("networks.how_table"))
    if not all(run.memorised for run in runs):
        st.caption(t("networks.memorised_no"))


def learning(runs: tuple[RunRecord, ...]) -> None:
    st.subheader(t("networks.curves_title"))
    labels = {run.id: run_label(run) for run in runs}
    chosen = st.selectbox(t("networks.curves_pick"), list(labels), format_func=labels.get, key="networks_run", width=420)
    for column, live, key in zip(st.columns(2, gap="large"), curves(zoo.stamp(), chosen), ("nll", "accuracy")):
        with column:
            live_plot(live, key=f"networks_{key}")
            figure_foot(live, key=f"networks_{key}", badge=t("badge.measured_one"), source="measured", how=t("networks.curves_how"))


def render() -> None:
    runs = tuple(sorted(zoo.store().runs, key=lambda r: (r.config.num_classes, r.config.noise, r.config.alpha, r.config.seed)))
    if runs:
        heading(runs)
        zoo.mention(zoo.problems())
        table(runs)
        learning(runs)
    else:
        st.title(t("nav.networks"), anchor=False)
        zoo.sorry(300)
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(t("networks.recipe_title"))
        st.markdown(t("networks.recipe", net=t("networks.net_cpu")))
    with right:
        st.subheader(t("networks.data_title"))
        st.markdown(t("networks.data", classes=", ".join(class_name(CLASS_ORDER, k) for k in range(10))))
        st.subheader(t("networks.small_title"))
        st.markdown(t("networks.small"))
    st.subheader(t("networks.references_title"))
    st.markdown(t("networks.references"))


if __name__ == "__main__":
    render()
