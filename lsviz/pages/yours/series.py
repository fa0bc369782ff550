"""Several of somebody's files as a series over alpha: which file is at which alpha, and the figures that move along it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lsviz.core.calibration.assessment import NUM_BINS
from lsviz.core.calibration.diagram_numbers import every_diagram
from lsviz.core.calibration.over_alpha import gap_and_ece
from lsviz.core.comparing.selective import Selected
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import LEAST_SEEDS
from lsviz.core.picture import on_plane
from lsviz.core.predictions.outputs import alpha_told
from lsviz.figures import numbers
from lsviz.figures import reliability_words as say
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.figures.reliability import reliability_figure
from lsviz.figures.reliability_trend import trend_figure
from lsviz.figures.selective import coverage_figure
from lsviz.pages.yours.figures import yours_planes
from lsviz.pages.yours.files import Own, Refused, keep_worded
from lsviz.pages.yours.geometry import Layer, activations, class_names, common_trio, plane_rows
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls, prose
from lsviz.ui.at_alpha import page_at_alpha
from lsviz.ui.controls import alpha_fields
from lsviz.ui.plots import headline

LEAST = 3  # files, from which they are a series and not a pair


@dataclass(frozen=True)
class Series:
    """Usable files by rising alpha, several where seeds were repeated. The first of each alpha is drawn."""

    files: Mapping[float, tuple[Own, ...]]

    @property
    def first(self) -> dict[float, Own]:
        return {alpha: same[0] for alpha, same in self.files.items()}

    @property
    def key(self) -> tuple:
        return tuple((alpha, one.state) for alpha, same in self.files.items() for one in same)

    @property
    def networks(self) -> dict:
        return {alpha: one.summary.assessment for alpha, one in self.first.items()}

    def pair(self, alpha: float) -> tuple[Own, ...]:
        """The network nearest to `alpha`, and that of the lowest alpha unless it is the same."""
        lowest, *_ = first = list(self.first.values())
        mine = first[nearest_stop(tuple(self.files), alpha)]
        return (mine,) if mine is lowest else (mine, lowest)

    @property
    def rows(self) -> str:
        """The number of rows, or the range of it."""
        counts = [len(one.summary.assessment.confidence) for one in self.first.values()]
        return "–".join(numbers.whole(count) for count in dict.fromkeys((min(counts), max(counts))))


def arranged(files: Sequence[Own | Refused]) -> Series | None:
    """The series, after a look at what each file says of its alpha and a place to correct it; None for fewer than two alphas."""
    usable = [one for one in files if isinstance(one, Own)]
    alphas = _asked(usable)
    known = [(alpha, one) for alpha, one in zip(alphas, usable) if alpha is not None]
    same = {one.diagnosis.outputs.num_classes for _, one in known[:1]}
    members: dict[float, list[Own]] = {}
    for alpha, one in known:
        if one.diagnosis.outputs.num_classes in same:
            members.setdefault(alpha, []).append(one)
    if other := len(known) - sum(map(len, members.values())):
        prose.caption(t("yours.series_other_n", count=other, n=next(iter(same))))
    return Series({alpha: tuple(members[alpha]) for alpha in sorted(members)}) if len(members) > 1 else None


def _asked(files: Sequence[Own]) -> list[float | None]:
    """One alpha a file."""
    told = [alpha_told(one.diagnosis.outputs.told, one.name) for one in files]
    keys = [f"yours_alpha_{one.key}" for one in files]
    for key, alpha in zip(keys, told):
        st.session_state.setdefault(key, alpha)
    missing = sum(st.session_state[key] is None for key in keys)
    with st.expander(
        t("yours.series_missing", count=missing) if missing else t("yours.series_alphas"), expanded=missing > 0, key="yours_alphas"
    ):
        fields = [(key, one.name) for key, one in zip(keys, files)]
        return alpha_fields(fields, lambda number: t("yours.series_alpha", number=number), label_visibility="collapsed")


def heading(place, series: Series) -> None:
    """The finding at every alpha, and the dock that goes along them."""
    heads, subs = say.findings(series.networks, words("reliability"))
    with place:
        headline(tuple(series.files), heads, subs)
    controls.draw_dock(
        tuple(series.files), (next(iter(series.first.values())).diagnosis.outputs.num_classes,), t("yours.series_dock")
    )
    page_at_alpha()


# ---- figures --------------------------------------------------------------------------------------------------------


def diagram(series: Series) -> LiveFigure:
    draw = lambda: reliability_figure(every_diagram(series.networks, NUM_BINS, "uniform"), _said())
    return keep_worded(("series_diagram", series.key), draw)


def trend(series: Series) -> tuple[LiveFigure, int]:
    """Gap and ECE over alpha, and the most files there are at one alpha: their interval is drawn from three on."""
    seeds = {
        alpha: tuple((one.summary.assessment.signed_gap, one.summary.assessment.ece.ece) for one in same)
        for alpha, same in series.files.items()
    }
    most = max(map(len, seeds.values()))
    draw = lambda: trend_figure(gap_and_ece(series.networks, seeds if most >= LEAST_SEEDS else {}), _said())
    return keep_worded(("series_trend", series.key), draw), most


def coverage(series: Series) -> LiveFigure:
    curves = {alpha: Selected({"probability": one.summary.risk}, None) for alpha, one in series.first.items()}
    return keep_worded(
        ("series_coverage", series.key), lambda: coverage_figure(curves, "probability", words("costs", "yours_series"))
    )


def planes(series: Series) -> tuple[LiveFigure, LiveFigure] | LsvizError | None:
    """The lowest alpha beside the one under the hand, on the same rows; None where a file has no activations or other rows."""
    files = list(series.first.values())
    layers = {alpha: layer for alpha, one in series.first.items() if (layer := activations(one))}
    if len(layers) < len(files) or any(not _same_rows(files[0], one) for one in files[1:]):
        return None
    return keep_worded(("series_planes", series.key), lambda: _planes(series.first, layers))


def _planes(files: Mapping[float, Own], layers: Mapping[float, Layer]) -> tuple[LiveFigure, LiveFigure] | LsvizError:
    first = next(iter(files.values()))
    called = class_names(first)
    try:
        trio = common_trio(first)
        some = plane_rows(first, trio)
        predicted = {alpha: one.diagnosis.outputs.scores[some].argmax(axis=1) for alpha, one in files.items()}
        images = first.diagnosis.labels[some], first.diagnosis.outputs.rows[some], trio, called
        pictures = [on_plane(a, seen[some], predicted[a], weight, *images) for a, (seen, weight) in layers.items()]
        return yours_planes(pictures, [called[k] for k in trio], _said())
    except LsvizError as error:
        return error


def _same_rows(a: Own, b: Own) -> bool:
    return np.array_equal(a.diagnosis.outputs.rows, b.diagnosis.outputs.rows) and np.array_equal(
        a.diagnosis.labels, b.diagnosis.labels
    )


def _said() -> Mapping[str, str]:
    """Words of the pages whose figures these are, with this page's where they differ."""
    return words("embeddings", "reliability", "yours_series")
