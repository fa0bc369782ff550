"""What a lecture leaves in the hand: all of it on paper, or what a class said, each one file that opens offline."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Callable, Mapping, Sequence

from lsviz.core.errors import LsvizError
from lsviz.frame.drawn import figure_apart
from lsviz.lectures import Lecture
from lsviz.lectures.handout import Drawn, handout, summary
from lsviz.state import ViewState
from lsviz.texts.catalogue import error_text, language, said_in, t, words
from lsviz.ui.assets import plotly_program
from lsviz.ui.saving import save_button
from lsviz.zoo.kept import of_store

WAITING = (
    3  # lectures that wait while one is drawn: 200 figures take minutes, and every one that waits holds a thread of the server's
)
_places, _turn = threading.BoundedSemaphore(1 + WAITING), threading.Lock()


def offer(lecture: Lecture, name: str) -> None:
    """A button that makes and saves a lecture's handout as lsviz-`name`.html."""
    label = t("handout.which", title=lecture.title)
    save_button(label, lambda: on_paper(lecture), f"lsviz-{name}.html", "text/html", key=f"handout_{name}")


def on_paper(lecture: Lecture) -> str:
    """The handout of a lecture in the language of now."""
    return _drawn(lecture, lambda figures: handout(lecture, figures, words("handout"), language(), _program(figures)))


def of_class(lecture: Lecture, spoken: str, votes: Mapping[int, Sequence[Sequence[int]]]) -> str:
    """What a class said in this lecture: {step from 1: one list a vote, a count a bar}."""

    made = lambda figures: summary(lecture, figures, votes, words("handout"), spoken, _program(figures))
    return said_in(spoken, lambda: _drawn(lecture, made))


def _drawn(lecture: Lecture, page: Callable[[Sequence[Drawn | None]], str]) -> str:
    """The page that is made of a lecture's figures; one that says so where too many lectures wait to be drawn."""
    try:
        return page(_figures(lecture))
    except LsvizError as error:
        return f'<!doctype html><html lang="{language()}"><meta charset="utf-8"><p>{html.escape(error_text(error))}</p></html>'


@of_store(max_entries=4, words=True)
def _figures(lecture: Lecture) -> tuple[Drawn | None, ...]:
    """Those of all steps, made once for everybody who asks, one lecture at a time. Raises LsvizError where too many wait."""
    if not _places.acquire(blocking=False):
        raise LsvizError("scene.busy")
    try:
        with _turn:
            return tuple(
                None if step.learned else figure_apart(step.page, step.view(ViewState()), step.figure) for step in lecture.steps
            )
    finally:
        _places.release()


def _program(figures: Sequence[Drawn | None]) -> str:
    return plotly_program({trace["type"] for drawn in figures if drawn for trace in json.loads(drawn.figure)["data"]})
