"""What is odd about outputs from outside: each finding with its rows, its numbers and, where there is one, a remedy that can be switched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lsviz.core import checks
from lsviz.core.english import english
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.outputs import Outputs, alpha_told, blocks, log_of, whole
from lsviz.core.predictions.smoothing_trace import smoothing_trace
from lsviz.core.smoothing.closed_forms import optimal_logit_margin


@dataclass(frozen=True)
class Finding:
    """One observation: `count` of `of` rows, the numbers its sentence names, and whether its remedy, if any, was applied."""

    code: str
    count: int
    of: int
    values: Mapping[str, object] = field(default_factory=dict)
    applied: bool = False
    doubt: bool = False  # it may be wrong what the columns are, so no limit is passed by it

    @property
    def sentence(self) -> str:
        return english("findings")[self.code].format(count=self.count, of=self.of, **self.values)

    @property
    def remedy(self) -> str | None:
        """What the switch beside the sentence does; None where nothing can be done here."""
        return english("finding_remedies").get(self.code)


@dataclass(frozen=True)
class Diagnosis:
    """All findings in the order they were met, and the outputs as they stand after the remedies that are on.

    `problem` is what ended the search: labels and scores that cannot be brought together, or a needed remedy switched off.
    """

    findings: tuple[Finding, ...]
    outputs: Outputs
    problem: LsvizError | None = None

    @property
    def logits(self) -> NDArray:
        """(n, K), checked. Raises the problem, if there is one."""
        if self.problem:
            raise self.problem
        return checks.scores(self.outputs.scores)

    @property
    def labels(self) -> NDArray[np.intp]:
        """(n,), checked. Raises the problem, if there is one."""
        if self.problem:
            raise self.problem
        return checks.class_labels(self.outputs.labels, *self.outputs.scores.shape)


def diagnose(outputs: Outputs, switched: Mapping[str, bool] | None = None, tick: Callable[[], None] = lambda: None) -> Diagnosis:
    """Look at outputs in a fixed order, mending on the way what is on: by default all but `OFF`.

    `switched` overrides by code. `tick` is called before every look and may raise LsvizError to stop.
    """
    switched = switched or {}
    found = [Finding(note.code, outputs.num_rows, outputs.num_rows, note.values, doubt=note.doubt) for note in outputs.notes]
    rounded = Rounded.of(outputs)
    try:
        for look, mend in (*_STEPS, (rounded.trace, None)):
            tick()
            finding = look(outputs)
            if finding is None:
                continue
            on = mend is not None and switched.get(finding.code, finding.code not in OFF)
            found.append(replace(finding, applied=on))
            if mend and on:
                outputs = mend(outputs)
                if not outputs.num_rows:
                    checks.scores(outputs.scores)  # says that no rows are left
    except LsvizError as problem:
        return Diagnosis(tuple(found), outputs, problem)
    return Diagnosis(tuple(found), outputs)


# ---- labels ---------------------------------------------------------------------------------------------------------


def _label_rows(o: Outputs) -> Finding | None:
    if o.labels.ndim == 1:
        return None
    top, rest = o.labels.max(axis=1), np.sort(o.labels, axis=1)[:, :-1]
    alpha = float((1 - np.median(top)) * o.num_classes / (o.num_classes - 1))
    alike = (np.ptp(rest, axis=1) <= 1e-4) & (np.abs(o.labels.sum(axis=1) - 1) <= 1e-3) & (np.abs(top - np.median(top)) <= 1e-4)
    if alike.all() and np.median(top) > np.median(rest):
        code = "one_hot" if alpha < 1e-4 else "soft_labels"
        return Finding(code, o.num_rows, o.num_rows, {"columns": o.num_classes, "alpha": alpha})
    return Finding("label_rows", int((~alike).sum()), o.num_rows)


def _use_largest(o: Outputs) -> Outputs:
    return replace(o, labels=np.where(np.isfinite(o.labels), o.labels, -np.inf).argmax(axis=1).astype(np.int64))


def _not_finite(o: Outputs) -> Finding | None:
    wrong = ~_sound_rows(o)
    return Finding("not_finite", int(wrong.sum()), o.num_rows) if wrong.any() else None


def _sound_rows(o: Outputs) -> NDArray[np.bool_]:
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(o.scores.sum()) and np.isfinite(o.labels.sum()):
            return np.ones(o.num_rows, bool)
    scores = o.scores
    if o.kind == "log_probabilities":  # log 0 is -inf, and is dealt with as a saturated probability
        scores = np.where(np.isneginf(scores), 0, scores)
    return np.isfinite(scores).all(axis=1) & np.isfinite(o.labels.reshape(o.num_rows, -1)).all(axis=1)


def _ignored(o: Outputs) -> Finding | None:
    marked = _is_ignored(o)
    if not marked.any():
        return None
    marks = np.unique(whole(o.labels)[marked])
    return Finding("ignored", int(marked.sum()), o.num_rows, {"marks": ", ".join(str(mark).replace("-", "−") for mark in marks)})


def _is_ignored(o: Outputs) -> NDArray[np.bool_]:
    """Rows with the label −100, PyTorch's mark, or 255, that of pictures, where it is no class."""
    labels = whole(o.labels) if o.labels.ndim == 1 else np.zeros(o.num_rows, np.int64)
    return (labels == -100) | ((labels == 255) & (o.num_classes < 255))


def _unlabelled(o: Outputs) -> Finding | None:
    if o.labels.ndim > 1:
        return None
    count = int((whole(o.labels) < 0).sum())
    return Finding("unlabelled", count, o.num_rows, doubt=True) if count else None


def _labels_from_one(o: Outputs) -> Finding | None:
    """Labels 1 to K say so themselves; labels from 1 that do not reach K only when they are right far more often shifted."""
    labels = whole(o.labels)
    first, last = int(labels.min()), int(labels.max())
    if first < 1 or last > o.num_classes:
        return None
    top = o.scores.argmax(axis=1)
    before, after = float((top == labels).mean()), float((top == labels - 1).mean())
    if last < o.num_classes and not after > before + 0.2:
        return None
    return Finding(
        "labels_from_one",
        o.num_rows,
        o.num_rows,
        {"first": first, "last": last, "columns": o.num_classes, "before": 100 * before, "after": 100 * after},
    )


# ---- scores ---------------------------------------------------------------------------------------------------------


def _percent(o: Outputs) -> Finding | None:
    return Finding("percent", o.num_rows, o.num_rows) if o.kind == "percent" else None


def _row_sums(o: Outputs) -> Finding | None:
    if o.kind != "probabilities":
        return None
    sums = o.scores.sum(axis=1, dtype=np.float64)
    off = np.abs(sums - 1)
    wrong = off > checks.ROW_SUM_TOLERANCE
    return Finding("row_sums", int(wrong.sum()), o.num_rows, {"worst": float(sums[off.argmax()])}) if wrong.any() else None


def _divide_by_sums(o: Outputs) -> Outputs:
    """A row of zeros says nothing, so it becomes 1/K throughout."""
    sums = o.scores.sum(axis=1, keepdims=True, dtype=np.float64)
    return replace(o, scores=np.divide(o.scores, sums, out=np.full(o.scores.shape, 1 / o.num_classes), where=sums > 0))


def _softmax_twice(o: Outputs) -> Finding | None:
    """softmax(q) with q a probability vector: then q = log p + c with c = (1 - sum log p) / K, and every q is one again.

    A network that is unsure everywhere looks the same, so its largest q must say something: above 1.5 / K on average.
    """
    if o.kind != "probabilities" or float(o.scores.min()) <= 0:
        return None
    largest = 0.0
    for rows in blocks(o.scores):
        inner = _inner(o.scores[rows])
        if float(inner.min()) < -2e-3:
            return None
        largest += float(inner.max(axis=1).sum())
    if largest / o.num_rows < 1.5 / o.num_classes:
        return None
    return Finding("softmax_twice", o.num_rows, o.num_rows, {"most": float(o.scores.max())})


def _inner(probs: NDArray) -> NDArray[np.float64]:
    logs = np.log(probs, dtype=np.float64)
    return logs + (1 - logs.sum(axis=1, keepdims=True)) / probs.shape[1]


def _undo_softmax(o: Outputs) -> Outputs:
    scores = np.empty(o.scores.shape)
    for rows in blocks(scores):
        inner = np.maximum(_inner(o.scores[rows]), 0)
        rounded = inner < np.finfo(np.float32).eps * 8  # what single precision leaves of a zero
        scores[rows] = np.where(rounded, 0, inner) / inner.sum(axis=1, keepdims=True)
    return replace(o, scores=scores)


def _zeros(o: Outputs) -> NDArray[np.bool_]:
    """Which scores (n, K) are probabilities of exactly 0."""
    return np.isneginf(o.scores) if o.kind == "log_probabilities" else o.scores == 0


def _saturated(o: Outputs) -> Finding | None:
    if o.kind not in ("probabilities", "log_probabilities") or not (lost := _zeros(o).any(axis=1)).any():
        return None
    last = float(np.exp(_log_last(o)))
    votes = last >= VOTES
    return Finding("votes" if votes else "saturated", int(lost.sum()), o.num_rows, {"least": last if votes else last / 2})


def last_digit(o: Outputs) -> float:
    """The step of which all probabilities are multiples: a power of ten, or the share of one vote; 0 where there is none."""
    if o.kind not in ("probabilities", "percent"):
        return 0.0
    values = o.scores[:: max(1, len(o.scores) // 2000)].astype(np.float64) / (100 if o.kind == "percent" else 1)
    values = values[(values > 0) & (values < 1)]
    if not len(values):
        return 1.0
    exact = float(np.finfo(o.scores.dtype).eps)
    for step in (*(10.0**-d for d in range(1, 13)), float(values.min())):
        parts = values / step
        if exact < 0.05 * step and np.abs(parts - np.rint(parts)).max() < 0.01 + exact / step and len(values) > 20:
            return step
    return 0.0


def _log_last(o: Outputs) -> float:
    """log of the last digit of the probabilities, or of the smallest above 0 where they have none."""
    if o.kind == "log_probabilities":
        return float(o.scores.min(where=np.isfinite(o.scores), initial=0.0))
    return float(np.log(last_digit(o) or o.scores.min(where=o.scores > 0, initial=1.0)))


def _fill_zeros(o: Outputs) -> Outputs:
    """The zeros of a row share half of the last digit, or what the row lacks to 1 where that many zeros can have lost it.

    Where digits were cut, rows sum to 1 again by what is not their largest probability: that moved by half a digit at most.
    """
    zeros, step = _zeros(o), last_digit(o)
    count = zeros.sum(axis=1, keepdims=True)
    log_most = np.clip(_log_last(o) - np.log(2), np.log(np.finfo(np.float64).tiny), np.log(MOST_FOR_ZERO))
    if o.kind == "log_probabilities":
        return replace(o, scores=np.where(zeros, log_most - np.log(np.maximum(count, 1)), o.scores))
    most, half = float(np.exp(log_most)), step / 2 if step < VOTES or np.isclose(step, 0.01) else 0.0
    lacking = 1 - o.scores.sum(axis=1, keepdims=True, dtype=np.float64)
    scores = np.where(zeros, np.maximum(most, np.minimum(lacking, count * half)) / np.maximum(count, 1), o.scores)
    if half:
        top = scores.max(axis=1, keepdims=True)
        below = scores < top  # answers that tie stay tied
        above, under = np.where(below, 0, scores).sum(axis=1, keepdims=True), np.where(below, scores, 0).sum(axis=1, keepdims=True)
        spread = scores * np.maximum(1 - above, most) / np.maximum(under, np.finfo(np.float64).tiny)
        cut = (
            (np.abs(above + under - 1) <= o.num_classes * half) & (under > 0) & ((spread < top) | ~below).all(axis=1, keepdims=True)
        )
        scores = np.where(cut & below, spread, scores)
    return replace(o, scores=scores)


@dataclass(frozen=True)
class Rounded:
    """What rounding took from the scores as they came: the last digit that is left, and the rows (m,) of the file that hold zeros."""

    step: float
    rows: NDArray[np.intp]

    @classmethod
    def of(cls, o: Outputs) -> Rounded:
        return cls(last_digit(o), o.rows[:0] if o.kind == "logits" else o.rows[_zeros(o).any(axis=1)])

    def trace(self, o: Outputs) -> Finding | None:
        """Whether label smoothing shows, as far as the digits allow."""
        found = smoothing_trace(o.scores, o.labels, np.isin(o.rows, self.rows), self.step)
        if found is None or (found.trained not in ("smoothed", "hard") and alpha_told(o.told, "") is not None):
            return None  # what the file tells is not called something that cannot be told
        values = {name: getattr(found, name) for name in ("median", "upper", "spread", "alpha", "low", "high")}
        return Finding(f"trained_{found.trained}", found.count, o.num_rows, values)


def _kind(o: Outputs) -> Finding:
    return Finding(o.kind, o.num_rows, o.num_rows)


def _to_logits(o: Outputs) -> Outputs:
    if o.kind == "probabilities":
        return replace(o, kind="logits", scores=log_of(o.scores, np.finfo(np.float64).tiny))
    return replace(o, kind="logits")


# ---- rows and columns -----------------------------------------------------------------------------------------------


def _empty_classes(o: Outputs) -> Finding | None:
    labels = checks.class_labels(o.labels, *o.scores.shape)
    present = int((np.bincount(labels, minlength=o.num_classes) > 0).sum())
    if present == o.num_classes or present < 2:
        return None
    return Finding("empty_classes", o.num_classes - present, o.num_rows, {"columns": o.num_classes, "present": present})


def _drop_columns(o: Outputs) -> Outputs:
    kept, labels = np.unique(o.labels, return_inverse=True)
    kept = kept.astype(np.intp)
    names = tuple(o.class_names[k] for k in kept) if o.class_names else ()
    training = None if o.training is None else o.training[:, kept]
    weight, bias = _taken(o.head_weight, kept), _taken(o.head_bias, kept)
    return replace(
        o, scores=o.scores[:, kept], labels=labels.astype(np.int64), class_names=names, training=training, head_weight=weight, head_bias=bias
    )  # fmt: skip


def _taken(array: NDArray | None, rows: NDArray) -> NDArray | None:
    return None if array is None else array[rows]


def _duplicates(o: Outputs) -> Finding | None:
    later = _repeats(row_hashes(o.scores))
    if later.sum() <= _by_chance(o):
        return None
    with_labels = _repeats(row_hashes(o.scores, o.labels))
    return Finding("duplicates", int(later.sum()), o.num_rows, {"conflicting": int((later & ~with_labels).sum())})


def _by_chance(o: Outputs) -> float:
    """How many rows may be equal without a reason: two classes leave one number a row."""
    return 0.05 * o.num_rows if o.num_classes == 2 else 0


def _repeats(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which entries (n,) an earlier one equals."""
    later = np.ones(len(hashes), bool)
    later[np.unique(hashes, return_index=True)[1]] = False
    return later


def row_hashes(table: NDArray, beside: NDArray | None = None, dtype: type | None = None) -> NDArray[np.uint64]:
    """64 bits for each row (n,), the same for rows of equal bytes, as `dtype`, and equal `beside` (n,): odd random multipliers, wrapping.

    By blocks that stay in cache, so that it needs no second table.
    """
    kind = np.dtype(dtype or table.dtype)
    words = np.uint64 if kind.itemsize == 8 else np.uint32
    odd = np.random.default_rng(0).integers(0, 2**63, table.shape[1] + 1, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    out = np.empty(len(table), np.uint64)
    for rows in blocks(table, 65_536):
        mixed = (table[rows].astype(kind, order="C") + kind.type(0)).view(words) * odd[:-1]  # -0 is 0
        mixed ^= mixed >> np.uint64(29)
        out[rows] = (mixed * odd[:-1]).sum(axis=1, dtype=np.uint64)
    if beside is not None:
        mixed = (np.asarray(beside, np.float64) + 0.0).view(np.uint64) * odd[-1]
        out += (mixed ^ (mixed >> np.uint64(29))) * odd[-1]
    return out


def _shared(o: Outputs) -> Finding | None:
    if o.kind != "logits":
        return None
    count = int(_is_shared(o).sum())
    return Finding("shared_with_training", count, o.num_rows) if count > _by_chance(o) else None


def _is_shared(o: Outputs) -> NDArray[np.bool_]:
    if o.training is None:
        return np.zeros(o.num_rows, bool)
    return np.isin(row_hashes(o.scores, dtype=np.float64), row_hashes(o.training, dtype=np.float64))


def _elsewhere(o: Outputs) -> Finding | None:
    """Each class has one answer of its own, only not the one with its number: columns or labels are in another order, as far as answers tell."""
    labels, top = checks.class_labels(o.labels, *o.scores.shape), o.scores.argmax(axis=1)
    classes, counts = np.unique(labels, return_counts=True)
    if len(classes) < 2 or counts.min() < LEAST_OF_A_CLASS:
        return None
    most = {int(k): int(np.bincount(top[labels == k], minlength=o.num_classes).argmax()) for k in classes}
    right, other = int((top == labels).sum()), sum(int((top[labels == k] == answer).sum()) for k, answer in most.items())
    if len(set(most.values())) < len(most) or other - right <= ELSEWHERE * o.num_rows or other < 2 * right:
        return None
    return Finding("elsewhere", right, o.num_rows, {"other": other}, doubt=True)


def _accuracy(o: Outputs) -> Finding | None:
    right = int((o.scores.argmax(axis=1) == o.labels).sum())
    share = right / o.num_rows
    if o.num_rows >= 200 and share >= 0.995:
        return Finding("nearly_perfect", right, o.num_rows)
    common = float(np.bincount(checks.class_labels(o.labels, *o.scores.shape)).max()) / o.num_rows
    least = 1 / o.num_classes
    if o.num_rows >= 50 and common < 0.9 and share <= least + 2 * np.sqrt(least * (1 - least) / o.num_rows):
        return Finding("chance", right, o.num_rows)
    return None


def _told(o: Outputs) -> Finding | None:
    alpha = alpha_told(o.told, "")
    if alpha is None:
        return None
    code = "told_smoothed" if alpha else "told_hard"
    return Finding(code, o.num_rows, o.num_rows, {"alpha": alpha, "gap": optimal_logit_margin(o.num_classes, alpha)})


def _keep(rows: Callable[[Outputs], NDArray[np.bool_]]) -> Callable[[Outputs], Outputs]:
    def mend(o: Outputs) -> Outputs:
        kept = rows(o)
        return replace(o, scores=o.scores[kept], labels=o.labels[kept], rows=o.rows[kept], penultimate=_taken(o.penultimate, kept))

    return mend


VOTES, MOST_FOR_ZERO = 0.009, 5e-4  # a last digit from here on counts votes; the zeros of a row are never read as more than this
LEAST_OF_A_CLASS = 10  # rows from which the answer that a class gets is told
ELSEWHERE = 0.2  # of all rows: how many more must be right under another order of the classes
OFF = ("empty_classes", "duplicates", "shared_with_training")  # remedies that throw sound rows or columns away wait to be asked for

# Looked at in this order; each sees what the remedies before it left.
_STEPS: tuple[tuple[Callable[[Outputs], Finding | None], Callable[[Outputs], Outputs] | None], ...] = (
    (_not_finite, _keep(_sound_rows)),
    (_label_rows, _use_largest),
    (_ignored, _keep(lambda o: ~_is_ignored(o))),
    (_unlabelled, _keep(lambda o: whole(o.labels) >= 0)),
    (_labels_from_one, lambda o: replace(o, labels=whole(o.labels) - 1)),
    (_percent, lambda o: replace(o, kind="probabilities", scores=o.scores / 100)),
    (_saturated, _fill_zeros),
    (_row_sums, _divide_by_sums),
    (_softmax_twice, _undo_softmax),
    (_kind, _to_logits),
    (_empty_classes, _drop_columns),
    (_duplicates, _keep(lambda o: ~_repeats(row_hashes(o.scores)))),
    (_shared, _keep(lambda o: ~_is_shared(o))),
    (_elsewhere, None),
    (_accuracy, None),
    (_told, None),
)
