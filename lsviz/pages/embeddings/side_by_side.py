"""The pictures on Embeddings: one network that stands still beside the one that follows alpha, any two, or all alphas as a strip."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.core.picture import Picture
from lsviz.figures import numbers
from lsviz.figures.clusters import HEIGHT, cluster_figure
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.pages.embeddings.neighbours import pick_image
from lsviz.pages.embeddings.strip_figure import MOST_IMAGES, strip_figure
from lsviz.pages.embeddings.under_picture import under
from lsviz.state import ONLY_ON_MAPS, VIEWS, ViewState
from lsviz.texts.catalogue import t, words
from lsviz.ui import notices, prose
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import caption_along, live_plot
from lsviz.ui.shown import figure
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store
from lsviz.zoo.pictures import comparable, gallery, gallery_runs, single

_SMALL = 240  # px: a picture where three projections stand in two rows,
_FEWER = 1500  # images in each: six pictures of 2,000 would be 640 KB


@dataclass(frozen=True)
class Sides:
    """The two networks shown: `left` stands still; `right` too, unless it is "" and follows alpha, standing now at `now`."""

    left: str
    right: str
    now: str

    @property
    def runs(self) -> tuple[str, ...]:
        """Both, or the one they are."""
        return tuple(dict.fromkeys((self.left, self.right or self.now)))


def sides(state: ViewState, n: int) -> Sides:
    """The networks the view asks for, where they exist; else hard on the left, and the right follows alpha."""
    runs, known = gallery_runs(n), {run.id for run in comparable(n)}
    now = runs[nearest_stop([run.config.alpha for run in runs], state.alpha)].id
    return Sides(state.first if state.first in known else runs[0].id, state.second if state.second in known else "", now)


def panels(state: ViewState, n: int, views: tuple[str, ...], trio: tuple[int, ...], two: Sides) -> None:
    """The pictures of these projections, their numbers and their foot; in the place of one that cannot be drawn, why."""
    lasso = marking(state)
    if state.strip:
        return _strip_panel(state, n, views[0], trio, lasso)
    both: dict[str, tuple[LiveFigure, LiveFigure]] = {}
    for view in views:
        try:
            both[view] = _pair(
                n,
                view,
                state.split,
                trio,
                state.same_scale or view == "umap",
                color_of(state),
                two.left,
                two.right,
                len(views) > 1,
            )
        except LsvizError as error:
            notices.sorry(350, error)
    if not both:
        return
    places = _places(tuple(both))
    for (name, view), column in places.items():
        with column:
            live = both[view][name == "soft"]
            live_plot(live, key=f"embeddings_{name}_{view}", picked=pick_image, lasso=lasso)
            below = partial(under, view=view, n=n, split=state.split, trio=trio, short=len(both) > 1)
            if name == "hard" or two.right:
                prose.caption(below(two.left if name == "hard" else two.right))
            else:
                caption_along(
                    [run.config.alpha for run in gallery_runs(n)], [below(run.id) for run in gallery_runs(n)], key=f"under_{view}"
                )
    view = list(both)[-1]
    shown = [(f"embeddings_{name}_{each}", live) for each in both for name, live in zip(("hard", "soft"), both[each])]
    badge = t("embeddings.badge", count=numbers.whole(_count(both[view][0])), seed=networks.store().record(two.left).config.seed)
    figure_foot(
        both[view][1], key=f"embeddings_soft_{view}", badge=badge, source="measured", how=t(f"embeddings.how_{view if len(both) == 1 else 'all'}"),
        others=[(key, live) for key, live in shown if key != f"embeddings_soft_{view}"],
    )  # fmt: skip


def _places(views: tuple[str, ...]):
    """(panel, projection) -> its column: two side by side, on phones too; or two rows of all projections."""
    if len(views) == 1:
        return dict(zip((("hard", views[0]), ("soft", views[0])), st.columns(2, gap="small", wrap=False)))
    return {(name, view): column for name in ("hard", "soft") for view, column in zip(views, st.columns(len(views), gap="small"))}


def _count(live: LiveFigure) -> int:
    return sum(len(trace.x) for trace in live.figure.data if trace.mode == "markers")


def color_of(state: ViewState) -> str:
    """What colours the images, of what these pictures know."""
    return "class" if state.color in ONLY_ON_MAPS else state.color


def marking(state: ViewState) -> str | None:
    """What a picture says of images marked with the lasso; None while dragging zooms."""
    return t("embeddings.marked", count="{count}") if state.lasso else None


@of_store(max_entries=48, words=True)
def _pair(n: int, view: str, split: str, trio: tuple[int, ...], fixed: bool, color: str, left: str, right: str, small: bool
) -> tuple[LiveFigure, LiveFigure]:  # fmt: skip
    shown = gallery(n, view, split, trio)
    if not shown.pictures:
        raise shown.problems[0]
    still = single(n, left, view, split, trio)
    moving = [single(n, right, view, split, trio)] if right else list(shown.pictures)
    if small:
        still, *moving = (picture.thinned(_FEWER) for picture in (still, *moving))

    if color == "moved":
        still, *moving = (picture.moved_from(still) for picture in (still, *moving))

    def make(pictures: list[Picture], beside: list[Picture]) -> LiveFigure:
        named = t(f"embeddings.view.{view}") if small else ""
        return cluster_figure(
            pictures, shown.names, shown.places, words("embeddings"), fixed=fixed, by_classes=not fixed, beside=beside, color=color, view=named,
            height=_SMALL if small else HEIGHT,
        )  # fmt: skip

    return make([still], moving), make(moving, [still])


def _strip_panel(state: ViewState, n: int, view: str, trio: tuple[int, ...], lasso: str | None) -> None:
    shown = gallery(n, view, state.split, trio)
    if not shown.pictures:
        return notices.sorry(350, *shown.problems)
    live = _strip(n, view, state.split, trio, state.same_scale, color_of(state))
    badge = t(
        "embeddings.badge",
        count=numbers.whole(min(len(shown.pictures[0].points), MOST_IMAGES)),
        seed=gallery_runs(n)[0].config.seed,
    )
    figure(live, f"embeddings_strip_{view}", badge=badge, how=f"embeddings.how_{view}", picked=pick_image, lasso=lasso)


@of_store(max_entries=24, words=True)
def _strip(n: int, view: str, split: str, trio: tuple[int, ...], same: bool, color: str) -> LiveFigure:
    shown = gallery(n, view, split, trio)
    pictures = [picture.moved_from(shown.pictures[0]) for picture in shown.pictures] if color == "moved" else shown.pictures
    return strip_figure(pictures, shown.names, shown.places, words("embeddings"), color=color, same_scale=same)


def projections(view: str, trio: tuple[int, ...]) -> tuple[str, ...]:
    """The projections a view shows; two classes span no plane, so PCA stands in for it."""
    asked = VIEWS[:-1] if view == "all" else (view,)
    return tuple(dict.fromkeys("pca" if each == "plane" and not trio else each for each in asked))
