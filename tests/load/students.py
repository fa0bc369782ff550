"""A student: opens a page, thinks, drags, chooses another N or page; after a fault comes back with the address of the browser."""

from __future__ import annotations

import random
import re
import threading
import time
from dataclasses import dataclass, field

from websockets.exceptions import WebSocketException

from tests.benchmarks.session import Visitor

PAGES = ("", "targets", "loss", "reliability", "embeddings", "bias", "costs")
ALPHAS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5)
COUNTS = (2, 5, 10, 20, 100)
WORK = {"lab": ("lab", "labseed", "Train 21 networks"), "umap": ("embeddings", "live=1&seed", "Lay out")}  # page, query, button
LOOK = 0.4  # seconds between a page's looks at work that runs
PATIENCE = 60.0


@dataclass
class Log:
    """What all students saw, under one lock."""

    answers: list[tuple[str, float, int]] = field(default_factory=list)  # what was asked, seconds, bytes
    quiet: int = 0  # alpha releases that no server heard of
    works: list[float] = field(default_factory=list)  # seconds from the press to the finished work
    errors: list[str] = field(default_factory=list)
    returns: list[tuple[float, bool]] = field(
        default_factory=list
    )  # seconds until a lost session was back, in the same state or not
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self) -> list[tuple[str, float, int]]:
        """The answers so far; what comes now is counted anew."""
        with self.lock:
            taken, self.answers = self.answers, []
        return taken


class Student(threading.Thread):
    """One session until `end` (time.monotonic). With `work`, a key of WORK, it keeps the background worker busy."""

    def __init__(self, number: int, port: int, log: Log, end: float, think: float, work: str = "") -> None:
        super().__init__(daemon=True)
        self.port, self.log, self.end, self.think, self.work = port, log, end, think, work
        self.random = random.Random(number)
        self.page, self.alpha = WORK[work][0] if work else PAGES[number % len(PAGES)], 0.1
        self.visitor: Visitor | None = None

    def run(self) -> None:
        time.sleep(self.random.uniform(0, self.think))  # nobody starts at the same moment
        self.ask("open", page=self.page, query=f"alpha={self.alpha}&n=10")
        while time.monotonic() < self.end:
            time.sleep(self.random.uniform(0.5, 1.5) * self.think)
            if time.monotonic() >= self.end:
                break
            if self.work:
                self.keep_busy()
            else:
                self.act()

    def act(self) -> None:
        chance = self.random.random()
        if chance < 0.15:
            self.page = self.random.choice(PAGES)
            self.ask("another page", page=self.page, query=None)
        elif chance < 0.2 and self.visitor is not None and self.visitor.folds:
            self.ask("a fold", alpha=self.untold(), fold=self.random.choice(list(self.visitor.folds)))
        elif chance < 0.25:
            self.ask("another N", alpha=self.untold(), n=self.random.choice(COUNTS))
        else:
            self.alpha = self.random.choice(ALPHAS)
            if self.visitor is not None and self.visitor.listens:
                self.ask("alpha", alpha=self.untold())
            elif self.visitor is not None:  # the browser's alone: in the address at once, told with what is asked next
                self.visitor.query = re.sub(r"\balpha=[^&]*", f"alpha={self.alpha:g}", self.visitor.query)
                with self.log.lock:
                    self.log.quiet += 1

    def untold(self) -> float | None:
        return self.alpha if self.visitor is not None and self.visitor.alpha != self.alpha else None

    def keep_busy(self) -> None:
        """New work with another seed (the same would be answered from what is kept), come to by a link, looked at until it is done."""
        page, seed, button = WORK[self.work]
        self.ask("another page", page="targets", query=None)  # on arriving at a page the address leads
        self.ask("another page", page=page, query=f"alpha={self.alpha}&n=10&{seed}={self.random.randrange(10_000)}")
        if self.visitor is None or button not in self.visitor.buttons:
            return
        began = time.monotonic()
        self.ask("press", press=button)
        while self.visitor is not None and self.visitor.fragment and time.monotonic() < self.end:
            time.sleep(LOOK)
            self.ask("look", fragment=self.visitor.fragment)
        if self.visitor is not None and not self.visitor.fragment:
            with self.log.lock:
                self.log.works.append(time.monotonic() - began)

    def ask(self, what: str, **wish: object) -> None:
        try:
            if self.visitor is None:
                self.visitor = Visitor(self.port)
            seconds, received = self.visitor.rerun(timeout=PATIENCE, **wish)
        except (OSError, WebSocketException, TimeoutError) as error:
            self.come_back(error)
            return
        with self.log.lock:
            self.log.answers.append((what, seconds, received))
            self.log.errors += self.visitor.errors
        self.visitor.errors.clear()

    def come_back(self, why: Exception) -> None:
        """What the browser does when its connection is gone: the same address again, until somebody answers."""
        address = self.visitor.query if self.visitor else f"alpha={self.alpha}&n=10"
        before = self.visitor.alpha if self.visitor else self.alpha
        lost = time.monotonic()
        while time.monotonic() - lost < PATIENCE:
            time.sleep(0.5)
            try:
                self.visitor = Visitor(self.port)
                self.visitor.rerun(page=self.page, query=address, timeout=PATIENCE)
            except (OSError, WebSocketException, TimeoutError):
                continue
            same = f"alpha={self.visitor.alpha or 0:g}&" in address and self.visitor.query in ("", address)
            with self.log.lock:
                self.log.returns.append((time.monotonic() - lost, same))
            return
        with self.log.lock:
            self.log.errors.append(f"did not come back ({type(why).__name__}, alpha was {before})")
