"""Whether stored logits have the bits of half precision, or only bfloat16's: a network whose last layer ran under autocast."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.store.records import RunRecord

LEAST_VALUES = 64  # different ones: so many honest values all lie on the grid once in 8^64
SMALLEST_NORMAL = 0x0400  # as bits; below 2^-14 half precision has fewer bits itself, and every value looks coarse
SPARE_BITS = 0b111  # half precision has 11 significant bits, bfloat16 has 8


def on_bfloat16_grid(values: NDArray) -> bool:
    """Whether float16 `values` of any shape all lie on bfloat16's grid; never of other types, nor of too few different values."""
    if values.dtype != np.float16:
        return False
    bits = np.unique(np.ascontiguousarray(values).view(np.uint16) & 0x7FFF)  # without the sign
    telling = bits[bits >= SMALLEST_NORMAL]
    return len(telling) >= LEAST_VALUES and not (telling & SPARE_BITS).any()


def check_precision(record: RunRecord, arrays: Mapping[str, NDArray]) -> None:
    """Raises LsvizError naming the first logits of a run that lost the bits of half precision before they were stored."""
    for name in arrays:
        if name.endswith("_logits") and on_bfloat16_grid(arrays[name]):
            raise LsvizError(
                "store.coarse", run=record.id, name=name, distinct=len(np.unique(arrays[name])), count=arrays[name].size
            )
