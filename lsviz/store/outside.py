"""Somebody's own file, from its bytes to typed outputs: sizes are checked before anything is unpacked, nothing is ever unpickled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.outputs import Outputs, outputs_from, plain_text

MAX_BYTES = 100_000_000  # of a file as it is uploaded
MAX_UNPACKED = 400_000_000  # of the arrays in it
PICKLES = ("pt", "pth", "pkl", "pickle", "joblib", "ckpt")
FORMATS = ("safetensors", "npz", "csv", "parquet")


@dataclass(frozen=True)
class Found:
    """Named arrays as a file holds them, and the words beside them."""

    arrays: Mapping[str, NDArray]
    class_names: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)


def read_outside(content: bytes, name: str) -> Outputs:
    """The outputs in a file of one of `FORMATS`, told by the ending of `name`. Everything wrong with it is one LsvizError."""
    if len(content) > MAX_BYTES:
        raise LsvizError("outside.bytes", found=len(content), limit=MAX_BYTES)
    ending = name.rpartition(".")[2].lower()
    pickled = content[:1] == b"\x80" and 2 <= int.from_bytes(content[1:2]) <= 5 and ending != "safetensors"  # whose first byte is a size
    if pickled or ending in PICKLES:
        raise LsvizError("outside.pickled")
    if ending not in FORMATS:
        raise LsvizError("outside.format", name=plain_text(name))
    try:
        found = _reader(ending)(content)
        return outputs_from(found.arrays, found.class_names, found.told)
    except LsvizError:
        raise
    except Exception as error:  # whatever a parser says of bytes nobody vouches for: one sentence, not a traceback
        reason = plain_text(error, 120).rstrip(".") or type(error).__name__
        raise LsvizError("outside.damaged", format=ending, reason=reason) from error


def unpacked(size: int) -> None:
    """Refuse arrays of more than `MAX_UNPACKED` bytes before they are made."""
    if size > MAX_UNPACKED:
        raise LsvizError("outside.unpacked", found=size, limit=MAX_UNPACKED)


def _reader(ending: str) -> Callable[[bytes], Found]:
    from lsviz.store import outside_arrays, outside_tables  # a page that reads no file needs neither

    return {
        "safetensors": outside_arrays.read_safetensors,
        "npz": outside_arrays.read_npz,
        "csv": outside_tables.read_csv,
        "parquet": outside_tables.read_parquet,
    }[ending]
