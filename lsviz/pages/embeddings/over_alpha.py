"""Below the pictures on Embeddings: any measure over alpha beside the literature, and the cosines between class means."""

from __future__ import annotations

import streamlit as st

from lsviz.core.classes import CLASS_ORDER
from lsviz.figures.live import LiveFigure
from lsviz.pages.embeddings.measure_figures import cosine_figure, measure_figure
from lsviz.pages.embeddings.numbers import original
from lsviz.pages.embeddings.under_picture import kept
from lsviz.state import GEOMETRY, ViewState
from lsviz.store import RunRecord
from lsviz.store.published import Published, published
from lsviz.texts.catalogue import class_name, setting_name, t, words
from lsviz.ui import controls, prose
from lsviz.ui.shown import figure
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store
from lsviz.zoo.pictures import SPLITS, cosines, gallery_runs, mean_cosine
from lsviz.zoo.spread import plane_spreads

_OF_FEATURES, _OF_PICTURE = ("cosine", "knn_original", "pieces"), ("knn_picture", "trust", "kept")
_IN_TRIO = ("this_plane", *_OF_PICTURE)


def geometry_details(state: ViewState, n: int, view: str, trio: tuple[int, ...]) -> None:
    """A measure chosen from a list, over alpha; and the map of cosines, which follows alpha. `view` and `trio` are those of the pictures."""
    left, right = st.columns(2, gap="large")
    shown = state.measure if trio or state.measure != "this_plane" else "plane_scatter"
    with left:
        named = lambda name: _title(name, view)
        controls.pick(
            "measure",
            [name for name in GEOMETRY if trio or name != "this_plane"],
            t("embeddings.measure_label"),
            named,
            shown,
            width=420,
        )
        live = _measure(n, shown, view, trio if shown in _IN_TRIO else ())
        how = "embeddings.how_measure_picture" if shown in _OF_PICTURE else "embeddings.how_measure"
        figure(live, "embeddings_measure", badge=t("embeddings.measure_badge"), how=how)
        _badges(shown)
    with right:
        figure(_cosines(n, state.split), "embeddings_cosine")


def _title(name: str, view: str) -> str:
    return (
        t(f"embeddings.measure.{name}", view=t(f"embeddings.view.{view}"))
        if name in _OF_PICTURE
        else t(f"embeddings.measure.{name}")
    )


@of_store(max_entries=64, words=True)
def _measure(n: int, name: str, view: str, trio: tuple[int, ...]) -> LiveFigure:
    values: dict[str, dict[float, list[float]]] = {split: {} for split in SPLITS}
    for run in networks.family(n):
        for split in SPLITS:
            if (value := _value(run, split, name, n, view, trio)) is not None:
                values[split].setdefault(run.config.alpha, []).append(value)
    others = [
        (f"{entry.cite.split(' (')[0]}: {setting_name(entry.setting)}", entry.value)
        for entry in published(metric=name)
        if entry.setting in ("hard", "label smoothing", "softmax") and "validation" not in entry.data
    ]
    return measure_figure(
        {split: family for split, family in values.items() if family}, _title(name, view), others, words("embeddings")
    )


def _value(run: RunRecord, split: str, name: str, n: int, view: str, trio: tuple[int, ...]) -> float | None:
    """One network's value: of the manifest, of its logits, or, with features alone, of its picture."""
    if name == "this_plane":
        return plane_spreads(n, trio)[split].get(run.id)
    if name not in (*_OF_FEATURES, *_OF_PICTURE):
        return run.metrics[split].get(name)
    if run not in gallery_runs(n):
        return None
    if name == "cosine":
        return mean_cosine(run.id, split)
    if name in _OF_FEATURES:
        return float(original(run.id, split)[name == "pieces"])
    found = kept(n, run.id, view, split, trio)
    return None if found is None else float(getattr(found, name))


def _badges(name: str) -> None:
    """The literature's values of this measure, each with its paper and where it was read."""
    tables: dict[tuple[str, str], list[Published]] = {}
    for entry in published(metric=name):
        tables.setdefault((entry.paper, entry.data), []).append(entry)
    lines = [
        t(
            "embeddings.published", cite=entries[0].cite, read=t(f"bias.read_{entries[0].read}"), data=entries[0].data, model=entries[0].model,
            said=" · ".join(f"{setting_name(entry.setting)} {entry.value:.3f}" for entry in entries),
        )
        for entries in tables.values()
    ]  # fmt: skip
    if lines:
        prose.markdown("  \n".join(lines))


@of_store(max_entries=16, words=True)
def _cosines(n: int, split: str) -> LiveFigure:
    found = {run.config.alpha: cosines(run.id, split) for run in gallery_runs(n)}
    return cosine_figure(found, [class_name(CLASS_ORDER, k) for k in range(n)], words("embeddings"))
