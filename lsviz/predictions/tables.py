"""Scores and labels from the bytes of a .csv or .parquet file: one row an example, one column a class, one column of labels."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.outputs import LABELS, limits, plain_text
from lsviz.predictions.found import Found

IGNORED = ("id", "index", "image", "file", "filename", "path", "name", "unnamed: 0", "")  # columns that say which row it is
BATCH = 50_000


def read_csv(content: bytes) -> Found:
    """Comma, semicolon (then a comma may be the decimal point) or tab. UTF-8, UTF-16 with its mark, else Latin-1."""
    content = _utf8(content).lstrip(b"\r\n")
    if b"\x00" in content:
        raise LsvizError("outside.damaged", format="csv", reason=LsvizError("reason.no_text"))
    end = min((at for at in (content.find(b"\n"), content.find(b"\r")) if at >= 0), default=len(content))
    first = content[:end].decode("utf-8", "replace")
    delimiter = max(",;\t", key=first.count)
    limits(1, max(2, first.count(delimiter) - len(IGNORED)))  # before a hundred million cells become as many strings
    cells = next(csv.reader([first], delimiter=delimiter), [])
    named = not all(_number(cell) for cell in cells)
    names = [cell.strip() for cell in cells] if named else [f"class {i}" for i in range(len(cells))]
    limits(max(1, content.count(b"\n") - named), max(2, len(names) - 1))
    label = _label_column(names) if named else None
    stream = io.BytesIO(content)
    stream.seek(end if named else 0)
    columns = _columns(stream, delimiter, "," if delimiter == ";" and b"," in content[end:] else ".")
    if len(columns) != len(names):
        raise LsvizError("outside.damaged", format="csv", reason=LsvizError("reason.cells", found=len(columns), told=len(names)))
    found = _table(columns, names, label)
    return found if named else replace(found, class_names=())


def _columns(stream: io.BytesIO, delimiter: str, decimal: str) -> list:
    """The cells from where `stream` stands, as Arrow columns. Arrow's own reader of CSV may wait for its threads for ever (apache/arrow 38676)."""
    import pandas as pd
    import pyarrow as pa

    try:
        frame = pd.read_csv(stream, sep=delimiter, decimal=decimal, header=None, index_col=False, low_memory=False, engine="c", encoding="utf-8")
    except pd.errors.EmptyDataError:
        raise LsvizError("outside.empty") from None
    made = (pa.array(frame[i].to_numpy()) if frame[i].dtype.kind in "iufb" else pa.array(frame[i], from_pandas=True) for i in frame)
    return [column if isinstance(column, pa.ChunkedArray) else pa.chunked_array([column]) for column in made]


def read_parquet(content: bytes) -> Found:
    """Columns by name. Rows are counted from the footer first and again while they are read."""
    import pyarrow as pa
    from pyarrow import parquet

    file = parquet.ParquetFile(pa.BufferReader(content), thrift_string_size_limit=10_000_000, thrift_container_size_limit=1_000_000)
    schema, rows = file.schema_arrow, file.metadata.num_rows
    limits(rows, max(2, len(schema) - 1))
    names, label = list(schema.names), _label_column(schema.names)
    batches, seen = [], 0
    for batch in file.iter_batches(BATCH, use_threads=False):
        seen += len(batch)
        limits(seen, max(2, len(schema) - 1))
        batches.append(batch)
    if seen != rows:
        raise LsvizError("outside.damaged", format="parquet", reason=LsvizError("reason.footer", found=seen, told=rows))
    table = pa.Table.from_batches(batches, schema)
    return _table(table.columns, names, label)


def _table(columns: Sequence, names: Sequence[str], label: int | None) -> Found:
    """Arrow columns as scores (n, K) and labels (n,), with the columns' names as those of the classes."""
    kept = [i for i, name in enumerate(names) if i != label and not (name.lower() in IGNORED and len(names) > 2)]
    if label is None:  # a file of numbers alone: the labels are its first column of whole numbers, or its last
        label = next((i for i in (0, len(names) - 1) if _is_whole(columns[i])), None)
        if label is None:
            raise LsvizError("outside.no_label_column")
        kept = [i for i in kept if i != label]
    limits(len(columns[label]), len(kept))
    scores = np.empty((len(columns[label]), len(kept)), np.float32 if all(_is_single(columns[i]) for i in kept) else np.float64)
    for place, i in enumerate(kept):
        scores[:, place] = _numbers(columns[i], names[i])
    class_names = [names[i] for i in kept]
    return Found({"scores": scores, "labels": _labels(columns[label], class_names)}, tuple(class_names))


def _numbers(column, name: str) -> NDArray:
    """A column as numbers; an empty cell is NaN, a word is refused."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind)):
        raise LsvizError("outside.cell", column=plain_text(name) or "without a name", value=_example(column))
    return column.cast(pa.float32() if pa.types.is_floating(kind) and kind.bit_width <= 32 else pa.float64(), safe=False).to_numpy()


def _labels(column, class_names: Sequence[str]) -> NDArray:
    """Labels as numbers, or as the names of columns."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return _numbers(column, "label")
    place = {name: i for i, name in enumerate(class_names)}
    words = column.to_pylist()
    strange = next((word for word in words if word not in place), None) if set(words) - set(place) else None
    if strange is not None or None in words:
        raise LsvizError("outside.label_word", value=plain_text(strange if strange is not None else "(empty)"))
    return np.array([place[word] for word in words], np.int64)


def _label_column(names: Sequence[str]) -> int:
    lower = [name.strip().lower() for name in names]
    for known in LABELS:
        if known in lower:
            return lower.index(known)
    raise LsvizError("outside.no_label_column")


def _is_whole(column) -> bool:
    import pyarrow as pa

    return pa.types.is_integer(column.type)


def _is_single(column) -> bool:
    import pyarrow as pa

    return pa.types.is_floating(column.type) and column.type.bit_width <= 32


def _example(column) -> str:
    word = next((value for value in column.slice(0, 1000).to_pylist() if isinstance(value, str) and not _number(value)), None)
    return plain_text(word, 30) if word else plain_text(column.type, 30)


def _number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _utf8(content: bytes) -> bytes:
    """The text as UTF-8 without a mark. What is no UTF-8 is read as Latin-1: numbers are the same in both."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16").encode("utf-8")
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        content.decode("utf-8")
        return content
    except UnicodeDecodeError:
        return content.decode("latin-1").encode("utf-8")


def template_csv(num_classes: int = 3, rows: int = 4) -> str:
    """A file of the form `read_csv` takes, to be filled in: column of labels first, then one a class."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["label", *(f"class {k}" for k in range(num_classes))])
    for row in range(rows):
        true = row % num_classes
        writer.writerow([true, *(4.5 if k == true else round(0.1 * k - 0.3 * row, 2) for k in range(num_classes))])
    return text.getvalue()
