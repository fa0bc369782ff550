"""What a reader hands over, and the size nothing may be unpacked beyond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from numpy.typing import NDArray

from lsviz.core.errors import LsvizError

MAX_UNPACKED = 400_000_000  # of the arrays in it


@dataclass(frozen=True)
class Found:
    """Named arrays as a file holds them, and the words beside them."""

    arrays: Mapping[str, NDArray]
    class_names: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)


def unpacked(size: int) -> None:
    """Refuse arrays of more than `MAX_UNPACKED` bytes before they are made."""
    if size > MAX_UNPACKED:
        raise LsvizError("outside.unpacked", found=size, limit=MAX_UNPACKED)
