"""The reliability diagram and what it is asked: of which event, in which bins."""

from __future__ import annotations

import streamlit as st

from lsviz.core.calibration.events import TOP, parsed
from lsviz.core.classes import CLASS_ORDER
from lsviz.figures.live import LiveFigure
from lsviz.figures.reliability import reliability_figure
from lsviz.state import ViewState, control, parse_edges
from lsviz.texts.catalogue import class_name, t, words
from lsviz.ui import controls
from lsviz.zoo.calibration import diagrams
from lsviz.zoo.kept import of_store

BINNINGS = ("uniform", "mass", "smooth", "own")
FIRST = (2, 3, 5, 10)


def diagram(state: ViewState, num_classes: int) -> LiveFigure:
    """The diagram of every trained alpha, as the view asks for it."""
    edges = state.edges if state.binning == "own" else ()
    return _diagram(num_classes, state.bins, state.binning, edges, event_of(state, num_classes))


def event_of(state: ViewState, num_classes: int) -> str:
    """The event asked for, or the network's own answer where there are too few classes for it."""
    return state.event if state.event in _events(num_classes) else TOP


@of_store(max_entries=64, words=True)
def _diagram(num_classes: int, bins: int, binning: str, edges: tuple[float, ...], event: str) -> LiveFigure:
    kind, number = parsed(event)
    title = "" if kind == TOP else t(f"reliability.title_{kind}", name=class_name(CLASS_ORDER, number - 1), k=number)
    return reliability_figure(diagrams(num_classes, bins, binning, edges, event), words("reliability"), title=title)


def _events(num_classes: int) -> list[str]:
    first = [f"first-{k}" for k in FIRST if k < num_classes]
    return [TOP, *first, *(f"class-{k + 1}" for k in range(num_classes))]


def _event_name(event: str) -> str:
    kind, number = parsed(event)
    return t(f"reliability.event.{kind}", name=class_name(CLASS_ORDER, number - 1), k=number)


def diagram_controls(state: ViewState, num_classes: int) -> None:
    """Event, binning, and the number of bins or their edges."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="local"):
        controls.choose("binning", BINNINGS, "reliability.binning", label=t("reliability.binning_label"))
        controls.pick(
            "event", _events(num_classes), t("reliability.event_label"), _event_name, event_of(state, num_classes), width=190
        )
        if state.binning == "own":
            edges = control("edges").format(state.edges).replace("-", "  ")
            wrong = lambda text: t("reliability.edges_wrong", text=text[:60])
            controls.write(
                "edges", t("reliability.edges_label"), edges, parse_edges, wrong, label_visibility="collapsed", width=260
            )
        elif state.binning != "smooth":
            bins = t("reliability.bins_format")
            controls.slide("bins", 2, 50, 1, t("reliability.bins"), format=bins, label_visibility="collapsed", width=170)
