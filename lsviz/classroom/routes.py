"""The classroom's addresses, below /room beside Streamlit's own: the phone's page and the lecturer's second window, what they say and what they hear."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import segno
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from lsviz.classroom import checks
from lsviz.classroom.room import Room, tallies, votes_csv
from lsviz.classroom.rooms import Open, Refused, Rooms
from lsviz.core.classes import OFFICIAL
from lsviz.core.english import TEXTS, parsed
from lsviz.core.errors import LsvizError
from lsviz.core.once import once
from lsviz.lectures import Lecture
from lsviz.state import LANGUAGES

PAGE = Path(__file__).parent / "page"
STAGE = Path(__file__).parents[1] / "ui/js"
SHARED = {
    name: STAGE / name for name in ("phone.js", "desk.js", "kit.js", "line.js", "ordering.js", "drawing.js", "style.js", "hall.css")
}  # what the stage, or a page of the app, has as well
KINDS = {".js": "text/javascript", ".css": "text/css"}
LONGEST_WORD, LONGEST_LECTURE = 1_000, 100_000  # bytes of what is posted
Answer = Callable[[Request], Awaitable[Response]]
Summary = Callable[[Lecture, str, Mapping[int, Sequence[Sequence[int]]]], str]


def classroom_routes(rooms: Rooms, base: str = "", summary: Summary | None = None) -> list[Route]:
    """All of them, below the app's base path ("" or "/course").

    `summary` makes what a class said as a page of its own, from the lecture, its language and {step: votes a bar}, one list a vote.
    """
    root = f"{base.rstrip('/')}/room"

    def route(path: str, answer: Callable[[Rooms, Request], Awaitable[Response]], method: str = "GET") -> Route:
        return Route(root + path, _told(lambda request: answer(rooms, request)), methods=[method])

    return [
        route("", _to_the_door),
        route("", _open, "POST"),
        route("/", _door),
        route("/desk", _desk_page),
        route("/files/{name}", _file),
        route("/{code}", _door),
        route("/{code}/events", _phone),
        route("/{code}/vote", _vote, "POST"),
        route("/{code}/desk", _desk),
        route("/{code}/say", _say, "POST"),
        route("/{code}/votes.csv", _votes),
        route("/{code}/qr.svg", _qr),
        *([route("/{code}/summary.html", partial(_summary, summary))] if summary else []),
    ]


def _told(answer: Answer) -> Answer:
    """Every refusal is one sentence with its code."""

    async def told(request: Request) -> Response:
        try:
            return await answer(request)
        except Refused as refused:
            return _refusal(refused.code, refused.status)
        except LsvizError as error:
            return JSONResponse({"code": error.code, "say": str(error)}, 400)
        except OSError:
            return _refusal("away", 503)

    return told


def _refusal(code: str, status: int) -> Response:
    return JSONResponse({"code": code, "say": words(LANGUAGES[0])[f"no_{code}"]}, status, {"Cache-Control": "no-store"})


@once()
def words(language: str) -> dict[str, str]:
    """What phones and the second window say."""
    every = parsed(_texts(language))
    return {**every["room"], **every["question"]}


def every_word() -> dict[str, dict[str, Any]]:
    """The same in every language, with the words that phones are known by and the titles of pages."""
    return {
        language: words(language) | {"names": names(language), "pages": parsed(_texts(language))["nav"]} for language in LANGUAGES
    }


def _texts(language: str) -> Path:
    return TEXTS.with_name(f"{language}.toml")


# ---- pages and files ----


async def _to_the_door(_: Rooms, request: Request) -> Response:
    return RedirectResponse("room/", 302)


async def _door(_: Rooms, request: Request) -> Response:
    return _page("phone")


async def _desk_page(_: Rooms, request: Request) -> Response:
    return _page("desk")


def _page(name: str) -> Response:
    return Response(_html(name), 200, {"Cache-Control": "no-cache"}, "text/html")


@once()
def _html(name: str) -> str:
    """A page with its words; addresses in it are relative, so it works below any path."""
    data = json.dumps(every_word(), ensure_ascii=False).replace("<", "\\u003c")
    text = (PAGE / f"{name}.html").read_text("utf-8").replace("{words}", data)
    return text.replace("{version}", _version())


@once()
def names(language: str) -> list[str]:
    """One word for each phone in the order of coming: the classes of CIFAR-100, people left out."""
    own = parsed(_texts(language)).get("class_names", {})
    things = [name for name in OFFICIAL if name not in ("baby", "boy", "girl", "man", "woman")]
    mixed = [
        things[(i * 37) % len(things)] for i in range(len(things))
    ]  # neighbours in the list are not neighbours in the alphabet
    return [own.get(name, name).replace("_", " ") for name in mixed]


@once()
def _version() -> str:
    digest = hashlib.sha256()
    for file in (*sorted(PAGE.iterdir()), *SHARED.values()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


async def _file(_: Rooms, request: Request) -> Response:
    file = SHARED.get(request.path_params["name"], PAGE / request.path_params["name"])
    if file.parent not in (PAGE, STAGE) or file.suffix not in KINDS or not file.is_file():
        raise Refused("unknown", 404)
    age = "public, max-age=31536000, immutable" if request.query_params.get("v") == _version() else "no-cache"
    return Response(file.read_bytes(), 200, {"Cache-Control": age}, KINDS[file.suffix])


# ---- phones ----


async def _phone(rooms: Rooms, request: Request) -> Response:
    one = await rooms.find(request.path_params["code"])
    return Events(await rooms.phone(one, checks.device(request.query_params.get("device"))))


async def _vote(rooms: Rooms, request: Request) -> Response:
    one = await rooms.find(request.path_params["code"])
    posted = await _posted(request, LONGEST_WORD)
    await checks.vote(rooms, one, posted)
    return JSONResponse({"number": one.room.number})


# ---- the lecturer ----


async def _open(rooms: Rooms, request: Request) -> Response:
    told = await checks.opening(rooms, await _posted(request, LONGEST_LECTURE))
    return JSONResponse(told, 201, {"Cache-Control": "no-store"})


async def _desk(rooms: Rooms, request: Request) -> Response:
    return Events(rooms.desk(await _lecturers(rooms, request)))


async def _say(rooms: Rooms, request: Request) -> Response:
    one = await _lecturers(rooms, request)
    await checks.word(rooms, one, await _posted(request, LONGEST_WORD))
    return JSONResponse({"number": one.room.number})


async def _votes(rooms: Rooms, request: Request) -> Response:
    name, text = votes_file((await _lecturers(rooms, request)).room)
    return Response(text, 200, _saved(name), "text/csv")


async def _summary(make: Summary, rooms: Rooms, request: Request) -> Response:
    name, page = await summary_file(make, (await _lecturers(rooms, request)).room)
    return Response(page, 200, _saved(name), "text/html")


def votes_file(room: Room) -> tuple[str, str]:
    """Name and content of the class's votes, as spreadsheets open them."""
    return f"lsviz-votes-{room.code}.csv", "\ufeff" + votes_csv(room)


async def summary_file(make: Summary, room: Room) -> tuple[str, str]:
    """Name and content of the class's summary."""
    return f"lsviz-class-{room.code}.html", await asyncio.to_thread(make, room.lecture, room.language, tallies(room))


def _saved(file: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}


async def _qr(rooms: Rooms, request: Request) -> Response:
    """The phones' address as a QR code, black on white in either theme. `at` is this server's /room/ as the browser sees it."""
    one = await rooms.find(request.path_params["code"])
    at = urlsplit(request.query_params.get("at", ""))
    if at.scheme not in ("http", "https") or at.netloc != request.headers.get("host") or not at.path.endswith("/room/"):
        raise Refused("act", 400)
    picture = qr_code(f"{at.scheme}://{at.netloc}{at.path}{one.room.code}")
    return Response(picture, 200, {"Cache-Control": "no-store"}, "image/svg+xml")


def qr_code(link: str) -> bytes:
    """SVG."""
    file = io.BytesIO()
    segno.make(link, error="m", micro=False).save(file, kind="svg", scale=10, border=0, light="#ffffff", dark="#1b1e24")
    return file.getvalue()


async def _lecturers(rooms: Rooms, request: Request) -> Open:
    one = await rooms.find(request.path_params["code"])
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return checks.lecturers(one, secret if kind == "Bearer" else None)


async def _posted(request: Request, most: int) -> dict[str, Any]:
    """The JSON object that was posted. Another site's form cannot post one unasked."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise Refused("posted", 415)
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refused("posted", 413)
    try:
        posted = json.loads(body)
    except (ValueError, RecursionError):
        posted = None
    if not isinstance(posted, dict):
        raise Refused("posted", 400)
    return posted


class Events(Response):
    """Server-sent events for as long as somebody listens."""

    HEADERS = (
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),  # a proxy hands them on at once
    )

    def __init__(self, source: AsyncIterator[bytes]) -> None:
        self.source = source
        self.background = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": list(self.HEADERS)})
        pumping, gone = asyncio.ensure_future(self._pump(send)), asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({pumping, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pumping.cancel()
            gone.cancel()
            await asyncio.gather(pumping, gone, return_exceptions=True)
            await self.source.aclose()  # type: ignore[attr-defined]  # an async generator's

    async def _pump(self, send: Send) -> None:
        async for message in self.source:
            await send({"type": "http.response.body", "body": message, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
