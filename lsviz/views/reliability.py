"""Reliability: is a network right as often as it claims, with hard targets, with smoothing, after a temperature?"""

from __future__ import annotations

import streamlit as st

from lsviz.core.calibration import STRATEGIES
from lsviz.figures import reliability_words as say
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.figures.reliability import reliability_figure
from lsviz.figures.reliability_trend import LEAST_SEEDS, trend_figure
from lsviz.state import ViewState
from lsviz.ui import controls, zoo
from lsviz.ui.calibrated import Measured, measured
from lsviz.ui.plots import headline
from lsviz.ui.reliability_details import figure, numbers, temperature
from lsviz.ui.remedies import every_n, remedies
from lsviz.ui.texts import t, words


@st.cache_resource(max_entries=64, show_spinner=False)
def diagram(stamp: str, num_classes: int, bins: int, binning: str) -> LiveFigure:
    return reliability_figure(measured(num_classes).networks, bins, binning, words("reliability"))


@st.cache_resource(max_entries=8, show_spinner=False)
def trend(stamp: str, num_classes: int) -> LiveFigure:
    found = measured(num_classes)
    return trend_figure(found.networks, found.seeds, words("reliability"))


def local_controls() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="local"):
        controls.choose("binning", STRATEGIES, "reliability.binning", label=t("reliability.binning_label"))
        bins = t("reliability.bins_format")
        controls.slide("bins", 2, 50, 1, t("reliability.bins"), format=bins, label_visibility="collapsed", width=170)


def hero(state: ViewState, num_classes: int, found: Measured, alpha: float) -> None:
    images = say.count(len(found.networks[alpha].confidence))
    left, right = st.columns([5, 7], gap="large")
    with left:
        live = diagram(zoo.stamp(), num_classes, state.bins, state.binning)
        figure(live, "diagram", t("reliability.badge_diagram", images=images))
        local_controls()
    with right:
        seeds = max(map(len, found.seeds.values()), default=1)
        badge = "badge_seeds" if seeds >= LEAST_SEEDS else "badge_one"
        figure(trend(zoo.stamp(), num_classes), "trend", t(f"reliability.{badge}", seeds=seeds, images=images))
        if sentence := say.caption(found.networks, words("reliability")):
            st.caption(sentence)
        if sentence := say.too_few(found.networks[alpha], words("reliability")):
            st.caption(sentence)


def render() -> None:
    state = controls.view_state()
    num_classes = zoo.snapped(state.num_classes)
    found = measured(num_classes)
    if not found.networks:
        st.title(t("nav.reliability"), anchor=False)
        zoo.sorry(470, *found.problems)
        return
    stops = tuple(found.networks)
    headline(stops, *say.findings(found.networks, words("reliability")))
    if num_classes != state.num_classes:
        st.caption(t("dock.nearest_n", asked=state.num_classes, shown=num_classes))
    alpha = stops[nearest_stop(stops, state.alpha)]
    hero(state, num_classes, found, alpha)
    zoo.mention(zoo.problems(num_classes) + found.problems)
    numbers(found.networks, num_classes, alpha)
    temperature(state.temperature, num_classes, alpha)
    remedies(num_classes, t("reliability.badge_diagram", images=say.count(len(found.networks[alpha].confidence))))
    every_n(num_classes)


if __name__ == "__main__":
    render()
