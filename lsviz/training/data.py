"""CIFAR-100 as training sees it: the nested class order, one split for every N, label noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.core.classes import CLASS_ORDER, OFFICIAL
from lsviz.store.cifar100 import Cifar100, pictures

VALIDATION_PER_CLASS = 50
VALIDATION_SEED = 20_191  # one fixed permutation for every N and every seed
HELD_OUT = 20  # classes for the linear probe


@dataclass(frozen=True)
class Split:
    """Images (n, 32, 32, 3) uint8, labels (n,) in the nested class order, and their rows in the official file."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    index: NDArray[np.int32]


def nested_labels(fine: NDArray[np.uint8], num_classes: int) -> NDArray[np.int64]:
    """Official fine labels (n,) -> position in the nested class order, -1 for classes beyond the first `num_classes`."""
    position = np.full(len(OFFICIAL), -1)
    for place, name in enumerate(CLASS_ORDER[:num_classes]):
        position[OFFICIAL.index(name)] = place
    return position[fine]


def split(data: Cifar100, num_classes: int, *, size: int = 100) -> dict[str, Split]:
    """train, validation and test of the first `num_classes` classes.

    Validation is the same 50 images a class for every N, so no network is fitted or tempered on images shown. `size`
    keeps that percentage of every class's training images, nested: 10 % lies inside 30 %.
    """
    fine = data.train[:, 1]
    rng = np.random.default_rng(VALIDATION_SEED)
    validation, kept = np.zeros(len(fine), bool), np.zeros(len(fine), bool)
    for label in range(len(OFFICIAL)):
        rows = rng.permutation(np.flatnonzero(fine == label))
        held = min(VALIDATION_PER_CLASS, len(rows) // 2)
        validation[rows[:held]] = True
        rest = rows[held:]
        kept[rest[: round(len(rest) * size / 100)]] = True
    mine = nested_labels(fine, num_classes) >= 0
    test = nested_labels(data.test[:, 1], num_classes) >= 0
    return {
        "train": _take(data.train, mine & kept, num_classes),
        "validation": _take(data.train, mine & validation, num_classes),
        "test": _take(data.test, test, num_classes),
    }


def _take(table: NDArray[np.uint8], chosen: NDArray[np.bool_], num_classes: int) -> Split:
    index = np.flatnonzero(chosen)
    rows = table[index]
    return Split(pictures(rows), nested_labels(rows[:, 1], num_classes), index.astype(np.int32))


def held_out(data: Cifar100) -> dict[str, Split]:
    """probe_train and probe_test: the last 20 classes of the nested order, labels 0..19, which no network of N <= 80 has seen."""
    made = {}
    for name, table in (("probe_train", data.train), ("probe_test", data.test)):
        place = nested_labels(table[:, 1], len(CLASS_ORDER)) - (len(CLASS_ORDER) - HELD_OUT)
        all_classes = _take(table, place >= 0, len(CLASS_ORDER))
        made[name] = Split(all_classes.images, place[place >= 0], all_classes.index)
    return made


def evenly(labels: NDArray[np.int64], most: int) -> NDArray[np.intp]:
    """Rows of at most `most` examples, as many of each class, the first of each in file order: the same for every alpha."""
    classes = np.unique(labels)
    each = max(1, most // len(classes))
    return np.sort(np.concatenate([np.flatnonzero(labels == k)[:each] for k in classes]))


def noisy_labels(labels: NDArray[np.int64], num_classes: int, noise: float, seed: int) -> NDArray[np.int64]:
    """Labels (n,) of which each became, with probability `noise`, a uniformly random other class."""
    rng = np.random.default_rng((seed, 77))
    flipped = rng.random(len(labels)) < noise
    shift = rng.integers(1, num_classes, len(labels))
    return np.where(flipped, (labels + shift) % num_classes, labels)
