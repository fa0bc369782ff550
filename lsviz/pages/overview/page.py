"""Overview: the story in short scenes, each a sentence, a live picture and a question, and the lectures that tell it."""

from __future__ import annotations

import streamlit as st

from lsviz import navigation
from lsviz.core import smoothing
from lsviz.figures import numbers
from lsviz.pages.overview.lecture_starters import starters
from lsviz.pages.overview.story import STOPS, Scene, practice, theory
from lsviz.texts.catalogue import t, unbroken
from lsviz.ui import controls, notices
from lsviz.ui.plots import headline
from lsviz.ui.shown import figure
from lsviz.zoo import networks


def show(scene: Scene) -> None:
    text, picture = st.columns([4, 8], gap="medium", vertical_alignment="center")
    with text:
        st.subheader(unbroken(scene.sentence), anchor=False)
        st.markdown(unbroken(scene.question))
        label = t("overview.go", page=t(f"nav.{scene.page}"))
        st.page_link(
            navigation.file(scene.page),
            label=label,
            icon=":material/arrow_forward:",
            query_params=scene.query(controls.view_state()),
        )
    with picture:
        figure(scene.live, f"overview_{scene.name}", badge=scene.badge, source=scene.source, how=scene.how)


def render() -> None:
    state = controls.view_state()
    true, _ = smoothing.target_probabilities(state.num_classes, STOPS)
    key = lambda alpha: "overview.head_hard" if alpha == 0 else "overview.head"
    heads = [t(key(a), alpha=numbers.alpha_text(a), true=numbers.percent(p)) for a, p in zip(STOPS, true)]
    headline(STOPS, heads, [t("overview.sub")] * len(STOPS))
    starters()
    for scene in theory(state.num_classes):
        show(scene)
    n = networks.snapped(state.num_classes)
    drawn = False
    for scene in practice(n):
        show(scene)
        drawn = True
    if not drawn:
        notices.sorry(300)
    elif runs := networks.shown(n):
        alphas = ", ".join(numbers.alpha_text(run.config.alpha) for run in runs)
        images = numbers.whole(int(runs[0].facts.get("training_images", 450 * n)))
        st.caption(t("overview.snapped", n=n, images=images, alphas=alphas))


if __name__ == "__main__":
    render()
