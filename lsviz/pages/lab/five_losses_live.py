"""Smoothing beside four other losses in the Lab, one press: does a cap, or another pull, do the same?"""

from __future__ import annotations

import streamlit as st

from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.lab.trials.five_losses import LOSSES, MEASURES, STRENGTHS, Losses, LossesTrial
from lsviz.pages.lab.five_losses_figure import losses_figure
from lsviz.state import ViewState
from lsviz.texts.catalogue import cached_words, t, words
from lsviz.ui import controls, prose
from lsviz.ui.live_experiment import result
from lsviz.ui.shown import figure

_SHOWN = "five_losses_shown"  # the last training this session saw
RIVALS = tuple(STRENGTHS)


def five_losses(state: ViewState) -> None:
    """What is asked, the button, one sentence, one figure and a row for each loss."""
    prose.markdown(t("lab.losses_text"))
    prose.markdown("\n".join(f"- {t(f'lab.loss_formula.{name}')}" for name in LOSSES if name != "hard"))
    alpha = round(min(max(state.alpha, 0.01), 0.95), 3) if state.alpha > 0 else 0.1
    trial = LossesTrial(alpha=alpha)
    count = trial.seeds * (2 + sum(map(len, STRENGTHS.values())))
    found = result(trial, "losses", t("lab.losses_go", alpha=numbers.alpha_text(alpha), count=count))
    if found is not None:
        st.session_state[_SHOWN] = (found, trial.key)
    elif _SHOWN in st.session_state:
        prose.caption(t("lab.losses_older"))
    else:
        return
    losses, key = st.session_state[_SHOWN]
    prose.markdown(_told(losses))
    controls.choose("lab_losses", MEASURES, "lab.losses_by", label=t("lab.losses_by_label"))
    badge = t("lab.losses_badge", train=losses.examples, images=losses.images, seeds=losses.seeds)
    figure(_drawn(key, state.lab_losses, losses), "lab_losses", badge=badge, source="lab")
    st.dataframe(_table(losses), hide_index=True, height="content")
    prose.caption(t("lab.losses_chance", count=(len(LOSSES) - 1) * len(MEASURES)))


def standing(losses: Losses, measure: str) -> dict[int, tuple[str, ...]]:
    """The other four losses by what `measure` says of them beside smoothing: +1 more, -1 less, 0 not told apart."""
    return {of: tuple(name for name in RIVALS if losses.each[name].moved[measure] == of) for of in (1, 0, -1)}


def _told(losses: Losses) -> str:
    """What becomes of the order of mistakes and of calibration after a temperature, loss by loss."""
    said = []
    for measure in ("aurc", "ece_cooled"):
        each = standing(losses, measure)
        parts = [
            t(f"lab.losses_{measure}_{word}", names=t("lab.losses_and").join(t(f"lab.losses_name.{name}") for name in each[of]))
            for of, word in ((-1, "less"), (1, "more"), (0, "equal"))
            if each[of]
        ]
        said.append(t(f"lab.losses_{measure}", said="; ".join(parts)))
    return t("lab.losses_told", alpha=numbers.alpha_text(losses.alpha), said=" ".join(said))


def _table(losses: Losses) -> list[dict[str, str]]:
    """A row for each loss; a value whose difference to smoothing's is clear of zero is marked."""
    rows = []
    for name, one in losses.each.items():
        row = {t("lab.losses_loss"): t(f"lab.losses_name.{name}")}
        row[t("lab.losses_strength")] = t(f"lab.loss_strength.{name}", value=f"{one.strength:g}") if name != "hard" else ""
        row[t("lab.losses_confidence")] = numbers.percent(one.confidence, 1)
        for measure in MEASURES:
            mark = t("lab.losses_mark") if one.moved[measure] else ""
            row[t(f"lab.losses_by.{measure}")] = _value(measure, one.values[measure]) + mark
        rows.append(row)
    return rows


def _value(measure: str, value: float) -> str:
    return f"{value:.3f}" if measure == "spread" else numbers.percent(value, 2 if measure == "aurc" else 1)


@cached_words(max_entries=16)
def _drawn(key: str, measure: str, _losses: Losses) -> LiveFigure:
    return losses_figure(_losses.each, measure, words("lab"))
