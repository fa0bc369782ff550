"""Selective prediction on Costs: errors left among the surest answers, the remedy as a switch, and what smoothing does to the top logit."""

from __future__ import annotations

import streamlit as st

from lsviz.core.comparing.selective import SCORES
from lsviz.figures import selective
from lsviz.figures.live import LiveFigure
from lsviz.pages.costs.measured import SelectedZoo, selected, tops
from lsviz.pages.costs.top_logit_figures import pressure_figure, top_logit_figure
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls
from lsviz.ui.plots import caption_along
from lsviz.ui.shown import figure
from lsviz.zoo.kept import of_store


def selection(n: int, score: str, found: SelectedZoo) -> None:
    """The curve and its area over alpha, sorted by the score of the link."""
    curve, area = _curves(n, score)
    left, right = st.columns(2, gap="large")
    with left:
        figure(curve, "costs_curve")
        controls.choose("score", SCORES, "costs.sort", label=t("costs.score_label"))
    with right:
        figure(area, "costs_area")
        remedies = [t("costs.remedy", p=found.norms[alpha]) if n > 2 else t("costs.remedy_two") for alpha in found.networks]
        caption_along(tuple(found.networks), remedies, key="costs_remedy")


def mechanism(n: int) -> None:
    """The force of smoothing on the top logit, exact, beside where the stored networks' top logits ended."""
    if made := _mechanism(n):
        force, top = made
        left, right = st.columns(2, gap="large")
        with left:
            figure(force, "costs_force", badge=t("badge.closed"), source="closed")
        with right:
            figure(top, "costs_top")


@of_store(max_entries=32, words=True)
def _curves(n: int, score: str) -> tuple[LiveFigure, LiveFigure]:
    networks = selected(n).networks
    return selective.coverage_figure(networks, score, words("costs")), selective.area_figure(networks, score, words("costs"))


@of_store(max_entries=8, words=True)
def _mechanism(n: int) -> tuple[LiveFigure, LiveFigure] | None:
    networks = tops(n)
    return (pressure_figure(networks, n, words("costs")), top_logit_figure(networks, words("costs"))) if networks else None
