"""Input checks shared by the mathematics: what is wrong, in which row, with which value."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core.errors import LsvizError

ROW_SUM_TOLERANCE = 1e-3  # half-precision probabilities of 100 classes are off by less


def scores(values: ArrayLike, argument: str = "logits") -> NDArray:
    """`values` as a finite floating array (n, K), n >= 1, K >= 2; its precision is kept."""
    array = _table(values, argument)
    _require_finite(array, argument)
    return array


def probabilities(values: ArrayLike, argument: str = "probs") -> NDArray:
    """`values` as probabilities (n, K): inside [0, 1], every row summing to 1 within 1e-3."""
    array = _table(values, argument)
    total = array @ np.ones(array.shape[1], np.result_type(array, np.float32))
    wrong = ~(np.abs(total - 1) <= ROW_SUM_TOLERANCE)  # NaN and infinity included
    if array.min() < 0 or wrong.any():  # without a negative entry, a row that sums to 1 holds none above 1
        _require_finite(array, argument)
        outside = (array < 0) | (array > 1 + ROW_SUM_TOLERANCE)
        if outside.any():
            row, column = np.argwhere(outside)[0]
            raise LsvizError("input.probability", argument=argument, row=int(row), value=float(array[row, column]))
        row = int(wrong.argmax())
        raise LsvizError("input.row_sum", argument=argument, row=row, value=round(float(total[row]), 6))
    return array


def class_labels(values: ArrayLike, rows: int, num_classes: int, argument: str = "labels") -> NDArray[np.intp]:
    """`values` as class indices (n,) in 0..K-1, one for each of `rows` rows. Not every class need occur."""
    array = np.asarray(values)
    if array.shape != (rows,):
        raise LsvizError("input.shape", argument=argument, shape=array.shape, expected=f"({rows},), one label a row")
    labels = array.astype(np.intp) if array.dtype.kind in "iub" else _whole(array, argument)
    wrong = (labels < 0) | (labels >= num_classes)
    if wrong.any():
        row = int(wrong.argmax())
        raise LsvizError("input.label", argument=argument, row=row, value=int(labels[row]), last=num_classes - 1)
    return labels


def unit_vector(values: ArrayLike, argument: str = "confidence") -> NDArray[np.float64]:
    """`values` as a float64 vector (n,), n >= 1, inside [0, 1]."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise LsvizError("input.shape", argument=argument, shape=array.shape, expected="(n,)")
    if len(array) == 0:
        raise LsvizError("input.empty", argument=argument)
    if not (array.min() >= 0 and array.max() <= 1):  # written so that NaN fails too
        row = int((~((array >= 0) & (array <= 1))).argmax())
        code = "input.probability" if np.isfinite(array[row]) else "input.not_finite"
        raise LsvizError(code, argument=argument, row=row, value=float(array[row]))
    return array


def truth_vector(values: ArrayLike, rows: int, argument: str = "correct") -> NDArray[np.bool_]:
    """`values` as booleans (n,): True or 1 where the prediction was right, nothing but 0 and 1 otherwise."""
    array = np.asarray(values)
    if array.shape != (rows,):
        raise LsvizError("input.shape", argument=argument, shape=array.shape, expected=f"({rows},), one value a row")
    if array.dtype == np.bool_:
        return array
    wrong = (array != 0) & (array != 1)
    if wrong.any():
        row = int(wrong.argmax())
        raise LsvizError("input.truth", argument=argument, row=row, value=array[row])
    return array != 0


def number(value: float, argument: str, low: float, high: float) -> float:
    """`value` if it lies in [low, high]."""
    if not low <= value <= high:
        raise LsvizError("input.number", argument=argument, value=value, low=low, high=high)
    return value


def choice(value: str, argument: str, allowed: Collection[str]) -> str:
    """`value` if it is one of `allowed`."""
    if value not in allowed:
        raise LsvizError("input.choice", argument=argument, value=value, choices=", ".join(allowed))
    return value


def _table(values: ArrayLike, argument: str) -> NDArray:
    array = np.asarray(values)
    if array.dtype.kind != "f":
        array = array.astype(np.float64)
    if array.ndim != 2 or array.shape[1] < 2:
        raise LsvizError("input.shape", argument=argument, shape=array.shape, expected="(n, K) with K of at least 2")
    if len(array) == 0:
        raise LsvizError("input.empty", argument=argument)
    return array


def _require_finite(array: NDArray, argument: str) -> None:
    # A sum meets every NaN and infinity in one fast pass; only a suspicious one (or an overflow) is searched.
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(array.sum()):
            return
    finite = np.isfinite(array)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise LsvizError("input.not_finite", argument=argument, row=int(row), value=float(array[row, column]))


def _whole(array: NDArray, argument: str) -> NDArray[np.intp]:
    """Labels stored as floating numbers are welcome as long as they are whole."""
    array = array.astype(np.float64)
    wrong = ~np.isfinite(array) | (array != np.floor(array))
    if wrong.any():
        row = int(wrong.argmax())
        raise LsvizError("input.label_whole", argument=argument, row=row, value=float(array[row]))
    return array.astype(np.intp)
