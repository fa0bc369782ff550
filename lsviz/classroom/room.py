"""A room is what its log of events comes to: no clock, no files, no network, so every server that reads the log has the same room.

An event is a dict with `what` and `at` (seconds); `Room.hear` takes it and answers "" or the code of the sentence why it does not count.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from lsviz.core.marked import paragraphs, parts
from lsviz.core.predictions.text import no_formula
from lsviz.lectures import Lecture, Step, find_lecture
from lsviz.lectures.by_hand import PLACES, curve
from lsviz.state import ViewState

LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"  # no I, L, O: they look like 1 and 0
CODE_LENGTH = 5
SILENCE = 2 * 60 * 60  # seconds without a vote or a word of the lecturer's, after which a room has ended
MOST_PHONES = 1_500
MOST_EVENTS = 200_000
MOST_ROUNDS = 2  # a vote, and one more after talking
USUAL_TIME, LEAST_TIME, MOST_TIME = 60, 30, 120  # seconds that a countdown gives a vote at first
MORE_TIME, LONGEST_TIME = 30, 600  # that it gives when asked again, and in all from then
LEAST_TOLD = 5  # votes: of fewer the class is told how many, not which: it would be guessable who
HIDDEN = ("menu", "notes")  # what the link to a step's page leaves out

Event = dict[str, Any]
Answer = (
    float | tuple[float, ...]
)  # the number of a choice, an alpha; the numbers of what was put in order; the heights of what was drawn


@dataclass
class Poll:
    """What a step was answered: each vote as {device: answer}."""

    rounds: list[dict[str, Answer]] = field(default_factory=lambda: [{}])
    shown: bool = False  # the votes, before the answer
    revealed: bool = False
    ends_at: float | None = None  # seconds, by the clock of the log: when a countdown closes the vote

    @property
    def told(self) -> bool:
        return self.shown or self.revealed

    def closed(self, now: float) -> bool:
        return self.told or (self.ends_at is not None and now >= self.ends_at)


class Room:
    """A lecture, where it stands, who is in and what was answered."""

    def __init__(self, code: str, opened: Event) -> None:
        """From the first event of the log: the lecture's `scene` and `language`, the `step`, and the `key` (SHA-256) of the lecturer's secret."""
        self.code = code
        self.scene, self.language = str(opened["scene"]), str(opened["language"])
        self.lecture: Lecture = find_lecture(self.scene, (), self.language)
        self.key = str(opened["key"])
        self.opened_at = self.at = self.heard_at = self.step_at = float(opened["at"])
        self.number = 1  # of the last event
        self.step = self._within(opened["step"])
        self.polls: dict[int, Poll] = {}
        self.words: dict[str, int] = {}  # device -> its place in the order of coming, which names it
        self.lines: dict[
            str, str
        ] = {}  # device -> its connection: a phone that comes back on a new one does not leave with the old
        self.ended = False
        self._meaning: dict[str, Callable[[Event], str]] = {
            "came": self._came, "left": self._left, "vote": self._vote, "step": self._turn,
            "show": self._show, "again": self._again, "reveal": self._reveal, "time": self._time, "stop": self._stop, "end": self._end,
        }  # fmt: skip

    # ---- the log ----

    def hear(self, event: Event) -> str:
        """Take the next event."""
        self.number += 1
        self.at = max(self.at, float(event["at"]))  # the clocks of two servers may differ
        if self.ended or self.silent(self.at):
            return "ended"
        if self.number > MOST_EVENTS:
            return "worn"
        refused = self._meaning[event["what"]](event)
        if not refused and event["what"] not in ("came", "left"):
            self.heard_at = self.at
        return refused

    def silent(self, now: float) -> bool:
        """Whether nobody voted and the lecturer did nothing for so long that the room is over."""
        return now - self.heard_at > SILENCE

    def admits(self, secret: str) -> bool:
        """Whether this is the lecturer's secret."""
        return hmac.compare_digest(key_of(secret), self.key)

    @property
    def poll(self) -> Poll:
        return self.polls.setdefault(self.step, Poll())

    @property
    def shows(self) -> Step:
        return self.lecture.steps[self.step - 1]

    def _within(self, step: object) -> int:
        return max(1, min(int(step), len(self.lecture.steps))) if isinstance(step, int) else 1

    def _came(self, event: Event) -> str:
        device = event["device"]
        if device not in self.words and len(self.words) >= MOST_PHONES:
            return "full"
        self.words.setdefault(device, len(self.words))
        self.lines[device] = event["line"]
        return ""

    def _left(self, event: Event) -> str:
        if self.lines.get(event["device"]) == event["line"]:
            del self.lines[event["device"]]
        return ""

    def _vote(self, event: Event) -> str:
        """The last one of a device counts, so a vote that is sent twice counts once. Only the vote that is open takes any."""
        number, device, answer = event["step"], event["device"], event["answer"]
        if device not in self.words:
            return "stranger"
        if not 1 <= number <= len(self.lecture.steps) or not fits(self.lecture.steps[number - 1], answer):
            return "choice"
        answer = tuple(answer) if isinstance(answer, list) else answer
        poll = self.polls.setdefault(number, Poll())
        if number != self.step or poll.closed(self.at) or event["round"] != len(poll.rounds):
            earlier = poll.rounds[event["round"] - 1] if 1 <= event["round"] <= len(poll.rounds) else {}
            return "" if earlier.get(device) == answer else "closed"  # told again what is counted already
        poll.rounds[-1][device] = answer
        return ""

    def _turn(self, event: Event) -> str:
        if (step := self._within(event["step"])) != self.step:
            self.poll.ends_at = None
            self.step, self.step_at = step, self.at
        return ""

    def _show(self, _: Event) -> str:
        self.poll.shown = True
        return ""

    def _again(self, _: Event) -> str:
        if self.poll.revealed or len(self.poll.rounds) >= MOST_ROUNDS or not asks(self.shows):
            return "again"
        self.poll.rounds.append({})
        self.poll.shown, self.poll.ends_at = False, None
        return ""

    def _time(self, _: Event) -> str:
        """A countdown begins, or goes on for longer; after its end the vote is open once more."""
        poll = self.poll
        if poll.told or not asks(self.shows):
            return "closed"
        left = max(0.0, (poll.ends_at or 0) - self.at)
        poll.ends_at = self.at + min(left + MORE_TIME if poll.ends_at else time_for(self.shows), LONGEST_TIME)
        return ""

    def _stop(self, _: Event) -> str:
        self.poll.ends_at = None
        return ""

    def _reveal(self, _: Event) -> str:
        self.poll.revealed = True
        return ""

    def _end(self, _: Event) -> str:
        self.ended = True
        return ""


def key_of(secret: str) -> str:
    """What of a secret is kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def asks(step: Step) -> bool:
    """Whether phones can answer a step."""
    return bool(step.choices or step.pick or step.order or step.draw)


def time_for(step: Step) -> float:
    """Seconds that a countdown gives a step's vote: half of the step's minutes."""
    return min(max(round(30 * step.minutes, -1), LEAST_TIME), MOST_TIME) if step.minutes else USUAL_TIME


def fits(step: Step, answer: object) -> bool:
    """Whether this is one of the step's choices, from 1, an alpha from 0 to 1, all that is to be put in order, each once, or a curve's heights."""
    if step.order or step.draw:
        given: list[Any] = list(answer) if isinstance(answer, (list, tuple)) else []
        if step.draw:
            return len(given) == PLACES and all(type(height) in (int, float) and 0 <= height <= 1 for height in given)
        return all(type(number) is int for number in given) and sorted(given) == list(range(1, len(step.order) + 1))
    if isinstance(answer, bool) or not isinstance(answer, (int, float)):
        return False
    return 0 <= answer <= 1 if step.pick else answer in range(1, len(step.choices) + 1)


# ---- what everybody may see, and what only the lecturer may ----


def tally(step: Step, votes: Mapping[str, Answer]) -> list[int]:
    """Votes a choice; of an alpha how many were too low, right and too high; of an order or a curve how many were right and not."""
    counted = Counter(place(step, answer) for answer in votes.values())
    return [counted[number] for number in range(1, (3 if step.pick else 2 if step.order or step.draw else len(step.choices)) + 1)]


def places(step: Step, votes: Mapping[str, Answer]) -> list[list[int]]:
    """How many put each of what is to be put in order, as it is asked, in each place."""
    given = [answer for answer in votes.values() if isinstance(answer, tuple)]
    every = range(len(step.order))
    return [[sum(answer[at] == item + 1 for answer in given) for at in every] for item in every]


def band(votes: Mapping[str, Answer]) -> list[list[float]]:
    """Of drawn curves, at every place: the height below which a tenth of them lie, the middle one, and that above which a tenth lie."""
    heights = [sorted(at) for at in zip(*(answer for answer in votes.values() if isinstance(answer, tuple)), strict=True)]
    return [[at[round(share * (len(at) - 1))] for share in (0.1, 0.5, 0.9)] for at in heights]


def right_order(step: Step) -> tuple[int, ...]:
    """The numbers, from 1, of what is to be put in order, as is right."""
    return tuple(step.mixed.index(place) + 1 for place in range(len(step.order)))


def place(step: Step, answer: Answer) -> int:
    """The number of the bar an answer belongs to, from 1."""
    if isinstance(answer, tuple):
        drawn = curve(step)
        return 1 if (drawn.near(answer, step.within) if drawn else answer == right_order(step)) else 2
    if not step.pick:
        return int(answer)
    off = answer - (step.answer or 0)
    return 2 if abs(off) <= step.within + 1e-9 else 1 if off < 0 else 3


def right_place(step: Step) -> int:
    """The number of the right answer's bar."""
    return step.right_bar


def public(room: Room, now: float | None = None) -> dict[str, Any]:
    """What a phone is told: of the step what the screen in front shows, the answer only once it is revealed, notes never.

    `left` are the seconds of a countdown: a phone's own clock may say what it likes.
    """
    step, poll, now = room.shows, room.poll, max(room.at, now or 0)
    said: dict[str, Any] = {
        "number": room.number,
        "ended": room.ended,
        "language": room.language,
        "title": room.lecture.title,
        "step": room.step,
        "steps": len(room.lecture.steps),
        "say": paragraphs(step.say),
        "ask": paragraphs(step.ask),
        "choices": [parts(choice) for choice in step.choices],
        "pick": step.pick,
        "order": [parts(step.order[place]) for place in step.mixed],
        "draw": axes(step),
        "learned": [parts(text) for text in step.learned],
        "round": len(poll.rounds),
        "shown": poll.shown,
        "revealed": poll.revealed,
        "closed": poll.closed(now),
        "left": None if poll.ends_at is None or poll.told else round(max(0.0, poll.ends_at - now), 1),
        "answered": len(poll.rounds[-1]),
        "present": max(len(room.lines), len(poll.rounds[-1])),
    }
    if poll.told and asks(step):
        said["counts"] = [tally(step, votes) if len(votes) >= LEAST_TOLD else None for votes in poll.rounds]
        votes = poll.rounds[-1]
        said["band"] = band(votes) if step.draw and len(votes) >= LEAST_TOLD else None
        said["places"] = places(step, votes) if step.order and len(votes) >= LEAST_TOLD else None
    if poll.revealed:
        said |= {
            "right_order": right_order(step),
            "curve": drawn.line if (drawn := curve(step)) else None,
            "answer": step.answer,
            "within": step.within,
            "replies": [parts(text) for text in step.replies],
            "reveal": paragraphs(step.reveal),
        }
    if poll.revealed or not step.has_answer:  # before, the page would tell it, in its headline
        said["page"] = address(step, room.language) if step.figure or not step.learned else ""
    return said


def axes(step: Step) -> dict[str, float] | None:
    """What is to be drawn, as far as it is told before: the ends of its axes, and at how many places it is taken."""
    drawn = curve(step)
    return {"across": drawn.across, "up": drawn.up, "places": PLACES} if drawn else None


def address(step: Step, language: str) -> str:
    """The step's page for a phone, below the app's root: no notes, no menu, no lecture."""
    view = step.view(ViewState(lang=language, hide=HIDDEN))
    return f"{step.page}?{urlencode(replace(view, scene='', step=1).to_query())}&embed=true"


def mine(room: Room, device: str) -> dict[str, Any]:
    """What a phone that comes (back) is told of itself: its word, and what it answered, by step."""
    votes = {number: [votes.get(device) for votes in poll.rounds] for number, poll in room.polls.items()}
    return {
        "word": room.words[device],
        "votes": {n: answers for n, answers in votes.items() if any(a is not None for a in answers)},
    }


def desk(room: Room, now: float) -> dict[str, Any]:
    """What the lecturer alone is told, on top of `public`."""
    step, poll, steps = room.shows, room.poll, room.lecture.steps
    following = steps[room.step] if room.step < len(steps) else None
    votes = poll.rounds[-1]
    return public(room, now) | {
        "code": room.code,
        "asks": asks(step),
        "again": asks(step) and not poll.revealed and len(poll.rounds) < MOST_ROUNDS,
        "tallies": [tally(step, one) for one in poll.rounds] if asks(step) else [],
        "right": right_place(step) if asks(step) else 0,
        "share": round(100 * tally(step, votes)[right_place(step) - 1] / len(votes)) if asks(step) and votes else None,
        "notes": paragraphs(step.notes),
        "page_name": step.page,
        "following": {"ask": paragraphs(following.ask or following.say), "page_name": following.page, "minutes": following.minutes} if following else None,
        "minutes": [one.minutes for one in steps],
        "since_open": round(now - room.opened_at, 1),
        "since_step": round(now - room.step_at, 1),
        "words": [place for device, place in room.words.items() if device in room.lines],
    }  # fmt: skip


def answered(room: Room) -> Iterator[tuple[int, Step, Poll]]:
    """The steps, by number, that somebody voted in."""
    for number, poll in sorted(room.polls.items()):
        step = room.lecture.steps[number - 1]
        if asks(step) and any(poll.rounds):
            yield number, step, poll


def tallies(room: Room) -> dict[int, list[list[int]]]:
    """Votes a bar of every step that somebody voted in, a list a vote."""
    return {number: [tally(step, votes) for votes in poll.rounds] for number, step, poll in answered(room)}


def votes_csv(room: Room) -> str:
    """Every vote that was taken, a row a choice: step, question, vote, choice, right, count. Of an alpha, an order or a curve the choices are those that were made."""
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\r\n")
    table.writerow(["step", "question", "vote", "choice", "right", "count"])
    for number, step, poll in answered(room):
        for vote, votes in enumerate(poll.rounds, start=1):
            counted = Counter(votes.values())
            every: Sequence[Answer] = range(1, len(step.choices) + 1) if step.choices else sorted(counted)
            for answer in every:
                choice = spoken(step, answer)
                right = place(step, answer) == right_place(step)
                table.writerow([number, plain(step.ask), vote, choice, "yes" if right else "no", counted[answer]])
    return file.getvalue()


def spoken(step: Step, answer: Answer) -> str:
    """An answer in the words of its step."""
    if isinstance(answer, tuple) and (drawn := curve(step)):
        return " ".join(f"{height * drawn.up:.2f}" for height in answer)
    if isinstance(answer, tuple):
        return " < ".join(plain(step.order[step.mixed[int(number) - 1]]) for number in answer)
    return f"{answer:g}" if step.pick else plain(step.choices[int(answer) - 1])


def plain(text: str) -> str:
    """A marked text without its marks; what a spreadsheet would take for a formula gets an apostrophe."""
    return no_formula("".join(piece for piece, _ in parts(text)))
