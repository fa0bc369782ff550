"""The fields of a step, each with what is wrong with it right below: in the words of the reader of lectures, which alone decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from lsviz import navigation
from lsviz.core.errors import LsvizError
from lsviz.frame import drafts
from lsviz.lectures import Step, find_lecture, shipped
from lsviz.lectures.draft import KINDS, Draft, changed, from_address, kind, of_kind
from lsviz.lectures.handout import LETTERS
from lsviz.lectures.reader import MOST_CHOICES, MOST_LEARNED, MOST_MINUTES, MOST_ORDERED, PICKED_REPLIES, Mistake
from lsviz.texts.catalogue import error_text, t
from lsviz.ui import foot, prose

Wrong = Sequence[tuple[int, Mistake]]
_ASIDE = "write_aside"  # (step, kind) -> the step as it was answered so: trying another kind loses nothing


def step(draft: Draft, name: int, wrong: Wrong) -> None:
    """All fields of the step of this number."""
    now = draft.step(name)
    told_here = lambda *keys: told(draft, wrong, name, *keys)
    _shown(name, now)
    told_here("page", "figure", "query")
    _text(name, "say", now, lines=2)
    told_here("say")
    closing = kind(now) == "learned"
    st.segmented_control(
        t("write.kind"), KINDS, format_func=lambda one: t(f"write.kind_{one}"), required=True,
        **_bound("kind", name, kind(now), lambda wanted: _turn(name, wanted)),
    )  # fmt: skip
    if not closing or now.ask:
        _text(name, "ask", now)
    told_here("ask", "pick", "choices", "order", "draw")
    _answer(name, now)
    told_here("answer", "within", "replies", "learned")
    if not closing or now.reveal:
        _text(name, "reveal", now, lines=2)
        told_here("reveal")
    if not now.draw and (not closing or now.blank):
        st.toggle(t("write.blank"), **_bound("blank", name, now.blank, lambda value: _put(name, blank=value)))
        told_here("blank")
    _text(name, "notes", now, lines=4)
    told_here("notes")
    _number(name, "minutes", now.minutes, 0.5, lambda value: _put(name, minutes=value or 0.0), most=MOST_MINUTES)
    told_here("minutes")


def told(draft: Draft, wrong: Wrong, name: int, *keys: str) -> None:
    """What is wrong with these keys of a step, or with the title (0)."""
    for one, (key, code, values) in wrong:
        if one == name and key in keys:
            label = t(f"write.{'lecture_title' if key == 'title' else key}")
            place = LsvizError("scene.step", step=draft.names.index(name) + 1, field=label) if name else label
            with st.container(key=f"wrong_{key}_{code.replace('.', '_')}"):
                st.text(error_text(LsvizError(code, place=place, **values)))


# ---- fields: each bound to the draft, under a key of its own step, so that a late word never lands in another ---------


def _bound(key: str, name: int, shown: object, adopt: Callable) -> dict[str, Any]:
    """Key and callback of a widget that shows a value of the draft, and gives what it is set to to `adopt`."""
    widget = f"write_{key}_{name}"
    st.session_state[widget] = shown
    return {"key": widget, "on_change": lambda: adopt(st.session_state[widget])}


def field(key: str, name: int, shown: str, label: str, adopt: Callable[[str], None], lines: int = 1, **options: Any) -> None:
    """A field for a text, of one line or more."""
    bound = _bound(key, name, shown, lambda text: adopt(text.strip()))
    if lines == 1 and "\n" not in shown:
        st.text_input(label, **bound, **options)
    else:
        st.text_area(label, height=34 * max(lines, 2) + 16, **bound, **options)


def _text(name: int, key: str, now: Step, lines: int = 1) -> None:
    field(key, name, getattr(now, key), t(f"write.{key}"), lambda text: _put(name, **{key: text}), lines)


def _number(name: int, key: str, shown: float | None, by: float | None, adopt: Callable, most: float = 1.0) -> None:
    """A field for a number; one that a file brought from beyond its range stays, and is said to be wrong."""
    low, high = min(0.0, shown or 0.0), max(float(most), shown or 0.0)
    st.number_input(t(f"write.{key}"), low, high, step=by, format="%g", width=160, **_bound(key, name, shown, adopt))


def _put(name: int, **values: object) -> None:
    drafts.put(changed(drafts.draft(), name, **values))


# ---- what is shown ---------------------------------------------------------------------------------------------------


def _shown(name: int, now: Step) -> None:
    pages = navigation.names()
    options = [*pages, *([] if now.page in pages else [now.page])]
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="write_shown"):
        st.selectbox(
            t("write.page"), options, format_func=lambda one: t(f"nav.{one}") if one in pages else one, width=180,
            **_bound("page", name, now.page, lambda page: _put(name, page=page, figure="")),
        )  # fmt: skip
        known = _figures(now.page) | foot.figures_seen(now.page)
        st.selectbox(
            t("write.figure"), list(dict.fromkeys((*known, *([now.figure] if now.figure else ())))), format_func=lambda one: known.get(one, one),
            index=None, placeholder=t("write.first_figure"), width=270,
            **_bound("figure", name, now.figure or None, lambda figure: _put(name, figure=figure or "")),
        )  # fmt: skip
        st.button(t("write.find"), icon=":material/search:", on_click=drafts.find, args=(name,), type="tertiary", key="write_find")
    field("query", name, now.query, t("write.query"), lambda text: _take(name, text), help=t("write.query_help"))


def _take(name: int, text: str) -> None:
    """A state, or the whole link of a view."""
    page, query = from_address(text)
    _put(name, query=query, **({"page": page} if page else {}))


def _figures(page: str) -> dict[str, str]:
    """Those of the page that our own lectures show."""
    return {one.figure: one.figure for name in shipped() for one in find_lecture(name, ()).steps if one.page == page and one.figure}


# ---- the question and its answer -------------------------------------------------------------------------------------


def _turn(name: int, wanted: str) -> None:
    aside = st.session_state.setdefault(_ASIDE, {})
    now = drafts.draft().step(name)
    aside[name, kind(now)] = now
    new = of_kind(now, wanted, aside.get((name, wanted)))
    draft = drafts.draft()
    drafts.put(changed(draft, name, **vars(new)))


def _answer(name: int, now: Step) -> None:
    {"choices": _choices, "pick": _pick, "order": _order, "draw": _draw, "learned": _learned}.get(kind(now), lambda *_: None)(
        name, now
    )


def _choices(name: int, now: Step) -> None:
    """Four rows, a choice and its reply in each; those that stay empty at the end are none."""
    prose.caption(t("write.choices_about"))
    rows = max(MOST_CHOICES, len(now.choices))
    for row in range(rows):
        letter = LETTERS[row] if row < len(LETTERS) else str(row + 1)
        left, right = st.columns([1, 1], gap="small")
        for place, key in ((left, "choices"), (right, "replies")):
            held = getattr(now, key)
            with place:
                label = t(f"write.one_{key}", letter=letter)
                _item(name, key, row, held, label, lambda: _gather_choices(name, rows))
    letters = dict(enumerate(LETTERS[: len(now.choices)], start=1))
    st.segmented_control(
        t("write.answer"), list(letters), format_func=lambda one: letters[one],
        **_bound("answer", name, now.answer if now.answer in letters else None, lambda one: _put(name, answer=one)),
    )  # fmt: skip


def _item(name: int, key: str, row: int, held: Sequence[str], label: str, adopt: Callable[[], None]) -> None:
    """A text of a list, its label inside it while it is empty."""
    field(
        f"{key}_{row}", name, held[row] if row < len(held) else "", label, lambda _: adopt(), label_visibility="collapsed", placeholder=label
    )  # fmt: skip


def _items(name: int, key: str, rows: int) -> list[str]:
    return [st.session_state[f"write_{key}_{row}_{name}"].strip() for row in range(rows)]


def _up_to_last(texts: Iterable[str], least: int) -> tuple[str, ...]:
    """Without the empty ones at the end, as long as so many are left."""
    found = list(texts)
    while len(found) > least and not found[-1]:
        found.pop()
    return tuple(found)


def _gather_choices(name: int, rows: int) -> None:
    choices, replies = _items(name, "choices", rows), _items(name, "replies", rows)
    count = max(len(_up_to_last(choices, 2)), len(_up_to_last(replies, 0)))
    _put(name, choices=tuple(choices[:count]), replies=tuple(replies[:count]) if any(replies) else ())


def _list(name: int, key: str, held: Sequence[str], rows: int, least: int, label: Callable[[int], str]) -> None:
    rows = max(rows, len(held))
    for row in range(rows):
        _item(name, key, row, held, label(row), lambda: _put(name, **{key: _up_to_last(_items(name, key, rows), least)}))


def _pick(name: int, now: Step) -> None:
    with st.container(horizontal=True, gap="small"):
        _number(name, "answer", now.answer, None, lambda value: _put(name, answer=value))
        _number(name, "within", now.within, None, lambda value: _put(name, within=value if value is not None else 0.05))
    prose.caption(t("write.picked_about"))
    labels = [t(f"question.{key}") for key in ("too_low", "met", "too_high")]

    def gather() -> None:
        replies = tuple(_items(name, "replies", PICKED_REPLIES))
        _put(name, replies=replies if any(replies) else ())

    for row, label in enumerate(labels):
        _item(name, "replies", row, now.replies, label, gather)


def _order(name: int, now: Step) -> None:
    prose.caption(t("write.order_about"))
    _list(name, "order", now.order, MOST_ORDERED, 3, lambda row: f"{row + 1}.")


def _draw(name: int, now: Step) -> None:
    prose.caption(t("write.draw_about"))
    _number(name, "within", now.within, None, lambda value: _put(name, within=value if value is not None else 0.05))


def _learned(name: int, now: Step) -> None:
    prose.caption(t("write.learned_about"))
    _list(name, "learned", now.learned, MOST_LEARNED, 1, lambda row: f"{row + 1}.")
