"""A lecture in the writing: what is written is read as it was, steps move without loss, and mistakes are the reader's own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from lsviz import navigation
from lsviz.core.errors import LsvizError
from lsviz.lectures import Lecture, Step, lecture_text, read_lecture, read_unfinished, shipped
from lsviz.lectures.draft import (
    KINDS,
    Draft,
    added,
    all_mistakes,
    changed,
    doubled,
    drafted,
    from_address,
    joined,
    kind,
    moved,
    of_kind,
    put_back,
    removed,
    seen,
    whole,
    written,
)  # fmt: skip
from lsviz.state import ViewState

TEXTS = some.text(some.characters(exclude_categories=["Cs"]) | some.sampled_from("\"\\\n\r\t'[]#=손실은"), max_size=30).map(
    str.strip
)
LISTS = some.lists(TEXTS, max_size=5).map(tuple)
NUMBERS = some.floats(-9e5, 9e5)
STEPS = some.builds(
    Step, page=TEXTS, say=TEXTS, query=TEXTS, ask=TEXTS, reveal=TEXTS, notes=TEXTS, minutes=NUMBERS, figure=TEXTS, choices=LISTS, pick=TEXTS,
    order=LISTS, answer=some.none() | NUMBERS, within=NUMBERS, replies=LISTS, learned=LISTS, blank=some.booleans(),
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(title=TEXTS, steps=some.lists(STEPS, max_size=2))
def test_whatever_is_written_is_read_as_it_was(title, steps):
    there = Lecture(title, tuple(replace(step, page=navigation.page_of(step.page, step.figure)) for step in steps))
    assert read_unfinished(written(drafted(there))) == there


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_shipped_lectures_are_written_whole(language):
    for name in shipped():
        lecture = read_lecture(lecture_text(name, language), navigation.names())
        assert read_lecture(written(drafted(lecture)), navigation.names()) == lecture


THREE = drafted(Lecture("Mine", tuple(Step("loss", say) for say in ("one", "two", "three"))))


def said(draft: Draft) -> list[str]:
    return [step.say for _, step in draft.steps]


def test_steps_are_added_moved_doubled_removed_and_brought_back_under_their_own_numbers():
    assert said(added(THREE, Step("loss", "new"), 1)) == ["one", "new", "two", "three"]
    assert said(moved(THREE, 1, 1)) == ["two", "one", "three"] and moved(THREE, 1, 1).names == (2, 1, 3)
    assert moved(THREE, 1, -1) == THREE == moved(THREE, 3, 5)
    assert said(doubled(THREE, 2)) == ["one", "two", "two", "three"]
    left = removed(removed(THREE, 3), 1)
    assert said(left) == ["two"] and put_back(put_back(left)) == THREE
    late = changed(left, 2, say="TWO")  # what was written meanwhile stays
    assert said(put_back(late)) == ["one", "TWO"] and changed(late, 1, say="lost") == late
    assert added(left, Step("loss", "new")).names == (2, 4), "a number is given once"
    assert said(joined(THREE, drafted(Lecture("Other", (Step("loss", "four"),))))) == ["one", "two", "three", "four"]


@pytest.mark.parametrize("wanted", KINDS)
def test_a_kind_of_answer_is_kept_when_another_is_tried(wanted):
    step = Step("loss", "say", ask="ask", notes="notes", choices=("a", "b"), answer=2, replies=("c", "d"), reveal="reveal")
    other = of_kind(step, wanted)
    assert kind(other) == wanted and (other.say, other.ask, other.notes, other.reveal) == ("say", "ask", "notes", "reveal")
    assert of_kind(other, "choices", step) == step
    assert wanted in ("open", "draw") or any(all_mistakes(drafted(Lecture("Mine", (other,))), ())), "it has still to be filled in"


def test_a_mistake_is_the_readers_and_stands_at_its_step_and_key():
    draft = changed(changed(THREE, 2, ask="?", choices=("a", "")), 3, say="", query="alpha=7")
    found = [(name, key, code) for name, (key, code, _) in all_mistakes(replace(draft, title=""), ("loss",))]
    assert found == [
        (0, "title", "scene.missing"), (2, "choices", "scene.list"), (2, "answer", "scene.answer"), (3, "say", "scene.missing"),
        (3, "query", "scene.query_value"),
    ]  # fmt: skip
    assert read_unfinished(written(draft)).steps == tuple(step for _, step in draft.steps), "half done it is opened again"
    with pytest.raises(LsvizError, match="^Line 12, choices: "):
        read_lecture(written(draft), ("loss",))
    assert said(whole(draft, ("loss",))) == ["one"] and read_lecture(written(whole(draft, ("loss",))), ("loss",)).title == "Mine"


def test_a_step_is_what_the_page_shows_or_what_a_link_says():
    view = ViewState(alpha=0.3, num_classes=5, lang="ko", hide=("menu",), scene="five", step=3, bins=20)
    step = seen("reliability", view, "reliability_diagram")
    assert (step.page, step.query, step.figure) == ("reliability", "alpha=0.3&n=5&bins=20", "reliability_diagram")
    assert step.view(ViewState()).bins == 20
    assert from_address("http://host/app/loss?alpha=0.2&n=10&scene=five&step=2") == ("loss", "alpha=0.2&n=10")
    assert from_address("https://host/?alpha=0.2") == ("overview", "alpha=0.2") and from_address(" alpha=0.2 ") == ("", "alpha=0.2")
