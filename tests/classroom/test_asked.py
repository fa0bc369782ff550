"""A room by question and answer: everything a phone and a lecturer do by addresses, done by a page of the app."""

from __future__ import annotations

import asyncio

import pytest

from lsviz.classroom import rooms as here
from lsviz.classroom.asked import answer
from lsviz.classroom.here import ask
from lsviz.classroom.rooms import Rooms
from lsviz.lectures import Lecture, packed
from lsviz.lectures.by_hand import PLACES
from tests.apart import apart

PHONES = [f"{number:032x}" for number in range(3)]
KINDS = """schema = 1
title = "T"
[[step]]
page = "loss"
say = "S"
ask = "Which?"
choices = ["A", "B"]
answer = 2
notes = "only mine"
[[step]]
page = "loss"
say = "S"
ask = "Set it."
pick = "alpha"
answer = 0.1
[[step]]
page = "loss"
say = "S"
ask = "In order?"
order = ["a", "b", "c"]
[[step]]
page = "loss"
query = "alpha=0.1&n=10"
say = "S"
ask = "Draw it."
draw = "loss"
"""
ANSWERS = (2, 0.1, [1, 2, 3], [0.5] * PLACES)


def summary(lecture: Lecture, language: str, votes: dict) -> str:
    return f"{lecture.title} {language} {votes}"


class Asker:
    """Asks one room."""

    def __init__(self) -> None:
        self.rooms, self.known = Rooms(), {}

    async def __call__(self, what: str, **values: object) -> dict:
        return await answer(self.rooms, {"ask": what, **self.known, **values}, summary)

    async def open(self) -> None:
        self.known = await self("open", scene=packed(KINDS), language="en", step=1)


def test_a_class_asks_its_way_through_every_kind_of_question():
    async def go() -> None:
        told = Asker()
        await told.open()
        for device in PHONES:
            assert (await told("look", device=device))["mine"]["votes"] == {}
        for step, given in enumerate(ANSWERS, start=1):
            assert await told("say", act="step", step=step) == {} and await told("say", act="time", step=step) == {}
            assert await told("vote", device=PHONES[0], step=step, round=1, answer=given) == {}
            seen = await told("look", device=PHONES[1])
            assert seen["told"]["step"] == step and seen["told"]["answered"] == 1 and 0 < seen["told"]["left"] <= 60
            assert "notes" not in seen["told"] and "answer" not in seen["told"]
        mine = (await told("look", device=PHONES[0]))["mine"]
        assert [votes[0] for votes in mine["votes"].values()] == [2, 0.1, (1, 2, 3), (0.5,) * PLACES]
        assert await told("say", act="step", step=1) == {} and await told("say", act="reveal", step=1) == {}
        assert (await told("look", device=PHONES[0]))["told"]["page"].startswith("loss?")
        assert (await told("vote", device=PHONES[1], step=1, round=1, answer=1))["refused"] == "closed"
        desk = (await told("desk"))["told"]
        assert desk["notes"] and desk["present"] == 3
        table = await told("votes.csv")
        assert table["name"].endswith(".csv") and table["text"].splitlines()[2].endswith(",B,yes,1")
        assert (await told("summary.html"))["text"].startswith("T en {1: [[0, 1]]")
        assert (await told("qr", at="https://host/course/"))["text"].startswith("<?xml")
        assert await told("say", act="end", step=1) == {} and (await told("look", device=PHONES[0]))["told"]["ended"]

    apart(go())


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (None, "posted"),
        ({"ask": "vote", "answer": [0.5] * 1_000}, "posted"),
        ({"ask": "open", "scene": "five", "language": "xx", "step": 1}, "lecture"),
        ({"ask": "open", "scene": "none", "language": "en", "step": 1}, "scene.unknown"),
        ({"ask": "look", "code": "ABCDE", "device": PHONES[0]}, "unknown"),
        ({"ask": "look", "code": 5}, "unknown"),
        ({"ask": "look", "device": "me"}, "stranger"),
        ({"ask": "vote", "device": PHONES[0], "step": 1, "round": 1, "answer": 1}, "stranger"),
        ({"ask": "vote", "device": PHONES[0], "step": "1", "round": 1, "answer": 1}, "choice"),
        ({"ask": "desk", "secret": "guessed"}, "secret"),
        ({"ask": "say", "act": "reveal", "secret": None}, "secret"),
        ({"ask": "say", "act": "dance"}, "act"),
        ({"ask": "say", "act": "reveal", "step": 2}, "turned"),
        ({"ask": "dance"}, "act"),
    ],
)
def test_what_cannot_be_is_refused_as_it_is_by_address(question, code):
    async def go() -> None:
        told = Asker()
        await told.open()
        asked = question if question is None or "code" in question or question.get("ask") == "open" else told.known | question
        assert (await answer(told.rooms, asked, summary))["refused"] == code

    apart(go())


def test_a_phone_that_asks_no_more_has_left_and_makes_place(monkeypatch):
    monkeypatch.setattr(here, "GONE", 0.05)
    monkeypatch.setattr(here, "MOST_ASKING", 2)

    async def go() -> None:
        told = Asker()
        await told.open()
        assert [await told("look", device=device) for device in PHONES][2] == {"refused": "full"}
        async with asyncio.timeout(300):
            while (await told("desk"))["told"]["words"]:
                await asyncio.sleep(0.01)
        assert (await told("look", device=PHONES[2]))["mine"]["word"] == 2

    apart(go())


def test_a_thread_beside_the_loop_is_told_too():
    async def said() -> str:
        return "told"

    assert ask(said()) == "told"
