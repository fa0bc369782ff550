"""The rooms of this process: the server's loop answers for them by their addresses, and threads ask them from beside it."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from lsviz.classroom.rooms import Rooms
from lsviz.classroom.stores import store_at
from lsviz.core.once import once

Told = TypeVar("Told")
PATIENCE = 60  # seconds
_loops: list[asyncio.AbstractEventLoop] = []
_starting = threading.Lock()


@once()
def rooms_here(pages: tuple[str, ...]) -> Rooms:
    """All of them, in the store of LSVIZ_REDIS or in this process; `pages` are those that a lecture may open."""
    return Rooms(store_at(os.environ.get("LSVIZ_REDIS", "")), pages=pages)


@asynccontextmanager
async def at_home(_: object) -> AsyncIterator[None]:
    """The server's life: its loop is where the rooms live."""
    _loops.insert(0, asyncio.get_running_loop())
    try:
        yield
    finally:
        _loops.remove(asyncio.get_running_loop())


def ask(question: Coroutine[Any, Any, Told]) -> Told:
    """What the rooms say to a question, for a thread. A host that only runs scripts has no loop of ours: then they get one."""
    with _starting:
        if not _loops:
            _loops.append(asyncio.new_event_loop())
            threading.Thread(target=_loops[0].run_forever, daemon=True).start()
    return asyncio.run_coroutine_threadsafe(question, _loops[0]).result(PATIENCE)
