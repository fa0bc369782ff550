"""What people work out of scores and labels and save beside them: answers, confidence, entropy, margin, loss; told by being equal but for rounding."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lsviz.core.predictions.naming import numbers_of

NEAR = 0.025  # how far a row of rounded probabilities may be from its sum


def follow_from(scores: NDArray, labels: NDArray | None, names: Sequence[str] = ()) -> list[tuple[str, NDArray]]:
    """What follows from scores (r, K) and places of labels (r,): (reason, column). Answers as places from 0 or 1 and as numbers that are names."""
    with np.errstate(all="ignore"):
        probs = probabilities_of(scores)
        top = probs.argmax(axis=1)
        made = [("answers", top.astype(float)), ("answers", top + 1.0)]
        if told := numbers_of(names):
            made.append(("answers", np.array(told, float)[top]))
        if len(names) == 1 or scores.shape[1] == 1:
            made += [("answers", (scores[:, 0] > cut).astype(float)) for cut in (0.5, 0.0)] + [("answers", np.sign(scores[:, 0]))]
            p = scores[:, 0] if scores.min() >= 0 and scores.max() <= 1 else 1 / (1 + np.exp(-scores[:, 0]))
            probs = np.stack([1 - p, p], axis=1)
            made += [("derived", p), ("derived", np.log(p / (1 - p))), ("derived", 1 - p)]
            top = probs.argmax(axis=1)
        ordered, raw = np.sort(probs, axis=1), np.sort(scores, axis=1)
        entropy = -np.where(probs > 0, probs * np.log(probs), 0).sum(axis=1)
        largest = np.log(np.exp(scores - raw[:, -1:]).sum(axis=1)) + raw[:, -1]
        derived = [
            ordered[:, -1], 1 - ordered[:, -1], ordered[:, -2], ordered[:, -1] - ordered[:, -2], raw[:, -1], raw[:, 0], scores.mean(axis=1), scores.std(axis=1), entropy, entropy / np.log(2),
            entropy / np.log(probs.shape[1]), largest, -largest, scores.sum(axis=1), 100 * ordered[:, -1], -np.log(ordered[:, -1]),
            1 - (probs**2).sum(axis=1), np.sqrt((scores**2).sum(axis=1)),
        ]  # fmt: skip
        if raw.shape[1] > 1:
            derived += [raw[:, -2], raw[:, -1] - raw[:, -2]]
        if labels is not None:
            place = np.clip(np.nan_to_num(labels), 0, probs.shape[1] - 1).astype(np.intp)
            true = probs[np.arange(len(probs)), place]
            right = (top == labels).astype(float)
            derived += [true, -np.log(true), 1 - true, ((probs - np.eye(probs.shape[1])[place]) ** 2).sum(axis=1), (1 - true) ** 2]
            if scores.shape[1] > 1:
                derived.append(scores[np.arange(len(probs)), place])
            made += [("answers", right), ("answers", 1 - right)]
        return made + [("derived", column) for column in derived]


def probabilities_of(table: NDArray) -> NDArray[np.float64]:
    """What they are, or the softmax of them."""
    with np.errstate(all="ignore"):
        if table.min() >= 0 and abs(float(np.median(table.sum(axis=1))) - 1) < NEAR:
            return table
        if table.min() >= 0 and abs(float(np.median(table.sum(axis=1))) - 100) < 100 * NEAR:
            return table / 100
        made = np.exp(table - table.max(axis=1, keepdims=True))
        return made / made.sum(axis=1, keepdims=True)


def same(column: NDArray, made: NDArray) -> bool:
    """Equal but for rounding, in nearly all rows, and not for lack of anything to see."""
    both = np.isfinite(column) & np.isfinite(made)
    if both.sum() < max(5, 0.5 * len(column)):
        return False
    column, made = column[both], made[both]
    if np.ptp(made) == 0 or np.ptp(column) == 0 or made.std() < 0.005:
        return False
    near = np.abs(column - made) <= 0.0051 + 1e-3 * np.abs(made)
    return bool(near.mean() >= 0.98 and np.corrcoef(column, made)[0, 1] > 0.99)


def one_to_one(first: NDArray, second: NDArray) -> bool:
    """Do both tell the same classes apart?"""
    pairs = np.unique(np.stack([first, second], axis=1), axis=0)
    return all(a != b for a, b in pairwise(pairs[:, 0])) and len(np.unique(pairs[:, 1])) == len(pairs)
