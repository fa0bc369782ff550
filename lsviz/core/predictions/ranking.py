"""Which named arrays of a file are scores, labels and features: told by their names where these are known, else by what they hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.label_columns import GUESS_WORDS, ROW_WORDS, TRUE_WORDS
from lsviz.core.predictions.naming import tokens
from lsviz.core.predictions.taken import LABELS, Note, Wish, listed, matching
from lsviz.core.predictions.text import plain_text

# The names people give these arrays, most telling first.
SCORES = (
    "test_logits", "logits", "test_probs", "test_probabilities", "probs", "probabilities", "probability", "log_probs", "log_probabilities",
    "scores", "outputs", "output", "predictions", "preds", "y_score", "y_prob", "y_pred",
)  # fmt: skip
FEATURES = ("test_features", "penultimate", "features", "activations", "embeddings")
TRAINING = ("train_logits", "train_probs", "train_scores")
BESIDE = ("head_weight", "head_bias", "feature_basis", "feature_mean", "test_feature_rows")  # what goes with features
CLASS_NAMES = ("class_names", "classes_names", "names", "label_names", "classes", "classes_", "categories", "id2label")
SCORE_WORDS = ("logit", "logits", "prob", "probs", "proba", "probability", "probabilities", "score", "scores", "output", "outputs", "softmax", "pred", "preds", "predictions", "prediction", "posterior", "hat", "yhat", "p", "sigmoid", "decision")  # fmt: skip
FEATURE_WORDS = ("feature", "features", "feat", "feats", "embedding", "embeddings", "embed", "emb", "embs", "penultimate", "activation", "activations", "hidden", "latent", "latents", "representation", "representations", "pooled", "pooler", "x", "input", "inputs", "image", "images", "weight", "weights", "bias", "head")  # fmt: skip
TRAINING_WORDS = ("train", "training")
SPLIT_WORDS = ("test", "testing", "val", "valid", "validation", "dev", "eval")
MOST_PEEKED = 2_000_000  # bytes of one array looked at


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

    @property
    def numbers(self) -> bool:
        return self.dtype.kind in "iubf" and self.dtype.itemsize <= 8

    @property
    def core(self) -> tuple[int, ...]:
        """The shape without axes of length 1 after the first."""
        return (*self.shape[:1], *(length for length in self.shape[1:] if length != 1))


Peek = Callable[[str, int], NDArray]  # the first rows of a named array


@dataclass(frozen=True)
class Picked:
    """Names of the arrays, as they are written in the file; None for what there is not."""

    scores: str
    labels: str
    features: str | None
    training: str | None
    beside: tuple[str, ...]
    class_names: str | None
    notes: tuple[Note, ...] = ()

    @property
    def used(self) -> list[str]:
        """All of them but the names of classes, each once."""
        return list(dict.fromkeys(name for name in (self.scores, self.labels, self.features, self.training, *self.beside) if name))


def pick(headers: Mapping[str, Header], peek: Peek, wish: Wish | None = None) -> Picked:
    """Raises LsvizError where scores or labels are not there or cannot be told apart."""
    return _Ranking(headers, peek, wish or Wish()).picked()


class _Ranking:
    def __init__(self, headers: Mapping[str, Header], peek: Peek, wish: Wish) -> None:
        ignored = set(matching(list(headers), wish.ignore))
        self.wish = wish
        self.headers = {name: header for k, (name, header) in enumerate(headers.items()) if k not in ignored}
        self.by_lower = {name.strip().lower(): name for name in self.headers}
        self.peek = peek
        self._peeked: dict[str, NDArray] = {}

    def some(self, name: str) -> NDArray[np.float64]:
        """The first rows of an array, as numbers."""
        if name not in self._peeked:
            header = self.headers[name]
            row = max(1, math.prod(header.shape[1:])) * header.dtype.itemsize
            self._peeked[name] = np.asarray(self.peek(name, max(20, MOST_PEEKED // row)), np.float64)
        return self._peeked[name]

    def words(self, name: str) -> set[str]:
        return set(tokens(name))

    def first(self, known: Sequence[str], fits: Callable[[Header], bool] = lambda header: True) -> str | None:
        return next(
            (self.by_lower[name] for name in known if name in self.by_lower and fits(self.headers[self.by_lower[name]])), None
        )

    # ---- labels -----------------------------------------------------------------------------------------------------

    def labels(self, scores: Iterable[str]) -> list[str]:
        """Arrays that may be the labels of one of these scores, of the best rank there is."""
        if self.wish.label:
            return self.named(self.wish.label)
        rows = {self.headers[name].shape[0] for name in scores if self.headers[name].shape}

        def fits(header: Header) -> bool:
            return bool(header.shape) and (header.numbers or header.dtype.kind in "US") and (not rows or header.shape[0] in rows)

        exact = [name for known in LABELS if (name := self.by_lower.get(known)) and fits(self.headers[name]) and name not in scores]
        if exact:
            return exact
        others = [name for name, header in self.headers.items() if fits(header) and name not in scores]
        called = [
            name
            for name in others
            if self.words(name) & set(TRUE_WORDS) and not self.words(name) & {*GUESS_WORDS, *TRAINING_WORDS, *CLASS_NAMES}
        ]
        if called:
            return called
        if misfit := self.first(LABELS):
            return [misfit]
        deep = [self.headers[name].core for name in scores if len(self.headers[name].core) > 2]
        flat = {shape for core in deep for shape in (core[:-1], (core[0], *core[2:]))}
        plain = [
            name
            for name in others
            if (len(self.headers[name].core) == 1 or self.headers[name].core in flat)
            and self.headers[name].numbers
            and not self.words(name) & {*GUESS_WORDS, *ROW_WORDS, *TRAINING_WORDS}
        ]
        whole = [name for name in plain if self.headers[name].dtype.kind in "iu"] or [
            name for name in plain if (np.floor(self.some(name)) == self.some(name)).all()
        ]
        if len(whole) > 1:
            whole = [
                name for name in whole if len(np.unique(self.some(name))) < len(self.some(name)) or len(self.some(name)) < 20
            ] or whole
        if not whole:
            tables = [name for name, header in self.headers.items() if len(header.core) == 2 and header.numbers and fits(header)]
            whole = [name for name in tables if self.is_one_hot(name)]
        return whole

    def is_one_hot(self, name: str) -> bool:
        table = self.some(name).reshape(len(self.some(name)), -1)
        return bool(np.isin(table, (0, 1)).all() and (table.sum(axis=1) == 1).all())

    # ---- scores -----------------------------------------------------------------------------------------------------

    def scores(self) -> tuple[list[str], bool]:
        """Arrays that may be the scores, of the best rank there is; whether their names say so."""
        if self.wish.columns:
            found = self.named(*self.wish.columns)
            if len(found) != 1:
                raise LsvizError("outside.one_array", names=listed(found))
            return found, True

        def many(header: Header) -> bool:
            return header.numbers and len(header.core) >= 2

        if exact := self.first(SCORES, many):
            return [exact], True
        taken = {self.by_lower.get(name) for name in (*LABELS, *FEATURES, *TRAINING, *BESIDE)}
        free = [
            name
            for name, header in self.headers.items()
            if name not in taken and not self.words(name) & {*TRAINING_WORDS, *FEATURE_WORDS} and header.dtype.kind not in "US"
        ]
        called = [
            name
            for name in free
            if self.words(name) & set(SCORE_WORDS) and not self.words(name) & (set(TRUE_WORDS) - {"y", "class", "test", "true"})
        ]
        if tables := [name for name in called if many(self.headers[name])]:

            def split(name: str) -> int:
                return next((k for k, word in enumerate(SPLIT_WORDS) if word in self.words(name)), len(SPLIT_WORDS))

            best = min(split(name) for name in tables)
            return [name for name in tables if split(name) == best], True
        if tables := [
            name
            for name in free
            if many(self.headers[name]) and self.headers[name].dtype.kind == "f" and not self.words(name) & set(TRUE_WORDS)
        ]:
            return tables, False
        lone = [name for name in called if self.headers[name].numbers and self.headers[name].dtype.kind == "f"]
        one = self.first(SCORES, lambda header: header.dtype.kind == "f" and bool(header.shape)) or next(iter(lone), None)
        if one := one or self.first(SCORES):
            return [one], True
        raise LsvizError("outside.no_scores", names=listed(self.headers), parts=tuple(self.headers), columns=False)

    def named(self, *wished: str) -> list[str]:
        names = list(self.headers)
        return [names[k] for k in matching(names, wished)]

    def classes_in(self, labels: str) -> int | None:
        """How many classes labels ask for; None where they are words or tables."""
        if not self.headers[labels].numbers or len(self.headers[labels].core) != 1:
            return self.headers[labels].core[1] if len(self.headers[labels].core) == 2 and self.headers[labels].numbers else None
        found = self.some(labels)
        found = found[np.isfinite(found) & (found >= 0) & (found != 255)]
        return int(found.max()) + 1 if len(found) and found.max() < 10_000 else None

    def best(self, scores: list[str], labels: list[str]) -> str:
        """Of several tables the one whose columns are as many as the labels ask for, or whose rows add up to one."""
        if len(scores) == 1:
            return scores[0]
        rows = {self.headers[name].shape[0] for name in labels}
        scores = [name for name in scores if self.headers[name].shape[0] in rows and name not in labels] or scores
        asked = {self.classes_in(name) for name in labels}
        columns = {name: self.headers[name].core[-1] for name in scores}
        fitting = [name for name in scores if columns[name] in asked]
        if not fitting:
            fitting = [name for name in scores if any(number and columns[name] >= number for number in asked)]
            adding = [name for name in fitting if self.adds_up(name)]
            fitting = adding or fitting
        if len(fitting) > 1 and len(adding := [name for name in fitting if self.adds_up(name)]) == 1:
            other = [name for name in fitting if name not in adding]
            if all(self.same_answers(name, adding[0]) for name in other):
                return other[0]  # logits beside their own softmax
        if len(fitting) > 1 and not all(self.same_answers(name, fitting[0]) for name in fitting):
            raise LsvizError("outside.which_array", names=listed(fitting), parts=tuple(self.headers), columns=False)
        return (fitting or scores)[0]

    def adds_up(self, name: str) -> bool:
        table = self.some(name)
        return table.ndim == 2 and bool(table.min() >= 0 and (np.abs(table.sum(axis=1) - 1) < 0.02).all())

    def same_answers(self, one: str, two: str) -> bool:
        first, second = self.some(one), self.some(two)
        rows = min(len(first), len(second))
        return first.ndim == second.ndim == 2 and bool((first[:rows].argmax(axis=1) == second[:rows].argmax(axis=1)).mean() > 0.99)

    def best_labels(self, labels: list[str], scores: str) -> str:
        """Of several, those of the same split, which are not the answers themselves. Raises LsvizError where more than one is left."""
        if len(labels) > 1:
            split = self.words(scores) & {*SPLIT_WORDS, *map(str, range(10))}
            labels = [name for name in labels if self.words(name) & {*SPLIT_WORDS} == split & {*SPLIT_WORDS}] or labels
        if len(labels) > 1 and len(self.headers[scores].core) == 2:
            answers = self.some(scores).reshape(len(self.some(scores)), -1).argmax(axis=1)
            told = {name: self.some(name) for name in labels if self.headers[name].numbers and len(self.headers[name].core) == 1}
            apart = [
                name
                for name in labels
                if name not in told
                or not np.array_equal(told[name].ravel()[: len(answers)], answers[: told[name].size])
                and self.headers[scores].core[-1] >= (self.classes_in(name) or 0) - 1
            ]
            labels = apart or labels
            alike = [name for name in labels if name in told and labels[0] in told and np.array_equal(told[name], told[labels[0]])]
            if len(alike) < len(labels):
                raise LsvizError(
                    "outside.which_label",
                    names=listed(labels),
                    first=plain_text(labels[0], 30),
                    parts=tuple(self.headers),
                    columns=False,
                )
        return labels[0]

    # ---- all --------------------------------------------------------------------------------------------------------

    def picked(self) -> Picked:
        scores, called = self.scores()
        labels = self.labels(scores)
        if not labels:
            raise LsvizError("outside.no_labels", names=listed(self.headers), parts=tuple(self.headers), columns=False)
        chosen = self.best([name for name in scores if name not in labels] or scores, labels)
        label = self.best_labels(labels, chosen)
        notes = []
        if not called and self.classes_in(label) != self.headers[chosen].core[-1]:
            notes.append(Note("scores_by_shape", {"name": plain_text(chosen)}, doubt=True))
        features = self.first(FEATURES) or next(
            (
                name
                for name, header in self.headers.items()
                if header.dtype.kind == "f" and len(header.shape) > 1 and name not in (chosen, label) and self.words(name) & {*FEATURE_WORDS[:20]}
                and not self.words(name) & {*TRAINING_WORDS, "weight", "weights", "bias", "basis", "mean"}
            ),
            None,
        )  # fmt: skip
        if features is None:
            features = next(
                (
                    name
                    for name in scores
                    if name != chosen and not called and self.headers[name].shape[0] == self.headers[chosen].shape[0]
                ),
                None,
            )
        columns = self.headers[chosen].core[-1]
        names = self.first(
            CLASS_NAMES, lambda header: len(header.shape) == 1 and header.shape[0] == columns and header.dtype.kind in "USiu"
        )
        beside = tuple(self.by_lower[name] for name in BESIDE if name in self.by_lower)
        return Picked(chosen, label, features, self.first(TRAINING), beside, names if names != label else None, tuple(notes))
