"""Whose page is drawn now: two at a time, in the order of coming.

All runs share one interpreter. Left to themselves, a hundred that begin together all end together, when the last one could; one after the
other, half of them are done in half of the time. Two, so that one draws while the other waits for numpy or a disk.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

AT_ONCE = 2
PATIENCE = 30.0  # seconds; then a run goes on without a turn: whatever holds them, nobody waits for ever


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

    def free(self) -> int:
        """How many turns nobody has."""
        return self.most - self._taken

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
