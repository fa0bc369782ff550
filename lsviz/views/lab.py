"""Lab: twenty-one networks trained at a press, so that alpha is a slider over real training, and all else one retrain away."""

from __future__ import annotations

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.lab.run import LabRun
from lsviz.state import ViewState
from lsviz.texts.catalogue import error_text, t
from lsviz.ui import controls, lab_job, lab_panels
from lsviz.ui.foot import figure_foot
from lsviz.ui.jobs import Job
from lsviz.ui.lab_compare import compared, said_of, shown_sweep
from lsviz.ui.lab_export import exports
from lsviz.ui.lab_predict import secret
from lsviz.ui.lab_settings import config_of, presets, settings, uploaded
from lsviz.ui.plots import headline, live_plot


def shown(live, key: str, badge: str, how: str) -> None:
    live_plot(live, key=f"lab_{key}")
    figure_foot(live, key=f"lab_{key}", badge=badge, source="lab", how=t(f"lab.how_{how}"))


def pair(lives, keys, **columns) -> None:
    for column, live, name in zip(st.columns(2, gap="small", **columns), lives, keys):
        with column:
            live_plot(live, key=f"lab_{name}")


def panels(state: ViewState, run: LabRun, at: int, badge: str) -> None:
    """Everything but the curves over alpha, after the epoch of the snapshot `at`."""
    epoch = run.snapshots[at]
    if run.map is not None:
        pair(maps := lab_panels.decision(run, at), ("map_hard", "map"))
        figure_foot(maps[1], key="lab_map", badge=badge, source="lab", how=t("lab.how_map"))
    left, right = st.columns([6, 7], gap="large")
    with left:
        shown(lab_panels.reliability(run, at, state.bins), "reliability", badge, "reliability")
    with right:
        controls.choose("lab_inside", ("plane", "pca"), "lab.inside", label=t("lab.inside_label"))
        pair(inside := lab_panels.inside(run, at, state.lab_inside), ("inside_hard", "inside_soft"), wrap=False)
        figure_foot(inside[1], key="lab_inside_soft", badge=badge, source="lab", how=t("lab.how_inside"))
    left, right = st.columns([6, 7], gap="large")
    with left:
        shown(lab_panels.told(run, at, min(state.true_class, len(run.names)) - 1), "told", badge, "told")
    with right:
        shown(lab_panels.curve(run, "margin", epoch), "margin", badge, "margin")
    controls.choose("lab_curve", ("nll", "excess", "accuracy"), "lab.curve", label=t("lab.curve_label"))
    shown(lab_panels.curve(run, state.lab_curve, epoch), "curve", badge, "curve")


def render() -> None:
    state = controls.view_state()
    top = st.container()
    presets(state)
    ready = settings(state)
    try:
        config = config_of(state)
    except LsvizError as error:
        st.text(error_text(error))
        return
    job = lab_job.training(config, uploaded() if config.data == "csv" else None) if ready else None
    run = lab_job.finished(job)
    whole = run and run.smoothed
    at = lab_panels.place(whole, state.lab_epoch) if run else 0

    def over_alpha(job: Job | None) -> None:
        """The curves over alpha: of the training that runs, else of the one that is done."""
        partial = job.result if job is not None and job.open and isinstance(job.result, LabRun) else None
        with st.container():
            lab_job.progress(job) if job is not None and job.state != "done" else run and st.caption(said_of(run, config))
        if partial is not None:
            hidden = secret(state, partial.smoothed)
            live_plot(lab_panels.sweep(partial, partial.epochs, secret="ece" if hidden else ""), key="lab_sweep")
            if run is None and not hidden:
                live_plot(lab_panels.curve(partial.smoothed, state.lab_curve, partial.epochs), key="lab_curve_now")
        elif run is not None and not run.diverged.all():
            shown_sweep(state, run, run.snapshots[at])

    lab_job.follow(job, over_alpha)
    with top:
        if run is None:
            headline([0.0], [t("lab.head_start", count=len(config.alphas))], [t("lab.sub_start")])
        else:
            headline(whole.config.alphas, *lab_panels.findings(whole, whole.snapshots[at], secret(state, whole)))
    if run is not None and not whole.diverged.all():
        badge = t("lab.badge", train=run.sizes[0], seed=run.config.seed)
        compared(state, run, at, badge)
        if not secret(state, whole):
            panels(state, whole, at, badge)
            exports(run)


if __name__ == "__main__":
    render()
