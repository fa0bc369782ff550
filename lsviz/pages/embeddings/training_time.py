"""Training time: the template plane and NC1 at the epochs a run was kept at, hard beside smoothed."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lsviz.core import geometry
from lsviz.core.classes import CLASS_ORDER
from lsviz.core.picture import Picture
from lsviz.figures.clusters import cluster_figure
from lsviz.figures.live import LiveFigure, joined
from lsviz.pages.embeddings.measure_figures import collapse_figure
from lsviz.pages.embeddings.side_by_side import marking
from lsviz.state import ViewState
from lsviz.store import RunRecord
from lsviz.texts.catalogue import class_name, t, words
from lsviz.ui import controls, prose
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import live_plot
from lsviz.ui.shown import figure
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store
from lsviz.zoo.pictures import SPLITS


def training_time(state: ViewState, n: int, trio: tuple[int, ...]) -> None:
    """A slider over the stored epochs, two planes and NC1; one sentence where no run of this N was kept on its way."""
    runs = snapshot_runs(n)
    if len(runs) < 2 or not trio:
        prose.caption(t("embeddings.time_none", n=n))
        return
    epochs = [int(epoch) for epoch in networks.arrays(runs[0].id)["snapshot_epoch"]]
    epoch = min(epochs, key=lambda kept: abs(kept - state.epoch)) if state.epoch else epochs[-1]
    controls.slide_among("epoch", epochs, t("embeddings.time_epoch"), epoch)
    left, right = st.columns([7, 5], gap="large")
    with left:
        planes = [_plane(run.id, state.split, trio, epochs.index(epoch)) for run in runs]
        for column, run, live in zip(st.columns(2, gap="small", wrap=False), runs, planes):
            with column:
                live_plot(live, key=f"embeddings_time_{run.config.alpha:g}", lasso=marking(state))
        badge = t("embeddings.time_badge", epoch=epoch, seed=runs[0].config.seed)
        figure_foot(
            joined(planes),
            key=f"embeddings_time_{runs[-1].config.alpha:g}",
            badge=badge,
            source="measured",
            how=t("embeddings.how_time"),
        )
    with right:
        figure(_collapse(n, epoch), "embeddings_collapse")


def snapshot_runs(n: int) -> tuple[RunRecord, ...]:
    """The hard run and one smoothed run of this N that were kept at epochs on the way."""
    runs = [
        run for run in networks.shown(n) if {"snapshot_epoch", "snapshot_train_logits", "snapshot_head_weight"} <= set(run.arrays)
    ]
    return (runs[0], runs[1]) if len(runs) > 1 and runs[0].config.alpha == 0 else ()


@of_store(max_entries=64, words=True)
def _plane(run_id: str, split: str, trio: tuple[int, ...], at: int) -> LiveFigure:
    arrays, chosen = networks.arrays(run_id), list(trio)
    logits = arrays[f"snapshot_{split}_logits"][at]
    labels = arrays[f"{split}_labels"][: len(logits)].astype(int)
    rows = np.flatnonzero(np.isin(labels, trio))
    weight, bias = (arrays[f"snapshot_head_{part}"][at][chosen].astype(float) for part in ("weight", "bias"))
    points, corners = geometry.template_plane_from_logits(logits[rows][:, chosen].astype(float), weight, bias)
    named = [class_name(CLASS_ORDER, int(k)) for k in logits[rows].argmax(axis=1)]
    places = np.array([trio.index(k) for k in labels[rows]])
    picture = Picture(networks.store().record(run_id).config.alpha, points, places, named, arrays[f"{split}_index"][rows], corners)
    return cluster_figure([picture], [class_name(CLASS_ORDER, k) for k in trio], trio, words("embeddings"), pinned=True)


@of_store(max_entries=16, words=True)
def _collapse(n: int, epoch: int) -> LiveFigure:
    runs = snapshot_runs(n)
    epochs = [int(e) for e in networks.arrays(runs[0].id)["snapshot_epoch"]]
    curves = {
        split: {run.config.alpha: networks.arrays(run.id)[f"snapshot_{split}_nc1"].astype(float).tolist() for run in runs}
        for split in SPLITS
    }
    return collapse_figure(epochs, curves, epoch, words("embeddings"))
