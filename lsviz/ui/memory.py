"""Whether a heavy library still fits: asked before it is loaded, so that a small server says "busy" instead of dying."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from lsviz.core.errors import LsvizError

# MB a library adds to this process once it has worked (measured: umap with its compiled code and 5,000 images, torch on a CPU)
NEEDS = {"umap": 340, "torch": 220}


def require(library: str) -> None:
    """Return if `library` is loaded or fits. Raises LsvizError "memory.busy" otherwise. Call it first in a job, before the import."""
    if library in sys.modules:
        return
    left = room_mb()
    if left < NEEDS[library]:
        raise LsvizError("memory.busy", need=NEEDS[library], left=max(0, round(left)))


def room_mb() -> float:
    """MB this process may still take: of LSVIZ_MEMORY_MB, of its container, of the machine, whichever is least. Infinite where unknown."""
    used = used_mb()
    limits = [float(text) for text in (os.environ.get("LSVIZ_MEMORY_MB", ""),) if re.fullmatch(r"\d{1,7}", text)]
    limits += [size / 1e6 for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes") if (size := _number(path))]
    rooms = [limit - used for limit in limits]
    if (available := _number("/proc/meminfo", r"MemAvailable:\s+(\d+)")) is not None:
        rooms.append(available / 1e3)
    return min(rooms, default=float("inf"))


def used_mb() -> float:
    """This process's share of memory (Linux); 0 where it cannot be known."""
    return (_number("/proc/self/smaps_rollup", r"(?m)^Pss:\s+(\d+)") or 0) / 1e3


def _number(path: str, pattern: str = r"^(\d+)$") -> int | None:
    try:
        found = re.search(pattern, Path(path).read_text().strip())
    except OSError:
        return None
    return int(found[1]) if found else None
