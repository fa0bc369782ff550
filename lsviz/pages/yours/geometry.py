"""How the classes of somebody's network lie, when activations and the last layer came along: measures, the plane of three classes, UMAP."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from lsviz.core import geometry, projection
from lsviz.core.errors import LsvizError
from lsviz.core.picture import on_plane
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.figures.tables import markdown_table
from lsviz.pages.yours.figures import MINE, yours_plane
from lsviz.pages.yours.files import Own, keep, keep_worded, tried
from lsviz.pages.yours.map import own_map
from lsviz.texts.catalogue import error_text, t, words
from lsviz.ui import prose
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import live_plot

Layer = tuple[NDArray, NDArray]  # penultimate activations (n, d), the last layer's weight (K, d)
PLANE_ROWS, GEOMETRY_ROWS = 2000, 5000
GEOMETRY_VALUES = 2_600_000  # activations these rows may have together: 5,000 rows of 512


def activations(one: Own) -> Layer | None:
    """What the last layer saw and its weight, where both came along and there are three classes for a plane."""
    o = one.diagnosis.outputs
    return None if o.penultimate is None or o.head_weight is None or o.num_classes < 3 else (o.penultimate, o.head_weight)


def class_names(one: Own) -> tuple[str, ...]:
    """As the file calls them, else by the numbers its labels have."""
    o = one.diagnosis.outputs
    first = int(any(finding.code == "labels_from_one" and finding.applied for finding in one.diagnosis.findings))
    return o.class_names or tuple(t("common.class_number", number=k + first) for k in range(o.num_classes))


def shape(
    mine: Own,
    badge: Callable[[int], str],
    source: str,
    planes: tuple[LiveFigure, LiveFigure] | LsvizError | None = None,
    other: Own | None = None,
) -> None:
    """Measures beside the plane, or above a pair of planes that follow alpha; UMAP below."""
    penultimate = mine.diagnosis.outputs.penultimate
    if penultimate is None:
        return
    if layer := activations(mine):
        left, right = st.columns([5, 7], gap="large")
        with left:
            _measured(mine, layer)
        with right:
            _plane(mine, layer, badge, source, planes)
    own_map(mine, other, class_names(mine), source)


def _measured(mine: Own, layer: Layer) -> None:
    if isinstance(found := keep(("measures", mine.state), lambda: tried(lambda: collapse_measures(mine, *layer))), LsvizError):
        st.text(error_text(found))
        return
    rows = [
        (t(f"embeddings.measure.{name}"), f"{value:.3f}" if np.isfinite(value) else t("yours.none"))
        for name, value in found.items()
    ]
    prose.markdown(markdown_table((t("yours.column_measure"), t("yours.column_value")), rows))
    prose.caption(t("yours.geometry_note", rows=numbers.whole(geometry_rows(layer[0]))))


def geometry_rows(penultimate: NDArray) -> int:
    """How many rows of (n, d) the measures look at: fewer of wide ones, whose tables take the memory."""
    return min(len(penultimate), GEOMETRY_ROWS, max(1, GEOMETRY_VALUES // max(1, penultimate.shape[1])))


def collapse_measures(mine: Own, penultimate: NDArray, weight: NDArray) -> dict[str, float]:
    """Collapse and separation over rows from the whole file. Raises LsvizError where these are of one class."""
    o = mine.diagnosis.outputs
    part = projection.evenly_over(o.num_rows, geometry_rows(penultimate))
    x, y = penultimate[part].astype(float), mine.diagnosis.labels[part]
    _several(y, 2)
    return {
        "nc1": geometry.nc1(x, y), "nc2": geometry.nc2(x, y, weight), "nc3": geometry.nc3(x, y, weight),
        "nc4": geometry.nc4(x, y, o.scores[part]), "class_separation": geometry.class_separation(x, y),
    }  # fmt: skip


# ---- the plane ------------------------------------------------------------------------------------------------------


def _plane(
    mine: Own, layer: Layer, badge: Callable[[int], str], source: str, planes: tuple[LiveFigure, LiveFigure] | LsvizError | None
) -> None:
    live = planes or keep_worded(("plane", mine.state), lambda: plane(mine, *layer))
    if isinstance(live, LsvizError):
        st.text(error_text(live))
        return
    shown = live if isinstance(live, tuple) else (live,)
    for column, panel, name in zip(st.columns(len(shown), gap="small", wrap=False), shown, ("plane", "plane_moving")):
        with column:
            live_plot(panel, key=f"yours_{name}")
    count = len(shown[0].table["x"])
    figure_foot(
        shown[-1],
        key="yours_plane_moving" if planes else "yours_plane",
        badge=badge(count),
        source=source,
        how=t("yours.how_plane"),
    )


def plane(mine: Own, penultimate: NDArray, weight: NDArray) -> LiveFigure | LsvizError:
    """The three classes confused most, on the plane of their templates."""
    o = mine.diagnosis.outputs
    try:
        trio = common_trio(mine)
        some = plane_rows(mine, trio)
        predicted = o.scores[some].argmax(axis=1)
        labels, called = mine.diagnosis.labels[some], class_names(mine)
        picture = on_plane(MINE, penultimate[some], predicted, weight, labels, o.rows[some], trio, called)
        return yours_plane(picture, [called[k] for k in trio], said())
    except LsvizError as error:
        return error


def said() -> Mapping[str, str]:
    return words("embeddings", "yours")


def common_trio(one: Own) -> tuple[int, int, int]:
    o = one.diagnosis.outputs
    return confused(one.diagnosis.labels, o.scores.argmax(axis=1), o.num_classes)


def plane_rows(one: Own, trio: tuple[int, ...]) -> NDArray[np.intp]:
    """Rows of the three classes, from the whole file."""
    rows = np.flatnonzero(np.isin(one.diagnosis.labels, trio))
    return rows[projection.evenly_over(len(rows), PLANE_ROWS)] if len(rows) else rows


def confused(labels: np.ndarray, predicted: np.ndarray, num_classes: int) -> tuple[int, int, int]:
    """The pair of classes most often taken for each other, and the class most often confused with either, of those that have rows.

    Raises LsvizError where fewer than three have.
    """
    present = _several(labels, 3)
    table = np.bincount(labels * num_classes + predicted, minlength=num_classes**2).reshape(num_classes, num_classes)
    among = np.full(table.shape, -1)
    among[np.ix_(present, present)] = (table + table.T)[np.ix_(present, present)]
    np.fill_diagonal(among, -1)
    first, second = sorted(divmod(int(among.argmax()), num_classes))
    either = among[first] + among[second]
    either[[first, second]] = -3
    low, middle, high = sorted((first, second, int(either.argmax())))
    return low, middle, high


def _several(labels: np.ndarray, least: int) -> NDArray[np.intp]:
    """The classes that have rows. Raises LsvizError where they are fewer than `least`."""
    present = np.unique(labels)
    if len(present) < least:
        raise LsvizError("geometry.few_classes", present=len(present), least=least)
    return present
