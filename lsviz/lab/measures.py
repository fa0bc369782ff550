"""What is measured of all networks at once at the end of an epoch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BINS = 15


def measure(
    networks, train, given: NDArray[np.intp], clean: NDArray[np.intp], test, labels: NDArray[np.intp], alphas: Sequence[float]
) -> dict[str, NDArray[np.float32]]:  # fmt: skip
    """One number a network (M,) each, from training inputs (n, d) with `given` and `clean` labels and test inputs with `labels`.

    `loss` is the smoothed loss on the training labels as given and `train_nll` the hard one; `margin` the mean of the
    given class's logit minus the best other's; `memorised` the share of wrong training labels that the network answers
    with, `recovered` the share where it answers with the true class (NaN where no label is wrong); `ece` has 15 bins;
    `gap` is mean confidence minus accuracy.
    """
    import torch

    logits = networks.outputs(train)[1]
    y = torch.as_tensor(given)
    logs = logits.log_softmax(dim=2)
    hard, alpha = -_of(logs, y), torch.tensor(alphas, dtype=logs.dtype)
    others = logits.scatter(2, y.expand(len(logits), -1)[..., None], -torch.inf).amax(dim=2)
    answer, wrong = logits.argmax(dim=2), torch.as_tensor(given != clean)
    made = {
        "loss": (1 - alpha) * hard.mean(dim=1) - alpha * logs.mean(dim=(1, 2)),
        "train_nll": hard.mean(dim=1),
        "train_accuracy": (answer == y).float().mean(dim=1),
        "margin": (_of(logits, y) - others).mean(dim=1),
        "memorised": (answer == y)[:, wrong].float().mean(dim=1),
        "recovered": (answer == torch.as_tensor(clean))[:, wrong].float().mean(dim=1),
    }
    logits = networks.outputs(test)[1]
    y = torch.as_tensor(labels)
    confidence, answer = logits.softmax(dim=2).max(dim=2)
    correct = (answer == y).to(confidence.dtype)
    made |= {
        "test_nll": -_of(logits.log_softmax(dim=2), y).mean(dim=1),
        "test_accuracy": correct.mean(dim=1),
        "gap": (confidence - correct).mean(dim=1),
        "ece": _ece(confidence, correct),
    }
    finite = made["loss"].isfinite() & made["test_nll"].isfinite()
    return {name: torch.where(finite, value, torch.nan).float().numpy() for name, value in made.items()}


def _of(table, y):
    """The entry of class y (n,) in every row of table (M, n, K): (M, n)."""
    return table.gather(2, y.expand(len(table), -1)[..., None])[..., 0]


def _ece(confidence, correct):
    """Expected calibration error (M,) over bins (0, 1/15], (1/15, 2/15], ...: sum over bins of |sum of confidence - correct| / n."""
    bins = ((confidence.nan_to_num() * BINS).ceil().long() - 1).clamp(0, BINS - 1)
    excess = confidence.new_zeros(len(confidence), BINS).scatter_add_(1, bins, confidence - correct)
    return excess.abs().sum(dim=1) / confidence.shape[1]
