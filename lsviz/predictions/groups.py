"""The column of groups in a file of outputs: for every row, which group it is of."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.gate import COMMAND, Budget
from lsviz.core.lines import encoding_of
from lsviz.core.predictions.taken import matching
from lsviz.core.predictions.text import plain_text
from lsviz.predictions.arrays import DTYPES
from lsviz.predictions.reading import ZIPPED, unzipped
from lsviz.predictions.tables import SEP, WIDEST, form_of, sound_metadata

TABLES = ("csv", "tsv", "gz", "parquet")  # the page reads columns from these alone
NO_GROUP = "–"  # an empty cell
_ID = re.compile(r"(.*[_ .-])?(id|ids|uid|uuid|key|name|file|filename|path|image|url|index)", re.IGNORECASE)


def is_table(name: str) -> bool:
    """Whether a file of this name has columns to choose from."""
    return name.lower().rpartition(".")[2] in TABLES


def id_column(names: Sequence[str]) -> str | None:
    """The first of these columns whose name says that it tells rows from each other."""
    return next((name for name in names if _ID.fullmatch(name.strip())), None)


def read_groups(content: bytes, name: str, column: str, budget: Budget = COMMAND) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Names of the groups, text from outside, and every row's place among them (m,), from a file that `read_outside` has read already."""
    names, codes = np.unique([cell or NO_GROUP for cell in read_cells(content, name, column, budget)], return_inverse=True)
    return tuple(map(str, names)), codes.astype(np.intp)


def read_cells(content: bytes, name: str, column: str, budget: Budget = COMMAND, longest: int = 60) -> list[str]:
    """One column's cells as plain text of `longest` characters at most, from a file that `read_outside` has read already."""
    ending = name.lower().rpartition(".")[2]
    if name.lower().endswith(ZIPPED):
        content, ending = unzipped(content, budget), "csv"
    if ending in ("csv", "tsv"):
        cells: Iterable[object] = _of_table(content, column)
    elif ending == "parquet":
        try:
            cells = _of_parquet(content, column, budget)
        except ModuleNotFoundError as error:
            raise LsvizError("outside.needs", format=ending, name=error.name) from error
    elif budget.watched:
        raise LsvizError("outside.group_format")
    else:
        cells = _of_arrays(content, column, ending)
    return [plain_text(cell, longest) for cell in cells]


def _of_parquet(content: bytes, column: str, budget: Budget) -> list[object]:
    """Text stays in its dictionary until it is cut: a page of a file could repeat a long one endlessly."""
    import pyarrow as pa
    from pyarrow import parquet

    from lsviz.predictions.parquet_headers import read_footer, unpacked

    footer = read_footer(content)
    names = [one.name for one in footer.columns]
    one = footer.columns[matching(names, [column])[0]]
    if one.leaf is None or one.width > WIDEST:
        raise LsvizError("outside.cell", column=plain_text(one.name) or "without a name", value="a list")
    words = frozenset([one.leaf]) if one.is_bytes else frozenset()
    budget.decoded(unpacked(content, footer, [one.leaf], words) + 64 * footer.rows)
    metadata, limits = sound_metadata(footer)
    file = parquet.ParquetFile(pa.BufferReader(content), metadata=metadata, read_dictionary=[one.name] if words else None, **limits)
    cells: list[object] = []
    for part in file.reader.read_column(one.leaf).chunks:
        if pa.types.is_dictionary(part.type):
            known = ["" if value is None else str(value)[:1000] for value in part.dictionary.to_pylist()]
            cells += ["" if at is None else known[at] for at in part.indices.to_pylist()]
        else:
            cells += ["" if value is None else value for value in part.to_pylist()]
    return cells


def _of_table(content: bytes, column: str) -> list[str]:
    text = content.decode(encoding_of(content)).replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    told = SEP.match(text)
    text = text[told.end() :] if told else text
    delimiter = told[1] if told else form_of(text[:20_000])[0]
    rows = (row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row)
    at = matching([cell.strip() for cell in next(rows, [])], [column])[0]
    return [row[at].strip() if at < len(row) else "" for row in rows]


def _of_arrays(content: bytes, column: str, ending: str) -> Sequence[object]:
    if ending == "npz":
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            found = arrays[arrays.files[matching(arrays.files, [column])[0]]]
    else:
        size = int.from_bytes(content[:8], "little")
        header = json.loads(content[8 : 8 + size])
        names = [name for name in header if name != "__metadata__"]
        entry = header[names[matching(names, [column])[0]]]
        start, end = entry["data_offsets"]
        found = np.frombuffer(content[8 + size + start : 8 + size + end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    return np.ravel(found).tolist()


def is_number(names: Sequence[str]) -> bool:
    """Whether the groups are told by numbers, so that their column might be taken for scores."""
    return all(name == NO_GROUP or name.replace(".", "", 1).lstrip("+-").isdigit() for name in names)
