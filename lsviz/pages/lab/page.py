"""Lab: twenty-one networks trained at a press, so that alpha is a slider over real training, and all else one retrain away."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.jobs.queue import Job
from lsviz.lab.run import LabRun
from lsviz.pages.lab import results, trainings
from lsviz.pages.lab.downloads import exports
from lsviz.pages.lab.far_and_unseen_live import far_and_unseen
from lsviz.pages.lab.five_losses_live import five_losses
from lsviz.pages.lab.guess import secret
from lsviz.pages.lab.over_alpha import compared, ended, said_of, seeds_of, shown_sweep
from lsviz.pages.lab.settings import config_of, presets, settings, uploaded
from lsviz.state import ViewState
from lsviz.texts.catalogue import error_text, t
from lsviz.ui import controls, progress, prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.folds import fold
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import headline, live_plot
from lsviz.ui.shown import figure, row


def pair(lives, keys, **columns) -> None:
    for column, live, name in zip(st.columns(2, gap="small", **columns), lives, keys):
        with column:
            live_plot(live, key=f"lab_{name}")


def panels(state: ViewState, run: LabRun, at: int, badge: str) -> None:
    """Everything but the curves over alpha, after the epoch of the snapshot `at`, a fold each."""
    made: dict[str, Any] = {"badge": badge, "source": "lab"}
    if run.map is not None:
        fold("decision", lambda: decision(run, at, made))
    fold("claims", lambda: figure(results.reliability(run, at, state.bins), "lab_reliability", **made))
    fold("inside", lambda: inside(state, run, at, made))
    true_class = min(state.true_class, len(run.names)) - 1
    fold("told", lambda: figure(results.told(run, at, true_class), "lab_told", **made))
    fold("progress", lambda: curves(state, run, run.snapshots[at], made))


def decision(run: LabRun, at: int, made: dict[str, Any]) -> None:
    if maps := results.decision(run, at):
        pair(maps, ("map_hard", "map"))
        figure_foot(maps[1], key="lab_map", how=t("lab.how_map"), **made)


def inside(state: ViewState, run: LabRun, at: int, made: dict[str, Any]) -> None:
    controls.choose("lab_inside", ("plane", "pca"), "lab.inside", label=t("lab.inside_label"))
    lives = results.inside(run, at, state.lab_inside)
    pair(lives, ("inside_hard", "inside_soft"), wrap=False)
    figure_foot(lives[1], key="lab_inside_soft", how=t("lab.how_inside"), **made)


def curves(state: ViewState, run: LabRun, epoch: int, made: dict[str, Any]) -> None:
    controls.choose("lab_curve", ("nll", "excess", "accuracy"), "lab.curve", label=t("lab.curve_label"))
    row(
        {f"lab_{name}": results.curve(run, which, epoch) for name, which in (("curve", state.lab_curve), ("margin", "margin"))},
        **made,
    )


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
    job = trainings.training(config, uploaded() if config.data == "csv" else None) if ready else None
    run = trainings.finished(job)
    whole = run and run.smoothed
    at = results.place(whole, state.lab_epoch) if whole else 0
    five = seeds_of(state, run) if run else None
    seeds = ended(five)

    def over_alpha(job: Job | None) -> None:
        """The curves over alpha: of the training that runs, else of the one that is done."""
        partial = job.result if job is not None and job.open and isinstance(job.result, LabRun) else None
        with st.container():
            if job is not None and job.state != "done":
                progress.progress(job, cancel=trainings.cancel)
            elif run:
                prose.caption(said_of(run, config))
        if partial is not None:
            hidden = secret(state, partial.smoothed)
            live_plot(results.sweep(partial, partial.epochs, secret="ece" if hidden else ""), key="lab_sweep")
            if run is None and not hidden:
                live_plot(results.curve(partial.smoothed, state.lab_curve, partial.epochs), key="lab_curve_now")
        elif run is not None and not run.diverged.all():
            shown_sweep(state, run, run.snapshots[at], seeds)

    progress.follow(job, over_alpha)
    with top:
        if whole is None:
            headline([0.0], [t("lab.head_start", count=len(config.alphas))], [t("lab.sub_start")])
        else:
            headline(whole.config.alphas, *results.findings(whole, whole.snapshots[at], secret(state, whole)))
    if run and whole and not whole.diverged.all():
        badge = t("lab.badge", train=run.sizes[0], seed=run.config.seed)
        compared(state, run, at, badge, five, seeds)
        if not secret(state, whole):
            panels(state, whole, at, badge)
            at_alpha("lab_exports", lambda now: exports(run, now.alpha))
    fold("losses", lambda: at_alpha("losses", five_losses))
    fold("unseen", far_and_unseen)


if __name__ == "__main__":
    render()
