"""Somebody's own file, from its bytes to typed outputs: sizes are checked before anything is unpacked, nothing is ever unpickled."""

from __future__ import annotations

from collections.abc import Callable

from lsviz.core.errors import LsvizError
from lsviz.core.gate import COMMAND, Budget
from lsviz.core.predictions.outputs import Outputs, alpha_told, outputs_from
from lsviz.core.predictions.taken import Wish
from lsviz.core.predictions.text import plain_text
from lsviz.predictions.found import Found

ZIPPED = (".csv.gz", ".tsv.gz")
PICKLES = ("pt", "pth", "pkl", "pickle", "joblib", "ckpt")
FORMATS = ("safetensors", "npz", "csv", "tsv", "csv.gz", "parquet")


def read_outside(content: bytes, name: str, budget: Budget = COMMAND, wish: Wish | None = None) -> Outputs:
    """The outputs in a file of one of `FORMATS`, told by the ending of `name`, within `budget`. Everything wrong with it is one LsvizError.

    `wish`: what is called scores and labels in it, where somebody said so.
    """
    budget.whole(len(content))
    lower = name.lower()
    ending = lower.rpartition(".")[2]
    if lower.endswith(ZIPPED):
        content, ending = unzipped(content, budget), "csv"
    pickled = (
        content[:1] == b"\x80" and 2 <= int.from_bytes(content[1:2]) <= 5 and ending != "safetensors"
    )  # whose first byte is a size
    if pickled or ending in PICKLES:
        raise LsvizError("outside.pickled")
    if ending == "npy":
        raise LsvizError("outside.npy", name=plain_text(name))
    if ending not in FORMATS:
        raise LsvizError("outside.format", name=plain_text(name))
    try:
        found = _reader(ending)(content, budget, wish)
        alpha = alpha_told(found.told, name)
        told = found.told if alpha is None else {**found.told, "alpha": f"{alpha:g}"}
        return outputs_from(found.arrays, found.class_names, told, budget, found.picked, found.taken, found.notes, found.placed)
    except LsvizError:
        raise
    except ModuleNotFoundError as error:
        raise LsvizError("outside.needs", format=ending, name=error.name) from error
    except MemoryError as error:
        raise LsvizError("outside.damaged", format=ending, reason=LsvizError("reason.memory")) from error
    except Exception as error:  # whatever a parser says of bytes nobody vouches for: one sentence, not a traceback
        reason = plain_text(error, 120).rstrip(".") or type(error).__name__
        raise LsvizError("outside.damaged", format=ending, reason=reason) from error


def unzipped(content: bytes, budget: Budget) -> bytes:
    """The text in a .gz, of no more bytes than a file may have."""
    import zlib

    try:
        unpacker = zlib.decompressobj(wbits=31)
        made = unpacker.decompress(content, budget.file // 2 + 1)  # as it comes on top of the file
        sound = unpacker.eof
    except zlib.error as error:
        raise LsvizError("outside.damaged", format="gz", reason=plain_text(error, 120)) from error
    if len(made) > budget.file // 2:
        raise LsvizError(budget.says[0], found=len(made), limit=budget.file // 2)
    if not sound:
        raise LsvizError("outside.damaged", format="gz", reason=LsvizError("reason.ends"))
    return made


def _reader(ending: str) -> Callable[[bytes, Budget, Wish | None], Found]:
    from lsviz.predictions import arrays, tables  # a page that reads no file needs neither

    return {
        "safetensors": arrays.read_safetensors,
        "npz": arrays.read_npz,
        "csv": tables.read_csv,
        "tsv": tables.read_csv,
        "parquet": tables.read_parquet,
    }[ending]
