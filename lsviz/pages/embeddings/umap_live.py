"""UMAP laid out anew with the reader's own settings: in one background worker, watched as it settles; a change of neighbours or distance goes on from there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from lsviz.core import projection
from lsviz.core.classes import CLASS_ORDER
from lsviz.core.errors import LsvizError
from lsviz.core.picture import Picture
from lsviz.core.settling import Maps, settle
from lsviz.figures import numbers
from lsviz.figures.clusters import cluster_figure
from lsviz.figures.live import Column, LiveFigure, joined
from lsviz.jobs import queue, training
from lsviz.pages.embeddings.map_store import answers
from lsviz.pages.embeddings.measure_figures import cloud_figure
from lsviz.pages.embeddings.neighbours import panel_title
from lsviz.state import ViewState
from lsviz.store import RunRecord
from lsviz.texts.catalogue import cached_words, class_name, error_text, t, words
from lsviz.ui import controls, maps, progress, prose
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import live_plot
from lsviz.zoo import networks
from lsviz.zoo.pictures import mapped

KEY = "umap_live_map"
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
    start: str = ""  # hash of the layouts it goes on from; from PCA where there are none

    @property
    def key(self) -> str:
        return hashlib.sha256(repr(self).encode()).hexdigest()


def live_umap(state: ViewState, *run_ids: str) -> None:
    """The switch, the settings, the button, and whatever the job has, for those of the runs that have features."""
    prose.caption(t("umap.invite"))
    _settings(state)
    runs = [run for run in map(networks.store().record, run_ids) if f"{state.split}_features" in run.arrays]
    if not runs:
        prose.caption(error_text(LsvizError("store.no_features", run=run_ids[-1])))
        return
    queue.shared().ask(_WARM, queue.this_session(), warm_up)
    asked, last = _asked(state, runs), st.session_state.get(_ASKED)
    if st.button(t("umap.go"), type="primary", icon=":material/scatter_plot:"):
        last = _ask(asked, ())
    elif last is not None and (before := _goes_on(asked, last)):
        queue.shared().leave(last.key, queue.this_session())
        last = _ask(replace(asked, start=hashlib.sha256(b"".join(layout.tobytes() for layout in before)).hexdigest()), before)
    if last is None:
        return
    job = queue.shared().find(last.key)
    if job is not None:
        progress.follow(job, partial(_so_far, asked=last, current=replace(last, start="") == asked))


def _ask(asked: Asked, starts: tuple[NDArray[np.float32], ...]) -> Asked:
    st.session_state[_ASKED] = asked
    queue.shared().ask(asked.key, queue.this_session(), lambda tell: lay_out(asked, tell, starts))
    return asked


def _goes_on(asked: Asked, last: Asked) -> tuple[NDArray[np.float32], ...]:
    """The layouts to go on from: those of `last` as they stand, where `asked` differs in neighbours or distances alone."""
    settled = replace(asked, start=last.start)
    same = replace(settled, neighbors=last.neighbors, min_dist=last.min_dist, spread=last.spread) == last
    job = queue.shared().find(last.key)
    if settled == last or not same or job is None or not job.result:
        return ()
    return tuple(panel.layout for panel in job.result)


def _settings(state: ViewState) -> None:
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        controls.slide("neighbors", 2, 60, 1, t("umap.neighbors"), width=190)
        controls.slide("min_dist", 0.0, 0.99, 0.01, t("umap.min_dist"), width=190)
        controls.slide("spread", 0.5, 3.0, 0.1, t("umap.spread"), width=190)
        controls.slide("points", 200, 10_000, 100, t("umap.points"), width=190)
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


def lay_out(asked: Asked, tell: queue.Tell, starts: Sequence[NDArray[np.float32]] = ()) -> Maps:
    """Every panel, as `settle` does it."""
    training.require_umap()
    points, labels = [], []
    for run_id, _ in asked.panels:
        arrays = networks.arrays(run_id)
        rows = rows_of(asked)
        points.append(mapped(arrays, asked.split)[rows])
        labels.append(arrays[f"{asked.split}_labels"][rows].astype(int))
    return settle(
        points, labels, [seed for _, seed in asked.panels], tell, neighbors=asked.neighbors, min_dist=asked.min_dist, spread=asked.spread,
        metric=asked.metric, dims=asked.dims, starts=starts,
    )  # fmt: skip


def rows_of(asked: Asked) -> NDArray[np.intp]:
    """Which of the split's images are laid out."""
    return projection.evenly_over(
        networks.store().record(asked.panels[0][0]).arrays[f"{asked.split}_labels"].shape[0], asked.points
    )


def warm_up(tell: Callable[[str, float, object], None]) -> None:
    """While the reader chooses settings: umap imported and compiled, once a server, before the first layout waits for it."""
    training.require_umap()
    projection.warm_up()


def _cancel(key: str) -> None:
    progress.leave(key)
    st.session_state.pop(_ASKED, None)


def _so_far(job: queue.Job, asked: Asked, current: bool) -> None:
    """The bar while it runs, and the best layouts there are."""
    first = queue.shared().find(_WARM)
    progress.progress(job, section="umap", cancel=_cancel, instead=t("umap.warming") if first is not None and first.open else "")
    if job.state != "failed" and job.result:
        if not current:
            prose.caption(t("umap.older"))
        _panels(asked, job.result, done=job.state == "done")


def _panels(asked: Asked, laid: Maps, done: bool) -> None:
    """The layouts as they stand, and once they are done what they keep and their foot."""
    if asked.dims == 2:
        maps.mount(_told(asked, laid), key=KEY)
    elif done:
        for i, column in enumerate(st.columns(len(laid), gap="small")):
            with column:
                live_plot(_figure(asked, laid, i), key=f"umap_live_{i}_3")
    if not done:
        return
    for column, one, (_, seed) in zip(st.columns(len(laid), gap="small"), laid, asked.panels):
        told = {name: f"{value:.3f}" for name, value in one.kept if name != "pieces"}
        column.caption(t("umap.kept", seed=seed, pieces=int(dict(one.kept)["pieces"]), **told))
    if _of_seeds(asked) and asked.dims == 2:
        same = [projection.procrustes(one.layout, laid[0].layout)[1] for one in laid[1:]]
        prose.caption(t("umap.seeds", likeness=", ".join(f"{v:.2f}" for v in same)))
    badge = t("umap.badge", points=numbers.whole(len(laid[0].layout)), nn=asked.neighbors, md=f"{asked.min_dist:g}")
    key = KEY if asked.dims == 2 else f"umap_live_{len(laid) - 1}_3"
    figure_foot(LiveMap(asked, laid), key=key, badge=badge, source="measured", how=t("embeddings.how_umap"))


def _of_seeds(asked: Asked) -> bool:
    """Whether the panels are one network's, laid out from several seeds."""
    return len(asked.panels) > 1 and len({run for run, _ in asked.panels}) == 1


@dataclass(frozen=True)
class LiveMap:
    """The layouts as a table, a sentence and as plotly draws them; nothing is made before it is asked for."""

    asked: Asked
    laid: Maps

    @cached_property
    def _joined(self) -> LiveFigure:
        return joined([_figure(self.asked, self.laid, i) for i in range(len(self.laid))])

    @property
    def table(self) -> Mapping[str, Column]:
        return self._joined.table

    def said(self, alpha: float) -> str:
        return self._joined.said(alpha)

    def resolved(self, alpha: float) -> go.Figure:
        return self._joined.resolved(alpha)


def _told(asked: Asked, laid: Maps) -> dict[str, object]:
    """What the viewer is told of the layouts as they stand."""
    rows, records = rows_of(asked), [networks.store().record(run) for run, _ in asked.panels]
    part = lambda run, name: networks.arrays(run.id)[f"{asked.split}_{name}"][rows]
    called = [
        t("umap.panel_seed", seed=seed) if _of_seeds(asked) else panel_title(run) for run, (_, seed) in zip(records, asked.panels)
    ]
    listed = [
        {"id": f"{run.id} {seed}", "alpha": run.config.alpha, "name": name}
        for run, (_, seed), name in zip(records, asked.panels, called)
    ]
    n, color = records[0].config.num_classes, controls.view_state().color
    return maps.of_classes(n) | maps.settling(
        laid, listed, part(records[0], "index"), part(records[0], "labels"), [answers(run.id, asked.split)[:, rows] for run in records], f"live {asked.key}",
    ) | {
        "key": KEY, "family": repr((asked.panels, asked.split, asked.points)), "color": color if color != "superclass" or n > 10 else "class",
        "caption": t("map.caption", n=n, count=numbers.whole(len(rows)), device=records[0].device),
    }  # fmt: skip


def _figure(asked: Asked, laid: Maps, i: int) -> LiveFigure:
    return _drawn(f"{asked.key} {i}", asked, laid[i].layout, i)


@cached_words(max_entries=24)
def _drawn(key: str, _asked: Asked, _layout: NDArray[np.float32], _i: int) -> LiveFigure:
    """A finished layout as plotly draws it."""
    run = networks.store().record(_asked.panels[_i][0])
    part = lambda name: networks.arrays(run.id)[f"{_asked.split}_{name}"][rows_of(_asked)]
    labels, names = part("labels").astype(int), tuple(class_name(CLASS_ORDER, k) for k in range(run.config.num_classes))
    if _asked.dims == 3:
        return cloud_figure(_layout, labels, names, panel_title(run), t("umap.alt", count=len(labels), title=panel_title(run)))
    predicted = [names[k] for k in part("logits").argmax(axis=1)]
    picture = Picture(run.config.alpha, _layout.astype(float), labels, predicted, part("index"))
    return cluster_figure([picture], names, tuple(range(len(names))), words("embeddings"))
