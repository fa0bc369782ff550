"""Somebody's own file, from its bytes to typed outputs: sizes are checked before anything is unpacked, nothing is ever unpickled."""

from __future__ import annotations

from collections.abc import Callable

from lsviz.core.errors import LsvizError
from lsviz.core.gate import COMMAND, Budget
from lsviz.core.predictions.outputs import Outputs, outputs_from, plain_text
from lsviz.predictions.found import Found

PICKLES = ("pt", "pth", "pkl", "pickle", "joblib", "ckpt")
FORMATS = ("safetensors", "npz", "csv", "parquet")


def read_outside(content: bytes, name: str, budget: Budget = COMMAND) -> Outputs:
    """The outputs in a file of one of `FORMATS`, told by the ending of `name`, within `budget`. Everything wrong with it is one LsvizError."""
    budget.whole(len(content))
    ending = name.rpartition(".")[2].lower()
    pickled = (
        content[:1] == b"\x80" and 2 <= int.from_bytes(content[1:2]) <= 5 and ending != "safetensors"
    )  # whose first byte is a size
    if pickled or ending in PICKLES:
        raise LsvizError("outside.pickled")
    if ending not in FORMATS:
        raise LsvizError("outside.format", name=plain_text(name))
    try:
        found = _reader(ending)(content, budget)
        return outputs_from(found.arrays, found.class_names, found.told, budget)
    except LsvizError:
        raise
    except MemoryError as error:
        raise LsvizError("outside.damaged", format=ending, reason=LsvizError("reason.memory")) from error
    except Exception as error:  # whatever a parser says of bytes nobody vouches for: one sentence, not a traceback
        reason = plain_text(error, 120).rstrip(".") or type(error).__name__
        raise LsvizError("outside.damaged", format=ending, reason=reason) from error


def _reader(ending: str) -> Callable[[bytes, Budget], Found]:
    from lsviz.predictions import arrays, tables  # a page that reads no file needs neither

    return {
        "safetensors": arrays.read_safetensors,
        "npz": arrays.read_npz,
        "csv": tables.read_csv,
        "parquet": tables.read_parquet,
    }[ending]
