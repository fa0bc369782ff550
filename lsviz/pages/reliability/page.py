"""Reliability: is a network right as often as it claims, with hard targets, with smoothing, after a temperature?"""

from __future__ import annotations

import streamlit as st

from lsviz.core.calibration.over_alpha import gap_and_ece
from lsviz.core.intervals import LEAST_SEEDS
from lsviz.figures import reliability_words as say
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.figures.reliability_trend import trend_figure
from lsviz.pages.reliability.after_training import every_n, figures, remedies
from lsviz.pages.reliability.bin_images import bin_images
from lsviz.pages.reliability.diagram import diagram, diagram_controls
from lsviz.pages.reliability.every_measure import every_measure
from lsviz.pages.reliability.foretold import foretold, foretold_live
from lsviz.pages.reliability.numbers import numbers_table
from lsviz.pages.reliability.temperature import temperature, temperature_curves
from lsviz.pages.reliability.two_networks import two_runs
from lsviz.state import ViewState
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls, notices, prose
from lsviz.ui.folds import fold
from lsviz.ui.foot import save_view
from lsviz.ui.plots import headline
from lsviz.ui.shown import figure
from lsviz.zoo import networks
from lsviz.zoo.calibration import Measured, measured
from lsviz.zoo.kept import of_store


@of_store(max_entries=8, words=True)
def trend(num_classes: int) -> LiveFigure:
    found = measured(num_classes)
    return trend_figure(gap_and_ece(found.networks, found.seeds), words("reliability"))


def hero(state: ViewState, num_classes: int, found: Measured, alpha: float) -> None:
    images = say.count(len(found.networks[alpha].confidence))
    left, right = st.columns([5, 7], gap="large")
    with left:
        figure(diagram(state, num_classes), "reliability_diagram", badge=t("reliability.badge_diagram", images=images))
        diagram_controls(state, num_classes)
    with right:
        seeds = max(map(len, found.seeds.values()), default=1)
        badge = "badge_seeds" if seeds >= LEAST_SEEDS else "badge_one"
        figure(trend(num_classes), "reliability_trend", badge=t(f"reliability.{badge}", seeds=seeds, images=images))
        if sentence := say.caption(found.networks, words("reliability")):
            prose.caption(sentence)
        if sentence := say.too_few(found.networks[alpha], words("reliability")):
            prose.caption(sentence)


def render() -> None:
    state = controls.view_state()
    num_classes = networks.snapped(state.num_classes)
    found = measured(num_classes)
    if not found.networks:
        st.title(t("nav.reliability"), anchor=False)
        notices.sorry(470, *found.problems)
        return
    stops = tuple(found.networks)
    heads, subs = say.findings(found.networks, words("reliability"))
    headline(stops, heads, subs)
    if num_classes != state.num_classes:
        prose.caption(t("dock.nearest_n", asked=state.num_classes, shown=num_classes))
    alpha = stops[nearest_stop(stops, state.alpha)]
    hero(state, num_classes, found, alpha)
    notices.mention(networks.problems(num_classes) + found.problems)
    badge = t("reliability.badge_diagram", images=say.count(len(found.networks[alpha].confidence)))
    fold("numbers", lambda: numbers_table(found.networks, num_classes, alpha))
    fold("two", lambda: two_runs(state, num_classes, alpha))
    fold("measures", lambda: every_measure(num_classes, alpha))
    fold("images", lambda: bin_images(state, num_classes, alpha))
    fold("temperature", lambda: temperature(state.temperature, num_classes, alpha))
    fold("remedies", lambda: remedies(num_classes, alpha, badge))
    fold("foretold", lambda: foretold(num_classes))
    fold("everyn", lambda: every_n(num_classes))
    at = stops.index(alpha)
    shown = lambda: [
        diagram(state, num_classes),
        trend(num_classes),
        temperature_curves(num_classes, state.temperature),
    ]
    save_view(
        "reliability", lambda: (heads[at], subs[at], [*shown(), *figures(num_classes), *filter(None, [foretold_live(num_classes)])])
    )


if __name__ == "__main__":
    render()
