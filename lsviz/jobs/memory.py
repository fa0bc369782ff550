"""Whether a heavy library still fits: asked before it is loaded, so that a small server says "busy" instead of dying. And little held for nothing."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import streamlit as st

from lsviz.core.errors import LsvizError
from lsviz.lab.allocator import give_back, hold_little

# MB that are taken once it has worked (measured: umap with its compiled code and 5,000 images; the Lab's process with PyTorch)
NEEDS = {"umap": 340, "torch": 220}


@st.cache_resource(max_entries=128, show_spinner=False)
def settle(page: str, num_classes: int, language: str) -> None:
    """Once what a page needs is loaded: Streamlit searches all objects for garbage after every run, and what is there for good need not be searched."""
    hold_little()
    give_back()
    gc.freeze()


def require(library: str, loaded: bool, make_room: Callable[[], None] | None = None) -> None:
    """Return if `library` is loaded or fits, perhaps after `make_room`. Raises LsvizError "memory.busy" otherwise. Call it before the import."""
    if loaded or (left := room_mb()) >= NEEDS[library]:
        return
    if make_room is not None:
        make_room()
        left = room_mb()
    if left < NEEDS[library]:
        raise LsvizError("memory.busy", need=NEEDS[library], left=max(0, round(left)))


def room_mb() -> float:
    """MB the server may still take: of LSVIZ_MEMORY_MB, of its container, of the machine, whichever is least. Infinite where unknown."""
    used = used_mb()
    limits = [float(text) for text in (os.environ.get("LSVIZ_MEMORY_MB", ""),) if re.fullmatch(r"\d{1,7}", text)]
    limits += [size / 1e6 for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes") if (size := _number(path))]
    rooms = [limit - used for limit in limits]
    if (available := _number("/proc/meminfo", r"MemAvailable:\s+(\d+)")) is not None:
        rooms.append(available / 1e3)
    return min(rooms, default=float("inf"))


def used_mb(pid: int | None = None) -> float:
    """The share of memory (Linux, PSS) of this process, or that of `pid`, and of all its children; 0 where it cannot be known."""
    total, todo = 0, [pid or os.getpid()]
    while todo:
        one = todo.pop()
        total += _number(f"/proc/{one}/smaps_rollup", r"(?m)^Pss:\s+(\d+)") or 0
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):  # a thread that has just ended
                todo += [int(child) for child in task.read_text().split()]
    return total / 1e3


def _number(path: str, pattern: str = r"^(\d+)$") -> int | None:
    try:
        found = re.search(pattern, Path(path).read_text().strip())
    except OSError:
        return None
    return int(found[1]) if found else None
