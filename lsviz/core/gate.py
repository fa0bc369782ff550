"""The one gate for what comes from outside: what it would cost is known from its size and headers before anything is made, and one is read at a time.

A `Budget` is what one input may cost. Everything is estimated from sizes that headers state and bytes bear out, never from what was
decoded. `turn` lets one reading at a time work in this process; the others wait. `room_mb` says what the server may still take.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from lsviz.core.errors import LsvizError
from lsviz.core.turns import PAGES

RESERVE = 60  # MB that are left to everybody else while one file is worked on
WAIT = 60  # seconds for one's turn; what is ahead takes two each
_turn = threading.RLock()


@dataclass(frozen=True)
class Budget:
    """What one file of scores may hold: `file` bytes as it comes, rows, classes and scores of its table, and `arrays` bytes once it is decoded.

    `says` are the codes it refuses a file, a table and arrays with: a page says what to do elsewhere. `watched`: the room left counts as well.
    """

    says: tuple[str, str, str]
    file: int
    rows: int
    classes: int
    scores: int
    arrays: int
    watched: bool = False

    def whole(self, size: int) -> None:
        """Refuse a file of more than `file` bytes."""
        if size > self.file:
            raise LsvizError(self.says[0], found=size, limit=self.file)

    def table(self, rows: int, num_classes: int) -> None:
        """Refuse a table that is empty, of one class or too large; callable before anything is decoded."""
        if rows < 1:
            raise LsvizError("outside.empty")
        if num_classes < 2:
            raise LsvizError("outside.one_class", found=num_classes)
        counts = {
            "reason.rows": (rows, self.rows),
            "reason.classes": (num_classes, self.classes),
            "reason.scores": (rows * num_classes, self.scores),
        }
        for what, (found, limit) in counts.items():
            if found > limit:
                raise LsvizError(self.says[1], what=LsvizError(what), found=found, limit=limit)

    def decoded(self, size: int) -> None:
        """Refuse arrays of more than `arrays` bytes, or more than there is room for, before they are made."""
        if size > self.arrays:
            raise LsvizError(self.says[2], found=size, limit=self.arrays)
        if self.watched:
            require_room(expected_mb(size))


# The command line works on the reader's own machine.
COMMAND = Budget(
    ("outside.bytes", "outside.too_many", "outside.unpacked"),
    file=100_000_000,
    rows=1_000_000,
    classes=10_000,
    scores=20_000_000,
    arrays=400_000_000,
)
# The page shares its server with a class. Measured on two cores: to read, diagnose and measure takes .1 s + 4.8 us a row + .4 us a score, to
# draw .3 s; at its peak it holds 25 MB and three times the arrays it decodes. That is 1.7 s (a CSV: 2) and 120 MB at these limits.
PAGE = Budget(
    ("page.bytes", "page.too_many", "page.unpacked"),
    file=32_000_000,
    rows=100_000,
    classes=1_500,
    scores=2_000_000,
    arrays=32_000_000,
    watched=True,
)


def expected_mb(arrays: int) -> float:
    """MB at the peak of the work on `arrays` bytes: themselves, the logits made of them, one copy in single steps, and what is fixed."""
    return 25 + 3 * arrays / 1e6


def require_room(need: float) -> None:
    """Raises LsvizError "memory.busy" where fewer than `need` MB and `RESERVE` are left."""
    if (left := room_mb() - RESERVE) < need:
        raise LsvizError("memory.busy", need=round(need), left=max(0, round(left)))


@contextmanager
def turn(wait: float = WAIT) -> Iterator[None]:
    """Work on something from outside: one at a time in this process, beside the pages that are drawn. Raises LsvizError "gate.waiting" after
    `wait` seconds behind others."""
    with PAGES.aside():
        if not _turn.acquire(timeout=wait):
            raise LsvizError("gate.waiting", seconds=round(wait))
        try:
            yield
        finally:
            _turn.release()


def passing(found: object) -> bool:
    """Is this an error that may be none a moment later, so that it is not to be kept?"""
    return isinstance(found, LsvizError) and found.code in ("memory.busy", "gate.waiting")


# ---- memory ---------------------------------------------------------------------------------------------------------


def room_mb() -> float:
    """MB the server may still take: of LSVIZ_MEMORY_MB, of its container, of the machine, whichever is least. Infinite where unknown."""
    used = used_mb()
    limits = [float(text) for text in (os.environ.get("LSVIZ_MEMORY_MB", ""),) if re.fullmatch(r"\d{1,7}", text)]
    limits += [
        size / 1e6
        for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
        if (size := _number(path))
    ]
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
