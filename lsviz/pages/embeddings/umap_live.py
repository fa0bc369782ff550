"""UMAP laid out anew with the reader's own settings: in one background worker, a preview first, with progress and cancel."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from lsviz.core import projection
from lsviz.core.classes import CLASS_ORDER
from lsviz.core.errors import LsvizError
from lsviz.core.picture import Picture
from lsviz.figures import numbers
from lsviz.figures.clusters import cluster_figure
from lsviz.figures.live import LiveFigure, joined
from lsviz.jobs import queue, training
from lsviz.pages.embeddings.measure_figures import cloud_figure
from lsviz.pages.embeddings.side_by_side import marking
from lsviz.state import ViewState
from lsviz.store import RunRecord
from lsviz.texts.catalogue import cached_words, class_name, error_text, t, words
from lsviz.ui import controls, progress
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import live_plot
from lsviz.zoo import networks
from lsviz.zoo.pictures import feature_rows, features

_ASKED, _WARM = "umap_asked", "umap_warm"


@dataclass(frozen=True)
class Asked:
    """All that decides a set of layouts: (run, seed) a panel, which images, and UMAP's parameters."""

    panels: tuple[tuple[str, int], ...]
    hashes: tuple[str, ...]  # of the runs' files
    split: str
    points: int
    neighbors: int
    min_dist: float
    spread: float
    metric: str
    dims: int

    @property
    def key(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()


@dataclass(frozen=True)
class Panel:
    """One layout (m, dims) of the images `rows` (m,), and how much of the original space it keeps (empty for a preview)."""

    run_id: str
    seed: int
    rows: NDArray[np.intp]
    layout: NDArray[np.float32]
    kept: tuple[tuple[str, float], ...] = ()


def live_umap(state: ViewState, *run_ids: str) -> None:
    """The switch, the settings, the button, and whatever the job has, for those of the runs that have features."""
    st.caption(t("umap.invite"))
    _settings(state)
    runs = [run for run in map(networks.store().record, run_ids) if f"{state.split}_features" in run.arrays]
    if not runs:
        st.caption(error_text(LsvizError("store.no_features", run=run_ids[-1])))
        return
    queue.shared().ask(_WARM, queue.this_session(), warm_up)
    asked = _asked(state, runs)
    pressed = st.button(t("umap.go"), type="primary", icon=":material/scatter_plot:")
    if pressed:
        st.session_state[_ASKED] = asked
        queue.shared().ask(asked.key, queue.this_session(), lambda tell: lay_out(asked, tell))
    if (last := st.session_state.get(_ASKED)) is None:
        return
    job = queue.shared().find(last.key)
    if job is not None:
        progress.follow(job, partial(_so_far, asked=last, current=last == asked))


def _settings(state: ViewState) -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        controls.slide("neighbors", 2, 60, 1, t("umap.neighbors"), width=190)
        controls.slide("min_dist", 0.0, 0.99, 0.01, t("umap.min_dist"), width=190)
        controls.slide("spread", 0.5, 3.0, 0.1, t("umap.spread"), width=190)
        controls.slide("points", 200, 5000, 100, t("umap.points"), width=190)
        controls.slide("seed", 0, 9999, 1, t("umap.seed"), width=190)
        controls.choose("metric", ("euclidean", "cosine"), "umap.metric", label=t("umap.metric_label"))
        controls.choose("dims", ("2", "3"), "umap.dims", label=t("umap.dims_label"))
        controls.toggle("three_seeds", t("umap.three"))


def _asked(state: ViewState, runs: Sequence[RunRecord]) -> Asked:
    if state.three_seeds:
        panels = tuple((runs[-1].id, state.seed + i) for i in range(3))
    else:
        panels = tuple((run.id, state.seed) for run in runs)
    hashes = tuple(networks.store().record(run).sha256 for run, _ in panels)
    spread = max(state.spread, state.min_dist)
    return Asked(panels, hashes, state.split, state.points, state.neighbors, state.min_dist, spread, state.metric, int(state.dims))


def lay_out(asked: Asked, tell: Callable[[str, float, object], None]) -> tuple[Panel, ...]:
    """Every panel: exact neighbours, a preview, the final layout and its quality; `tell` gets the panels there are after each step."""
    training.require_umap()
    made: list[Panel] = []
    for run_id, seed in asked.panels:
        made.append(_laid_out(asked, run_id, seed, made, tell))
    return tuple(made)


def _laid_out(asked: Asked, run_id: str, seed: int, made: list[Panel], tell: Callable[[str, float, object], None]) -> Panel:
    """One panel, turned as the first of those `made` before it."""
    arrays = networks.arrays(run_id)
    every = features(arrays, asked.split)
    rows = projection.evenly_over(len(every), asked.points)
    x = every[rows]
    steps = 3 * len(asked.panels)
    told = lambda stage, share, *more: tell(stage, (3 * len(made) + share) / steps, (*made, *more) or None)
    told("neighbours", 0)
    near = projection.knn_exact(x, min(asked.neighbors, len(x) - 1), asked.metric)
    lay = lambda quality, hear: projection.umap_layout(
        x,
        asked.neighbors,
        asked.min_dist,
        seed,
        spread=asked.spread,
        metric=asked.metric,
        neighbors=near,
        dims=asked.dims,
        quality=quality,
        tell=hear,
    )
    told("preview", 1)
    preview = Panel(run_id, seed, rows, _beside(lay("preview", lambda share, _: told("preview", 1 + share)), made))
    told("final", 2, preview)
    layout = _beside(lay("final", lambda share, _: told("final", 2 + share, preview)), made)
    labels = arrays[f"{asked.split}_labels"][feature_rows(arrays, asked.split)][rows]
    found = projection.kept_by(x, layout, labels)
    kept = (
        ("trust", found.trust),
        ("kept", found.kept),
        ("knn", found.knn_picture),
        ("pieces", float(projection.graph_components(near[0]))),
    )
    return Panel(run_id, seed, rows, layout, kept)


def warm_up(tell: Callable[[str, float, object], None]) -> None:
    """While the reader chooses settings: umap imported and compiled, once a server, before the first layout waits for it."""
    training.require_umap()
    projection.warm_up()


def _beside(layout: NDArray[np.float32], made: list[Panel]) -> NDArray[np.float32]:
    """Turned (never stretched) to lie as the first panel does."""
    if not made or made[0].layout.shape != layout.shape:
        return layout
    return projection.turned(layout, made[0].layout).astype(np.float32)


def _cancel(key: str) -> None:
    progress.leave(key)
    st.session_state.pop(_ASKED, None)


def _so_far(job: queue.Job, asked: Asked, current: bool) -> None:
    """The bar while it runs, and the best layouts there are."""
    first = queue.shared().find(_WARM)
    progress.progress(job, section="umap", cancel=_cancel, instead=t("umap.warming") if first is not None and first.open else "")
    if job.state != "failed" and job.result:
        if not current:
            st.caption(t("umap.older"))
        _panels(asked, job.result, done=job.state == "done")


def _panels(asked: Asked, panels: tuple[Panel, ...], done: bool) -> None:
    for i, (column, panel) in enumerate(zip(st.columns(len(asked.panels), gap="small"), panels)):
        with column:
            live = _figure(asked, panel)
            live_plot(live, key=f"umap_live_{i}_{asked.dims}", lasso=marking(controls.view_state()))
            if panel.kept:
                kept = dict(panel.kept)
                st.caption(
                    t(
                        "umap.kept",
                        seed=panel.seed,
                        pieces=int(kept.pop("pieces")),
                        **{name: f"{v:.3f}" for name, v in kept.items()},
                    )
                )
            else:
                st.caption(t("umap.preview", seed=panel.seed))
    if done:
        if len({run for run, _ in asked.panels}) == 1 and len(panels) > 1 and asked.dims == 2:
            same = [projection.procrustes(panel.layout, panels[0].layout)[1] for panel in panels[1:]]
            st.caption(t("umap.seeds", likeness=", ".join(f"{v:.2f}" for v in same)))
        badge = t("umap.badge", points=len(panels[0].rows), nn=asked.neighbors, md=f"{asked.min_dist:g}")
        drawn = [_figure(asked, panel) for panel in panels]
        figure_foot(
            joined(drawn),
            key=f"umap_live_{len(panels) - 1}_{asked.dims}",
            badge=badge,
            source="measured",
            how=t("embeddings.how_umap"),
        )


def _figure(asked: Asked, panel: Panel) -> LiveFigure:
    stage = "final" if panel.kept else "preview"
    return _drawn(f"{asked.key} {panel.run_id} {panel.seed} {stage}", asked, panel)


@cached_words(max_entries=24)
def _drawn(key: str, _asked: Asked, _panel: Panel) -> LiveFigure:
    """Drawn once: a running job is looked at several times a second, and drawing anew would take its time from it."""
    asked, panel = _asked, _panel
    arrays = networks.arrays(panel.run_id)
    rows = feature_rows(arrays, asked.split)
    part = lambda name: arrays[f"{asked.split}_{name}"][rows][panel.rows]
    labels, alpha = part("labels").astype(int), networks.store().record(panel.run_id).config.alpha
    count = networks.store().record(panel.run_id).config.num_classes
    names = tuple(class_name(CLASS_ORDER, k) for k in range(count))
    if asked.dims == 3:
        title = t("embeddings.panel_hard") if alpha == 0 else t("embeddings.panel_soft", alpha=numbers.alpha_text(alpha))
        return cloud_figure(panel.layout, labels, names, title, t("umap.alt", count=len(labels), title=title))
    predicted = [names[k] for k in part("logits").argmax(axis=1)]
    picture = Picture(alpha, panel.layout.astype(float), labels, predicted, part("index"))
    return cluster_figure([picture], names, tuple(range(count)), words("embeddings"))
