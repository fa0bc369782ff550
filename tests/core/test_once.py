"""What is kept once is made once, by however many threads it is asked for."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from lsviz.core.once import once


def test_a_hundred_threads_make_one_answer() -> None:
    made, start = [], threading.Barrier(100)

    @once()
    def slow(key: str) -> object:
        time.sleep(0.05)
        made.append(key)
        return object()

    def ask(i: int) -> object:
        start.wait(60)
        return slow("ab"[i % 2])

    with ThreadPoolExecutor(100) as hall:
        answers = list(hall.map(ask, range(100)))
    assert sorted(made) == ["a", "b"]
    assert len(set(answers[::2])) == len(set(answers[1::2])) == 1


def test_what_is_kept_may_ask_itself_and_what_fails_is_asked_anew() -> None:
    @once(8)
    def factorial(n: int) -> int:
        return n * factorial(n - 1) if n else 1

    assert factorial(6) == 720
    failed = []

    @once()
    def first_time_fails() -> int:
        failed.append(1)
        if len(failed) == 1:
            raise OSError
        return len(failed)

    with pytest.raises(OSError):
        first_time_fails()
    assert first_time_fails() == first_time_fails() == 2
