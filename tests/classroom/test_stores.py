"""Rooms shared by two servers through a real redis-server: one log, one room; a server that comes later knows all; a lost one loses nothing."""

from __future__ import annotations

import asyncio

import pytest

from lsviz.classroom.room import Event
from lsviz.classroom.rooms import Open, Refused, Rooms
from lsviz.classroom.stores import Redis
from tests.apart import apart
from tests.classroom.redis_server import redis_server

A, B = "a" * 32, "b" * 32


@pytest.fixture(scope="module")
def address():
    with redis_server() as address:
        yield address


async def at(one: Open, fits) -> None:
    """Wait until the room of a server has come so far."""
    async with asyncio.timeout(300):
        while not fits(one.room):
            await asyncio.sleep(0.01)


async def listen(rooms: Rooms, one: Open, device: str):
    heard = await rooms.phone(one, device)
    await anext(heard)
    return heard


def test_two_servers_have_one_room_and_a_third_that_comes_later_knows_all(address):
    async def go() -> None:
        first, second, third = (Rooms(Redis(address)) for _ in range(3))
        code, secret = await first.open("five", "en", 3)
        here, there = await first.find(code), await second.find(code)
        assert there.room.admits(secret) and there.room.step == 3
        hung_up = await listen(first, here, A), await listen(second, there, B)
        await at(here, lambda room: len(room.lines) == 2), await at(there, lambda room: len(room.lines) == 2)
        await asyncio.gather(first.vote(here, A, 3, 1, 1), second.vote(there, B, 3, 1, 2))
        await at(here, lambda room: len(room.poll.rounds[0]) == 2)
        await first.say(here, "reveal", step=3)
        await at(there, lambda room: room.poll.revealed)
        with pytest.raises(Refused, match="closed"):
            await second.vote(there, B, 3, 1, 1)
        late = await third.find(code)
        assert late.room.poll.rounds == [{A: 1, B: 2}] and late.room.words == {A: 0, B: 1}
        with pytest.raises(Refused, match="unknown"):
            await third.find("ABCDE" if code != "ABCDE" else "ABCDF")
        for heard in hung_up:
            await heard.aclose()
        await at(late, lambda room: not room.lines)

    apart(go())


def test_a_phone_of_a_lost_server_comes_back_on_another_with_its_votes(address):
    async def go() -> None:
        lost, left = Rooms(Redis(address)), Rooms(Redis(address))
        code, _ = await lost.open("five", "en", 1)
        one = await lost.find(code)
        hung_up = await listen(lost, one, A)
        await lost.vote(one, A, 1, 1, 3)
        again = await left.find(code)
        heard = await left.phone(again, A)
        first = await anext(heard)
        assert b'"votes": {"1": [3]}' in first and len(again.room.lines) == 1
        await heard.aclose(), await hung_up.aclose()
        await at(again, lambda room: not room.lines)

    apart(go())


def test_a_store_that_is_away_is_told_and_nothing_is_lost_when_it_is_back(address, monkeypatch):
    async def go() -> None:
        rooms = Rooms(Redis(address))
        code, _ = await rooms.open("five", "en", 1)
        one = await rooms.find(code)
        heard = await listen(rooms, one, A)
        append = Redis.append

        async def away(*_: object) -> str:
            raise OSError("away")

        monkeypatch.setattr(Redis, "append", away)
        with pytest.raises(OSError, match="away"):
            await rooms.vote(one, A, 1, 1, 1)
        monkeypatch.setattr(Redis, "append", append)
        await rooms.vote(one, A, 1, 1, 1)
        assert one.room.poll.rounds == [{A: 1}]
        await heard.aclose()
        await at(one, lambda room: not room.lines)

    apart(go())


def test_a_log_that_is_gone_is_no_room_and_a_nonsense_address_is_said():
    async def go() -> None:
        store = Redis("redis://127.0.0.1:1")
        event: Event = {"what": "end", "at": 0}
        for call in (store.read("ABCDE"), store.append("ABCDE", event), store.begin("ABCDE", event)):
            with pytest.raises(OSError):
                await call

    try:
        import redis  # noqa: F401
    except ModuleNotFoundError:
        from tests.missing import missing

        missing("the package redis")
    apart(go())
