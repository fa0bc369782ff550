"""Overview: the story in short chapters, each a sentence, a live picture and a question, and the lectures that tell it."""

from __future__ import annotations

import streamlit as st

from lsviz import navigation
from lsviz.core import smoothing
from lsviz.figures import numbers
from lsviz.pages.overview.lecture_starters import starters
from lsviz.pages.overview.story import STOPS, Chapter, practice, theory
from lsviz.texts.catalogue import t, unbroken
from lsviz.ui import controls, notices, prose
from lsviz.ui.folds import fold
from lsviz.ui.plots import headline
from lsviz.ui.shown import figure
from lsviz.zoo import networks

FIRST = ("targets", "much", "price")  # three questions, each earning the next; the others wait in a fold


def show(*chapters: Chapter) -> None:
    for chapter in chapters:
        text, picture = st.columns([4, 8], gap="medium", vertical_alignment="center")
        with text:
            st.subheader(unbroken(chapter.sentence), anchor=False)
            prose.markdown(chapter.question)
            label = t("overview.go", page=t(f"nav.{chapter.page}"))
            query = chapter.query(controls.view_state())
            st.page_link(navigation.file(chapter.page), label=label, icon=":material/arrow_forward:", query_params=query)
        if chapter.live is not None:
            with picture:
                figure(chapter.live, f"overview_{chapter.name}", badge=chapter.badge, source=chapter.source, how=chapter.how)


def render() -> None:
    state = controls.view_state()
    true, _ = smoothing.target_probabilities(state.num_classes, STOPS)
    key = lambda alpha: "overview.head_hard" if alpha == 0 else "overview.head"
    heads = [t(key(a), alpha=numbers.alpha_text(a), true=numbers.percent(p)) for a, p in zip(STOPS, true)]
    headline(STOPS, heads, [t("overview.sub")] * len(STOPS))
    starters()
    n = networks.snapped(state.num_classes)
    chapters = {chapter.name: chapter for chapter in (*theory(state.num_classes), *practice(n))}
    first = [chapters.pop(name) for name in FIRST if name in chapters]
    show(*first)
    if len(first) < 2:
        notices.sorry(300)
    fold("more", lambda: show(*chapters.values()))
    st.page_link(navigation.file(navigation.GLOSSARY), label=t("glossary.link"), icon=":material/dictionary:")
    if runs := networks.shown(n):
        alphas = ", ".join(numbers.alpha_text(run.config.alpha) for run in runs)
        images = numbers.whole(int(runs[0].facts.get("training_images", 450 * n)))
        prose.caption(t("overview.snapped", n=n, images=images, alphas=alphas))


if __name__ == "__main__":
    render()
