"""The rooms of this server: opened, found, spoken to, and listened to. What happens goes through the store's log and comes back from it."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from lsviz.classroom import room as rooms
from lsviz.classroom.room import CODE_LENGTH, LETTERS, Event, Room
from lsviz.classroom.stores import Memory, Store
from lsviz.lectures import find_lecture

MOST_ROOMS = 100  # on one server
IDLE = 10 * 60  # seconds in which nobody was in, after which a room makes place for a new one
AT_ONCE = {
    "step",
    "show",
    "again",
    "reveal",
    "time",
    "stop",
    "end",
}  # what the class sees without delay; the others are counted, and told together
PAUSE, PHONES_A_SECOND = 0.3, 200  # between two tellings of counts: seconds for the lecturer, and for phones as many a second
MOST_ASKING = 60  # phones in a room that a page of the app asks for: each question is a run of its script
GONE = 20  # seconds without a question, after which such a phone has left
HEARTBEAT = 15  # seconds of silence after which a line that nobody hears is found out


class Refused(Exception):
    """What a phone or a lecturer asked cannot be: `code` names the sentence, `status` is HTTP's."""

    def __init__(self, code: str, status: int = 409) -> None:
        super().__init__(code)
        self.code, self.status = code, status


class Bucket:
    """So many a second, and so many at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate, self.burst, self.left, self.at = rate, burst, burst, 0.0

    def take(self, now: float) -> bool:
        """Whether one more is within the limits."""
        self.left = min(self.burst, self.left + self.rate * max(0.0, now - self.at))
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Beat:
    """What listeners wait for: struck at once, or once after a pause however often it is asked for."""

    def __init__(self) -> None:
        self.next = asyncio.Event()
        self._later: asyncio.TimerHandle | None = None

    def strike(self, pause: float = 0) -> None:
        """Wake everyone who waits."""
        if pause and self._later is None:
            self._later = asyncio.get_running_loop().call_later(pause, self.strike)
        if pause:
            return
        if self._later:
            self._later.cancel()
            self._later = None
        woken, self.next = self.next, asyncio.Event()
        woken.set()


class Open:
    """A room that this server has in hand, and everyone who listens to it here."""

    def __init__(self, room: Room, after: str, clock: Callable[[], float]) -> None:
        self.room, self.after, self.clock = room, after, clock
        self.joins, self.votes = Bucket(200, 1_500), Bucket(500, 1_500)
        self.devices: dict[str, Bucket] = {}
        self.waiting: dict[str, asyncio.Future[str]] = {}  # place in the log -> what becomes of the event there
        self.early: dict[str, str] = {}  # what became of events that came back before their place was known
        self.phones, self.desks = Beat(), Beat()
        self.listeners = 0
        self.asking: dict[str, asyncio.TimerHandle] = {}  # device that is asked for -> its leaving
        self.left_at = room.at
        self.follower: asyncio.Task[None] | None = None
        self._told: tuple[object, bytes] = (None, b"")
        self._ends: tuple[float, asyncio.TimerHandle] | None = None

    def hear(self, event: Event) -> str:
        refused = self.room.hear(event)
        at_once = event["what"] in AT_ONCE
        self.desks.strike(0 if at_once else PAUSE)
        self.phones.strike(0 if at_once else max(PAUSE, len(self.room.lines) / PHONES_A_SECOND))
        self.count_down()
        return refused

    def count_down(self) -> None:
        """Everybody hears of it when the time of the vote is up."""
        ends_at = self.room.poll.ends_at
        if self._ends and self._ends[0] != ends_at:
            self._ends[1].cancel()
            self._ends = None
        if ends_at and not self._ends and (left := ends_at - self.clock()) > 0:
            self._ends = ends_at, asyncio.get_running_loop().call_later(left + 0.01, self._time_is_up)

    def _time_is_up(self) -> None:
        self.desks.strike()
        self.phones.strike()

    def public(self) -> bytes:
        """What phones are told, put in words once for all of them; while time runs, a few times a second."""
        now = self.clock()
        state = self.room.number, self.room.poll.closed(now), self.room.poll.ends_at and round(4 * now)
        if self._told[0] != state:
            self._told = state, _line(rooms.public(self.room, now))
        return self._told[1]


class Rooms:
    """All of them. `clock` is in seconds since 1970; `pages` are those that a lecture may open."""

    def __init__(self, store: Store | None = None, clock: Callable[[], float] = time.time, pages: Sequence[str] = ()) -> None:
        self.store: Store = store or Memory()
        self.clock, self.pages = clock, pages
        self.name = secrets.token_hex(8)  # tells events of its own from those of other servers
        self.open_rooms: dict[str, Open] = {}
        self.openings = Bucket(1, 20)
        self._loading: dict[str, asyncio.Lock] = {}

    # ---- the lecturer opens ----

    async def open(self, scene: str, language: str, step: int) -> tuple[str, str]:
        """A new room for a lecture: its code, and the secret that only the lecturer has. Raises Refused and LsvizError."""
        now = self.clock()
        if not self.openings.take(now):
            raise Refused("rooms", 429)
        lecture = find_lecture(scene, self.pages, language)
        await self._make_place(now)
        secret = secrets.token_urlsafe(16)
        opened = {"what": "opened", "at": now, "scene": scene, "language": language, "step": min(step, len(lecture.steps)), "key": rooms.key_of(secret)}  # fmt: skip
        for _ in range(20):
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
            if await self.store.begin(code, opened):
                if not self.store.shared:
                    self.open_rooms[code] = Open(Room(code, opened), "", self.clock)
                return code, secret
        raise Refused("rooms", 429)

    async def _make_place(self, now: float) -> None:
        """Rooms that are over go; of those that nobody is in, the one left first, where there are too many."""
        for code, one in list(self.open_rooms.items()):
            if one.room.silent(now) or (one.room.ended and now - one.room.at > IDLE):  # until then its votes can be fetched
                await self._forget(code)
        if len(self.open_rooms) < MOST_ROOMS:
            return
        empty = [
            (one.left_at, code)
            for code, one in self.open_rooms.items()
            if not one.listeners and not one.asking and now - one.left_at > IDLE
        ]
        if not empty:
            raise Refused("rooms", 429)
        await self._forget(min(empty)[1])

    async def _forget(self, code: str) -> None:
        one = self.open_rooms.pop(code)
        if one.follower:
            one.follower.cancel()
        if not self.store.shared:
            await self.store.drop(code)

    # ---- anybody finds, speaks and listens ----

    async def find(self, code: str) -> Open:
        """The room of a code. Raises Refused where there is none, or none any more."""
        code = code.upper()
        if len(code) != CODE_LENGTH or not set(code) <= set(LETTERS):
            raise Refused("unknown", 404)
        if code not in self.open_rooms:
            await self._load(code)
        one = self.open_rooms[code]
        if one.room.silent(self.clock()):
            await self._forget(code)
            raise Refused("ended", 410)
        return one

    async def _load(self, code: str) -> None:
        """Fold a log that another server began, and follow it from there."""
        try:
            async with self._loading.setdefault(code, asyncio.Lock()):
                if code in self.open_rooms:
                    return
                log = await self.store.read(code)
                if not log:
                    raise Refused("unknown", 404)
                one = Open(Room(code, log[0][1]), log[-1][0], self.clock)
                for _, event in log[1:]:
                    one.room.hear(event)
                self.open_rooms[code] = one
                one.count_down()
                one.follower = asyncio.create_task(self._follow(code, one))
        finally:
            self._loading.pop(code, None)

    async def _follow(self, code: str, one: Open) -> None:
        async for entries in self.store.follow(code, one.after):
            for place, event in entries:
                verdict = one.hear(event)
                one.after = place
                if place in one.waiting:
                    one.waiting.pop(place).set_result(verdict)
                elif event.get("by") == self.name:
                    one.early[place] = verdict

    async def say(self, one: Open, what: str, **values: Any) -> None:
        """Put an event into the log; returns when it has its effect here. Raises Refused where it has none."""
        event = {"what": what, "at": self.clock(), **values}
        verdict = await self._through_the_log(one, event) if self.store.shared else one.hear(event)
        if verdict:
            raise Refused(verdict, 410 if verdict == "ended" else 409)

    async def _through_the_log(self, one: Open, event: Event) -> str:
        place = await self.store.append(one.room.code, event | {"by": self.name})
        if place in one.early:
            return one.early.pop(place)
        future = one.waiting[place] = asyncio.get_running_loop().create_future()
        try:
            return await asyncio.wait_for(future, 10)
        except TimeoutError:
            raise OSError("the log does not come back") from None
        finally:
            one.waiting.pop(place, None)

    async def vote(self, one: Open, device: str, step: int, round_: int, answer: object) -> None:
        """A phone's answer. Raises Refused: closed, choice, stranger, fast, ended."""
        if device not in one.room.words:
            raise Refused("stranger", 403)
        now = self.clock()
        if not one.devices.setdefault(device, Bucket(2, 6)).take(now) or not one.votes.take(now):
            raise Refused("fast", 429)
        await self.say(one, "vote", device=device, step=step, round=round_, answer=answer)

    async def phone(self, one: Open, device: str) -> AsyncIterator[bytes]:
        """What a phone hears from now on: first of itself, then where the room stands, whenever that changes. Raises Refused at the start."""
        if not one.joins.take(self.clock()):
            raise Refused("fast", 429)
        line = secrets.token_hex(8)
        await self.say(one, "came", device=device, line=line)
        return self._heard(one, one.phones, one.public, _line(rooms.mine(one.room, device), "mine"), (device, line))

    async def look(self, one: Open, device: str) -> None:
        """The same for a phone that hears nothing by itself and asks every few seconds: it is in for as long as it does. Raises Refused."""
        if device not in one.asking:
            if len(one.asking) >= MOST_ASKING:
                raise Refused("full")
            await self.say(one, "came", device=device, line=self.name)
        if device in one.asking:
            one.asking[device].cancel()
        one.asking[device] = asyncio.get_running_loop().call_later(GONE, self._asks_no_more, one, device)
        self.attended(one)

    def _asks_no_more(self, one: Open, device: str) -> None:
        del one.asking[device]
        self._hang_up(one, device, self.name)

    def attended(self, one: Open) -> None:
        """Somebody is in."""
        one.left_at = self.clock()

    def desk(self, one: Open) -> AsyncIterator[bytes]:
        """The same for the lecturer, with all that only the lecturer may know."""
        return self._heard(one, one.desks, lambda: _line(rooms.desk(one.room, self.clock())), b"", None)

    async def _heard(
        self, one: Open, beat: Beat, told: Callable[[], bytes], first: bytes, here: tuple[str, str] | None
    ) -> AsyncIterator[bytes]:
        one.listeners += 1
        try:
            struck = beat.next  # before it is told: what happens while the line takes it is told next
            yield first + told()
            while not one.room.ended:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await struck.wait()
                except TimeoutError:
                    if one.room.silent(self.clock()):
                        yield _line({"ended": True, "number": one.room.number + 1})
                        return
                    yield b": \n\n"
                    continue
                struck = beat.next
                yield told()
        finally:
            one.listeners -= 1
            self.attended(one)
            if here:
                self._hang_up(one, *here)

    def _hang_up(self, one: Open, device: str, line: str) -> None:
        if not one.room.ended:
            leaving = asyncio.ensure_future(self.say(one, "left", device=device, line=line))
            leaving.add_done_callback(lambda done: done.cancelled() or done.exception())


def _line(told: object, name: str = "") -> bytes:
    """One message of server-sent events."""
    head = f"event: {name}\n" if name else ""
    number = told.get("number") if isinstance(told, dict) else None
    return f"{head}{f'id: {number}' + chr(10) if number else ''}data: {json.dumps(told, ensure_ascii=False)}\n\n".encode()
