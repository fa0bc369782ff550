"""Networks: what was trained, how, on what, with what result; and what all of this rests on."""

from __future__ import annotations

import streamlit as st

from lsviz.core.classes import CLASS_ORDER
from lsviz.pages.networks.kept import comparison, curves
from lsviz.pages.networks.table import column_config, grid_rows, nets_used, rows_csv, run_rows
from lsviz.store import RunRecord
from lsviz.texts.catalogue import class_name, failure_text, t
from lsviz.ui import controls, notices, prose
from lsviz.ui.folds import fold
from lsviz.ui.saving import save_button
from lsviz.ui.shown import figure, row
from lsviz.zoo import networks
from lsviz.zoo.run_label import run_label


def heading(runs: tuple[RunRecord, ...]) -> None:
    devices = ", ".join(sorted({run.device for run in runs}))
    days = sorted({run.trained_at[:10] for run in runs})
    dates = days[0] if len(days) == 1 else f"{days[0]} – {days[-1]}"
    st.title(t("networks.headline", count=len(runs)), anchor=False)
    prose.caption(t("networks.sentence", devices=devices, dates=dates))


def table(runs: tuple[RunRecord, ...]) -> None:
    st.subheader(t("networks.table_title"))
    rows = run_rows(runs)
    st.dataframe(
        rows,
        hide_index=True,
        column_config=column_config(),
        height=36 * min(len(rows) + 1, 12) + 4,
        placeholder="",
        alt=t("networks.table_title"),
    )
    save_button(t("networks.table_save"), lambda: rows_csv(rows), "lsviz-networks.csv", "text/csv")
    prose.caption(t("networks.how_table"))
    if not all(run.memorised for run in runs):
        prose.caption(t("networks.memorised_no"))


def literature() -> None:
    figure(
        comparison(),
        "networks_compare",
        badge=t("networks.compare_badge"),
        source="paper",
        how="networks.compare_how",
    )
    if 100 not in networks.counts():
        prose.caption(t("networks.compare_missing"))


def grid(runs: tuple[RunRecord, ...]) -> None:
    st.table(grid_rows(runs), border="horizontal")
    prose.caption(t("networks.grid_note"))
    st.code(t("networks.grid_command"), language="bash", wrap_lines=True)
    if failed := networks.store().failed:
        st.subheader(t("networks.failed_title"))
        for failure in failed:
            st.text(t("networks.failed_row", run=failure.config.run_id, at=failure.at[:10], reason=failure_text(failure)))


def learning(runs: tuple[RunRecord, ...]) -> None:
    labels = {run.id: run_label(run) for run in runs}
    asked = controls.view_state().run
    shown = asked if asked in labels else next(iter(labels))
    chosen = controls.pick("run", list(labels), t("networks.curves_pick"), labels.get, shown, width=420)
    row(dict(zip(("networks_nll", "networks_accuracy"), curves(chosen))), how="networks.curves_how")


def recipe(runs: tuple[RunRecord, ...]) -> None:
    left, right = st.columns(2, gap="large")
    with left:
        prose.markdown(t("networks.recipe", nets=nets_used(runs)))
    with right:
        st.subheader(t("networks.data_title"))
        prose.markdown(t("networks.data", classes=", ".join(class_name(CLASS_ORDER, k) for k in range(10))))
        st.subheader(t("networks.small_title"))
        prose.markdown(t("networks.small"))


def render() -> None:
    runs = tuple(sorted(networks.store().runs, key=lambda r: (r.config.num_classes, r.config.noise, r.config.alpha, r.config.seed)))
    if runs:
        heading(runs)
        notices.mention(networks.problems())
        literature()
        table(runs)
        fold("grid", lambda: grid(runs))
        fold("learning", lambda: learning(runs))
    else:
        st.title(t("nav.networks"), anchor=False)
        notices.sorry(300)
    fold("recipe", lambda: recipe(runs))
    fold("sources", lambda: prose.markdown(t("networks.references")))


if __name__ == "__main__":
    render()
