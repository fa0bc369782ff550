"""A lecture on paper: nothing of an answer stands above the answers, nothing from a lecture becomes markup, what a class said is counted."""

from __future__ import annotations

import html
import json
import re

from lsviz.frame import handouts
from lsviz.frame.handouts import of_class, on_paper
from lsviz.lectures import Lecture, Step, find_lecture, read_lecture
from lsviz.lectures.handout import Drawn, handout
from lsviz.texts.catalogue import said_in, words
from lsviz.zoo import networks
from tests.missing import missing

if not networks.counts():
    missing("stored networks")
FIVE = find_lecture("five", ())


def said(page: str) -> str:
    """What a page says in words: no programs, no marks."""
    return html.unescape(re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]*>", "", page, flags=re.DOTALL))


def test_a_shipped_lecture_is_drawn_whole_and_answers_stand_at_the_end():
    page = said_in("en", lambda: on_paper(FIVE))
    figures = [json.loads(text) for text in re.findall(r'<script type="application/json" id="f\d+">(.*?)</script>', page)]
    assert len(figures) == len(FIVE.steps) - 1 and all(figure["data"] for figure in figures)
    assert not re.search(r'(?:src|href)="http', page.split("<script>")[0]), "it opens offline"
    questions, answers = said(page).split("Answers", 1)
    for step in FIVE.steps[:-1]:
        plain = re.sub(r":\w+\[(.*?)\]", r"\1", step.reveal)
        assert step.ask in questions and plain in answers and plain not in questions
        assert not any(reply in questions for reply in step.replies)
    for number, step in enumerate(FIVE.steps[:-1], start=1):
        veils = re.findall(rf'class="figure (\w*)" data-figure="f{number}"', page)
        assert veils == ["marks" if step.blank else "words", ""], "as on the stage: hidden in the question, whole in the answer"


def test_what_a_class_said():
    page = said(of_class(FIVE, "ko", {2: [[3, 12, 1], [0, 16, 0]]}))
    assert "12 → 16" in page and "3 → 0" in page and "4.51" in page and find_lecture("five", (), "ko").steps[0].ask not in page
    assert words("handout")["no_votes"] in said(of_class(FIVE, "en", {}))


def test_nothing_becomes_markup_and_a_missing_figure_is_said():
    text = 'schema = 1\ntitle = "</title><b>T"\n[[step]]\npage = "loss"\nsay = "<b>S"\nask = "<i>?"\nreveal = "</script>"'
    page = handout(read_lecture(text), [None], words("handout"), "en", "")
    assert (
        not re.search(r"<b>T|<b>S|<i>", page)
        and page.count("</script>") == page.count("<script")
        and words("handout")["no_figure"] in page
    )
    page = handout(read_lecture(text), [Drawn('{"data": [{"name": "</script>"}]}', '"', "B")], words("handout"), "en", "")
    assert page.count("</script>") == page.count("<script")


def test_where_too_many_lectures_wait_to_be_drawn_one_more_is_told_so():
    closing = Lecture("Mine", (Step("targets", "The end", learned=("This.",)),))
    held = 1 + handouts.WAITING
    for _ in range(held):
        assert handouts._places.acquire(blocking=False)
    try:
        assert said(on_paper(closing)) == "Too many lectures are being drawn on this server. Try again in a minute."
    finally:
        handouts._places.release(held)
    assert "This." in said(on_paper(closing))
