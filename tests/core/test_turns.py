"""Pages are drawn two at a time in the order of coming, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lsviz.core import turns as module
from lsviz.core.once import once
from lsviz.core.turns import Turns, first_time


def free(turns: Turns) -> int:
    """How many turns nobody has."""
    return turns.most - turns._taken


def test_two_draw_at_a_time_and_all_come_through() -> None:
    turns, inside, most, lock = Turns(2, 60), 0, 0, threading.Lock()

    def draw(_: int) -> bool:
        nonlocal inside, most
        with turns.one():
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.001)
            with lock:
                inside -= 1
        return True

    with ThreadPoolExecutor(40) as hall:
        assert all(hall.map(draw, range(200)))
    assert most == 2 and free(turns) == 2


def test_who_came_first_draws_first_and_who_comes_back_is_the_next() -> None:
    turns, order = Turns(1, 60), []
    away, back = threading.Event(), threading.Event()

    def draw(name: str) -> None:
        with turns.one():
            order.append(name)

    def look_something_up() -> None:
        with turns.one():
            with turns.aside():
                away.set()
                back.wait(60)
            order.append("back")

    first = threading.Thread(target=look_something_up)
    first.start()
    assert away.wait(60)  # it waits for something, and others may draw
    with turns.one():
        others = [threading.Thread(target=draw, args=(name,)) for name in "abc"]
        for waiting, other in enumerate(others, 1):
            other.start()
            while len(turns._waiting) < waiting:
                time.sleep(0.001)
        back.set()
        while len(turns._waiting) < 4:
            time.sleep(0.001)
    for thread in (first, *others):
        thread.join(60)
    assert order == ["back", "a", "b", "c"] and free(turns) == 1


def test_a_turn_is_given_back_when_a_page_fails() -> None:
    turns = Turns(2, 60)
    for _ in range(5):
        with pytest.raises(ValueError), turns.one(), turns.aside():
            raise ValueError
    assert free(turns) == 2


def test_whatever_holds_the_turns_a_page_is_drawn() -> None:
    turns = Turns(1, 0.01)
    held = threading.Event()

    def hold() -> None:
        with turns.one():
            held.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    while free(turns):
        time.sleep(0.001)
    with turns.one(), turns.aside():
        assert not turns._waiting  # it gave up waiting, and draws
    held.set()
    holder.join(60)
    assert free(turns) == 1


def test_what_is_worked_out_for_the_first_time_keeps_no_page_waiting(monkeypatch) -> None:
    pages, first = Turns(1, 60), Turns(1, 60)
    monkeypatch.setattr(module, "PAGES", pages)
    monkeypatch.setattr(module, "FIRST", first)
    working, drawn, beside = threading.Event(), threading.Event(), []

    @first_time
    def part(n: int) -> int:
        beside.append((pages.has(), first.has()))
        return n

    @first_time
    def heavy(n: int, _unseen: object) -> int:
        working.set()
        assert drawn.wait(60)  # another page is drawn meanwhile, though there is one turn
        return part(n) + part(n)

    def read() -> None:
        with pages.one():
            assert heavy(2, []) == heavy(2, {}) == 4
            assert pages.has() and not first.has()

    with ThreadPoolExecutor(1) as hall:
        reading = hall.submit(read)
        assert working.wait(60)
        with pages.one():
            drawn.set()
        reading.result(60)
    assert beside == [(False, True)] * 2 + [(True, False)] * 2  # at first beside the pages; known, within the page's turn
    assert free(pages) == free(first) == 1


def test_what_others_wait_for_takes_no_turn(monkeypatch) -> None:
    pages = Turns(1, 60)
    monkeypatch.setattr(module, "PAGES", pages)
    seen = []

    @first_time
    def part() -> None:
        seen.append((pages.has(), module.FIRST.has()))

    @once()
    def kept() -> None:
        part()

    with pages.one():
        kept()
    assert seen == [(True, False)]
