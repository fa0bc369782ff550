"""The lab's curves over alpha and what is laid beside them: the epoch, five seeds, a pinned training, the reader's guess."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lsviz.figures.live import LiveFigure
from lsviz.jobs import queue
from lsviz.jobs.training import SeedRange
from lsviz.lab.config import LabConfig
from lsviz.lab.run import LabRun
from lsviz.pages.lab import results, trainings
from lsviz.pages.lab.guess import guess_of, prediction, secret
from lsviz.pages.lab.settings import uploaded
from lsviz.state import ViewState
from lsviz.texts.catalogue import t
from lsviz.ui import controls, progress, prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.foot import figure_foot
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


def seeds_of(state: ViewState, run: LabRun) -> queue.Job | None:
    """The job of five seeds of `run`; none unless they are wanted."""
    return trainings.seeds(run.config, uploaded(), state.lab_five)


def ended(job: queue.Job | None) -> SeedRange | None:
    """What five seeds say, once they are done. Asked once a run: band and sentence come together."""
    return job.result if job is not None and job.state == "done" else None


def sweep_of(state: ViewState, run: LabRun, epoch: int, seeds: SeedRange | None) -> LiveFigure:
    """The curves over alpha after `epoch`, with all that is laid beside them; `seeds` are compared at the end."""
    whole = run.smoothed
    hidden = "ece" if secret(state, whole) else ""
    pinned = st.session_state.get(_PINNED)
    beside = seeds if epoch == run.epochs else None
    return results.sweep(run, epoch, None if pinned is run else pinned, beside, guess_of(state, whole), hidden)


def shown_sweep(state: ViewState, run: LabRun, epoch: int, seeds: SeedRange | None) -> None:
    """Mount them; before the result is revealed a click on the chart is a guess."""
    alphas = run.smoothed.config.alphas
    guessed = (lambda i: controls.update(lab_guess=alphas[i])) if secret(state, run.smoothed) else None
    live_plot(sweep_of(state, run, epoch, seeds), key="lab_sweep", picked=guessed)


def compared(state: ViewState, run: LabRun, at: int, badge: str, job: queue.Job | None, seeds: SeedRange | None) -> None:
    """Foot of the curves, the switches, the epoch, and what five seeds say: `job`, and `seeds` if it was done when this run began."""
    whole = run.smoothed
    made = sweep_of(state, run, run.snapshots[at], seeds)
    figure_foot(made, key="lab_sweep", badge=badge, source="lab", how=t("lab.how_sweep"))
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
    if seeds is not None:
        at_alpha("lab_seeds", lambda now: prose.markdown(results.over_seeds(run, seeds, now.alpha)))
    elif ended(job) is not None:  # meanwhile: the curves lack their band
        st.rerun()
    elif job is not None:
        progress.follow(job, partial(progress.progress, cancel=trainings.cancel))
