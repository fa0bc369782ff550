"""A cache that makes each answer once, however many sessions ask for it in the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from lsviz.core.turns import waiting_for_none

Given = ParamSpec("Given")
Made = TypeVar("Made")


def once(maxsize: int | None = None) -> Callable[[Callable[Given, Made]], Callable[Given, Made]]:
    """`functools.lru_cache` for what many threads ask for: who comes while an answer is made waits for it instead of making it too.

    A hall that opens a link on a fresh server is a hundred threads in one second, and `lru_cache` lets all of them do the work.
    One answer is made at a time; `make` may call itself, or other functions kept so.
    """

    def decorate(make: Callable[Given, Made]) -> Callable[Given, Made]:
        @lru_cache(maxsize)
        @wraps(make)
        def kept(*args: Given.args, **kwargs: Given.kwargs) -> Made:
            with waiting_for_none():
                return make(*args, **kwargs)

        making = threading.RLock()

        @wraps(make)
        def call(*args: Given.args, **kwargs: Given.kwargs) -> Made:
            with making:
                return kept(*args, **kwargs)  # type: ignore[arg-type]  # what is not hashable is refused as `lru_cache` does

        call.cache_clear = kept.cache_clear  # type: ignore[attr-defined]
        return call

    return decorate
