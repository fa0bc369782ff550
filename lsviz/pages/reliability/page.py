"""Reliability: is a network right as often as it claims, with hard targets, with smoothing, after a temperature?"""

from __future__ import annotations

import streamlit as st

from lsviz.core.intervals import LEAST_SEEDS
from lsviz.figures import numbers
from lsviz.figures import reliability_words as say
from lsviz.figures.live import nearest_stop
from lsviz.pages.reliability.after_training import every_n, figures, remedies
from lsviz.pages.reliability.bin_images import bin_images
from lsviz.pages.reliability.diagram import diagram, diagram_controls
from lsviz.pages.reliability.every_measure import every_measure
from lsviz.pages.reliability.foretold import foretold, foretold_live
from lsviz.pages.reliability.kept import trend
from lsviz.pages.reliability.numbers import numbers_table
from lsviz.pages.reliability.temperature import temperature, temperature_curves
from lsviz.pages.reliability.two_networks import two_runs
from lsviz.state import ViewState
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls, notices, prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.folds import fold
from lsviz.ui.foot import save_view
from lsviz.ui.plots import caption_along, headline
from lsviz.ui.shown import figure
from lsviz.zoo import networks
from lsviz.zoo.calibration import Measured, measured


def images_of(found: Measured) -> str:
    """How many test images these networks answer: all the same."""
    return numbers.whole(len(next(iter(found.networks.values())).confidence))


def hero(state: ViewState, num_classes: int, found: Measured) -> None:
    images = images_of(found)
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
        few = [say.too_few(network, words("reliability")) for network in found.networks.values()]
        caption_along(tuple(found.networks), few, key="reliability_few")


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
    hero(state, num_classes, found)
    notices.mention(networks.problems(num_classes) + found.problems)
    near = lambda now: stops[nearest_stop(stops, now.alpha)]
    along = lambda name, draw: fold(name, lambda: at_alpha(name, lambda now: draw(now, near(now))))
    along("numbers", lambda _, alpha: numbers_table(found.networks, num_classes, alpha))
    along("two", lambda now, alpha: two_runs(now, num_classes, alpha))
    along("measures", lambda _, alpha: every_measure(num_classes, alpha))
    along("images", lambda now, alpha: bin_images(now, num_classes, alpha))
    along("temperature", lambda now, alpha: temperature(now.temperature, num_classes, alpha))
    fold("remedies", lambda: remedies(num_classes, stops, t("reliability.badge_diagram", images=images_of(found))))
    fold("foretold", lambda: foretold(num_classes))
    fold("everyn", lambda: every_n(num_classes))
    shown = lambda: [
        diagram(state, num_classes),
        trend(num_classes),
        temperature_curves(num_classes, state.temperature),
    ]
    saved = lambda at: (heads[at], subs[at], [*shown(), *figures(num_classes), *filter(None, [foretold_live(num_classes)])])
    at_alpha("saved", lambda now: save_view("reliability", lambda: saved(nearest_stop(stops, now.alpha))))


if __name__ == "__main__":
    render()
