"""UMAP of somebody's own activations in the maps' viewer: one network or two by row, watched as they settle, and files for other tools."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from lsviz.core import cluster_map, projection
from lsviz.core.errors import LsvizError
from lsviz.core.settling import Maps, settle
from lsviz.core.temperature import apply_temperature
from lsviz.figures import numbers
from lsviz.figures.live import Column, LiveFigure, joined
from lsviz.jobs import queue, training
from lsviz.pages.yours.figures import yours_map
from lsviz.pages.yours.files import Own, keep
from lsviz.texts.catalogue import error_text, t, words
from lsviz.ui import maps, progress, prose
from lsviz.ui.embedding_files import atlas_table, distances, projector_folder
from lsviz.ui.foot import figure_foot
from lsviz.ui.saving import save_button

KEY = "yours_map"
USUAL_ROWS, MOST_ROWS, MOST_CLASSES = 10_000, 50_000, 100
PROJECTOR_ROWS = 10_000  # the projector's page grows slow beyond
NEIGHBORS, MIN_DIST, SEED = 15, 0.1, 42
LEAST_ROWS = 2 * NEIGHBORS + 1  # of fewer, half are everybody's neighbours
COLORS = ("class", "right", "confidence", "kept", "intruders", "moved")
_COUNT, _COLOR = "yours_map_rows", "yours_map_color"


@dataclass(frozen=True)
class Asked:
    """A layout this session waits for. Its key is of this upload alone: nobody else can ask for it."""

    key: str

    def drop(self) -> None:
        """The file is gone: stop, and leave nothing in the shared queue."""
        queue.shared().leave(self.key, queue.this_session())
        queue.shared().forget(self.key)


@dataclass(frozen=True)
class Rows:
    """The same rows of one network or of two: where each stands in either's arrays, its number in the file and its class."""

    networks: tuple[Own, ...]
    at: tuple[NDArray[np.intp], ...]
    number: NDArray[np.intp]
    labels: NDArray[np.int64]
    names: tuple[str, ...]

    def part(self, i: int, what: NDArray) -> NDArray:
        return what[self.at[i]]

    def logits(self, i: int) -> NDArray:
        return self.networks[i].diagnosis.logits[self.at[i]]

    def features(self, i: int) -> NDArray[np.float32]:
        return np.asarray(self.networks[i].diagnosis.outputs.penultimate)[self.at[i]].astype(np.float32)


def shared_rows(mine: Own, other: Own | None, names: tuple[str, ...], most: int) -> Rows:
    """Rows evenly over the whole file; with another network that has activations of rows by the same numbers, those both have."""
    o = mine.diagnosis.outputs
    second = other if other and other.diagnosis.outputs.penultimate is not None else None
    if second is None:
        at = projection.evenly_over(o.num_rows, most)
        return Rows((mine,), (at,), o.rows[at], mine.diagnosis.labels[at], names)
    numbers_, here, there = np.intersect1d(o.rows, second.diagnosis.outputs.rows, return_indices=True)
    same = mine.diagnosis.labels[here] == second.diagnosis.labels[there]
    if not len(numbers_) or not same.all():
        return shared_rows(mine, None, names, most)
    some = projection.evenly_over(len(numbers_), most)
    here, there = here[some], there[some]
    return Rows((second, mine), (there, here), numbers_[some], mine.diagnosis.labels[here], names)


def lay_out(rows: Rows, tell: queue.Tell) -> Maps:
    """The maps, from PCA; the second turned as the first."""
    training.require_umap()
    count = len(rows.networks)
    return settle([rows.features(i) for i in range(count)], [rows.labels] * count, [SEED] * count, tell)


def own_map(mine: Own, other: Own | None, names: tuple[str, ...], source: str) -> None:
    """A button, then whatever the job has; one sentence where there are too few rows or too many classes."""
    o = mine.diagnosis.outputs
    if o.num_rows < LEAST_ROWS:
        st.text(error_text(LsvizError("umap.few", found=o.num_rows, least=LEAST_ROWS)))
        return
    if o.num_classes > MOST_CLASSES:
        st.text(error_text(LsvizError("umap.classes", found=o.num_classes, most=MOST_CLASSES)))
        return
    most = USUAL_ROWS
    if o.num_rows > USUAL_ROWS:
        offered = (USUAL_ROWS, min(o.num_rows, MOST_ROWS))
        most = st.segmented_control(
            t("yours.map_rows"), offered, default=USUAL_ROWS, required=True, key=_COUNT, format_func=numbers.whole
        )
    rows = shared_rows(mine, other, names, most)
    states = tuple(one.state for one in rows.networks)
    key = hashlib.sha256(repr(("map", queue.this_session(), states, most)).encode()).hexdigest()
    job = queue.shared().find(key)
    if job is None or job.state in ("failed", "cancelled"):
        if job is not None and job.state == "failed":
            st.text(
                error_text(job.error)
                if isinstance(job.error, LsvizError)
                else t("yours.map_failed", reason=type(job.error).__name__)
            )
        prose.caption(t("yours.map_invite"))
        if not st.button(
            t("yours.map_go", rows=numbers.whole(len(rows.number))), icon=":material/scatter_plot:", key="yours_map_go"
        ):
            return
        job = queue.shared().ask(key, queue.this_session(), partial(lay_out, rows))
    keep(("map", key), lambda: Asked(key))
    progress.follow(job, partial(_so_far, rows=rows, key=key, source=source))


def _so_far(job: queue.Job, rows: Rows, key: str, source: str) -> None:
    """The bar while it runs, and the maps as they stand."""
    progress.progress(job, section="umap")
    if not job.result:
        return
    done = job.state == "done"
    offered = [
        name for name in COLORS if (name != "moved" or len(rows.networks) > 1) and (done or name not in ("kept", "intruders"))
    ]
    color = "class"
    if done:
        color = st.segmented_control(
            t("embeddings.color_label"), offered, default="class", required=True, key=_COLOR, label_visibility="collapsed",
            format_func=lambda name: t(f"embeddings.color.{name}"),
        )  # fmt: skip
    maps.mount(told(rows, job.result, key) | {"color": color}, key=KEY)
    if not done:
        return
    for column, one in zip(st.columns(len(job.result), gap="small"), job.result):
        known = dict(one.kept)
        trust = t("yours.map_trust", trust=f"{known['trust']:.3f}") if np.isfinite(known["trust"]) else ""
        column.caption(f"{trust} {t('yours.map_kept', kept=format(known['kept'], '.3f'))}")
    badge = t("umap.badge", points=numbers.whole(len(rows.number)), nn=NEIGHBORS, md=f"{MIN_DIST:g}")
    figure_foot(OwnMap(rows, job.result), key=KEY, badge=badge, source=source, how=t("yours.how_map"))
    with st.container(horizontal=True, gap="small"):
        laid = job.result
        save_button(
            t("yours.map_parquet"), lambda: parquet(rows, laid), "lsviz-map.parquet", "application/vnd.apache.parquet", key="yours_map_parquet"
        )  # fmt: skip
        if len(rows.number) <= PROJECTOR_ROWS:
            save_button(
                t("yours.map_projector"), lambda: projector(rows), "lsviz-projector.zip", "application/zip", key="yours_map_zip"
            )
    prose.caption(t("yours.map_files", most=numbers.whole(PROJECTOR_ROWS)))


def told(rows: Rows, laid: Maps, key: str) -> dict[str, object]:
    """What the viewer is told of the maps as they stand."""
    named = [{"id": f"{i} {one.name}", "alpha": None, "name": one.name} for i, one in enumerate(rows.networks)]
    logits = [rows.logits(i) for i in range(len(rows.networks))]
    caption = t("yours.map_caption", count=numbers.whole(len(rows.number)))
    return maps.of_names(rows.names) | maps.settling(laid, named, rows.number, rows.labels, logits, f"yours {key}") | {
        "key": KEY, "family": key, "caption": caption,
    }  # fmt: skip


@dataclass(frozen=True)
class OwnMap:
    """The maps as a table, a sentence and as plotly draws them; nothing is made before it is asked for."""

    rows: Rows
    laid: Maps

    @cached_property
    def _joined(self) -> LiveFigure:
        said = words("embeddings", "yours")
        predicted = [self.rows.logits(i).argmax(axis=1) for i in range(len(self.laid))]
        return joined(
            [
                yours_map(one.layout, self.rows.labels, answers, self.rows.number, self.rows.names, said)
                for one, answers in zip(self.laid, predicted)
            ]
        )

    @property
    def table(self) -> dict[str, Column]:
        return dict(self._joined.table)

    def said(self, alpha: float) -> str:
        return self._joined.said(alpha)

    def resolved(self, alpha: float) -> go.Figure:
        return self._joined.resolved(alpha)


# ---- files for other tools ------------------------------------------------------------------------------------------


def known_of(rows: Rows, i: int, end: str = "") -> dict[str, Sequence | NDArray]:
    """A network's answers as columns, their names ending in `end`."""
    probs = apply_temperature(rows.logits(i), 1.0)
    top = probs.argmax(axis=1)
    answers = [rows.names[k] for k in top]
    return {f"answer{end}": answers, f"right{end}": top == rows.labels, f"confidence{end}": probs.max(axis=1).astype(np.float32)}


def parquet(rows: Rows, laid: Maps) -> bytes:
    """Row, class, and for this network (and with `_other` the other) x, y, answer, confidence and how many neighbours stay; its neighbours."""
    count = len(rows.number)
    known: dict[str, Sequence | NDArray] = {"row": rows.number, "class": [rows.names[k] for k in rows.labels]}
    last = len(laid) - 1
    for i in (last, *range(last)):
        end = "" if i == last else "_other"
        kept = np.frombuffer(laid[i].near, np.uint8, count, 2 * cluster_map.NEAREST * count)
        known |= {
            f"x{end}": laid[i].layout[:, 0],
            f"y{end}": laid[i].layout[:, 1],
            **known_of(rows, i, end),
            f"neighbours_kept{end}": kept,
        }
    near = np.frombuffer(laid[last].near, "<u2", cluster_map.NEAREST * count).reshape(count, cluster_map.NEAREST)
    return atlas_table(known, None, _provenance(rows), (near, distances(rows.features(last), near)))


def projector(rows: Rows) -> bytes:
    """This network's activations and answers."""
    last = len(rows.networks) - 1
    known = {"row": rows.number, "class": [rows.names[k] for k in rows.labels], **known_of(rows, last)}
    return projector_folder(known, rows.features(last), _provenance(rows))


def _provenance(rows: Rows) -> dict[str, object]:
    return {"files": [{"name": one.name, "sha256": one.sha256} for one in rows.networks], "rows": len(rows.number), "seed": SEED}
