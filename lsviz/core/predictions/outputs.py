"""What a network said about n examples, as it came from outside: typed, checked for shape, not yet for sense."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.gate import COMMAND, Budget
from lsviz.core.predictions.naming import IGNORED, are_names, by_numbers, by_words
from lsviz.core.predictions.ranking import Header, Peek, Picked, pick
from lsviz.core.predictions.taken import Note, Taken, Wish
from lsviz.core.predictions.text import plain_text

KINDS = ("logits", "probabilities", "log_probabilities", "percent")
SUM_TOLERANCE = 1e-2  # half-precision probabilities of a thousand classes are off by less

ALPHA_TOLD = ("alpha", "label_smoothing")  # in a file's metadata
_ALPHA_NAMED = re.compile(
    r"(?<![a-z])(?:(?:label[ _-]*)?(?:alpha|smooth(?:ed|ing)?)|ls|eps|α|a(?=[01]?[.,]\d|0(?![0-9a-z]|[.,]\d)))[ _=:-]*([01](?:[.,]\d+)?|[.,]\d+)(?!\d)",
    re.IGNORECASE,
)
_HARD_NAMED = re.compile(r"(?<![a-z])hard(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True)
class Outputs:
    """One network's scores (n, K), what they look like, and the labels: (n,) whole numbers, or (n, K) targets.

    With captured activations: penultimate (n, d), head_weight (K, d), head_bias (K,). `training` (m, K) are scores of training
    rows, where the file has them. `told` says where it all comes from. Nothing here is trusted text: escape it where it is shown.
    """

    scores: NDArray
    kind: str  # one of KINDS
    labels: NDArray
    rows: NDArray[np.intp]  # (n,) where each row stood in the file
    class_names: tuple[str, ...] = ()
    penultimate: NDArray | None = None
    head_weight: NDArray | None = None
    head_bias: NDArray | None = None
    training: NDArray | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    taken: Taken | None = None
    notes: tuple[Note, ...] = ()

    @property
    def num_rows(self) -> int:
        return self.scores.shape[0]

    @property
    def num_classes(self) -> int:
        return self.scores.shape[1]


def wanted(headers: Mapping[str, Header], peek: Peek, budget: Budget = COMMAND, wish: Wish | None = None) -> Picked:
    """The arrays that `outputs_from` will use, so that no other is decoded. Raises LsvizError where the table or all together break the budget."""
    picked = pick(headers, peek, wish)
    scores = headers[picked.scores]
    if len(scores.core) >= 2:
        first = (scores.core[0], *scores.core[2:]) == headers[picked.labels].core != scores.core[:-1]
        classes = scores.core[1] if first and len(scores.core) > 2 else scores.core[-1]
        budget.table(math.prod(scores.core) // max(1, classes), classes)
    copies = scores.made if len(scores.core) > 2 else 0  # flattened
    budget.decoded(sum(headers[name].made for name in picked.used) + copies + _unfolded(headers, picked.features))
    return picked


def _unfolded(headers: Mapping[str, Header], features: str | None) -> int:
    """Bytes of features that are stored in fewer columns than they have, once they are given back their whole length."""
    basis = next((name for name in headers if name.strip().lower() == "feature_basis"), None)
    shapes = [headers[name].shape for name in (features, basis) if name]
    return 4 * shapes[0][0] * shapes[1][1] if len(shapes) == 2 and all(len(shape) == 2 for shape in shapes) else 0


def outputs_from(
    arrays: Mapping[str, ArrayLike],
    class_names: Sequence[str] = (),
    told: Mapping[str, str] | None = None,
    budget: Budget = COMMAND,
    picked: Picked | None = None,
    taken: Taken | None = None,
    notes: Sequence[Note] = (),
    placed: bool = False,
) -> Outputs:
    """Find scores and labels among named arrays, or take those `picked`. Raises LsvizError when they are missing, do not fit or are too many."""
    made = {name: np.asarray(array) for name, array in arrays.items()}
    if picked is None:
        picked = wanted({name: Header(a.shape, a.dtype) for name, a in made.items()}, lambda name, rows: made[name][:rows], budget)
    known = {name.strip().lower(): array for name, array in made.items()}
    scores, labels, shaped = shaped_alike(made[picked.scores], made[picked.labels], class_names, placed)
    n, num_classes = scores.shape
    limits(n, num_classes, budget)
    names = tuple(plain_text(name) for name in class_names) if len(class_names) == num_classes else ()
    penultimate, unused = _features(made, picked, n)
    weight, bias = (_numbers(known.get(name)) for name in ("head_weight", "head_bias"))
    fits = penultimate is not None and weight is not None and weight.shape == (num_classes, penultimate.shape[1])
    training = _numbers(made[picked.training]) if picked.training else None
    result = Outputs(
        scores=scores,
        kind=kind_of(scores),
        labels=labels,
        rows=np.arange(n),
        class_names=names,
        penultimate=penultimate,
        head_weight=weight if fits else None,
        head_bias=bias if fits and bias is not None and bias.shape == (num_classes,) else None,
        training=training if training is not None and training.ndim == 2 and training.shape[1] == num_classes else None,
        told={plain_text(key): plain_text(value, 200) for key, value in (told or {}).items()},
        taken=taken and replace(taken, rows=n),
        notes=(*notes, *shaped, *unused),
    )
    for array in (
        result.rows, result.scores, result.labels, result.penultimate, result.head_weight, result.head_bias, result.training,
    ):  # fmt: skip
        if array is not None:
            array.flags.writeable = False
    return result


def limits(rows: int, num_classes: int, budget: Budget = COMMAND) -> None:
    """Refuse what is larger than can be worked out where it is read; callable before anything is decoded."""
    budget.table(rows, num_classes)


def kind_of(scores: NDArray) -> str:
    """What a table of scores looks like. Probabilities: all in [0, 1]. Log-probabilities: none above 0, rows that exp-sum to 1."""
    finite = np.isfinite(scores)
    seen = scores if finite.all() else scores[finite.all(axis=1)]
    if not len(seen):
        seen = np.where(finite, scores, -np.inf)  # log-probabilities of impossible classes
    del finite
    low, high = float(seen.min()), float(seen.max())
    if low >= 0 and high <= 1 + SUM_TOLERANCE:
        return "probabilities"
    if low >= 0 and high <= 100 * (1 + SUM_TOLERANCE) and _mostly(np.abs(_row_sums(seen) / 100 - 1)):
        return "percent"
    if high <= 1e-3 and _mostly(np.abs(_exp_sums(seen) - 1)):
        return "log_probabilities"
    return "logits"


def alpha_told(told: Mapping[str, str], name: str) -> float | None:
    """The label smoothing a file says it was trained with, in its metadata or else in its name: "a0.100", "alpha=.1", "ls0.1", "hard"."""
    for text in (
        *(told[key] for key in ALPHA_TOLD if key in told),
        *_ALPHA_NAMED.findall(name),
        *("0" for _ in _HARD_NAMED.findall(name)),
    ):
        try:
            alpha = float(text.replace(",", "."))
        except ValueError:
            continue
        if 0 <= alpha <= 1:
            return alpha
    return None


def blocks(table: NDArray, values: int = 1 << 18) -> Iterator[slice]:
    """Rows of `table` (n, K) in slices of about so many values: what is worked out over them needs no second table."""
    step = max(1, values // max(1, math.prod(table.shape[1:])))
    return (slice(start, start + step) for start in range(0, len(table), step))


# ---- parts ----------------------------------------------------------------------------------------------------------


def shaped_alike(
    scores: NDArray, labels: NDArray, class_names: Sequence[str] = (), placed: bool = False
) -> tuple[NDArray, NDArray, tuple[Note, ...]]:
    """Scores (n, K) and labels (n,), or targets (n, K), of arrays in any of the shapes people save them in; what was done to them.

    `placed` labels are places of columns already, and are not looked up among the names.
    """
    notes: list[Note] = []
    if scores.dtype.kind == "V" and scores.dtype.itemsize == 2:
        raise LsvizError("outside.bfloat16")
    table = _numbers(scores)
    if table is None:
        raise LsvizError("outside.not_numbers", name="scores", found=kind_name(scores.dtype))
    if not table.ndim or not labels.ndim:
        raise LsvizError("outside.axes", scores=scores.shape, labels=labels.shape)
    table, labels = _squeezed(table), _squeezed(labels)
    if table.ndim > 2:
        table, labels = _flattened(table, labels, notes)
    if labels.ndim == 2 and labels.dtype.kind in "iubf" and table.ndim == 2 and labels.shape == table.shape and _several(labels):
        raise LsvizError("outside.multi_label", name="labels")
    if labels.dtype.kind in "US" and labels.ndim == 1:
        labels, placed = _of_words(labels, class_names if table.ndim == 2 else (), table.shape[-1] if table.ndim == 2 else 2)
    if labels.dtype.kind not in "iubf":
        raise LsvizError("outside.not_numbers", name="labels", found=kind_name(labels.dtype))
    if table.ndim == 1 and labels.shape == table.shape:
        table = _two_classes(table, labels, notes)
    rows, num_classes = table.shape if table.ndim == 2 else (len(table), 1)
    if labels.shape not in ((rows,), (rows, num_classes)):
        if labels.shape == (num_classes,) != (rows,):
            raise LsvizError("outside.transposed", shape=scores.shape)
        if labels.ndim > 1:
            raise LsvizError("outside.axes", scores=scores.shape, labels=labels.shape)
        raise LsvizError("outside.shape", name="labels", shape=labels.shape, expected=f"({rows},)")
    labels = labels.astype(np.float64) if labels.ndim == 2 or labels.dtype.kind == "f" else labels.astype(np.int64)
    if labels.ndim == 1 and not placed:
        labels, told = by_numbers(labels, class_names, table)
        notes += told
    return table, labels, tuple(notes)


def _squeezed(array: NDArray) -> NDArray:
    """Without axes of length 1 after the first."""
    return (
        array.reshape(array.shape[:1] + tuple(length for length in array.shape[1:] if length != 1))
        if 1 in array.shape[1:]
        else array
    )


def _flattened(table: NDArray, labels: NDArray, notes: list[Note]) -> tuple[NDArray, NDArray]:
    """Tokens (n, t, K) and pictures (n, K, h, w) with one label each, as rows."""
    shape = table.shape
    last, second = shape[:-1] == labels.shape, (shape[0], *shape[2:]) == labels.shape
    if not last and not second:
        raise LsvizError("outside.axes", scores=shape, labels=labels.shape)
    if last and second:
        off = [float(np.abs(table.sum(axis=axis) - 1).mean()) for axis in (1, -1)]
        last, second = off[1] < 0.02 < off[0], off[0] < 0.02 < off[1]
        if not last and not second:
            raise LsvizError("outside.which_axis", shape=shape, labels=labels.shape)
    if not last:
        table = np.moveaxis(table, 1, -1)
    notes.append(Note("flattened", {"shape": str(shape), "axis": table.ndim if last else 2, "columns": table.shape[-1]}))
    return table.reshape(-1, table.shape[-1]), labels.reshape(-1)


def _several(labels: NDArray) -> bool:
    """Are these rows of 0s and 1s that name several classes, or none?"""
    sums = labels.sum(axis=1)
    return bool((sums != 1).any() and all(np.isin(labels[rows], (0, 1)).all() for rows in blocks(labels)))


def _of_words(labels: NDArray, class_names: Sequence[str], num_classes: int) -> tuple[NDArray, bool]:
    """Words as places among the names of classes (and that they are that); numbers that were saved as words as numbers."""
    words = labels.astype(str)
    used, at = np.unique(words, return_inverse=True)
    if len(class_names) == num_classes and are_names(used.tolist(), class_names):
        return np.array(by_words(used.tolist(), class_names), np.int64)[at], True
    with suppress(ValueError):
        return used.astype(np.float64)[at], False
    if len(class_names) == num_classes:
        return np.array(by_words(used.tolist(), class_names), np.int64)[at], True
    raise LsvizError("outside.words_alone")


def _two_classes(column: NDArray, labels: NDArray, notes: list[Note]) -> NDArray:
    """One score a row, of two classes: (1 - p, p) of a probability, (0, z) of a logit."""
    seen = column[np.isfinite(column)]
    used = np.unique(labels[np.isfinite(labels)]).astype(np.float64)
    used = used[~np.isin(used, IGNORED)]
    if len(used) > 2 or (len(used) and np.ptp(used) > 2):
        raise LsvizError("outside.one_column", name="scores", found=len(used))
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 0.0)
    made = np.zeros((len(column), 2), column.dtype)
    made[:, 1] = column
    if len(seen) and np.isin(seen, (-1, 0, 1)).all():
        raise LsvizError("outside.only_answers")
    if low >= 0 and high <= 1:
        made[:, 0] = 1 - column
        notes.append(Note("one_probability"))
    elif low >= 0 or high <= 0:
        raise LsvizError("outside.one_sided", low=f"{low:.4g}", high=f"{high:.4g}")
    else:
        notes.append(Note("one_logit", doubt=low >= -1 and high <= 1))
    return made


def kind_name(dtype: np.dtype) -> str:
    """A type as people call it."""
    return {
        "U": "text",
        "S": "text",
        "O": "Python objects",
        "c": "complex numbers",
        "M": "dates",
        "m": "durations",
        "V": "raw bytes",
    }.get(dtype.kind, dtype.name[:40])


def _features(made: Mapping[str, NDArray], picked: Picked, rows: int) -> tuple[NDArray | None, tuple[Note, ...]]:
    """Activations, one row for each row of scores, or why there are none; those of a stored run are given back their whole length."""
    if picked.features is None:
        return None, ()
    known = {name.strip().lower(): array for name, array in made.items()}
    found, name = _numbers(made[picked.features]), {"name": plain_text(picked.features)}
    found = found if found is None or not found.ndim else _squeezed(found)
    if found is None or found.ndim != 2:
        return None, (Note("features_shape", {**name, "shape": str(made[picked.features].shape)}),)
    if not (finite := np.isfinite(found).all(axis=1)).all():
        return None, (Note("features_broken", {**name, "broken": int((~finite).sum())}),)
    basis, mean = _numbers(known.get("feature_basis")), _numbers(known.get("feature_mean"))
    if basis is not None and mean is not None and basis.ndim == 2 and basis.shape == (found.shape[1], *mean.shape):
        found = found.astype(np.float32) @ basis + mean
    at = known.get("test_feature_rows")
    if (
        at is not None
        and at.dtype.kind in "iu"
        and at.shape == (len(found),)
        and len(found) == rows
        and np.array_equal(np.sort(at), np.arange(rows))
    ):
        found = found[np.argsort(at)]
    if len(found) != rows:
        return None, (Note("features_rows", {**name, "found": len(found)}),)
    return found, ()


def _numbers(array: NDArray | None) -> NDArray | None:
    """A floating array, of single precision where that loses nothing: a view that cannot be written where nothing changes; None where it holds no numbers."""
    if array is None or array.dtype.kind not in "iubf" or array.dtype.itemsize > 8:
        return None
    made = np.asarray(array, np.float32 if array.dtype.kind == "f" and array.dtype.itemsize <= 4 else np.float64)
    return np.require(made, requirements="A").view()


def _exp_sums(table: NDArray) -> NDArray[np.float64]:
    """sum_k exp(min(z_k, 0)) of each row (n,)."""
    return np.concatenate([np.exp(np.minimum(table[rows], 0, dtype=np.float64)).sum(axis=1) for rows in blocks(table)])


def _row_sums(table: NDArray) -> NDArray[np.float64]:
    return table @ np.ones(table.shape[1], np.result_type(table, np.float32)).astype(np.float64)


def _mostly(off: NDArray) -> bool:
    return bool((off <= SUM_TOLERANCE).mean() >= 0.5)


def whole(labels: NDArray) -> NDArray[np.int64]:
    """Labels (n,) as whole numbers, whatever their range. Raises LsvizError for 1.5, NaN and what no integer holds."""
    if labels.dtype.kind in "iu":
        return labels.astype(np.int64)
    wrong = ~np.isfinite(labels) | (labels != np.floor(labels)) | (np.abs(labels) > 2**53)
    if wrong.any():
        row = int(wrong.argmax())
        raise LsvizError("input.label_whole", argument="labels", row=row, value=float(labels[row]))
    return labels.astype(np.int64)


def log_of(probabilities: NDArray, least: float) -> NDArray[np.float64]:
    """log p with p cut at `least` > 0: the logits of a softmax whose zeros were rounded."""
    made = np.maximum(probabilities, least, dtype=np.float64)
    return np.log(made, out=made)
