"""Scores and labels from the bytes of a .csv or .parquet file: one row an example, one column a class, one column of labels."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.gate import Budget
from lsviz.core.lines import encoding_of, line_blocks
from lsviz.core.predictions.outputs import LABELS, plain_text
from lsviz.predictions.found import Found

if TYPE_CHECKING:
    import pyarrow as pa

IGNORED = ("id", "index", "image", "file", "filename", "path", "name", "unnamed: 0", "")  # columns that say which row it is
MISSING = ("", "nan", "na", "n/a", "null", "none", "#n/a", "<na>", "-nan")  # cells without a number
LONGEST_LINE = 1_000_000  # characters: ten thousand classes with all their digits take a quarter
WIDEST = 16  # bytes of a number of fixed length
_DIGITS = re.compile(r"[0-9eE+\-.,\n]*")


# ---- CSV ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Form:
    """How a file writes its cells, and which of its columns are the label and the scores."""

    delimiter: str
    decimal: str
    names: tuple[str, ...]
    label: int
    kept: tuple[int, ...]
    words: bool  # labels are names of columns


def read_csv(content: bytes, budget: Budget) -> Found:
    """Comma, semicolon (then a comma may be the decimal point) or tab. UTF-8, UTF-16 with its mark, else Latin-1.

    Read block by block into the one table, which is made for as many rows as there are lines.
    """
    blocks = _refusing(line_blocks(content, LONGEST_LINE, encoding_of(content)))
    block = next((stripped for found in blocks if (stripped := found.lstrip("\n"))), "")
    first, _, rest = block.partition("\n")
    delimiter = max(",;\t", key=first.count)
    budget.table(1, max(2, first.count(delimiter) - len(IGNORED)))  # before a million cells become as many strings
    cells = next(csv.reader([first], delimiter=delimiter), [])
    named = not all(_number(cell) for cell in cells)
    names = tuple(cell.strip() for cell in cells) if named else tuple(f"class {i}" for i in range(len(cells)))
    label = _label_column(names) if named else None
    block = rest if named else block
    rows = max(1, max(content.count(b"\n"), content.count(b"\r")) + 1 - named)
    sample = block or next(blocks, "")
    form = _form(sample, delimiter, "," if delimiter == ";" and b"," in content[len(first) :] else ".", names, label)
    budget.table(max(1, content.rstrip().count(b"\n") + 1 - named), len(form.kept))
    scores, labels, at = np.empty((rows, len(form.kept))), np.empty(rows), 0
    budget.decoded(scores.nbytes + labels.nbytes)
    read = _words_reader(form) if form.words else None
    while sample:
        table, found = _plain(sample, form) or _cells(sample, form, read)
        scores[at : at + len(table)], labels[at : at + len(table)] = table, found
        at += len(table)
        sample = next(blocks, "")
    if not at:
        raise LsvizError("outside.empty")
    kind = (
        np.int64
        if np.isfinite(labels[:at]).all() and (labels[:at] == np.floor(labels[:at])).all() and (np.abs(labels[:at]) < 2**53).all()
        else np.float64
    )
    class_names = tuple(names[i] for i in form.kept)
    return replace(
        Found({"scores": scores[:at], "labels": labels[:at].astype(kind)}, class_names), class_names=class_names if named else ()
    )


def _refusing(blocks: Iterator[str]) -> Iterator[str]:
    """The same blocks, or one sentence where they are no lines of text."""
    try:
        for block in blocks:
            if "\x00" in block:
                raise LsvizError("reason.no_text")
            yield block
    except LsvizError as error:
        raise LsvizError("outside.damaged", format="csv", reason=error) from None


def _form(sample: str, delimiter: str, decimal: str, names: tuple[str, ...], label: int | None) -> _Form:
    """Labels are words where the first of them is; without names they are the first column of whole numbers, or the last."""
    rows = [
        row
        for row in csv.reader(io.StringIO(sample[: sample.find("\n", 20_000) + 1 or len(sample)], newline=""), delimiter=delimiter)
        if row
    ]
    kept = [i for i, name in enumerate(names) if i != label and not (name.lower() in IGNORED and len(names) > 2)]
    if label is None:
        label = next(
            (
                i
                for i in (0, len(names) - 1)
                if rows and all(re.fullmatch(r"\s*[+-]?\d{1,18}\s*", row[i]) for row in rows if len(row) > i)
            ),
            None,
        )
        if label is None:
            raise LsvizError("outside.no_label_column")
        kept = [i for i in kept if i != label]
    told = next((row[label].strip() for row in rows if len(row) > label and row[label].strip().lower() not in MISSING), "0")
    words = not _number(told) and told.lower() not in ("true", "false")
    return _Form(delimiter, decimal, names, label, tuple(kept), words)


def _plain(block: str, form: _Form) -> tuple[NDArray, NDArray] | None:
    """Scores (m, K) and labels (m,) of a block of nothing but digits, by the fast way; None for any other."""
    if form.words:
        return None
    text = block.replace(",", ".") if form.decimal == "," else block
    text = (text if form.delimiter == "," else text.replace(form.delimiter, ",")).replace(", ", ",").rstrip("\n")
    if (
        not _DIGITS.fullmatch(text)
        or ",," in text
        or ",\n" in text
        or "\n," in text
        or "\n\n" in text
        or text[:1] == ","
        or text[-1:] == ","
    ):
        return None
    lines = text.split("\n")
    if any(line.count(",") != len(form.names) - 1 for line in lines):
        return None
    try:
        table = np.fromstring(text.replace("\n", ","), sep=",")
    except ValueError:
        return None
    if table.size != len(lines) * len(form.names):
        return None
    table = table.reshape(len(lines), -1)
    return table[:, form.kept], table[:, form.label]


def _cells(block: str, form: _Form, read: Callable[[list[str]], NDArray] | None) -> tuple[NDArray, NDArray]:
    """The same of any block, cell by cell: an empty cell is NaN, a word is refused."""
    rows = [row for row in csv.reader(io.StringIO(block, newline=""), delimiter=form.delimiter) if row]
    width = len(form.names)
    longest = max(map(len, rows), default=width)
    if longest > width:
        raise LsvizError("outside.damaged", format="csv", reason=LsvizError("reason.cells", found=longest, told=width))

    def column(i: int) -> list[str]:
        return [row[i] if i < len(row) else "" for row in rows]

    scores = np.empty((len(rows), len(form.kept)))
    for place, i in enumerate(form.kept):
        scores[:, place] = _floats(column(i), form.decimal, form.names[i])
    return scores, read(column(form.label)) if read else _floats(column(form.label), form.decimal, "label")


def _floats(cells: list[str], decimal: str, name: str) -> NDArray[np.float64]:
    if decimal == ",":
        cells = [cell.replace(",", ".") for cell in cells]
    try:
        return np.array(cells, np.float64)
    except ValueError:
        return np.array([_float(cell.strip(), name) for cell in cells], np.float64)


def _float(cell: str, name: str) -> float:
    if cell.lower() in MISSING:
        return float("nan")
    if cell.lower() in ("true", "false"):
        return float(cell.lower() == "true")
    try:
        return float(cell)
    except ValueError:
        raise LsvizError("outside.cell", column=plain_text(name) or "without a name", value=plain_text(cell, 30)) from None


def _words_reader(form: _Form) -> Callable[[list[str]], NDArray]:
    place = {form.names[i]: k for k, i in enumerate(form.kept)}
    return lambda cells: np.array(_places(cells, place), np.float64)


def _places(words: Sequence[str], place: dict[str, int]) -> list[int]:
    """Where each word stands among the names of classes."""
    strange = next((word for word in words if word not in place), None)
    if strange is not None:
        raise LsvizError("outside.label_word", value=plain_text(strange) if strange else "(empty)")
    return [place[word] for word in words]


# ---- parquet --------------------------------------------------------------------------------------------------------


def read_parquet(content: bytes, budget: Budget) -> Found:
    """Columns by name. Only the label and the scores are decoded, one column at a time; text stays in its dictionary."""
    import pyarrow as pa
    from pyarrow import parquet

    from lsviz.predictions.parquet_headers import damaged, read_footer, unpacked

    footer = read_footer(content)
    names = [column.name for column in footer.columns]
    budget.table(footer.rows, max(2, len(names) - 1 - len(IGNORED)))
    label = _label_column(names)
    kept = [i for i, name in enumerate(names) if i != label and not (name.lower() in IGNORED and len(names) > 2)]
    budget.table(footer.rows, len(kept))
    used = []  # leaves: the label's, then those of the scores
    for i in (label, *kept):
        column = footer.columns[i]
        if column.leaf is None or column.width > WIDEST or (column.is_bytes and i != label):
            raise LsvizError(
                "outside.cell", column=plain_text(names[i]) or "without a name", value="text" if column.is_bytes else "a list"
            )
        used.append(column.leaf)
    is_text = footer.columns[label].is_bytes
    budget.decoded(unpacked(content, footer, used, frozenset(used[:1] if is_text else ())))
    # Arrow reads the sound footer without the schema that its writer hid in it, which could claim anything.
    alone = b"PAR1" + footer.raw.replace(b"ARROW:schema", b"arrow-schema") + len(footer.raw).to_bytes(4, "little") + b"PAR1"
    limits = {"thrift_string_size_limit": len(footer.raw), "thrift_container_size_limit": 200_000}
    told = parquet.ParquetFile(pa.BufferReader(alone), **limits).metadata
    file = parquet.ParquetFile(
        pa.BufferReader(content), metadata=told, read_dictionary=[names[label]] if is_text else None, **limits
    )
    read = file.reader.read_column
    single = all(_is_single(file.schema_arrow.field(i).type) for i in kept)
    budget.decoded(footer.rows * len(kept) * (4 if single else 8))
    scores = np.empty((footer.rows, len(kept)), np.float32 if single else np.float64)
    for place, (i, leaf) in enumerate(zip(kept, used[1:])):
        found = read(leaf)
        if len(found) != footer.rows:
            raise damaged("reason.footer", found=len(found), told=footer.rows)
        scores[:, place] = _numbers(found, names[i])
    class_names = [names[i] for i in kept]
    return Found({"scores": scores, "labels": _labels(read(used[0]), class_names)}, tuple(class_names))


def _numbers(column: pa.ChunkedArray, name: str) -> NDArray:
    """A column as numbers; an empty cell is NaN, a word is refused."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_decimal(kind)):
        raise LsvizError("outside.cell", column=plain_text(name) or "without a name", value=plain_text(kind, 30))
    return column.cast(pa.float32() if pa.types.is_floating(kind) and kind.bit_width <= 32 else pa.float64(), safe=False).to_numpy()


def _labels(column: pa.ChunkedArray, class_names: Sequence[str]) -> NDArray:
    """Labels as numbers, or as the names of columns: a word is looked up once, in the dictionary of its part of the column."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return _numbers(column, "label")
    place = {name: i for i, name in enumerate(class_names)}
    made = [np.empty(0, np.int64)]
    for part in column.chunks:
        if part.null_count:
            raise LsvizError("outside.label_word", value="(empty)")
        at = part.indices.to_numpy()
        used = np.unique(at)
        places = np.zeros(len(part.dictionary), np.int64)
        places[used] = _places([_word(part.dictionary[int(i)]) for i in used], place)
        made.append(places[at])
    return np.concatenate(made)


def _word(value: pa.Scalar) -> str:
    """A label's text; of bytes that are no text, and of a long one, only what tells that it is no name."""
    raw = value.as_buffer()
    return bytes(raw[:1000]).decode("utf-8", "replace") if raw else ""


# ---- both -----------------------------------------------------------------------------------------------------------


def _label_column(names: Sequence[str]) -> int:
    lower = [name.strip().lower() for name in names]
    for known in LABELS:
        if known in lower:
            return lower.index(known)
    raise LsvizError("outside.no_label_column")


def _is_single(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_floating(kind) and kind.bit_width <= 32


def _number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def template_csv(num_classes: int = 3, rows: int = 4) -> str:
    """A file of the form `read_csv` takes, to be filled in: column of labels first, then one a class."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["label", *(f"class {k}" for k in range(num_classes))])
    for row in range(rows):
        true = row % num_classes
        writer.writerow([true, *(4.5 if k == true else round(0.1 * k - 0.3 * row, 2) for k in range(num_classes))])
    return text.getvalue()
