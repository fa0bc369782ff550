"""Wrong labels and three ways to use what is known of them: add the noise to the targets, to the model, or undo it in the loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsviz.core import checks
from lsviz.core.errors import LsvizError
from lsviz.core.smoothing.closed_forms import log_probs

Floats = NDArray[np.float64]


def forward_loss(logits: ArrayLike, labels: ArrayLike, transition: ArrayLike) -> Floats:
    """-log (T' p)_label, (n,), from logits (n, K), given labels (n,) and transition (K, K): the model's answer, made noisy.

    `transition[i, j]` is the chance that the class i is labelled j. Its least expected loss on noisy labels is at the clean
    posterior (Patrini et al. 2017).
    """
    log_p = log_probs(logits)
    t = _transition(transition, log_p.shape[1])
    _inverse(t)  # where it has none, clean posteriors that differ look alike
    labels = checks.class_labels(labels, *log_p.shape)
    return -np.log((np.exp(log_p) * t[:, labels].T).sum(axis=1))


def backward_loss(logits: ArrayLike, labels: ArrayLike, transition: ArrayLike) -> Floats:
    """(T^-1 l)_label with l_k = -log p_k, (n,): the noise undone in the loss, which on noisy labels has the clean loss as its mean.

    For uniform noise T = (1-a) I + (a/K) 11' its targets are those of smoothing with r = -a/(1-a): negative smoothing
    (Patrini et al. 2017; Lukasik et al. 2020).
    """
    log_p = log_probs(logits)
    targets = _inverse(_transition(transition, log_p.shape[1]))
    return -(targets[checks.class_labels(labels, *log_p.shape)] * log_p).sum(axis=1)


def smoothed_loss(logits: ArrayLike, labels: ArrayLike, transition: ArrayLike) -> Floats:
    """-(T log p)_label, (n,): the targets made noisy. For uniform noise this is label smoothing."""
    log_p = log_probs(logits)
    targets = _transition(transition, log_p.shape[1])
    return -(targets[checks.class_labels(labels, *log_p.shape)] * log_p).sum(axis=1)


CORRECTIONS = {"smoothed": smoothed_loss, "forward": forward_loss, "backward": backward_loss}


def corrections_at_margin(margin: ArrayLike, transition: ArrayLike) -> dict[str, Floats]:
    """The three losses of `CORRECTIONS` where the labelled class stands `margin` (m,) above all others, which are equal."""
    t = np.asarray(transition, np.float64)
    margin = np.atleast_1d(np.asarray(margin, np.float64))
    logits = np.zeros((len(margin), len(t)))
    logits[:, 0] = margin
    return {name: loss(logits, np.zeros(len(margin), np.intp), t) for name, loss in CORRECTIONS.items()}


def _transition(values: ArrayLike, num_classes: int) -> Floats:
    t = np.asarray(values, np.float64)
    if t.shape != (num_classes, num_classes):
        raise LsvizError("input.shape", argument="transition", shape=t.shape, expected=(num_classes, num_classes))
    checks.probabilities(t, "transition")
    return t


def _inverse(t: Floats) -> NDArray[np.floating]:
    try:
        inverse = np.linalg.inv(t)
    except np.linalg.LinAlgError:
        raise LsvizError("noise.singular") from None
    if np.linalg.norm(t, 1) * np.linalg.norm(inverse, 1) > 1e12:
        raise LsvizError("noise.singular")
    return inverse
