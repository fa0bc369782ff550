"""What a reader of files hands over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from numpy.typing import NDArray

from lsviz.core.predictions.ranking import Picked
from lsviz.core.predictions.taken import Note, Taken


@dataclass(frozen=True)
class Found:
    """Named arrays as a file holds them, and the words beside them."""

    arrays: Mapping[str, NDArray]
    class_names: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)
    picked: Picked | None = None
    taken: Taken | None = None
    notes: tuple[Note, ...] = ()
    placed: bool = False  # labels are places of columns already
