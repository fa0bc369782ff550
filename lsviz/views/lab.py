"""Lab: twenty-one networks trained at a press, so that alpha is a slider over real training, and all else one retrain away."""

from __future__ import annotations

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.lab.run import LabRun
from lsviz.state import ViewState
from lsviz.ui import controls, lab_job, lab_panels
from lsviz.ui.foot import figure_foot
from lsviz.ui.lab_export import exports
from lsviz.ui.lab_predict import predicted
from lsviz.ui.lab_settings import config_of, presets, settings, uploaded
from lsviz.ui.plots import headline, live_plot
from lsviz.ui.texts import error_text, t


def shown(live, key: str, badge: str, how: str) -> None:
    live_plot(live, key=f"lab_{key}")
    figure_foot(live, key=f"lab_{key}", badge=badge, source="lab", how=t(f"lab.how_{how}"))


def over_alpha(state: ViewState, run: LabRun, badge: str) -> None:
    """Accuracy, NLL, ECE and margin (or memorised labels) against alpha; five seeds, a pinned training, a guess."""
    secret, guess = predicted(state, run)
    seeds = None
    if state.lab_five:
        job = lab_job.seeds(run.config, uploaded())
        if job.state == "done":
            seeds = job.result
        else:
            lab_job.follow(job)
    shown(lab_panels.sweep(run, st.session_state.get("lab_pinned"), seeds, guess, secret), "sweep", badge, "sweep")
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        controls.toggle("lab_five", t("lab.five"))
        controls.toggle("lab_predict", t("lab.predict"))
        pinned = st.session_state.get("lab_pinned")
        if st.button(t("lab.unpin" if pinned is run else "lab.pin"), icon=":material/keep:"):
            st.session_state["lab_pinned"] = None if pinned is run else run
            st.rerun()


def panels(state: ViewState, run: LabRun) -> None:
    """Everything else, at the chosen epoch."""
    badge = t("lab.badge", train=run.sizes[0], seed=run.config.seed)
    over_alpha(state, run, badge)
    at = run.snapshots.index(state.lab_epoch) if state.lab_epoch in run.snapshots else len(run.snapshots) - 1
    if len(run.snapshots) > 1:
        controls.slide_among("lab_epoch", run.snapshots, t("lab.epoch"), run.snapshots[at])
    if run.map is not None:
        for column, live, name in zip(st.columns(2, gap="small"), lab_panels.decision(run, at), ("map_hard", "map")):
            with column:
                live_plot(live, key=f"lab_{name}")
        figure_foot(live, key="lab_map", badge=badge, source="lab", how=t("lab.how_map"))
    left, right = st.columns([6, 7], gap="large")
    with left:
        shown(lab_panels.reliability(run, at, state.bins), "reliability", badge, "reliability")
    with right:
        controls.choose("lab_inside", ("plane", "pca"), "lab.inside", label=t("lab.inside_label"))
        for column, live, name in zip(st.columns(2, gap="small", wrap=False), lab_panels.inside(run, at, state.lab_inside), ("hard", "soft")):
            with column:
                live_plot(live, key=f"lab_inside_{name}")
        figure_foot(live, key="lab_inside_soft", badge=badge, source="lab", how=t("lab.how_inside"))
    left, right = st.columns([4, 8], gap="large", vertical_alignment="bottom")
    with left:
        shown(lab_panels.curve(run, "margin"), "margin", badge, "margin")
    with right:
        controls.choose("lab_curve", ("nll", "excess", "accuracy"), "lab.curve", label=t("lab.curve_label"))
        shown(lab_panels.curve(run, state.lab_curve), "curve", badge, "curve")
    exports(run)


def render() -> None:
    state = controls.view_state()
    top = st.container()
    presets(state)
    settings(state)
    try:
        config = config_of(state)
    except LsvizError as error:
        st.text(error_text(error))
        return
    table = uploaded() if config.data == "csv" else None
    st.button(t("lab.go", count=len(config.alphas)), type="primary", icon=":material/play_arrow:", on_click=lab_job.press, disabled=config.data == "csv" and not table)
    job = lab_job.training(config, table) if config.data != "csv" or table else None
    if job is not None and job.state != "done":
        lab_job.follow(job, lambda run: live_plot(lab_panels.curve(run, state.lab_curve), key="lab_curve_now"))
    run = lab_job.finished(job)
    with top:
        if run is None:
            headline([0.0], [t("lab.head_start", count=len(config.alphas))], [t("lab.sub_start")])
        else:
            headline(run.config.alphas, *lab_panels.findings(run))
    if run is not None:
        train, test = run.sizes
        took = t("lab.took", count=len(run.config.alphas), seconds=f"{run.seconds:.1f}", train=train, test=test)
        st.caption(took if run.config == config else t("lab.older"))
        if run.stopped or run.diverged.any():
            st.caption(t("lab.stopped", epochs=run.epochs) if run.stopped else t("lab.diverged", count=int(run.diverged.sum())))
        if not run.diverged.all():
            panels(state, run)


if __name__ == "__main__":
    render()
