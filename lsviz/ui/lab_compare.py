"""The lab's curves over alpha and what is laid beside them: the epoch, five seeds, a pinned training, the reader's guess."""

from __future__ import annotations

import streamlit as st

from lsviz.figures.live import LiveFigure
from lsviz.lab.config import LabConfig
from lsviz.lab.run import LabRun
from lsviz.state import ViewState
from lsviz.texts.catalogue import t
from lsviz.ui import controls, lab_job, lab_panels
from lsviz.ui.foot import figure_foot
from lsviz.ui.lab_predict import guess_of, prediction, secret
from lsviz.ui.lab_settings import uploaded
from lsviz.ui.plots import live_plot

_PINNED = "lab_pinned"


def said_of(run: LabRun, config: LabConfig) -> str:
    """What was trained and how long it took; that the settings have changed since; what went wrong."""
    train, test = run.sizes
    if run.config != config:
        return t("lab.older")
    if run.stopped:
        return t("lab.stopped", epochs=run.epochs)
    if run.diverged.any():
        return t("lab.diverged", count=int(run.diverged.sum()))
    return t("lab.took", count=len(run.config.alphas), seconds=f"{run.seconds:.1f}", train=train, test=test)


def seeds_of(state: ViewState, run: LabRun) -> lab_job.jobs.Job | None:
    """The job of five seeds of `run`; none unless they are wanted."""
    return lab_job.seeds(run.config, uploaded(), state.lab_five)


def sweep_of(state: ViewState, run: LabRun, epoch: int) -> LiveFigure:
    """The curves over alpha after `epoch`, with all that is laid beside them."""
    whole = run.smoothed
    job = seeds_of(state, run) if state.lab_five and epoch == run.epochs else None  # seeds are compared at the end
    seeds = job.result if job is not None and job.state == "done" else None
    hidden = "ece" if secret(state, whole) else ""
    pinned = st.session_state.get(_PINNED)
    return lab_panels.sweep(run, epoch, None if pinned is run else pinned, seeds, guess_of(state, whole), hidden)


def shown_sweep(state: ViewState, run: LabRun, epoch: int) -> None:
    """Mount them; before the result is revealed a click on the chart is a guess."""
    alphas = run.smoothed.config.alphas
    guessed = (lambda i: controls.update(lab_guess=alphas[i])) if secret(state, run.smoothed) else None
    live_plot(sweep_of(state, run, epoch), key="lab_sweep", picked=guessed)


def compared(state: ViewState, run: LabRun, at: int, badge: str) -> None:
    """Foot of the curves, the switches, the epoch, and what five seeds say."""
    whole = run.smoothed
    figure_foot(sweep_of(state, run, run.snapshots[at]), key="lab_sweep", badge=badge, source="lab", how=t("lab.how_sweep"))
    prediction(state, whole)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        controls.toggle("lab_five", t("lab.five"))
        controls.toggle("lab_predict", t("lab.predict"))
        pinned = st.session_state.get(_PINNED)
        if st.button(t("lab.unpin" if pinned is run else "lab.pin"), icon=":material/keep:", key="lab_pin"):
            st.session_state[_PINNED] = None if pinned is run else run
            st.rerun()
        if len(run.snapshots) > 1:
            controls.slide_among("lab_epoch", run.snapshots, t("lab.epoch"), run.snapshots[at])
    job = seeds_of(state, run)
    if job is not None and job.state == "done":
        st.markdown(lab_panels.over_seeds(run, job.result, state.alpha))
    elif job is not None:
        lab_job.follow(job, lab_job.progress)
