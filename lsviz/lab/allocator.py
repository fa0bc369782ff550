"""What the allocator (glibc) keeps of freed memory: little, so that a small server holds a class. Elsewhere nothing happens."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

_ARENA_MAX, _MMAP_THRESHOLD, _TRIM_THRESHOLD = -8, -3, -1  # mallopt's names
ARENAS = 2
WHOLE = 1_000_000  # bytes: what is larger gets pages of its own, which go back when it is freed
KEPT = 131_072  # bytes of free memory kept at the end of an arena


def hold_little() -> None:
    """Let all threads of this process share few arenas, which a server's many short threads would leave half empty, and keep large blocks out of them.

    Before there are many threads: arenas that are there stay. Saying it again changes nothing.
    """
    with suppress(OSError, AttributeError, TypeError):
        allocator = ctypes.CDLL(None)
        for option, value in ((_ARENA_MAX, ARENAS), (_MMAP_THRESHOLD, WHOLE), (_TRIM_THRESHOLD, KEPT)):
            allocator.mallopt(option, value)


def give_back() -> None:
    """Return freed memory to the machine: after heavy work much is free, and the allocator would keep it."""
    gc.collect()
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
