"""What a network said about n examples, as it came from outside: typed, checked for shape, not yet for sense."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.gate import COMMAND, Budget

KINDS = ("logits", "probabilities", "log_probabilities", "percent")
SUM_TOLERANCE = 1e-2  # half-precision probabilities of a thousand classes are off by less

# The names people give these arrays, most telling first.
SCORES = (
    "test_logits", "logits", "test_probs", "test_probabilities", "probs", "probabilities", "probability", "log_probs", "log_probabilities",
    "scores", "outputs", "output", "predictions", "preds", "y_score", "y_prob", "y_pred",
)  # fmt: skip
LABELS = ("test_labels", "labels", "label", "targets", "target", "y_true", "y_test", "y", "classes", "class")
FEATURES = ("test_features", "penultimate", "features", "activations", "embeddings")
TRAINING = ("train_logits", "train_probs", "train_scores")
BESIDE = ("head_weight", "head_bias", "feature_basis", "feature_mean", "test_feature_rows")  # what goes with features
_TAKEN = (*LABELS, *FEATURES, *TRAINING, "head_weight")  # no table of scores, whatever its shape
ALPHA_TOLD = ("alpha", "label_smoothing")  # in a file's metadata
_ALPHA_NAMED = re.compile(
    r"(?:alpha|smooth(?:ed|ing)?|(?<![a-z])(?:ls|eps)|α|(?<![a-z])a(?=[01]?[.,]\d))[ _=:-]*([01](?:[.,]\d+)?|[.,]\d+)(?!\d)",
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

    @property
    def num_rows(self) -> int:
        return self.scores.shape[0]

    @property
    def num_classes(self) -> int:
        return self.scores.shape[1]


@dataclass(frozen=True)
class Header:
    """What a file says of one array before it is decoded."""

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def made(self) -> int:
        """Bytes of the array as `outputs_from` keeps it: single precision where that loses nothing, else double."""
        width = 4 if self.dtype.kind == "f" and self.dtype.itemsize <= 4 else 8
        return math.prod(self.shape) * (width if self.dtype.kind in "iubf" else self.dtype.itemsize)


def wanted(headers: Mapping[str, Header], budget: Budget = COMMAND) -> list[str]:
    """The arrays that `outputs_from` will use, so that no other is decoded. Raises LsvizError where the table or all together break the budget."""
    known = {name.strip().lower(): header for name, header in headers.items()}
    scores = _first(known, SCORES) or next(
        (name for name, h in known.items() if len(h.shape) == 2 and h.dtype.kind == "f" and name not in _TAKEN), None
    )
    if scores is None:
        raise LsvizError("outside.no_scores", names=_listed(known))
    rows = known[scores].shape[0] if known[scores].shape else 0
    if len(known[scores].shape) == 2:
        budget.table(*known[scores].shape)
    labels = _first(known, LABELS) or next((name for name, h in known.items() if h.shape == (rows,) and h.dtype.kind in "iu"), None)
    if labels is None:
        raise LsvizError("outside.no_labels", names=_listed(known))
    others = (_first(known, FEATURES), _first(known, TRAINING), *(name for name in BESIDE if name in known))
    chosen = dict.fromkeys(name for name in (scores, labels, *others) if name)
    budget.decoded(sum(known[name].made for name in chosen) + _unfolded(known, others[0]))
    given = {name.strip().lower(): name for name in headers}
    return [given[name] for name in chosen]


def _unfolded(known: Mapping[str, Header], features: str | None) -> int:
    """Bytes of features that are stored in fewer columns than they have, once they are given back their whole length."""
    shapes = [known[name].shape for name in (features, "feature_basis") if name and name in known]
    return 4 * shapes[0][0] * shapes[1][1] if len(shapes) == 2 and all(len(shape) == 2 for shape in shapes) else 0


def outputs_from(
    arrays: Mapping[str, ArrayLike],
    class_names: Sequence[str] = (),
    told: Mapping[str, str] | None = None,
    budget: Budget = COMMAND,
) -> Outputs:
    """Find scores and labels among named arrays. Raises LsvizError when they are missing, do not fit or are too many."""
    known = {name.strip().lower(): np.asarray(array) for name, array in arrays.items()}
    wanted({name: Header(array.shape, array.dtype) for name, array in known.items()}, budget)
    scores = _scores(known)
    n, num_classes = scores.shape
    limits(n, num_classes, budget)
    labels = _labels(known, n, num_classes)
    penultimate = _features(known, n)
    weight, bias = (_numbers(known.get(name)) for name in ("head_weight", "head_bias"))
    fits = penultimate is not None and weight is not None and weight.shape == (num_classes, penultimate.shape[1])
    training = _numbers(next((known[name] for name in TRAINING if name in known), None))
    names = tuple(plain_text(name) for name in class_names)
    made = Outputs(
        scores=scores,
        kind=kind_of(scores),
        labels=labels,
        rows=np.arange(n),
        class_names=names if len(names) == num_classes else (),
        penultimate=penultimate,
        head_weight=weight if fits else None,
        head_bias=bias if fits and bias is not None and bias.shape == (num_classes,) else None,
        training=training if training is not None and training.ndim == 2 and training.shape[1] == num_classes else None,
        told={plain_text(key): plain_text(value, 200) for key, value in (told or {}).items()},
    )
    for array in (made.rows, made.scores, made.labels, made.penultimate, made.head_weight, made.head_bias, made.training):
        if array is not None:
            array.flags.writeable = False
    return made


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


def plain_text(text: object, longest: int = 60) -> str:
    """Text from outside on one line, without control and direction characters, cut to a length that fits a table."""
    shown = "".join(" " if unicodedata.category(c) in ("Zl", "Zp", "Zs") or c in "\t\r\n" else c for c in str(text)[: 4 * longest])
    shown = "".join(c for c in shown if unicodedata.category(c)[0] != "C").strip()
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


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


def _scores(known: Mapping[str, NDArray]) -> NDArray:
    named = [known[name] for name in SCORES if name in known]
    tables = named or [a for name, a in known.items() if a.ndim == 2 and a.dtype.kind == "f" and name not in _TAKEN]
    if not tables:
        raise LsvizError("outside.no_scores", names=_listed(known))
    scores = _numbers(tables[0])
    if scores is None:
        raise LsvizError("outside.not_numbers", name="scores", found=tables[0].dtype.name[:40])
    if scores.ndim != 2:
        raise LsvizError("outside.shape", name="scores", shape=scores.shape, expected="(rows, classes)")
    return scores


def _labels(known: Mapping[str, NDArray], rows: int, num_classes: int) -> NDArray:
    named = [known[name] for name in LABELS if name in known]
    vectors = named or [a for a in known.values() if a.ndim == 1 and a.dtype.kind in "iu" and len(a) == rows]
    if not vectors:
        raise LsvizError("outside.no_labels", names=_listed(known))
    labels = vectors[0].reshape(len(vectors[0])) if vectors[0].ndim == 2 and vectors[0].shape[1] == 1 else vectors[0]
    if labels.dtype.kind not in "iubf":
        raise LsvizError("outside.not_numbers", name="labels", found=labels.dtype.name[:40])
    if labels.shape not in ((rows,), (rows, num_classes)):
        raise LsvizError("outside.shape", name="labels", shape=labels.shape, expected=f"({rows},)")
    return labels.astype(np.float64) if labels.ndim == 2 or labels.dtype.kind == "f" else labels.astype(np.int64)


def _features(known: Mapping[str, NDArray], rows: int) -> NDArray | None:
    """Activations, one row for each row of scores; those of a stored run are given back their whole length."""
    found = _numbers(next((known[name] for name in FEATURES if name in known), None))
    if found is None or found.ndim != 2 or not np.isfinite(found).all():
        return None
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
    return found if len(found) == rows else None


def _numbers(array: NDArray | None) -> NDArray | None:
    """A floating array, of single precision where that loses nothing: a view that cannot be written where nothing changes; None where it holds no numbers."""
    if array is None or array.dtype.kind not in "iubf" or array.dtype.itemsize > 8:
        return None
    made = np.asarray(array, np.float32 if array.dtype.kind == "f" and array.dtype.itemsize <= 4 else np.float64)
    return np.require(made, requirements="A").view()


def _first(known: Mapping[str, object], names: Sequence[str]) -> str | None:
    return next((name for name in names if name in known), None)


def _exp_sums(table: NDArray) -> NDArray[np.float64]:
    """sum_k exp(min(z_k, 0)) of each row (n,)."""
    return np.concatenate([np.exp(np.minimum(table[rows], 0, dtype=np.float64)).sum(axis=1) for rows in blocks(table)])


def _row_sums(table: NDArray) -> NDArray[np.float64]:
    return table @ np.ones(table.shape[1], np.result_type(table, np.float32)).astype(np.float64)


def _mostly(off: NDArray) -> bool:
    return bool((off <= SUM_TOLERANCE).mean() >= 0.5)


def _listed(known: Mapping[str, object]) -> str:
    names = [plain_text(name, 24) for name in list(known)[:6]]
    return (", ".join(names) + (" …" if len(known) > 6 else "")) or "nothing"


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
