"""The column of groups in a file of outputs: for every row, which group it is of."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.gate import COMMAND, Budget
from lsviz.core.lines import encoding_of
from lsviz.core.predictions.taken import matching
from lsviz.core.predictions.text import plain_text
from lsviz.predictions.arrays import DTYPES
from lsviz.predictions.reading import ZIPPED, unzipped
from lsviz.predictions.tables import SEP, form_of

TABLES = ("csv", "tsv")  # the page reads groups from these alone
NO_GROUP = "–"  # an empty cell


def read_groups(content: bytes, name: str, column: str, budget: Budget = COMMAND) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Names of the groups, text from outside, and every row's place among them (m,), from a file that `read_outside` has read already."""
    ending = name.lower().rpartition(".")[2]
    if name.lower().endswith(ZIPPED):
        content, ending = unzipped(content, budget), "csv"
    if ending in TABLES:
        cells = _of_table(content, column)
    elif budget.watched:
        raise LsvizError("outside.group_format")
    elif ending == "parquet":
        from pyarrow import parquet

        file = parquet.ParquetFile(io.BytesIO(content))
        at = matching(file.schema_arrow.names, [column])[0]
        cells = [
            str(value) if value is not None else "" for value in file.read([file.schema_arrow.names[at]]).column(0).to_pylist()
        ]
    else:
        cells = [str(value) for value in _of_arrays(content, column, ending)]
    names, codes = np.unique([plain_text(cell) or NO_GROUP for cell in cells], return_inverse=True)
    return tuple(map(str, names)), codes.astype(np.intp)


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
