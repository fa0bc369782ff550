"""What a lecture leaves in the hand: all of it on paper, or what a class said, each one file that opens offline."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from lsviz.frame.drawn import figure_apart
from lsviz.lectures import Lecture
from lsviz.lectures.handout import Drawn, handout, summary
from lsviz.state import ViewState
from lsviz.texts.catalogue import language, said_in, t, words
from lsviz.ui.assets import plotly_program
from lsviz.ui.saving import save_button
from lsviz.zoo.kept import of_store


def offer(lecture: Lecture, name: str) -> None:
    """A button that makes and saves a lecture's handout as lsviz-`name`.html."""
    label = t("handout.which", title=lecture.title)
    save_button(label, lambda: on_paper(lecture), f"lsviz-{name}.html", "text/html", key=f"handout_{name}")


def on_paper(lecture: Lecture) -> str:
    """The handout of a lecture in the language of now."""
    figures = _figures(lecture)
    return handout(lecture, figures, words("handout"), language(), _program(figures))


def of_class(lecture: Lecture, spoken: str, votes: Mapping[int, Sequence[Sequence[int]]]) -> str:
    """What a class said in this lecture: {step from 1: one list a vote, a count a bar}."""

    def make() -> str:
        figures = _figures(lecture)
        return summary(lecture, figures, votes, words("handout"), spoken, _program(figures))

    return said_in(spoken, make)


@of_store(max_entries=4, words=True)
def _figures(lecture: Lecture) -> tuple[Drawn | None, ...]:
    """Those of all steps, made once for everybody who asks."""
    return tuple(None if step.learned else figure_apart(step.page, step.view(ViewState()), step.figure) for step in lecture.steps)


def _program(figures: Sequence[Drawn | None]) -> str:
    return plotly_program({trace["type"] for drawn in figures if drawn for trace in json.loads(drawn.figure)["data"]})
