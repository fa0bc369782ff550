"""Similar classes, live: which digits are alike is the reader's to say, and networks are smoothed by it."""

from __future__ import annotations

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.core.intervals import side
from lsviz.core.smoothing.wrong_classes import darkest
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.lab.trials.similar_digits import KINDS, Alike, AlikeTrial
from lsviz.pages.labels.likeness_figure import Likeness, likeness_figure
from lsviz.state import ALIKE, ViewState
from lsviz.texts.catalogue import cached_words, error_text, t, words
from lsviz.ui import controls, prose
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.live_experiment import result
from lsviz.ui.shown import figure

DIGITS = range(10)
MOST = 9  # of a weight
_SHOWN = "alike_shown"  # the last training this session saw
_BASE = "alike_base"  # the matrix the table was opened with; what is typed since lies in the table's own state


def alike_live(state: ViewState) -> None:
    """The table, the button, three maps and a row of numbers."""
    prose.markdown(t("bias.alike_text"))
    if controls.offers("controls"):
        _table(state.alike)
    at_alpha("alike_live", _trained)


def _trained(state: ViewState) -> None:
    alpha = state.alpha if state.alpha > 0 else 0.1
    weights = parsed(state.alike)
    try:
        trial = AlikeTrial(alpha=alpha, weights=weights)
    except LsvizError as error:
        st.text(error_text(error))
        return
    found, key = (
        result(trial, "alike", t("bias.alike_go", alpha=numbers.alpha_text(alpha), count=len(KINDS) * trial.seeds)),
        trial.key,
    )
    if found is not None:
        st.session_state[_SHOWN] = (found, key)
    elif _SHOWN in st.session_state:
        found, key = st.session_state[_SHOWN]
        prose.caption(t("bias.alike_older"))
    else:
        return
    prose.markdown(_told(found))
    badge = t("bias.live_badge", seeds=found.seeds, images=found.images)
    for column, name, live in zip(st.columns(3, gap="medium"), KINDS, _drawn(key, found)):
        with column:
            figure(live, f"bias_alike_live_{name}", badge=badge, source="lab", how="bias.how_alike_live")


def parsed(text: str) -> tuple[tuple[int, ...], ...]:
    """Weights (10, 10) from "386.836": row 3, column 8, weight 6; 1 where nothing is said, 0 on the diagonal."""
    weights = [[int(row != column) for column in DIGITS] for row in DIGITS]
    for part in filter(None, text.split(".")):
        row, column, weight = map(int, part)
        weights[row][column] = weight
    return tuple(map(tuple, weights))


def written(weights) -> str:
    """The text of such weights."""
    return ".".join(f"{i}{j}{weights[i][j]}" for i in DIGITS for j in DIGITS if i != j and weights[i][j] != 1)


def _table(text: str) -> None:
    """The matrix to type in. What is typed goes into the view's link; a matrix that came by a link opens the table anew."""
    base, at, last = st.session_state.get(_BASE, (text, 0, text))
    if text != last:
        base, at = text, at + 1
    st.session_state[_BASE] = (base, at, text)
    key, weights = f"alike_table_{at}", parsed(base)

    def adopt() -> None:
        typed = [list(row) for row in weights]
        for row, changes in st.session_state[key]["edited_rows"].items():
            for name, value in changes.items():
                if int(row) != int(name):
                    typed[int(row)][int(name)] = min(max(int(value or 0), 0), MOST)  # a cell that was emptied is 0
        made = written(typed)
        st.session_state[_BASE] = (base, at, made)
        controls.update(alike=made)

    rows = {t("bias.alike_row"): [str(k) for k in DIGITS]} | {
        str(k): [None if row == k else weights[row][k] for row in DIGITS] for k in DIGITS
    }
    number = st.column_config.NumberColumn(min_value=0, max_value=MOST, step=1, width=48)
    first = st.column_config.TextColumn(disabled=True, pinned=True, width=72)
    st.data_editor(
        rows,
        key=key,
        on_change=adopt,
        hide_index=True,
        num_rows="fixed",
        width="content",
        row_height=30,
        placeholder="",
        column_config={str(k): number for k in DIGITS} | {t("bias.alike_row"): first},
    )
    with st.container(horizontal=True, gap="small"):
        st.button(t("bias.alike_reset"), key="alike_reset", on_click=controls.update, kwargs=dict(alike=ALIKE))
        st.button(t("bias.alike_even"), key="alike_even", on_click=controls.update, kwargs=dict(alike=""))


def _told(found: Alike) -> str:
    """Accuracy, NLL and ECE of the three, and the paired differences of the matrix to even smoothing."""
    one = found.each["matrix"]
    known = {
        f"{what}_{name}": text
        for name, each in found.each.items()
        for what, text in (
            ("right", numbers.percent(each.accuracy, 1)),
            ("nll", f"{each.nll:.3f}"),
            ("ece", numbers.percent(each.ece, 1)),
        )
    }
    signed = lambda value: f"{value:+.3f}".replace("-", numbers.MINUS)
    for metric, shown in (("accuracy", numbers.points), ("nll", signed)):
        mean, low, high = one.against_even[metric]
        known |= {
            f"{metric}_difference": shown(mean),
            f"{metric}_low": shown(low),
            f"{metric}_high": shown(high),
            f"{metric}_verdict": t(f"bias.alike_{'clear' if side(low, high) else 'equal'}"),
        }
    return t("bias.alike_told", alpha=numbers.alpha_text(found.alpha), seeds=found.seeds, images=found.images, **known)


@cached_words(max_entries=8)
def _drawn(key: str, _found: Alike) -> tuple[LiveFigure, ...]:
    names = tuple(map(str, DIGITS))
    title = lambda name, one: t(f"bias.title_alike_{name}_live", flat=f"{one.flatness:.2f}")
    top = darkest(_found.each["hard"].map)
    return tuple(
        likeness_figure(
            {0.0: Likeness(one.map, 0.0, 0.0, one.flatness)},
            names,
            words("bias"),
            pinned=True,
            title=title(name, one),
            top=top,
        )
        for name, one in _found.each.items()
    )
