"""Inductive bias: what the assumption "no class is impossible" buys on unseen data, measured over seeds and wrong labels."""

from __future__ import annotations

import streamlit as st

from lsviz.figures import bias, theme
from lsviz.figures.live import LiveFigure
from lsviz.ui import controls, zoo
from lsviz.ui.foot import figure_foot
from lsviz.ui.plots import headline, live_plot
from lsviz.ui.seeds import Seeds, counts, noisy, seeds
from lsviz.ui.texts import t, words


@st.cache_resource(max_entries=4, show_spinner=False)
def over_seeds(stamp: str, n: int) -> dict[str, LiveFigure]:
    found, section = seeds(n), words("bias")
    made = {which: bias.decomposition_figure(getattr(found, which), which, section) for which in ("brier", "nll")}
    for which, differences in found.differences.items():
        if differences:
            made[f"paired_{which}"] = bias.paired_figure(differences, found.each[which], which, section)
    return made


@st.cache_resource(max_entries=4, show_spinner=False)
def wrong_labels(stamp: str, n: int) -> dict[str, LiveFigure]:
    return {which: bias.noise_figure(noisy(n), which, words("bias")) for which in ("test_accuracy", "memorised")} if noisy(n) else {}


def pair(made: dict[str, LiveFigure], keys: tuple[str, str], badge: str, how: str) -> None:
    for column, key in zip(st.columns(2, gap="large"), keys):
        if key in made:
            with column:
                live_plot(made[key], key=f"bias_{key}")
                figure_foot(made[key], key=f"bias_{key}", badge=badge, source="measured", how=t(f"bias.{how}"))


def to_train(sentence: str, plan: str) -> None:
    st.text(sentence)
    st.code(t("bias.command", plan=plan), language="bash", wrap_lines=True)


def hero(n: int, found: Seeds) -> None:
    badge = t("badge.measured_seeds", seeds=max(part.seeds for part in found.brier.values()))
    made = over_seeds(zoo.stamp(), n)
    pair(made, ("brier", "nll"), badge, "how_parts")
    zoo.mention(found.problems)
    st.subheader(t("bias.paired_heading"), anchor=False)
    pair(made, ("paired_accuracy", "paired_nll"), badge, "how_paired")


def noise(n: int) -> None:
    st.subheader(t("bias.noise_heading"), anchor=False)
    if made := wrong_labels(zoo.stamp(), n):
        st.markdown(t("bias.noise_text", n=n, a2=f"{0.2 * n / (n - 1):.3f}", a4=f"{0.4 * n / (n - 1):.3f}"))
        pair(made, ("test_accuracy", "memorised"), t("badge.measured_one"), "how_noise")
    else:
        to_train(t("bias.noise_missing", n=n), "noise")


def render() -> None:
    asked = controls.view_state().num_classes
    there = counts()
    if not there:
        st.title(t("nav.bias"), anchor=False)
        zoo.sorry(420) if zoo.problems() else to_train(t("bias.seeds_missing"), "seeds")
        return
    n = controls.nearest_count(there, asked)
    found = seeds(n)
    headline(tuple(found.brier), *bias.findings(found.brier, words("bias")))
    if n != asked:
        st.caption(t("bias.nearest", asked=theme.whole(asked), shown=n))
    hero(n, found)
    noise(n)


if __name__ == "__main__":
    render()
