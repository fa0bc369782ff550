"""Write a lecture: its steps at the left, the chosen one's fields beside them; tried on the stage, saved as TOML or as a link."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import streamlit as st

from lsviz import navigation
from lsviz.core.errors import LsvizError
from lsviz.core.marked import parts
from lsviz.frame import drafts, handouts
from lsviz.frame.share import bare_address
from lsviz.lectures import Lecture, Step, lecture_text, packed, read_lecture, read_unfinished, shipped
from lsviz.lectures.draft import (
    Draft,
    added,
    all_mistakes,
    doubled,
    drafted,
    is_full,
    is_too_long,
    moved,
    put_back,
    removed,
    whole,
    written,
)
from lsviz.pages.write import form
from lsviz.texts.catalogue import error_text, language, t
from lsviz.ui import prose
from lsviz.ui.saving import save_button

LONGEST_NAME = 60  # characters of a step in the list


def render() -> None:
    drafts.keep()
    draft = drafts.draft()
    st.title(t("write.title"), anchor=False)
    if not draft.steps and not draft.title:
        prose.caption(t("write.sub"))
        _beginnings()
        return
    wrong = list(all_mistakes(draft, navigation.names()))
    _head(draft, {name for name, _ in wrong})
    form.told(draft, wrong, 0, "title")
    steps, fields = st.columns([4, 8], gap="large")
    with steps:
        _outline(draft, Counter(name for name, _ in wrong))
    with fields, st.container(key="write_form"):
        if name := drafts.chosen():
            form.step(draft, name, wrong)


def _beginnings() -> None:
    """What a draft begins with: a lecture of ours, a file, nothing."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="write_begin"):
        for name in shipped():
            st.button(t(f"lectures.{name}"), on_click=_example, args=(name,), icon=":material/content_copy:", key=f"write_{name}")
        st.button(t("write.empty"), on_click=_empty, icon=":material/add:", key="write_empty")
        if (former := drafts.former()) is not None:
            title = former.title or t("write.untitled")
            st.button(t("write.former", title=title), on_click=drafts.begin, args=(former,), type="tertiary", key="write_former")
    given = st.file_uploader(t("write.file"), type="toml", max_upload_size=1, key="write_file")
    if given is None:
        return
    try:
        found = read_unfinished(given.getvalue().decode("utf-8-sig"))
    except UnicodeDecodeError:
        st.text(t("lectures.not_text"))
    except LsvizError as error:
        st.text(error_text(error))
    else:
        label = t("write.go_on", title=found.title or t("write.untitled"), steps=len(found.steps))
        st.button(label, on_click=drafts.begin, args=(drafted(found),), type="primary", key="write_go_on")


def _example(name: str) -> None:
    drafts.begin(drafted(read_lecture(lecture_text(name, language()))))


def _empty() -> None:
    drafts.begin(added(Draft(t("write.untitled")), Step(navigation.names()[1], "", "alpha=0.1&n=10")))


def _head(draft: Draft, unfinished: set[int]) -> None:
    """The title, and what can be done with the whole."""
    form.field("title", 0, draft.title, t("write.lecture_title"), lambda text: drafts.put(replace(drafts.draft(), title=text)))
    sound = whole(draft, navigation.names())
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="write_actions"):
        st.button(
            t("write.preview"), type="primary", icon=":material/play_arrow:", on_click=drafts.preview, disabled=not sound.steps or is_too_long(sound), key="write_preview"
        )  # fmt: skip
        save_button(t("write.download"), lambda: written(draft), "lecture.toml", "text/plain", key="write_download")
        menu = st.popover(t("write.link"), icon=":material/link:", key="write_link", on_change="rerun")
        if menu.open:
            with menu:
                _link(draft, unfinished)
        other = st.popover(t("write.another"), type="tertiary", key="write_another", on_change="rerun")
        if other.open:
            with other:
                prose.markdown(t("write.another_about"))
                _beginnings()
    if count := len(unfinished - {0}):
        prose.caption(t("write.unfinished", count=count, steps=len(draft.steps)))
    if is_too_long(draft):
        st.text(t("write.too_long"))


def _link(draft: Draft, unfinished: set[int]) -> None:
    if unfinished or not draft.steps or is_too_long(draft):
        prose.markdown(t("write.no_link"))
        return
    prose.caption(t("lectures.link"))
    scene = packed(written(draft))
    st.code(bare_address(scene=scene).replace(f"/{navigation.WRITE}?", "/?"), language=None, height=120, wrap_lines=True)
    handouts.offer(Lecture(draft.title, tuple(step for _, step in draft.steps)), "lecture")


def _outline(draft: Draft, wrong: Counter[int]) -> None:
    """The steps in order, and what is done with the chosen one."""
    name = drafts.chosen()
    if draft.steps:
        st.session_state["write_steps"] = name
        places = {one: number for number, one in enumerate(draft.names, start=1)}
        with st.container(key="write_outline"):
            st.radio(
                t("write.steps"), draft.names, format_func=lambda one: _named(places[one], draft.step(one), bool(wrong[one])),
                key="write_steps", on_change=_choose, label_visibility="collapsed",
            )  # fmt: skip
    with st.container(horizontal=True, gap="xsmall", key="write_tools"):
        for what, icon in (("up", "arrow_upward"), ("down", "arrow_downward"), ("double", "content_copy"), ("remove", "delete")):
            blocked = not name or (what == "double" and is_full(draft)) or _at_end(draft, name, what)
            st.button(
                t(f"write.{what}"), icon=f":material/{icon}:", type="tertiary", on_click=_act, args=(what, name), disabled=blocked, key=f"write_{what}"
            )  # fmt: skip
        st.button(
            t("write.add"), icon=":material/add:", on_click=_act, args=("add", name), disabled=is_full(draft), key="write_add"
        )
    if draft.gone:
        lost = draft.gone[-1][2]
        st.button(
            t("write.put_back", step=_plain(lost)),
            icon=":material/undo:",
            type="tertiary",
            on_click=_act,
            args=("back", 0),
            key="write_back",
        )
    total = sum(step.minutes for _, step in draft.steps)
    prose.caption(t("write.total", count=len(draft.steps), minutes=f"{total:g}"))
    prose.caption(t("write.gather"))


def _at_end(draft: Draft, name: int, what: str) -> bool:
    return name == {"up": next(iter(draft.names), 0), "down": next(reversed(draft.names), 0)}.get(what)


def _choose() -> None:
    drafts.choose(st.session_state["write_steps"])


def _act(what: str, name: int) -> None:
    draft = drafts.draft()
    if what != "back" and what != "add" and name not in draft.names:
        return
    place = draft.names.index(name) if name in draft.names else 0
    if what == "add":
        before = draft.step(name) if name in draft.names else Step(navigation.names()[1], "", "alpha=0.1&n=10")
        new = added(draft, Step(before.page, "", before.query, figure=before.figure), name)
    else:
        new = {
            "up": lambda: moved(draft, name, -1),
            "down": lambda: moved(draft, name, 1),
            "double": lambda: doubled(draft, name),
            "remove": lambda: removed(draft, name),
            "back": lambda: put_back(draft) if draft.gone else draft,
        }[what]()
    drafts.put(new)
    if fresh := set(new.names) - set(draft.names):
        drafts.choose(fresh.pop())
    elif what == "remove" and new.names:
        drafts.choose(new.names[min(place, len(new.names) - 1)])


def _named(number: int, step: Step, unfinished: bool) -> str:
    """A row of the list: its text is the lecturer's, so nothing in it is Markdown."""
    name = "".join(f"\\{sign}" if sign.isascii() and not sign.isalnum() and sign != " " else sign for sign in _plain(step))
    return f"{number}\\. {name}" + (f" :gray[({t('write.not_whole')})]" if unfinished else "")


def _plain(step: Step) -> str:
    """The first words of a step, without marks."""
    text = step.ask or step.say or (t(f"nav.{step.page}") if step.page in navigation.PAGES else step.page) or "…"
    text = "".join(piece for piece, _ in parts(" ".join(text.split())))
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


if __name__ == "__main__":
    render()
