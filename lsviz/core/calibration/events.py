"""What a probability is about: the network's own answer, one class, or its first k answers together."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.calibration.binned import confidence_and_correct_from_probs
from lsviz.core.errors import LsvizError

TOP = "top"
_EVENT = re.compile(r"(class|first)-(\d+)")


def parsed(event: str) -> tuple[str, int]:
    """("top", 1), ("class", 4) or ("first", 3) of "top", "class-4", "first-3"; classes count from 1. Raises LsvizError."""
    if event == TOP:
        return TOP, 1
    found = _EVENT.fullmatch(event)
    if found is None or int(found[2]) < 1:
        raise LsvizError("input.choice", argument="event", value=event, choices="top, class-1, class-2 ..., first-2, first-3 ...")
    return found[1], int(found[2])


def event_probability(probs: ArrayLike, labels: ArrayLike, event: str = TOP) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The probability given to `event` (n,) and whether it happened (n,), from probabilities (n, K) and labels (n,).

    top: the largest probability, and whether that class was right. class-c: the probability of class c (from 1), and whether
    the label is c. first-k: the sum of the k largest, and whether the label is among them (equals go to the first class).
    """
    probs = checks.probabilities(probs)
    labels = checks.class_labels(labels, *probs.shape)
    kind, number = parsed(event)
    checks.number(number, event, 1, probs.shape[1])
    if kind == TOP:
        return confidence_and_correct_from_probs(probs, labels)
    probs = probs.astype(np.float64)
    if kind == "class":
        return np.minimum(probs[:, number - 1], 1.0), labels == number - 1
    best = np.argsort(-probs, axis=1, kind="stable")[:, :number]
    return np.minimum(np.take_along_axis(probs, best, axis=1).sum(axis=1), 1.0), (best == labels[:, None]).any(axis=1)
