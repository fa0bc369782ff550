"""Where the logs of rooms lie: in this process, or in Redis for servers that share them (LSVIZ_REDIS; needs the package redis)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, Protocol

from lsviz.classroom.room import SILENCE, Event

Numbered = tuple[str, Event]  # an event and its place in the log, as the store names it


class Store(Protocol):
    """Logs of events by a room's code. Every method may raise OSError: the store cannot be reached."""

    shared: bool  # whether others write to these logs, too

    async def begin(self, code: str, opened: Event) -> bool:
        """A new log with its first event; False where the code is taken."""

    async def append(self, code: str, event: Event) -> str:
        """Its place in the log."""

    async def read(self, code: str) -> list[Numbered]:
        """The whole log; empty where there is none."""

    def follow(self, code: str, after: str) -> AsyncIterator[list[Numbered]]:
        """What comes after a place, as it comes."""

    async def drop(self, code: str) -> None: ...


class Memory:
    """In this process: the room itself is all that is kept, so there is no log to read again."""

    shared = False

    def __init__(self) -> None:
        self.codes: set[str] = set()

    async def begin(self, code: str, opened: Event) -> bool:
        taken = code in self.codes
        self.codes.add(code)
        return not taken

    async def append(self, code: str, event: Event) -> str:
        return ""

    async def read(self, code: str) -> list[Numbered]:
        return []

    async def follow(self, code: str, after: str) -> AsyncIterator[list[Numbered]]:
        return
        yield

    async def drop(self, code: str) -> None:
        self.codes.discard(code)


class Redis:
    """A stream a room, gone after SILENCE without an event."""

    shared = True
    WAIT_MS = 5_000

    def __init__(self, url: str) -> None:
        import redis.asyncio
        from redis.exceptions import RedisError

        self.failure = RedisError
        self.client: Any = redis.asyncio.from_url(url, decode_responses=True, socket_connect_timeout=3, max_connections=400)

    async def _ask(self, call: Any) -> Any:
        try:
            return await call
        except self.failure as error:
            raise OSError(str(error)) from error

    async def begin(self, code: str, opened: Event) -> bool:
        if not await self._ask(self.client.set(f"lsviz:taken:{code}", "1", nx=True, ex=SILENCE)):
            return False
        await self.append(code, opened)
        return True

    async def append(self, code: str, event: Event) -> str:
        pipe = self.client.pipeline(transaction=False)
        pipe.xadd(f"lsviz:room:{code}", {"event": json.dumps(event)})
        pipe.expire(f"lsviz:room:{code}", SILENCE)
        pipe.expire(f"lsviz:taken:{code}", SILENCE)
        return str((await self._ask(pipe.execute()))[0])

    async def read(self, code: str) -> list[Numbered]:
        return [(place, json.loads(entry["event"])) for place, entry in await self._ask(self.client.xrange(f"lsviz:room:{code}"))]

    async def follow(self, code: str, after: str) -> AsyncIterator[list[Numbered]]:
        following = asyncio.current_task()
        while following is None or not following.cancelling():  # the client may take a cancelled wait for a lost connection
            try:
                found = await self._ask(self.client.xread({f"lsviz:room:{code}": after}, block=self.WAIT_MS))
            except OSError:
                await asyncio.sleep(1)  # it may come back, with its log or without
                continue
            for _, entries in found or []:
                after = entries[-1][0]
                yield [(place, json.loads(entry["event"])) for place, entry in entries]

    async def drop(self, code: str) -> None:
        await self._ask(self.client.delete(f"lsviz:room:{code}", f"lsviz:taken:{code}"))


def store_at(url: str) -> Store:
    """The store of a setting: Redis at redis://…, else this process."""
    return Redis(url) if url else Memory()
