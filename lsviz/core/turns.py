"""Whose page is drawn now: two at a time, in the order of coming; and what is worked out for the first time, two at a time beside them.

All runs share one interpreter. Left to themselves, a hundred that begin together all end together, when the last one could; one after the
other, half of them are done in half of the time. Two, so that one draws while the other waits for numpy or a disk. What is worked out for
the first time takes a hundred times as long as a page whose parts are kept: it may not keep those waiting.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import wraps
from inspect import signature
from typing import Any, TypeVar

Made = TypeVar("Made")

AT_ONCE = 2
MOST = 4096  # questions that are remembered of one function
PATIENCE = 10.0  # seconds; then a run goes on without a turn: whatever holds them, nobody waits for ever


class Turns:
    """`most` at a time. A turn that is given back goes to who waits longest."""

    def __init__(self, most: int, patience: float) -> None:
        self.most, self.patience = most, patience
        self._taken, self._waiting, self._lock = 0, deque[threading.Event](), threading.Lock()
        self._this = threading.local()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Draw a page in its turn."""
        self._take()
        try:
            yield
        finally:
            self._give()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Within a turn: wait for something, or work long, and let others draw meanwhile. Who comes back is the next."""
        had = self._give()
        try:
            yield
        finally:
            if had:
                self._take(first=True)

    def has(self) -> bool:
        """Is it this thread's turn?"""
        return getattr(self._this, "has", False)

    def _take(self, first: bool = False) -> None:
        with self._lock:
            if self._taken < self.most:
                self._taken += 1
                self._this.has = True
                return
            called = threading.Event()
            (self._waiting.appendleft if first else self._waiting.append)(called)
        called.wait(self.patience)
        with self._lock:
            self._this.has = called.is_set()
            if not self._this.has:
                self._waiting.remove(called)

    def _give(self) -> bool:
        had, self._this.has = getattr(self._this, "has", False), False
        if had:
            with self._lock:
                if self._waiting:
                    self._waiting.popleft().set()  # the turn is handed on
                else:
                    self._taken -= 1
        return had


PAGES = Turns(AT_ONCE, PATIENCE)
FIRST = Turns(2, PATIENCE)
_waited_for = threading.local()


def first_time(make: Callable[..., Made]) -> Callable[..., Made]:
    """`make`, which is kept by what is asked: what was never asked before is worked out beside the pages, in a turn of its own.

    As with Streamlit's caches, arguments whose names begin with "_" do not count; what has no hash is never known.
    """
    names, known = tuple(signature(make).parameters), set[object]()

    @wraps(make)
    def call(*args: Any, **kwargs: Any) -> Made:
        asked = tuple(value for name, value in [*zip(names, args), *kwargs.items()] if not name.startswith("_"))
        if _holds(known, asked):
            return make(*args, **kwargs)
        with (
            nullcontext() if FIRST.has() or getattr(_waited_for, "now", False) else _beside()
        ):  # a part of what is worked out is worked out with it
            made = make(*args, **kwargs)
        with suppress(TypeError):
            if len(known) >= MOST:
                known.clear()
            known.add(asked)
        return made

    return call


@contextmanager
def waiting_for_none() -> Iterator[None]:
    """What is made here holds a lock that others may wait for in their turns: it takes no turn, or both would wait for each other."""
    before, _waited_for.now = getattr(_waited_for, "now", False), True
    try:
        yield
    finally:
        _waited_for.now = before


@contextmanager
def _beside() -> Iterator[None]:
    with PAGES.aside(), FIRST.one():
        yield


def _holds(known: set[object], asked: object) -> bool:
    try:
        return asked in known
    except TypeError:
        return False
