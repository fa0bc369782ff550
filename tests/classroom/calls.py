"""Calls of an ASGI app without a network: one answer, or the messages of a stream as they come."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def scope(method: str, address: str, headers: dict[str, str]) -> dict[str, Any]:
    path, _, query = address.partition("?")
    named = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "root_path": "", "scheme": "http", "headers": named, "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80)}  # fmt: skip


async def call(app: Any, method: str, address: str, said: object = None, **headers: str) -> Answer:
    """One request and its whole answer; `said` is posted as JSON, bytes as they are."""
    body = said if isinstance(said, bytes) else b"" if said is None else json.dumps(said).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body and "content-type" not in named:
        named["content-type"] = "application/json"
    sent: list[dict[str, Any]] = []
    given = False

    async def receive() -> dict[str, Any]:
        nonlocal given
        if given:
            await asyncio.sleep(60)
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope(method, address, named), receive, send)
    head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], head, b"".join(message.get("body", b"") for message in sent[1:]))


@asynccontextmanager
async def listening(app: Any, address: str, **headers: str) -> AsyncIterator[asyncio.Queue]:
    """The data of each message of an event stream, in a queue; leaving hangs up."""
    heard: asyncio.Queue = asyncio.Queue()
    hung_up = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise AssertionError(message)
        for line in message.get("body", b"").decode().split("\n"):
            if line.startswith("data: "):
                heard.put_nowait(json.loads(line[6:]))

    task = asyncio.ensure_future(app(scope("GET", address, headers), receive, send))
    try:
        yield heard
    finally:
        hung_up.set()
        await task


async def until(heard: asyncio.Queue, fits: Any) -> dict[str, Any]:
    """The first message that fits."""
    async with asyncio.timeout(300):
        while True:
            if fits(told := await heard.get()):
                return told
