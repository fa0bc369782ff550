"""What several seeds say together: the mean of their probabilities beside one network alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from lsviz.core import checks
from lsviz.core.calibration import confidence_and_correct_from_probs
from lsviz.core.calibration.binned import ece_per_example
from lsviz.core.comparing.changes import Change
from lsviz.core.intervals import at_level, chance_of, holm, mean_interval
from lsviz.core.smoothing import log_probs

Key = TypeVar("Key", bound=float)
TOGETHER = ("accuracy", "nll", "ece15", "gap")


def ensemble(logits: Iterable[ArrayLike], labels: ArrayLike) -> dict[str, Change]:
    """`TOGETHER` of logits (M, n, K), M >= 2, on labels (n,): from the mean of the networks alone to the mean of their probabilities.

    gap is mean confidence minus accuracy. The 95 % intervals of the changes are over images, of these M networks (Lakshminarayanan
    et al. 2017; that averaging calibrated networks leaves them under-confident: Rahaman and Thiery 2021).
    """
    each = np.exp(np.stack([log_probs(checks.scores(one)) for one in logits]))
    labels = checks.class_labels(labels, *each.shape[1:])
    alone = [_parts(probs, labels) for probs in each]
    together = _parts(each.mean(axis=0), labels)
    changes = {}
    for name in TOGETHER:
        before = np.mean([one[name] for one in alone], axis=0)
        _, low, high = mean_interval(together[name] - before)
        changes[name] = Change(name, float(before.mean()), float(together[name].mean()), low, high)
    return changes


def together_moved(found: Mapping[Key, Mapping[str, Change]]) -> dict[tuple[Key, str], str]:
    """ "more", "less" or "equal" for every (alpha, number) of several ensembles, after Holm's correction for all of them."""
    each = {(alpha, name): change for alpha, of in found.items() for name, change in of.items()}
    kept = holm({key: chance_of(partial(at_level, (one.difference, one.low, one.high))) for key, one in each.items()})
    return {key: one.moved if key in kept else "equal" for key, one in each.items()}


def _parts(probs: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
    """What each image adds to every number, (n,), of which it is the mean."""
    confidence, right = confidence_and_correct_from_probs(probs, labels)
    own = probs[np.arange(len(labels)), labels]
    return {
        "accuracy": right.astype(float),
        "nll": -np.log(np.maximum(own, np.finfo(float).tiny)),
        "ece15": ece_per_example(confidence, right),
        "gap": confidence - right,
    }
