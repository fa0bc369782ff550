"""The reader's own table as training data: CSV text to features and labels, or one sentence that names column and row."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from itertools import chain

import numpy as np

from lsviz.core.errors import LsvizError
from lsviz.core.lines import line_blocks
from lsviz.lab.config import MOST_CLASSES
from lsviz.lab.data import Table

MOST_BYTES, MOST_ROWS, MOST_FEATURES, MOST_CELLS = 10_000_000, 20_000, 512, 2_000_000
LONGEST_LINE = 50_000  # characters: 513 numbers with all their digits take a quarter
MOST_LINES = 5 * MOST_ROWS  # empty ones among them
LEAST_ROWS = 16
LABEL_NAMES = ("label", "labels", "class", "target", "y")


def read_table(raw: bytes) -> Table:
    """Rows of numbers, the label in the column called label, class, target or y, else in the last; a header is optional.

    Labels are whole numbers; classes are numbered from 0 in their order. Raises LsvizError naming the column and the row
    (counted from 1, the header not among them). Lines, rows, columns and cells are counted while they are read.
    """
    if len(raw) > MOST_BYTES:
        raise LsvizError("lab.csv_size", megabytes=f"{len(raw) / 1e6:.0f}", most=f"{MOST_BYTES / 1e6:.0f}")
    try:
        names, table = _read(raw)
    except (UnicodeDecodeError, csv.Error) as error:
        raise LsvizError("lab.csv_text", reason=str(error).splitlines()[0]) from None
    at = next((i for i, name in enumerate(names) if name.lower() in LABEL_NAMES), len(names) - 1)
    labels = table[:, at]
    if (broken := labels != np.round(labels)).any():
        row = int(broken.argmax())
        raise LsvizError("lab.csv_label", column=names[at], row=row + 1, value=f"{labels[row]:g}")
    classes, y = np.unique(labels, return_inverse=True)
    if not 2 <= len(classes) <= MOST_CLASSES["csv"]:
        raise LsvizError("lab.csv_classes", column=names[at], count=len(classes), most=MOST_CLASSES["csv"])
    x = np.delete(table, at, axis=1)
    return Table(_evened(x), y.astype(np.intp), tuple(f"{value:g}" for value in classes), hashlib.sha256(raw).hexdigest())


def _read(raw: bytes) -> tuple[list[str], np.ndarray]:
    """The columns' names and the cells as numbers (n, columns)."""
    rows = _rows(raw)
    first = next(rows, None)
    if first is None:
        raise LsvizError("lab.csv_empty")
    if not 2 <= len(first) <= MOST_FEATURES + 1:
        raise LsvizError("lab.csv_columns", columns=len(first), most=MOST_FEATURES)
    headed = not all(_is_number(cell) or not cell.strip() for cell in first)
    names = [name.strip()[:60] for name in first] if headed else [str(i + 1) for i in range(len(first))]
    most = min(MOST_ROWS, MOST_CELLS // len(names))
    made: list[np.ndarray] = []
    for row in rows if headed else chain([first], rows):
        if len(made) == most:
            raise LsvizError("lab.csv_rows", rows=max(most + 1, raw.count(b"\n")), least=LEAST_ROWS, most=most)
        made.append(_numbers(row, len(made), names))
    if len(made) < LEAST_ROWS:
        raise LsvizError("lab.csv_rows", rows=len(made), least=LEAST_ROWS, most=most)
    return names, np.array(made)


def _rows(raw: bytes) -> Iterator[list[str]]:
    """Rows of cells, empty ones left out. Raises LsvizError("lab.csv_line") for a line that no such table has."""
    delimiter, seen = "", 0
    blocks = line_blocks(raw, LONGEST_LINE, "utf-8-sig")
    while True:
        try:
            block = next(blocks, None)
        except LsvizError:
            raise LsvizError("lab.csv_line", most=LONGEST_LINE, features=MOST_FEATURES) from None
        if block is None:
            return
        delimiter = delimiter or _delimiter(block)
        seen += block.count("\n")
        if seen > MOST_LINES:
            raise LsvizError("lab.csv_rows", rows=raw.count(b"\n"), least=LEAST_ROWS, most=MOST_ROWS)
        for row in csv.reader(io.StringIO(block), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                yield row


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def _numbers(row: list[str], i: int, names: list[str]) -> np.ndarray:
    """The cells of row `i` as numbers; the first that is none is named."""
    if len(row) != len(names):
        raise LsvizError("lab.csv_ragged", row=i + 1, found=len(row), expected=len(names))
    try:
        made = np.array(row, np.float64)
        if (np.abs(made) <= 1e30).all():  # neither NaN nor infinite
            return made
    except ValueError:
        pass
    for name, cell in zip(names, row):
        if not _is_number(cell):
            code = "lab.csv_missing" if cell.strip().lower() in ("", "nan", "na", "null", "none", "?") else "lab.csv_value"
            raise LsvizError(code, column=name, row=i + 1, value=cell.strip()[:40])
        if abs(float(cell)) > 1e30:
            raise LsvizError("lab.csv_value", column=name, row=i + 1, value=f"{float(cell):g}")
    return np.array([float(cell) for cell in row])


def _evened(x: np.ndarray) -> np.ndarray:
    """Columns on one scale, so that a salary does not drown an age; a column of one value becomes 0. In place."""
    spread = x.std(axis=0)
    x -= x.mean(axis=0)
    x /= np.where(spread > 0, spread, 1)
    return x
