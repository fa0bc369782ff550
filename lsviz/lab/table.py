"""The reader's own table as training data: CSV text to features and labels, or one sentence that names column and row."""

from __future__ import annotations

import csv
import hashlib
import io

import numpy as np

from lsviz.core.errors import LsvizError
from lsviz.lab.config import MOST_CLASSES
from lsviz.lab.data import Table

MOST_BYTES, MOST_ROWS, MOST_FEATURES = 10_000_000, 20_000, 512
LEAST_ROWS = 16
LABEL_NAMES = ("label", "labels", "class", "target", "y")


def read_table(raw: bytes) -> Table:
    """Rows of numbers, the label in the column called label, class, target or y, else in the last; a header is optional.

    Labels are whole numbers; classes are numbered from 0 in their order. Raises LsvizError naming the column and the row
    (counted from 1, the header not among them).
    """
    if len(raw) > MOST_BYTES:
        raise LsvizError("lab.csv_size", megabytes=f"{len(raw) / 1e6:.0f}", most=f"{MOST_BYTES / 1e6:.0f}")
    try:
        text = raw.decode("utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)) if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise LsvizError("lab.csv_text", reason=str(error).splitlines()[0]) from None
    if not rows:
        raise LsvizError("lab.csv_empty")
    header = rows.pop(0) if not all(_is_number(cell) or not cell.strip() for cell in rows[0]) else [str(i + 1) for i in range(len(rows[0]))]
    if len(rows) < LEAST_ROWS or len(rows) > MOST_ROWS:
        raise LsvizError("lab.csv_rows", rows=len(rows), least=LEAST_ROWS, most=MOST_ROWS)
    names = [name.strip()[:60] for name in header]
    if not 2 <= len(names) <= MOST_FEATURES + 1:
        raise LsvizError("lab.csv_columns", columns=len(names), most=MOST_FEATURES)
    table = _numbers(rows, names)
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


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False


def _numbers(rows: list[list[str]], names: list[str]) -> np.ndarray:
    made = np.empty((len(rows), len(names)))
    for i, row in enumerate(rows):
        if len(row) != len(names):
            raise LsvizError("lab.csv_ragged", row=i + 1, found=len(row), expected=len(names))
        for j, cell in enumerate(row):
            if not _is_number(cell):
                code = "lab.csv_missing" if cell.strip().lower() in ("", "nan", "na", "null", "none", "?") else "lab.csv_value"
                raise LsvizError(code, column=names[j], row=i + 1, value=cell.strip()[:40])
            made[i, j] = float(cell)
    if (huge := np.abs(made) > 1e30).any():
        i, j = np.argwhere(huge)[0]
        raise LsvizError("lab.csv_value", column=names[j], row=int(i) + 1, value=f"{made[i, j]:g}")
    return made


def _evened(x: np.ndarray) -> np.ndarray:
    """Columns on one scale, so that a salary does not drown an age; a column of one value becomes 0."""
    spread = x.std(axis=0)
    return (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
