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
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.folds import fold
from lsviz.ui.plots import headline
from lsviz.zoo import networks


def measured(state: ViewState, n: int) -> tuple[float, ...]:
    """What the stored networks say; their alphas, none where nothing can be said."""
    found = selected(n)
    if not found.networks:
        st.title(t("nav.costs"), anchor=False)
        notices.sorry(200, *found.problems)
        return ()
    stops = tuple(found.networks)
    headline(stops, *selective.findings(found.networks, state.score, words("costs")))
    if n != state.num_classes:
        prose.caption(t("dock.nearest_n", asked=state.num_classes, shown=n))
    selection(n, state.score, found)
    notices.mention((*networks.problems(n), *found.problems))
    return stops


def render() -> None:
    state = controls.view_state()
    n = networks.snapped(state.num_classes)
    stops = measured(state, n)
    near = lambda now: stops[nearest_stop(stops, now.alpha)]
    if stops:
        fold("force", lambda: mechanism(n))
        fold("bought", lambda: at_alpha("bought", lambda now: verdict_card(n, near(now))))
        fold("price", lambda: price(n, state.tax_tempered))
    fold("easy", lambda: easy_tasks(state))
    fold("students", lambda: teachers(n, state.cool_teacher))
    if stops:
        fold("probe", lambda: transfer(n, stops))


if __name__ == "__main__":
    render()
