"""Loss: why hard targets push for ever, where smoothed ones stop, and real networks stopping there."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lsviz import navigation
from lsviz.core.classes import CLASS_ORDER
from lsviz.figures import loss as draw
from lsviz.figures import training_curves as real
from lsviz.figures.live import LiveFigure
from lsviz.pages.loss import findings as say
from lsviz.pages.loss.calculator import calculator
from lsviz.pages.loss.triangle_figure import simplex_figure
from lsviz.state import ViewState, closed_form_stops
from lsviz.texts.catalogue import cached_words, class_name, t, words
from lsviz.ui import controls, notices, own_curves, prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.folds import fold
from lsviz.ui.plots import headline
from lsviz.ui.shown import figure, row
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store

STOPS = closed_form_stops()


@cached_words(max_entries=64)
def findings(num_classes: int) -> tuple[list[str], list[str]]:
    return say.findings(STOPS, num_classes, words("loss"))


@cached_words(max_entries=64)
def theory(num_classes: int) -> tuple[LiveFigure, ...]:
    builders = (draw.loss_figure, draw.descent_figure, draw.force_figure, draw.probability_figure)
    return tuple(build(STOPS, num_classes, words("loss")) for build in builders)


@cached_words(max_entries=4)
def triangles() -> LiveFigure:
    return simplex_figure(STOPS, [class_name(CLASS_ORDER, k) for k in range(3)], words("loss"))


@of_store(max_entries=16)
def recorded(num_classes: int) -> tuple[real.Course, ...]:
    """The networks shown for this N, one an alpha, whose training was recorded."""
    runs = [run for run in networks.shown(num_classes) if "margin_train" in run.facts and "margin" in run.history]
    return tuple(real.Course(num_classes, run.config.alpha, run.facts["margin_train"], run.history) for run in runs)


@of_store(max_entries=32, words=True)
def practice(num_classes: int, curve: str) -> tuple[LiveFigure, LiveFigure, LiveFigure]:
    here = recorded(num_classes)
    everywhere = [course for n in networks.counts() for course in recorded(n)]
    return (
        real.margin_course_figure(STOPS, here, words("loss")),
        real.plateau_figure(STOPS, everywhere, num_classes, words("loss")),
        real.curves_figure(STOPS, here, curve, words("loss")),
    )


def real_networks(state: ViewState) -> None:
    """Real networks stopping where the theory says; without any, one sentence in the figure's place."""
    n = networks.snapped(state.num_classes)
    here = recorded(n)
    if here:
        prose.caption(
            t("loss.networks_sentence" if n == state.num_classes else "loss.networks_snapped", count=n, asked=state.num_classes)
        )
        figure(practice(n, state.curve)[0], "loss_course")
        notices.mention(networks.problems(n))
    else:
        notices.sorry(400)


def training(state: ViewState) -> None:
    """The same networks epoch by epoch, the plateau of every N, and the trap that the smoothed loss sets."""
    n = networks.snapped(state.num_classes)
    here = recorded(n)
    if here:
        _, plateau, curves = practice(n, state.curve)
        controls.choose("curve", real.CURVES, "loss.curve", label=t("loss.curve_label"))
        row({"loss_curves": curves, "loss_plateau": plateau}, (7, 5))
    at_alpha("loss_trap", lambda now: prose.markdown(say.trap(here, n, now.alpha, words("loss"))))


def render() -> None:
    state = controls.view_state()
    headline(STOPS, *findings(state.num_classes))
    loss, descent, force, probability = theory(state.num_classes)
    closed: dict[str, Any] = {"badge": t("badge.closed"), "source": "closed"}
    row({"loss_loss": loss, "loss_descent": descent}, (7, 5), **closed)
    st.subheader(t("loss.networks_title"))
    real_networks(state)
    fold("why", lambda: row({"loss_force": force, "loss_probability": probability}, **closed))
    fold("triangle", lambda: figure(triangles(), "loss_simplex", **closed))
    fold("training", lambda: training(state))
    fold("meaning", lambda: at_alpha("meaning", lambda now: calculator(now.num_classes, now.alpha)))
    fold("curves", own_curves.read)
    st.page_link(navigation.file("reliability"), label=t("loss.next"), icon=":material/arrow_forward:")


if __name__ == "__main__":
    render()
