"""The classroom's addresses: a class from opening to the table of votes; every refusal is one sentence; nothing secret leaves."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from starlette.applications import Starlette

from lsviz.classroom.room import SILENCE
from lsviz.classroom.rooms import IDLE, MOST_ROOMS, Bucket, Rooms
from lsviz.classroom.routes import PAGE, SHARED, classroom_routes, words
from lsviz.core.english import TEXTS
from lsviz.lectures import Lecture, packed
from lsviz.state import LANGUAGES
from tests.apart import apart
from tests.classroom.calls import call, listening, until

PHONES = [f"{number:032x}" for number in range(6)]
OPEN = {"scene": "five", "language": "en", "step": 1}


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def told(lecture: Lecture, language: str, votes: dict[int, list[list[int]]]) -> str:
    return json.dumps([lecture.title, language, votes])


def served(clock: Clock | None = None) -> Starlette:
    return Starlette(routes=classroom_routes(Rooms(clock=clock or Clock()), summary=told))


async def opened(app: Starlette, **changes: object) -> tuple[str, dict[str, str]]:
    """Address of a new room, and the lecturer's header."""
    answer = await call(app, "POST", "/room", OPEN | changes)
    assert answer.status == 201, answer.body
    return f"/room/{answer.json['code']}", {"authorization": f"Bearer {answer.json['secret']}"}


def vote(device: str, answer: object, step: object = 1, round: object = 1) -> dict:
    return {"device": device, "answer": answer, "step": step, "round": round}


def test_a_class_from_the_code_to_the_table():
    async def go() -> None:
        app = served()
        room, mine = await opened(app)
        async with listening(app, f"{room}/desk", **mine) as desk, listening(app, f"{room}/events?device={PHONES[0]}") as phone:
            assert (await until(phone, lambda told: "word" in told)) == {"word": 0, "votes": {}}
            assert (await until(phone, lambda told: "ask" in told))["choices"]
            for device in PHONES[1:]:
                async with listening(app, f"{room}/events?device={device}") as other:
                    await until(other, lambda told: "ask" in told)
                    assert (await call(app, "POST", f"{room}/vote", vote(device, 1))).status == 200
            assert (await call(app, "POST", f"{room}/vote", vote(PHONES[0], 2))).status == 200
            told = await until(desk, lambda told: told["answered"] == 6)
            assert told["tallies"] == [[5, 1, 0]] and told["share"] == 17 and told["notes"] and told["words"] == [0]
            assert (await call(app, "POST", f"{room}/say", {"act": "again", "step": 1}, **mine)).status == 200
            assert (await until(phone, lambda told: told.get("round") == 2))["answered"] == 0
            assert (await call(app, "POST", f"{room}/vote", vote(PHONES[0], 2, round=2))).status == 200
            assert (await call(app, "POST", f"{room}/say", {"act": "reveal", "step": 1}, **mine)).status == 200
            assert (await until(phone, lambda told: told.get("revealed")))["counts"] == [[5, 1, 0], None]
            late = await call(app, "POST", f"{room}/vote", vote(PHONES[1], 2, round=2))
            assert (late.status, late.json["code"]) == (409, "closed")
            assert (await call(app, "POST", f"{room}/say", {"act": "step", "step": 2}, **mine)).status == 200
            assert (await until(phone, lambda told: told.get("step") == 2))["answered"] == 0
            async with listening(app, f"{room}/events?device={PHONES[1]}") as back:
                assert await until(back, lambda told: "word" in told) == {"word": 1, "votes": {"1": [1, None]}}
            table = await call(app, "GET", f"{room}/votes.csv", **mine)
            assert table.body.decode("utf-8-sig").splitlines()[1].endswith(",1,A gap of about 10 is enough,no,5")
            summary = await call(app, "GET", f"{room}/summary.html", **mine)
            assert summary.json[1:] == ["en", {"1": [[5, 1, 0], [0, 1, 0]]}] and summary.headers["content-type"].startswith(
                "text/html"
            )
            await call(app, "POST", f"{room}/say", {"act": "end", "step": 2}, **mine)
            assert await until(phone, lambda told: told.get("ended"))
        assert (await call(app, "GET", f"{room}/votes.csv", **mine)).status == 200, "its votes can still be fetched"

    apart(go())


@pytest.mark.parametrize(
    ("method", "path", "said", "status", "code"),
    [
        ("GET", "/ABCDE/events?device=" + PHONES[0], None, 404, "unknown"),
        ("GET", "/ABC1I/events", None, 404, "unknown"),
        ("GET", "{room}/events?device=me", None, 403, "stranger"),
        ("POST", "{room}/vote", vote(PHONES[0], 1), 403, "stranger"),
        ("POST", "{room}/vote", vote(PHONES[0], "1"), 400, "choice"),
        ("POST", "{room}/vote", vote(PHONES[0], 1, step="1"), 400, "choice"),
        ("POST", "{room}/vote", [1], 400, "posted"),
        ("POST", "{room}/vote", b"{" * 900, 400, "posted"),
        ("POST", "{room}/vote", b" " * 2000, 413, "posted"),
        ("GET", "{room}/desk", None, 403, "secret"),
        ("GET", "{room}/votes.csv", None, 403, "secret"),
        ("GET", "{room}/summary.html", None, 403, "secret"),
        ("POST", "{room}/say", {"act": "reveal", "step": 1}, 403, "secret"),
        ("POST", "", OPEN | {"language": "xx"}, 400, "lecture"),
        ("POST", "", OPEN | {"step": 0}, 400, "lecture"),
        ("POST", "", OPEN | {"scene": "none"}, 400, "scene.unknown"),
        ("POST", "", OPEN | {"scene": packed('schema = 1\ntitle = "T"\n[[step]]\npage = "loss"\nsay = "S"\nask = "?"\nchoices = ["a", ""]\nanswer = 1')}, 400, "scene.list"),
        ("GET", "/files/..%2Froutes.py", None, 404, "unknown"),
        ("GET", "/files/phone.html", None, 404, "unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence(method, path, said, status, code):
    async def go() -> None:
        app = served()
        room, _ = await opened(app)
        address = path.format(room=room) if "{room}" in path else f"/room{path}"
        answer = await call(app, method, address, said)
        assert (answer.status, answer.json["code"]) == (status, code) and len(answer.json["say"]) > 10

    apart(go())


def test_a_form_of_another_site_opens_and_votes_nothing():
    async def go() -> None:
        app = served()
        room, _ = await opened(app)
        for address in ("/room", f"{room}/vote"):
            assert (await call(app, "POST", address, OPEN, content_type="text/plain")).status == 415

    apart(go())


def test_a_lecturers_word_for_a_step_that_was_left_does_nothing():
    async def go() -> None:
        app = served()
        room, mine = await opened(app)
        assert (await call(app, "POST", f"{room}/say", {"act": "step", "step": 2}, **mine)).status == 200
        answer = await call(app, "POST", f"{room}/say", {"act": "reveal", "step": 1}, **mine)
        assert (answer.status, answer.json["code"]) == (409, "turned")
        assert (await call(app, "POST", f"{room}/say", {"act": "dance"}, **mine)).json["code"] == "act"

    apart(go())


def test_phones_hear_the_end_of_a_countdown(monkeypatch):
    monkeypatch.setattr("lsviz.classroom.room.LEAST_TIME", 0)
    monkeypatch.setattr("lsviz.classroom.room.MOST_TIME", 0.2)

    async def go() -> None:
        app = Starlette(routes=classroom_routes(Rooms()))
        room, mine = await opened(app)
        async with listening(app, f"{room}/desk", **mine) as desk, listening(app, f"{room}/events?device={PHONES[0]}") as phone:
            assert (await call(app, "POST", f"{room}/say", {"act": "time", "step": 1}, **mine)).status == 200
            assert (await until(phone, lambda told: told.get("left") is not None))["left"] <= 0.2
            assert (await until(phone, lambda told: told.get("closed")))["left"] == 0 and await until(
                desk, lambda told: told["closed"]
            )
            late = await call(app, "POST", f"{room}/vote", vote(PHONES[0], 1))
            assert (late.status, late.json["code"]) == (409, "closed")

    apart(go())


def test_junk_costs_the_class_nothing():
    """Ten thousand votes of one device within one second: a few are heard, the rest refused, and a neighbour's vote counts."""

    async def go() -> None:
        app = served()
        room, mine = await opened(app)
        async with (
            listening(app, f"{room}/events?device={PHONES[0]}") as junk,
            listening(app, f"{room}/events?device={PHONES[1]}") as good,
        ):
            await until(junk, lambda told: "ask" in told), await until(good, lambda told: "ask" in told)
            answers = [await call(app, "POST", f"{room}/vote", vote(PHONES[0], 1)) for _ in range(10_000)]
            statuses = [answer.status for answer in answers]
            assert statuses.count(200) < 10 and statuses.count(429) > 9_900
            assert (await call(app, "POST", f"{room}/vote", vote(PHONES[1], 2))).status == 200
            assert await until(good, lambda told: told.get("answered") == 2)

    apart(go())


def test_rooms_are_limited_and_those_that_are_over_make_place():
    async def go() -> None:
        clock = Clock()
        app = served(clock)
        codes = []
        for _ in range(MOST_ROOMS):
            clock.now += 2
            codes.append((await opened(app))[0])
        assert (await call(app, "POST", "/room", OPEN)).json["code"] == "rooms"
        clock.now += IDLE
        await opened(app)
        assert (await call(app, "GET", f"{codes[0]}/events?device={PHONES[0]}")).json["code"] == "unknown", (
            "the first that nobody was in"
        )
        clock.now += SILENCE + 1
        assert (await call(app, "GET", f"{codes[1]}/events?device={PHONES[0]}")).json["code"] == "ended"

    apart(go())


def test_a_bucket_fills_as_time_goes_by():
    bucket = Bucket(rate=2, burst=3)
    assert [bucket.take(10) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(10.5), bucket.take(10.5), bucket.take(9)] == [True, False, False]


@pytest.mark.parametrize("base", ["", "/course/lsviz"])
def test_the_phones_page_is_small_speaks_both_languages_and_holds_no_text_as_markup(base):
    async def go() -> None:
        app = Starlette(routes=classroom_routes(Rooms(), base))
        page = await call(app, "GET", f"{base}/room/KVRTM")
        assert page.status == 200 and (await call(app, "GET", f"{base}/room")).headers["location"] == "room/"
        html = page.body.decode()
        said = json.loads(re.search(r'<script type="application/json" id="words">(.*?)</script>', html, re.DOTALL)[1])
        assert set(said) == set(LANGUAGES) and said["ko"]["names"][0] != said["en"]["names"][0]
        files = re.findall(r'(?:src|href)="(files/[^"]+)"', html) + [
            "files/kit.js",
            "files/phone.js",
            "files/style.js",
            "files/ordering.js",
            "files/drawing.js",
        ]
        sizes = [len(page.body)]
        for file in files:
            answer = await call(app, "GET", f"{base}/room/{file}")
            assert answer.status == 200
            sizes.append(len(answer.body))
        assert sum(sizes) <= 60_000, "a phone's first screen"

    apart(go())
    for script in PAGE.glob("*.js"):
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", script.read_text("utf-8")), script.name


def test_every_word_the_pages_ask_for_exists_and_none_stands_unused():
    scripts = "".join(script.read_text("utf-8") for script in (*PAGE.glob("*.js"), *SHARED.values()))
    python = "".join(file.read_text("utf-8") for file in PAGE.parent.glob("*.py"))
    asked = set(re.findall(r"(?<![.\w])say\('(\w+)'", scripts))
    known = set(words("en"))
    assert asked <= known and len(asked) > 30
    unused = {
        key
        for key in known - asked
        if f"'{key}'" not in scripts
        and f'"{key.removeprefix("no_")}"' not in python
        and f"'{key.removeprefix('do_')}'" not in scripts
    }
    assert unused == set()


def test_the_classroom_knows_no_streamlit():
    code = "import sys, lsviz.classroom.routes; assert not {'streamlit', 'redis', 'numpy'} & set(sys.modules), sorted(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=TEXTS.parents[2])
