"""A room as what its log comes to: votes, rounds, the answer, silence; what a phone is told and what it never is."""

from __future__ import annotations

import csv
import io
import json
import math

import pytest

from lsviz.classroom import room as rooms
from lsviz.classroom.room import LEAST_TOLD, SILENCE, Room
from lsviz.lectures import find_lecture, packed, shipped
from lsviz.lectures.by_hand import curve
from lsviz.state import LANGUAGES

STEP = '[[step]]\npage = "loss"\nsay = "S"\nask = "Which, <b>1</b>?"\nchoices = ["=A", ":blue[B]"]\nanswer = 2\nreplies = ["r1", "r2"]\nreveal = "R"\nnotes = "secret notes"\nminutes = 2\n'
PICK = '[[step]]\npage = "loss"\nsay = "S"\nask = "How much?"\npick = "alpha"\nanswer = 0.1\nwithin = 0.05\nnotes = "more secret notes"\n'
LECTURE = f'schema = 1\ntitle = "T"\n{STEP}{PICK}[[step]]\npage = "loss"\nsay = "end"\nlearned = ["L"]\n'


def opened(scene: str = packed(LECTURE), at: float = 0, language: str = "en") -> Room:
    return Room("KVRTM", {"what": "opened", "at": at, "scene": scene, "language": language, "step": 1, "key": rooms.key_of("s")})


def hear(room: Room, what: str, at: float = 1, **values) -> str:
    return room.hear({"what": what, "at": at, **values})


def come(room: Room, *devices: str) -> None:
    for device in devices:
        assert hear(room, "came", device=device, line=f"line of {device}") == ""


def vote(room: Room, device: str, answer: float, step: int = 1, round: int = 1, at: float = 1) -> str:
    return hear(room, "vote", at, device=device, step=step, round=round, answer=answer)


def test_the_last_answer_of_a_device_counts_once_until_the_vote_is_closed():
    room = opened()
    come(room, "a", "b")
    assert [vote(room, "a", 1), vote(room, "a", 2), vote(room, "a", 2), vote(room, "b", 1)] == ["", "", "", ""]
    assert room.poll.rounds == [{"a": 2, "b": 1}]
    assert hear(room, "reveal", step=1) == ""
    assert vote(room, "b", 2) == "closed", "a new answer comes too late"
    assert vote(room, "b", 1) == "", "what is sent again for want of an answer is counted already"
    assert room.poll.rounds == [{"a": 2, "b": 1}]


@pytest.mark.parametrize("answer", [0, 3, 1.5, -1, True, "1", None, float("nan")])
def test_what_is_no_choice_is_refused(answer):
    room = opened()
    come(room, "a")
    assert vote(room, "a", answer) == "choice" and room.poll.rounds == [{}]


def test_strangers_later_steps_and_other_rounds_are_refused():
    room = opened()
    come(room, "a")
    assert vote(room, "x", 1) == "stranger"
    assert vote(room, "a", 0.5, step=2) == "closed" and vote(room, "a", 1, step=9) == "choice"
    assert vote(room, "a", 1, round=2) == "closed" and vote(room, "a", 1, round=0) == "closed"


def test_a_step_is_asked_twice_and_both_votes_stay():
    room = opened()
    come(room, *"abcdef")
    for device in "abcdef":
        vote(room, device, 1)
    hear(room, "show", step=1)
    assert vote(room, "a", 2) == "closed", "once votes are seen nobody follows the others"
    assert hear(room, "again", step=1) == "" and not room.poll.closed(1)
    assert vote(room, "a", 1) == "" and vote(room, "b", 2) == "closed", "the first vote is over"
    for device in "abcde":
        assert vote(room, device, 2, round=2) == ""
    assert hear(room, "again", step=1) == "again"
    hear(room, "reveal", step=1)
    assert rooms.public(room)["counts"] == [[6, 0], [0, 5]]
    assert rooms.mine(room, "f")["votes"] == {1: [1, None]}


def test_steps_come_back_as_they_were_and_stay_within_the_lecture():
    room = opened()
    come(room, "a")
    vote(room, "a", 1)
    hear(room, "reveal", step=1)
    hear(room, "step", step=2)
    assert not rooms.public(room)["revealed"] and rooms.public(room)["answered"] == 0
    hear(room, "step", step=1)
    assert rooms.public(room)["revealed"]
    hear(room, "step", step=99)
    assert room.step == 3 and rooms.public(room)["learned"] == [[["L", ""]]]


def test_who_is_in_is_who_has_a_line_and_an_old_line_takes_nobody_away():
    room = opened()
    come(room, "a", "b")
    hear(room, "came", device="a", line="new")
    hear(room, "left", device="a", line="line of a")
    assert len(room.lines) == 2
    hear(room, "left", device="b", line="line of b")
    assert rooms.public(room)["present"] == 1
    hear(room, "left", device="a", line="new")
    vote(room, "b", 1)
    assert rooms.public(room)["present"] == 1, "never fewer than have answered"


def test_a_room_is_full_at_its_limit(monkeypatch):
    monkeypatch.setattr(rooms, "MOST_PHONES", 2)
    room = opened()
    come(room, "a", "b")
    assert hear(room, "came", device="c", line="x") == "full" and hear(room, "came", device="a", line="y") == ""
    monkeypatch.setattr(rooms, "MOST_EVENTS", room.number)
    assert vote(room, "a", 1) == "worn"


def test_two_hours_of_silence_or_a_word_end_it():
    room = opened(at=100)
    come(room, "a")
    assert vote(room, "a", 1, at=100 + SILENCE) == "", "just within"
    assert hear(room, "came", 100 + 2 * SILENCE, device="b", line="l") == "", "coming is not breaking the silence"
    assert vote(room, "a", 1, at=101 + 2 * SILENCE) == "ended"
    room = opened()
    assert hear(room, "end", step=1) == "" and rooms.public(room)["ended"]
    assert hear(room, "step", step=2) == "ended"


def test_a_countdown_closes_the_vote_and_can_be_longer_stopped_or_begun_again():
    room = opened()
    come(room, "a", "b")
    assert rooms.public(room)["left"] is None and hear(room, "time", 10) == ""
    told = rooms.public(room, 12)
    assert (told["left"], told["closed"]) == (58, False), "half of the step's two minutes"
    assert hear(room, "time", 30) == "" and rooms.public(room, 30)["left"] == 70
    assert vote(room, "a", 1, at=99) == "" and vote(room, "b", 1, at=100) == "closed" and vote(room, "a", 1, at=101) == ""
    told = rooms.public(room, 101)
    assert told["closed"] and told["left"] == 0 and "counts" not in told, "closed, and not shown"
    assert hear(room, "time", 110) == "" and vote(room, "b", 1, at=139) == "" and rooms.public(room, 139)["left"] == 1
    assert hear(room, "stop", 139) == "" and vote(room, "b", 2, at=500) == "" and not rooms.public(room, 500)["closed"]
    for _ in range(40):
        hear(room, "time", 500)
    assert rooms.public(room, 500)["left"] == rooms.LONGEST_TIME
    hear(room, "again", 500)
    assert rooms.public(room, 5_000)["left"] is None, "the second vote has its own"
    hear(room, "reveal", 500)
    assert hear(room, "time", 500) == "closed" and rooms.public(room, 500)["left"] is None
    hear(room, "step", 500, step=2)
    assert hear(room, "time", 500) == "" and rooms.public(room, 500)["left"] == rooms.USUAL_TIME
    hear(room, "step", 500, step=3), hear(room, "step", 900, step=2)
    assert not rooms.public(room, 900)["closed"], "it does not go on behind another step"
    hear(room, "step", 900, step=3)
    assert hear(room, "time", 900) == "closed", "nothing is asked"


def test_clocks_that_differ_never_run_backwards():
    room = opened(at=100)
    hear(room, "step", 200, step=2)
    hear(room, "step", 150, step=3)
    assert room.step_at == 200 and rooms.desk(room, 260)["since_step"] == 60
    come(room, "a")
    hear(room, "step", 210, step=1), hear(room, "time", 210)
    assert vote(room, "a", 1, at=100) == "" and rooms.public(room, 100)["left"] == 60, "another server's clock is late"


def test_the_same_log_makes_the_same_room():
    log = [("came", {"device": "a", "line": "1"}), ("vote", {"device": "a", "step": 1, "round": 1, "answer": 2}), ("reveal", {"step": 1}), ("step", {"step": 2})]  # fmt: skip
    one, other = opened(), opened()
    for what, values in log:
        hear(one, what, **values), hear(other, what, **values)
    assert rooms.desk(one, 9) == rooms.desk(other, 9)


def test_of_few_votes_nobody_is_told_which():
    room = opened()
    devices = "abcdefgh"[:LEAST_TOLD]
    come(room, *devices)
    for device in devices[:-1]:
        vote(room, device, 1)
    hear(room, "show", step=1)
    assert rooms.public(room)["counts"] == [None] and rooms.public(room)["answered"] == LEAST_TOLD - 1


def test_an_alpha_is_too_low_right_or_too_high():
    room = opened()
    come(room, *"abcde")
    hear(room, "step", step=2)
    for device, alpha in zip("abcde", (0.0, 0.05, 0.15, 0.16, 1)):
        assert vote(room, device, alpha, step=2) == ""
    assert vote(room, "a", 1.01, step=2) == "choice"
    hear(room, "reveal", step=2)
    assert rooms.public(room)["counts"] == [[1, 2, 2]]


ORDER = '[[step]]\npage = "loss"\nsay = "S"\nask = "Which first?"\norder = ["one", "two", "three"]\n'


def test_an_order_counts_whole_and_place_by_place():
    room = opened(packed(f'schema = 1\ntitle = "T"\n{ORDER}'))
    come(room, *"abcdef")
    right = list(rooms.right_order(room.shows))
    asked = rooms.public(room)["order"]
    assert [asked[number - 1][0][0] for number in right] == ["one", "two", "three"]
    wrong = [right[1], right[0], right[2]]
    for answer in ([1, 2], [1, 2, 4], [1, 1, 2], [1, 2, True], "123", 1, [1.0, 2, 3], [[1], 2, 3]):
        assert vote(room, "a", answer) == "choice"
    for device, answer in zip("abcde", (right, right, right, wrong, wrong)):
        assert vote(room, device, answer) == ""
    assert not {"right_order", "places", "curve", "band"} & set(rooms.public(room)), "before the reveal"
    hear(room, "reveal", step=1)
    told = rooms.public(room)
    assert told["counts"] == [[3, 2]] and list(told["right_order"]) == right
    assert told["places"][right[0] - 1] == [3, 2, 0] and told["places"][right[2] - 1] == [0, 0, 5]
    assert vote(room, "a", right) == "" and vote(room, "f", right) == "closed"
    rows = list(csv.reader(io.StringIO(rooms.votes_csv(room))))[1:]
    assert sorted(row[3:] for row in rows) == [["one < two < three", "yes", "3"], ["two < one < three", "no", "2"]]


DRAW = '[[step]]\npage = "loss"\nquery = "alpha=0.1&n=10"\nsay = "S"\nask = "How?"\ndraw = "loss"\nwithin = 0.1\n'


def test_a_drawn_curve_is_near_or_not_and_the_class_is_a_band():
    room = opened(packed(f'schema = 1\ntitle = "T"\n{DRAW}'))
    come(room, *"abcdef")
    assert room.shows.blank, "the figure waits"
    true = curve(room.shows)
    assert (true.across, true.up) == (10, 3) and true.heights[0] == pytest.approx(math.log(10) / 3, abs=1e-4)
    assert true.heights[3] == pytest.approx((math.log(1 + 9 * math.exp(-5)) + 0.1 * 5 * 0.9) / 3, abs=1e-4)
    for answer in (true.heights[:6], [*true.heights[:6], 1.1], [*true.heights[:6], "1"], 0.5, None, [True] * 7, [float("nan")] * 7):
        assert vote(room, "a", answer) == "choice"
    flat = [0.5] * 7
    for device, answer in zip("abcde", (list(true.heights), list(true.heights), flat, flat, [0.6] * 7)):
        assert vote(room, device, answer) == ""
    assert rooms.public(room)["draw"] == {"across": 10, "up": 3, "places": 7}
    hear(room, "reveal", step=1)
    told = rooms.public(room)
    assert told["counts"] == [[2, 3]] and told["curve"][::10] == true.heights
    assert told["band"][6] == [true.heights[6], 0.5, 0.6] and len(told["band"]) == 7
    rows = list(csv.reader(io.StringIO(rooms.votes_csv(room))))[1:]
    assert [row[4:] for row in rows] == [["no", "2"], ["no", "1"], ["yes", "2"]] and rows[2][3].startswith("2.30 ")


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phone_is_ever_told_notes_or_an_answer_that_was_not_revealed(name, language):
    lecture = find_lecture(name, (), language)
    room = opened(name, language=language)
    come(room, *"abcde")
    hidden = {"answer", "replies", "reveal", "within", "page", "counts", "right_order", "places", "curve", "band"}
    for number, step in enumerate(lecture.steps, start=1):
        hear(room, "step", step=number)
        asked = rooms.public(room)
        assert not (hidden if step.has_answer else hidden - {"page"}) & set(asked), "before the reveal"
        hear(room, "reveal", step=number)
        for told in (asked, rooms.public(room), rooms.mine(room, "a")):
            text = json.dumps(told, ensure_ascii=False)
            assert "notes" not in told
            assert not any(line in text for line in step.notes.split("\n") if len(line) > 20)
        if step.notes:
            assert rooms.desk(room, 0)["notes"], "the lecturer has them"


def test_the_link_to_a_steps_page_brings_neither_notes_nor_lecture():
    step = find_lecture("five", (), "en").steps[2]
    link = rooms.address(step, "ko")
    assert link.startswith("reliability?") and "hide=menu-notes" in link and "lang=ko" in link and "scene" not in link


def test_votes_as_a_table():
    room = opened()
    come(room, *"abc")
    for device, answer in zip("abc", (1, 2, 2)):
        vote(room, device, answer)
    hear(room, "again", step=1)
    vote(room, "a", 2, round=2)
    hear(room, "step", step=2)
    vote(room, "b", 0.1, step=2)
    vote(room, "c", 0.4, step=2)
    rows = list(csv.reader(io.StringIO(rooms.votes_csv(room))))
    ask = "Which, <b>1</b>?"
    assert rows == [
        ["step", "question", "vote", "choice", "right", "count"],
        ["1", ask, "1", "'=A", "no", "1"],
        ["1", ask, "1", "B", "yes", "2"],
        ["1", ask, "2", "'=A", "no", "0"],
        ["1", ask, "2", "B", "yes", "1"],
        ["2", "How much?", "1", "0.1", "yes", "1"],
        ["2", "How much?", "1", "0.4", "no", "1"],
    ]
