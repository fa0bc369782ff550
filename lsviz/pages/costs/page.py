"""Costs: when smoothing hurts. Confident mistakes, the price in NLL, students and new classes; each with its remedy."""

from __future__ import annotations

import streamlit as st

from lsviz.figures import selective
from lsviz.figures.live import nearest_stop
from lsviz.pages.costs.easy_tasks import easy_tasks
from lsviz.pages.costs.measured import selected
from lsviz.pages.costs.prices import price, transfer
from lsviz.pages.costs.ranking import mechanism, selection
from lsviz.pages.costs.students import teachers
from lsviz.pages.costs.verdict_card import verdict_card
from lsviz.state import ViewState
from lsviz.texts.catalogue import t, words
from lsviz.ui import controls, notices, prose
from lsviz.ui.folds import fold
from lsviz.ui.plots import headline
from lsviz.zoo import networks


def measured(state: ViewState, n: int) -> float | None:
    """What the stored networks say; the alpha shown, None where nothing can be."""
    found = selected(n)
    if not found.networks:
        st.title(t("nav.costs"), anchor=False)
        notices.sorry(200, *found.problems)
        return None
    stops = tuple(found.networks)
    headline(stops, *selective.findings(found.networks, state.score, words("costs")))
    if n != state.num_classes:
        prose.caption(t("dock.nearest_n", asked=state.num_classes, shown=n))
    alpha = stops[nearest_stop(stops, state.alpha)]
    selection(n, state.score, found, alpha)
    notices.mention((*networks.problems(n), *found.problems))
    return alpha


def render() -> None:
    state = controls.view_state()
    n = networks.snapped(state.num_classes)
    alpha = measured(state, n)
    if alpha is not None:
        fold("force", lambda: mechanism(n))
        fold("bought", lambda: verdict_card(n, alpha))
        fold("price", lambda: price(n, state.tax_tempered))
    fold("easy", lambda: easy_tasks(state))
    fold("students", lambda: teachers(n, state.cool_teacher))
    if alpha is not None:
        fold("probe", lambda: transfer(n, alpha))


if __name__ == "__main__":
    render()
