"""Costs: when smoothing hurts. Confident mistakes, the price in NLL, what features still tell; each with its remedy."""

from __future__ import annotations

import streamlit as st

from lsviz.core.selective import SCORES
from lsviz.figures import costs, selective, theme
from lsviz.figures.live import LiveFigure, nearest_stop
from lsviz.ui import controls, zoo
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import headline, live_plot
from lsviz.ui.selected import SelectedZoo, changes, losses, probes, selected
from lsviz.ui.texts import t, words


@st.cache_resource(max_entries=32, show_spinner=False)
def curves(stamp: str, num_classes: int, score: str) -> tuple[LiveFigure, LiveFigure]:
    networks = selected(num_classes).networks
    return selective.coverage_figure(networks, score, words("costs")), selective.area_figure(networks, score, words("costs"))


@st.cache_resource(max_entries=8, show_spinner=False)
def prices(stamp: str, num_classes: int) -> tuple[LiveFigure | None, LiveFigure | None]:
    accuracy, separation = probes(num_classes)
    paid = losses(num_classes)
    tax = costs.tax_figure(paid, num_classes, words("costs")) if paid else None
    return tax, costs.probe_figure(accuracy, separation, words("costs")) if len(accuracy) > 1 else None


def figure(live: LiveFigure, key: str) -> None:
    live_plot(live, key=f"costs_{key}")
    figure_foot(live, key=f"costs_{key}", badge=t("badge.measured_one"), source="measured", how=t(f"costs.how_{key}"))


def to_train(sentence: str, plan: str) -> None:
    st.text(sentence)
    st.code(t("costs.command", plan=plan), language="bash", wrap_lines=True)


def hero(n: int, score: str, found: SelectedZoo, alpha: float) -> None:
    curve, area = curves(zoo.stamp(), n, score)
    left, right = st.columns(2, gap="large")
    with left:
        figure(curve, "curve")
        controls.choose("score", SCORES, "costs.sort", label=t("costs.score_label"))
    with right:
        figure(area, "area")
        st.caption(t("costs.remedy", p=found.norms[alpha]) if n > 2 else t("costs.remedy_two"))


def verdict(n: int, alpha: float) -> None:
    st.subheader(t("costs.verdict_title", alpha=theme.alpha_text(alpha)) if alpha else t("costs.verdict_none"), anchor=False)
    found = changes(n, alpha) if alpha else None
    if found is None:
        st.caption(t("costs.verdict_hard"))
        return
    a = theme.alpha_text(alpha)
    heads = [t(f"costs.column_{name}", alpha=a) for name in ("what", "hard", "alpha", "difference")]
    table = costs.verdict_table(found.changes, heads, words("costs"))
    st.markdown(table)
    note = t("costs.verdict_note", n=n, seed=found.seed, count=theme.whole(found.count))
    st.caption(note)
    with st.expander(t("costs.verdict_copy"), icon=":material/content_copy:"):
        st.code(f"{table}\n\n{note}", language="markdown", wrap_lines=True)


def more(n: int) -> None:
    st.subheader(t("costs.more_title"), anchor=False)
    tax, probe = prices(zoo.stamp(), n)
    left, right = st.columns(2, gap="large")
    with left:
        if tax:
            figure(tax, "tax")
    with right:
        if probe:
            figure(probe, "probe")
        else:
            to_train(t("costs.probe_missing", n=n), "core")
    st.subheader(t("costs.distil_title"), anchor=False)
    to_train(t("costs.distil_missing"), "distil")


def render() -> None:
    state = controls.view_state()
    n = zoo.snapped(state.num_classes)
    found = selected(n)
    if not found.networks:
        st.title(t("nav.costs"), anchor=False)
        zoo.sorry(420, *found.problems)
        return
    stops = tuple(found.networks)
    headline(stops, *selective.findings(found.networks, state.score, words("costs")))
    if n != state.num_classes:
        st.caption(t("dock.nearest_n", asked=state.num_classes, shown=n))
    alpha = stops[nearest_stop(stops, state.alpha)]
    hero(n, state.score, found, alpha)
    zoo.mention((*zoo.problems(n), *found.problems))
    verdict(n, alpha)
    more(n)


if __name__ == "__main__":
    render()
