"""The stored seeds as an ensemble on Inductive bias: what averaging does to networks that are already modest."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lsviz.core.comparing.changes import Change
from lsviz.core.comparing.ensembles import TOGETHER, together_moved
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.pages.bias.ensemble_figure import ensemble_figure
from lsviz.pages.bias.seeds_data import ensembles, seeds
from lsviz.texts.catalogue import t, words
from lsviz.ui import prose
from lsviz.ui.shown import figure
from lsviz.zoo.kept import of_store


def together(n: int) -> None:
    """One sentence, one figure, a row for each alpha."""
    found = ensembles(n)
    count = min(part.seeds for part in seeds(n).brier.values())
    moved = together_moved(found)
    prose.markdown(told(found, moved, count))
    figure(_drawn(n), "bias_ensemble", badge=t("badge.measured_seeds", seeds=count))
    st.dataframe(_table(found, moved), hide_index=True, height="content")
    prose.caption(t("bias.ens_note", count=len(found) * len(TOGETHER)))


def told(found: Mapping[float, Mapping[str, Change]], moved: Mapping[tuple[float, str], str], count: int) -> str:
    """Where confidence less accuracy moved, then where ECE did: every alpha by its interval, corrected for all in the table."""
    parts = []
    for name in ("gap", "ece15"):
        groups = {way: [alpha for alpha in found if moved[alpha, name] == way] for way in ("less", "more", "equal")}
        said = "; ".join(
            t(f"bias.ens_{name}_{way}", where=", ".join(_where(alpha, found[alpha][name], name) for alpha in alphas))
            for way, alphas in groups.items()
            if alphas
        )
        parts.append(t(f"bias.ens_{name}", said=said, count=count))
    return " ".join(parts)


def _where(alpha: float, change: Change, name: str) -> str:
    at = t("bias.hard") if alpha == 0 else f"α = {numbers.alpha_text(alpha)}"
    return f"{at} ({_value(name, change.first)} → {_value(name, change.second)})"


def _value(name: str, value: float) -> str:
    return f"{value:.3f}" if name == "nll" else numbers.points(value) if name == "gap" else numbers.percent(value, 1)


def _table(found: Mapping[float, Mapping[str, Change]], moved: Mapping[tuple[float, str], str]) -> list[dict[str, str]]:
    """A row for each alpha, alone → together; a change that is clear of zero is marked."""
    said = lambda one: f"{_value(one.metric, one.first)} → {_value(one.metric, one.second)}"
    return [
        {"α": t("bias.hard") if alpha == 0 else numbers.alpha_text(alpha)}
        | {t(f"bias.ens_{name}_head"): said(of[name]) + (" ◆" if moved[alpha, name] != "equal" else "") for name in TOGETHER}
        for alpha, of in found.items()
    ]


@of_store(max_entries=4, words=True)
def _drawn(n: int) -> LiveFigure:
    return ensemble_figure({alpha: of["ece15"] for alpha, of in ensembles(n).items()}, words("bias"))
