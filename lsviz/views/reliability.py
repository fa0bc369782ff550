"""Reliability: is a network right as often as it claims, with hard targets, with smoothing, after a temperature?"""

from __future__ import annotations

import streamlit as st

from lsviz.core.calibration import STRATEGIES
from lsviz.figures import reliability_words as say
from lsviz.figures import theme
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.figures.reliability import reliability_figure
from lsviz.figures.reliability_trend import LEAST_SEEDS, trend_figure
from lsviz.figures.temperature import temperature_figure
from lsviz.state import ViewState
from lsviz.ui import controls, zoo
from lsviz.ui.calibrated import Measured, at_temperature, measured, scaled
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import headline, live_plot
from lsviz.ui.texts import t, words


@st.cache_resource(max_entries=64, show_spinner=False)
def diagram(stamp: str, num_classes: int, bins: int, binning: str) -> LiveFigure:
    return reliability_figure(measured(num_classes).networks, bins, binning, words("reliability"))


@st.cache_resource(max_entries=8, show_spinner=False)
def trend(stamp: str, num_classes: int) -> LiveFigure:
    found = measured(num_classes)
    return trend_figure(found.networks, found.seeds, words("reliability"))


@st.cache_resource(max_entries=64, show_spinner=False)
def temperatures(stamp: str, num_classes: int, temperature: float) -> LiveFigure:
    return temperature_figure(scaled(num_classes), temperature, words("reliability"))


def figure(live: LiveFigure, key: str, badge: str) -> None:
    live_plot(live, key=f"reliability_{key}")
    figure_foot(live, key=f"reliability_{key}", badge=badge, source="measured", how=t(f"reliability.how_{key}"))


def local_controls() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="local"):
        controls.choose("binning", STRATEGIES, "reliability.binning", label=t("reliability.binning_label"))
        controls.slide(
            "bins", 2, 50, 1, t("reliability.bins"), format=t("reliability.bins_format"), label_visibility="collapsed", width=240
        )


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


def numbers(found: Measured, num_classes: int, alpha: float) -> None:
    cooled = scaled(num_classes)
    column = lambda a: (found.networks[a], cooled[a].after, cooled[a].curve.fitted) if a in cooled else (found.networks[a], None, None)
    chosen = [a for a in dict.fromkeys((0.0, alpha)) if a in found.networks]
    heads = [t("reliability.column_hard") if a == 0 else t("reliability.column_chosen", a=theme.alpha_text(a)) for a in chosen]
    rows = say.number_rows([column(a) for a in chosen], words("reliability"))
    table = [(t("reliability.column_what"), *heads), ("---", *["--:"] * len(heads)), *rows]
    st.subheader(t("reliability.table_title"))
    st.markdown("\n".join(f"| {' | '.join(row)} |" for row in table))
    st.caption(t("reliability.table_note"))


def temperature(state: ViewState, num_classes: int, alpha: float) -> None:
    cooled = scaled(num_classes)
    if alpha not in cooled:
        return
    fitted, before = cooled[alpha].curve.fitted, cooled[alpha].before
    st.subheader(t("reliability.temperature_title"))
    left, right = st.columns([5, 7], gap="large")
    with left:
        st.markdown(t("reliability.temperature_text"))
        controls.slide("temperature", 0.25, 8.0, 0.05, t("reliability.temperature_label"))
        with st.container(horizontal=True, key="temperature_buttons"):
            usable = min(max(round(fitted, 2), 0.25), 8.0)
            st.button(t("reliability.temperature_set", t=f"{fitted:.2f}"), on_click=controls.update, kwargs={"temperature": usable})
            st.button(t("reliability.temperature_reset"), on_click=controls.update, kwargs={"temperature": 1.0}, type="tertiary")
        accuracy, nll, ece = at_temperature(zoo.stamp(), num_classes, alpha, state.temperature)
        was = lambda value: t("reliability.metric_was", value=value)
        cells = (
            ("metric_accuracy", theme.percent(accuracy, 1), theme.percent(before.accuracy, 1)),
            ("metric_nll", f"{nll:.3f}", f"{before.nll:.3f}"),
            ("metric_ece", theme.percent(ece, 1), theme.percent(before.ece.ece, 1)),
        )
        for cell, (name, now, then) in zip(st.columns(3), cells):
            cell.metric(t(f"reliability.{name}"), now, was(then), delta_color="off", delta_arrow="off")
    with right:
        figure(temperatures(zoo.stamp(), num_classes, state.temperature), "temperature", t("reliability.badge_temperature"))


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
    numbers(found, num_classes, alpha)
    temperature(state, num_classes, alpha)


if __name__ == "__main__":
    render()
