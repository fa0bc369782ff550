"""The controls all pages share: one ViewState in the session, mirrored in the URL; every widget key is made here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lsviz import navigation
from lsviz.core.once import once
from lsviz.figures import numbers, theme
from lsviz.state import ViewState, closed_form_stops, control, nearest_count
from lsviz.texts import catalogue
from lsviz.texts.catalogue import t
from lsviz.ui.dock import dock

_VIEW, _PAGE, _WANTED, _FIRST = "view_state", "view_page", "view_wanted", "view_first"
_HEARD, _OPENED = "view_alpha_heard", "view_opened"
N_PRESETS = (2, 3, 5, 10, 20, 50, 100, 1000)


def view_state() -> ViewState:
    """What the page should show."""
    return st.session_state[_VIEW]


def update(**changes: Any) -> None:
    """Change the view (a widget callback): `update(num_classes=5, alpha=.1)`."""
    st.session_state[_VIEW] = replace(view_state(), **changes)


def begin(state: ViewState) -> None:
    """Start from this view, unless the session already has one."""
    st.session_state.setdefault(_VIEW, state)


def open_view(page: str, state: ViewState) -> None:
    """Show this page in this state from the next run on (a callback)."""
    st.session_state[_VIEW] = state
    st.session_state[_WANTED] = page
    st.session_state[_OPENED] = True


def turn_page(here: str) -> None:
    """Go to the page that was asked for, if another. Called before `follow_address`, so that no half-turned view enters the history."""
    wanted = st.session_state.pop(_WANTED, here)
    st.session_state.pop(_OPENED, None)
    if wanted != here:
        st.session_state[_PAGE] = wanted
        st.switch_page(navigation.file(wanted), query_params=view_state().to_query())


def is_history() -> bool:
    """Whether the browser's back or forward brought this run."""
    return bool(getattr(get_script_run_ctx(), "is_history_navigation", False))


def follow_address(page: str) -> None:
    """Take the view from the URL when it leads, then write the view into it. Called first on every run.

    The URL leads on a session's first run, on the browser's back and forward, and on arriving at a page by a link;
    what a link does not name is kept, so alpha and N travel from page to page. Otherwise the session leads: between
    a control's change and the browser's new address an old query may still arrive, and it must not undo the change.
    """
    query = st.query_params.to_dict()
    st.session_state[_FIRST] = first = _VIEW not in st.session_state
    if first or is_history():
        came = ViewState.from_query(query)
        st.session_state[_VIEW] = came if is_history() else _unfolded(came, page, query)
    elif page != st.session_state.get(_PAGE):
        st.session_state[_VIEW] = _unfolded(ViewState.from_query(query, base=replace(view_state(), open=())), page, query)
    st.session_state[_PAGE] = page
    wanted = view_state().to_query()
    if wanted != query:
        st.query_params.from_dict(wanted)


def _unfolded(state: ViewState, page: str, query: Mapping[str, str]) -> ViewState:
    """With the folds open that a link of before means by the controls it names."""
    return state if "open" in query else replace(state, open=navigation.opened(page, query))


def first_turn() -> bool:
    """True once a session, for the first who asks in its first run: somebody has just opened the app."""
    return bool(st.session_state.pop(_FIRST, False))


def _coming() -> ViewState:
    """The view of this run as far as it can be known before the view follows the URL: all of it but what a link to another page changes."""
    if _VIEW not in st.session_state or is_history():
        return ViewState.from_query(st.query_params.to_dict())
    return view_state()


def speak() -> None:
    """Choose the language of this run: the view's, else the browser's. Called before the first word."""
    catalogue.speak(_coming().lang, st.context.locale)


def menu_position() -> Literal["top", "hidden"]:
    """Where the menu of pages stands; nowhere in a student's link that leaves it out. Asked before the view follows the URL."""
    return "top" if "menu" not in _coming().hide else "hidden"


def offers(what: str) -> bool:
    """Whether this view's link leaves `what` (one of state.HIDEABLE) on the page."""
    return what not in view_state().hide


# ---- widgets bound to a field of the view; where a link leaves them out, its value stands ---------------------------


def _bound(name: str, shown: object = None) -> dict[str, Any]:
    """Key, value and callback for a widget that sets the field `name` and shows it, or `shown` where the page fell back to it."""
    key = f"control_{name}"
    st.session_state[key] = getattr(view_state(), name) if shown is None else shown
    return {"key": key, "on_change": lambda: update(**{name: st.session_state[key]})}


def choose(name: str, options: Sequence[str], texts: str, *, label: str) -> str:
    """One of a few modes as a segmented control; option words are `texts.<option>`."""
    if not offers("controls"):
        return getattr(view_state(), name)
    return st.segmented_control(
        label,
        options,
        format_func=lambda option: t(f"{texts}.{option}"),
        required=True,
        label_visibility="collapsed",
        width="content",
        **_bound(name),
    )


def toggle(name: str, label: str) -> bool:
    """A switch for the flag `name`."""
    return st.toggle(label, width="content", **_bound(name)) if offers("controls") else getattr(view_state(), name)


def slide(name: str, low: float, high: float, step: float, label: str, **options: Any) -> float:
    """A slider for the number `name`."""
    if not offers("controls"):
        return getattr(view_state(), name)
    return st.slider(label, low, high, step=step, **options, **_bound(name))


def count(name: str, label: str, **options: Any) -> None:
    """A number field for the whole number `name`, within the range its URL allows."""
    low, high = control(name).range
    st.number_input(label, int(low), int(high), step=1, **options, **_bound(name))


def amount(name: str, label: str, **options: Any) -> None:
    """A number field for `name` without steps: rates span orders of magnitude."""
    low, high = control(name).range
    st.number_input(label, float(low), float(high), step=None, format="%g", **options, **_bound(name))


def slide_among(name: str, options: Sequence, label: str, shown: object) -> None:
    """A slider over a few values of the field `name`; `shown` is the one of `options` it stands at."""
    if offers("controls"):
        st.select_slider(label, options, **_bound(name, shown))


def alpha_fields(fields: Sequence[tuple[str, str]], label: Callable[[int], str], **options: Any) -> list[float | None]:
    """A field for the alpha of each of several things, three in a line: (key, name from outside), which stands above it as plain text, as a
    field's label would be Markdown; `label(number)` is for whoever cannot see the name. What they hold, None where nothing was typed."""
    cells = [cell for _ in range(0, len(fields), 3) for cell in st.columns(3, gap="medium")]
    asked = []
    for number, (cell, (key, name)) in enumerate(zip(cells, fields), start=1):
        with cell, st.container(gap="xxsmall"):
            st.text(name)
            asked.append(st.number_input(label(number), 0.0, 1.0, step=None, format="%g", key=key, **options))
    return asked


def write(name: str, label: str, shown: str, parse: Callable[[str], object], wrong: Callable[[str], str], **options: Any) -> None:
    """A text field for `name`. What `parse` refuses (ValueError) stays in the field with the sentence `wrong(text)`; the view keeps its value."""
    if not offers("controls"):
        return
    key = f"control_{name}"

    def adopt() -> None:
        text = st.session_state[key]
        try:
            update(**{name: parse(text)})
            st.session_state[f"{key}_refused"] = None
        except ValueError:
            st.session_state[f"{key}_refused"] = text

    refused = st.session_state.get(f"{key}_refused")
    st.session_state[key] = shown if refused is None else refused
    st.text_input(label, key=key, on_change=adopt, **options)
    if refused is not None:
        st.text(wrong(refused))


def pick(
    name: str, options: Sequence, label: str, format_func: Callable = str, shown: object = None, **options_for_streamlit: Any
):  # fmt: skip
    """One of many as a drop-down with search; `shown` stands in for a value that is not among the options."""
    if not offers("controls"):
        return getattr(view_state(), name) if shown is None else shown
    return st.selectbox(
        label, options, format_func=format_func, label_visibility="collapsed", **options_for_streamlit, **_bound(name, shown)
    )


def pick_three(name: str, options: Sequence[int], label: str, format_func: Callable) -> None:
    """Three different ones of many, a drop-down each; choosing one that another drop-down shows swaps the two."""
    if not offers("controls"):
        return
    chosen = list(getattr(view_state(), name))
    if not set(chosen) <= set(options):
        chosen = list(options)[:3]
    keys = [f"control_{name}_{i}" for i in range(3)]

    def adopt(i: int) -> None:
        new = st.session_state[keys[i]]
        update(**{name: tuple(new if j == i else chosen[i] if old == new else old for j, old in enumerate(chosen))})

    with st.container(horizontal=True, gap="xsmall", width="content"):
        for i in range(3):
            st.session_state[keys[i]] = chosen[i]
            st.selectbox(
                f"{label} {i + 1}", options, format_func=format_func, key=keys[i], on_change=adopt, args=(i,),
                label_visibility="collapsed", width=113,
            )  # fmt: skip


# ---- the dock: alpha and N -----------------------------------------------------------------------------------------


def draw_dock(trained: tuple[float, ...] | None = None, counts: tuple[int, ...] | None = None, note: str = "") -> None:
    """The dock at the bottom: alpha on its rail and N. With `trained` alphas and `counts` of classes it snaps to them.

    `note` says whose alphas these are, unless they are the stored networks'.
    """
    state = view_state()
    stops = trained or closed_form_stops()
    shown_n = nearest_count(counts, state.num_classes) if counts else state.num_classes
    is_stop = any(abs(stop - state.alpha) < 1e-9 for stop in stops)
    asked = numbers.alpha_text(state.alpha)
    rest = note or t("dock.trained" if trained else "dock.any_value")
    ticks = trained if trained and len(trained) <= 12 else [a for a in theme.ALPHA_TICKS if not trained or a in trained]
    data = {
        "group": "alpha",
        "label": t("dock.aria"),
        "alpha": state.alpha,
        "heard": heard(),
        "stops": list(stops),
        "labels": [numbers.alpha_text(a) for a in stops],
        "colors": [theme.alpha_color(a) for a in stops],
        "ticks": [[a, numbers.alpha_tick(a, t("dock.hard")), a in (0.02, 0.05, 0.15, 0.3, 0.7)] for a in ticks],
        "gradient": _gradient(),
        "dots": list(trained) if trained else None,
        "notes": [rest] * len(stops),
        "note_asked": None
        if is_stop or not trained
        else {"text": t("dock.nearest", asked=asked), "offer": t("dock.also", asked=asked)},
        "n": {
            "value": shown_n,
            "options": list(counts or N_PRESETS),
            "free": counts is None,
            "min": 2,
            "max": 1000,
            "label": t("dock.classes"),
        },
        "hide": [name for name in ("alpha", "n") if not offers(name)],
        "embedded": bool(st.context.is_embedded),
    }
    with st.bottom, st.container(key="dockrow"):
        dock(data, key="dock", on_change=_from_dock)


def heard() -> tuple[str, int]:
    """This session's name, and the serial of the alpha it was told last: by these the dock knows an answer from news."""
    return st.session_state.setdefault(_HEARD, (secrets.token_hex(4), 0))


def hear(alpha: float, serial: int) -> None:
    """Alpha rests here now, says the browser, and this is the serial of its saying so. What opens another view at once has the last word."""
    st.session_state[_HEARD] = (heard()[0], serial)
    if not st.session_state.get(_OPENED):
        update(alpha=alpha)


def _from_dock() -> None:
    """N was changed: take it where it is sound. An alpha that nobody trained opens the Lab, which trains it too."""
    said = st.session_state["dock"]
    if said.get("also") is not None:
        also = ViewState.from_query({"also": str(said["also"]), "alpha": str(said["also"])}, base=view_state())
        return open_view("lab", also)
    if said.get("n") is not None:
        st.session_state[_VIEW] = ViewState.from_query({"n": str(said["n"])}, base=view_state())


@once(1)
def _gradient() -> list[list]:
    """The rail's paint: orange for the first .9 %, then the ramp, as [percent, colour]."""
    stops = np.linspace(0.02, 1, 40)
    start = theme.alpha_color(1e-4)
    return [[0, theme.HARD], [0.9, theme.HARD], [0.9, start]] + [
        [round(100 * float(s), 2), theme.alpha_color(float(s) ** 2)] for s in stops
    ]
