"""UMAP on Embeddings: every image of two networks on a map, with what the map's neighbourhoods are worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.figures import numbers
from lsviz.figures.clusters import cluster_figure, image_table, panel_alt
from lsviz.figures.live import Column, LiveFigure, nearest_stop
from lsviz.pages.embeddings import map_store as maps
from lsviz.pages.embeddings.kept_figure import kept_figure
from lsviz.pages.embeddings.neighbours import panel_title, pick_image
from lsviz.pages.embeddings.side_by_side import Sides
from lsviz.pages.embeddings.under_picture import under
from lsviz.state import ONLY_ON_MAPS, ViewState
from lsviz.store import RunRecord
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls, notices, prose
from lsviz.ui import maps as maps_told
from lsviz.ui.at_alpha import page_at_alpha
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import caption_along
from lsviz.ui.shown import figure
from lsviz.ui.thumbnails import data_folder, thumbnails
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store
from lsviz.zoo.pictures import gallery, gallery_runs, single

KEY = "embeddings_map"


def map_runs(n: int, split: str) -> tuple[RunRecord, ...]:
    """The gallery's runs that have a map of this split."""
    return tuple(run for run in gallery_runs(n) if maps.has_map(run, split))


def map_problems(n: int, split: str) -> list[LsvizError]:
    """One for every run of the gallery without a map."""
    return [LsvizError("store.layout", run=run.id) for run in gallery_runs(n) if not maps.has_map(run, split)]


# ---- what it says ---------------------------------------------------------------------------------------------------


@of_store(max_entries=64, words=True)
def map_findings(n: int, split: str, color: str) -> tuple[list[str], list[str]]:
    """The headline and its sentence for every trained alpha: what the map's neighbours are worth, hard beside smoothed."""
    runs = map_runs(n, split)
    kind = "kept" if color in ONLY_ON_MAPS else "vote"
    first = maps.worth(runs[0], split)
    heads, subs = [], []
    for run in runs:
        found = maps.worth(run, split)
        values, beside = getattr(found, kind), getattr(first, kind)
        told = {
            "alpha": numbers.alpha_text(run.config.alpha), "soft": _whole(values[0]), "hard": _whole(beside[0]),
            "true": _whole(found.true_vote), "true_hard": _whole(first.true_vote),
            "seeds": len(values), "range": between(values), "range_hard": between(beside), "space": t(f"map.space.{_space(found)}"),
        }  # fmt: skip
        ending = "_hard" if run.config.alpha == 0 else ""
        heads.append(t(f"map.head_{kind}{ending}", **told))
        subs.append(t(f"map.sub_{kind}{ending}", **told))
    return heads, subs


def _whole(share: float) -> str:
    return numbers.percent(share, 0)


def _space(found: maps.Worth) -> str:
    return "components" if "components" in found.space else "last_layer"


def between(values: Sequence[float]) -> str:
    """ "52–54 %": least and most, or the one number both round to."""
    low, high = _whole(min(values)), _whole(max(values))
    return low if low == high else f"{low.removesuffix(' %').removesuffix('%')}–{high}"


# ---- the maps -------------------------------------------------------------------------------------------------------


def umap_map(state: ViewState, n: int, two: Sides) -> None:
    """The two maps, or as a strip those of all alphas, and their foot; in their place, where one cannot be drawn, why."""
    shown = list(map_runs(n, state.split))
    asked = [networks.store().record(run) for run in (two.left, "" if state.strip else two.right) if run]
    for run in asked:
        if not maps.has_map(run, state.split):
            code = "store.layout" if f"{state.split}_features" in run.arrays else "store.no_features"
            return notices.sorry(350, LsvizError(code, run=run.id))
        if run not in shown:
            shown.append(run)
    base = shown[0]
    same = [run for run in shown if _images(run, state.split) == _images(base, state.split)]
    if strange := [run for run in asked if run not in same]:
        return notices.sorry(350, LsvizError("store.images", run=strange[0].id, first=base.id))
    trained = [i for i, run in enumerate(same) if run in map_runs(n, state.split)]
    still, *fixed = map(same.index, asked)
    panels = [[i] for i in trained] if state.strip else [[still], fixed or trained]
    data = view_data(n, state.split, tuple(run.id for run in same)) | {
        "key": KEY, "color": state.color, "panels": panels, "lifts": True, "film": None,
        "image": state.image - 1 if state.image else None, "pins": [k - 1 for k in state.pins if k <= n], "pictures": _pictures(state, same, two),
    }  # fmt: skip
    maps_told.mount(data, key=KEY, picked=pick_image, pinned=lambda classes: controls.update(pins=classes))
    badge = t("embeddings.badge", count=numbers.whole(maps.count(base, state.split)), seed=base.config.seed)
    live = MapFigure(n, state.split, tuple(same[place].id for place in dict.fromkeys(sum(panels, []))))
    figure_foot(live, key=KEY, badge=badge, source="measured", how=t("embeddings.how_umap"))


def under_map(state: ViewState, n: int, two: Sides, trio: tuple[int, ...]) -> None:
    """What the maps keep of the original space, in numbers; while they are coloured by it, image by image."""
    runs = gallery_runs(n)
    has = lambda run: maps.has_map(networks.store().record(run), state.split)
    below = lambda run: under(run, "umap", n, state.split, trio) if has(run) else ""
    for column, fixed in [] if state.strip else zip(st.columns(2, gap="medium"), (two.left, two.right)):
        with column:
            if not fixed:
                caption_along([run.config.alpha for run in runs], [below(run.id) for run in runs], key="under_map")
            elif has(fixed):
                prose.caption(below(fixed))
    if state.color in ONLY_ON_MAPS and map_runs(n, state.split):
        figure(_kept(n, state.split), "map_kept")


@of_store(max_entries=16, words=True)
def _kept(n: int, split: str) -> LiveFigure:
    runs = map_runs(n, split)
    return kept_figure(
        [run.config.alpha for run in runs], np.stack([maps.kept_shares(run.id, split) for run in runs]), words("map")
    )


def _images(run: RunRecord, split: str) -> bytes:
    return maps.images_file(run.id, split)


def _pictures(state: ViewState, same: Sequence[RunRecord], two: Sides) -> dict[int, str] | None:
    """Row -> picture of the image that is open and its neighbours, where the data set is on this machine."""
    folder = data_folder()
    if not folder or not state.image:
        return None
    page_at_alpha()
    wanted = {state.image - 1}
    for run in same:
        if run.id in (two.left, two.right, two.now):
            arrays = networks.arrays(run.id)
            index = arrays[f"{state.split}_index"]
            for at in (index == state.image - 1).nonzero()[0]:
                wanted |= {int(row) for row in index[arrays[f"map_{state.split}_near"][at]]}
    rows = sorted(wanted)
    try:
        return dict(zip(rows, thumbnails(folder, state.split, rows), strict=True))
    except (LsvizError, IndexError):
        return None


def view_data(n: int, split: str, runs: tuple[str, ...]) -> dict[str, object]:
    """What the viewer is told of these networks; its files are named anew in every run, or they would be dropped."""
    data = _told(n, split, runs)
    listed = [
        network
        | {
            "picture": maps_told.file_address(maps.picture_file(run, split), f"{run}.{split}.picture"),
            "near": maps_told.file_address(maps.near_file(run, split), f"{run}.{split}.near"),
        }
        for run, network in zip(runs, data["networks"], strict=True)
    ]
    return data | {
        "networks": listed,
        "images": maps_told.file_address(maps.images_file(runs[0], split), f"{runs[0]}.{split}.images"),
    }


@of_store(max_entries=24, words=True)
def _told(n: int, split: str, runs: tuple[str, ...]) -> dict:
    records = [networks.store().record(run) for run in runs]
    made = []
    for run in records:
        found = maps.worth(run, split)
        classes, kinds = maps.peaks(run.id, split)
        made.append(
            {
                "id": run.id, "alpha": run.config.alpha, "name": panel_title(run), "unit": maps.unit(run, split), "peaks": classes, "family_peaks": kinds,
                "said": t("map.said", vote=_whole(found.vote[0]), kept=_whole(found.kept[0])),
            }
        )  # fmt: skip
    caption = t("map.caption", n=n, count=numbers.whole(maps.count(records[0], split)), device=records[0].device)
    return maps_told.of_classes(n) | {
        "family": f"{n} {split} {runs[0]}", "count": maps.count(records[0], split), "networks": made, "caption": caption,
    }  # fmt: skip


# ---- what its foot asks of a figure ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class MapFigure:
    """The maps as a table, a sentence and, for a page that opens offline, as plotly draws them; nothing is made before it is asked for."""

    n: int
    split: str
    runs: tuple[str, ...]

    def _pictures(self):
        return [single(self.n, run, "umap", self.split, ()) for run in self.runs]

    @property
    def _names(self) -> tuple[str, ...]:
        return gallery(self.n, "umap", self.split, ()).names

    @cached_property
    def table(self) -> dict[str, Column]:
        return image_table(self._pictures(), self._names)

    def said(self, alpha: float) -> str:
        shown = self._pictures()
        picture = shown[nearest_stop([each.alpha for each in shown], alpha)]
        return panel_alt(picture, self._names, words("embeddings"))

    def resolved(self, alpha: float) -> go.Figure:
        shown = gallery(self.n, "umap", self.split, ())
        live = cluster_figure(self._pictures(), shown.names, shown.places, words("embeddings"), fixed=True, by_classes=False)
        return live.resolved(alpha)


def map_headline(state: ViewState, n: int) -> tuple[list[float], list[str], list[str]] | None:
    """Stops, heads and sentences of the maps; None without one."""
    runs = map_runs(n, state.split)
    return ([run.config.alpha for run in runs], *map_findings(n, state.split, state.color)) if runs else None
