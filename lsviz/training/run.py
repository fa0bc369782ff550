"""Train one network. Same seed: same initial weights, batch order and augmentation for every alpha."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from lsviz.core.errors import LsvizError
from lsviz.core.geometry import nc1
from lsviz.store.records import RunConfig
from lsviz.training.data import Split, evenly, noisy_labels
from lsviz.training.model import Classifier, build
from lsviz.training.plans import teacher_of

MEAN, STD = (0.5071, 0.4865, 0.4409), (0.2673, 0.2564, 0.2762)  # of the training images, R G B
PADDING = 4
HISTORY_TRAIN = 1000  # training images looked at after every epoch, without augmentation
HISTORY_FLIPPED = 500
SNAPSHOT_TRAIN = 1000
SNAPSHOT_TEST = 2000  # the first so many: 20 or so of each of 100 classes, 5 MB a run where all 10,000 would be 18


@dataclass(frozen=True)
class Trained:
    """What a finished run left: outputs on every split, the last layer, and one history row an epoch."""

    logits: Mapping[str, NDArray[np.float32]]  # split -> (n, K)
    features: Mapping[str, NDArray[np.float32]]  # split -> penultimate (n, d)
    head_weight: NDArray[np.float32]  # (K, d)
    head_bias: NDArray[np.float32]  # (K,)
    given_labels: NDArray[np.int64]  # training labels as trained on, flips included
    snapshots: Mapping[str, NDArray]  # what it was like after some epochs, along the first axis; empty where none was asked for
    weights: Mapping[str, NDArray]  # every parameter and buffer, by torch's name
    history: Mapping[str, tuple[float, ...]]
    seconds: float
    images_per_second: (
        float  # of the training loop alone, without looking; on a CPU, of its CPU-seconds; of all networks trained at once
    )


def smoothed_loss(logits: Tensor, labels: Tensor, alpha: float | Tensor) -> Tensor:
    """(1-alpha) CE + alpha mean_k(-log p_k), mean over the batch: torch's own for 0..1, and defined for alpha < 0 too."""
    log_p = F.log_softmax(logits, dim=1)
    return (1 - alpha) * F.nll_loss(log_p, labels) - alpha * log_p.mean()


def distillation_loss(logits: Tensor, teacher_logits: Tensor, temperature: float) -> Tensor:
    """T^2 KL(teacher at T || student at T), mean over the batch (Hinton et al. 2015)."""
    taught = F.log_softmax(teacher_logits / temperature, dim=1)
    learnt = F.log_softmax(logits / temperature, dim=1)
    return temperature**2 * F.kl_div(learnt, taught, reduction="batchmean", log_target=True)


def train(
    config: RunConfig,
    splits: Mapping[str, Split],
    device: str = "cpu",
    tick: Callable[[int, int], None] = lambda epoch, images: None,
    teacher: Mapping[str, NDArray] | None = None,
    snapshots: Sequence[int] = (),
) -> Trained:
    """Train `config` on `splits` (train, validation, test, and any others to look at); `tick(epoch, images)` after every epoch.

    `teacher` holds the weights of the network a student follows; `snapshots` the epochs after which outputs are kept.
    Raises LsvizError when the loss is not finite, or the logits are too large to be stored.
    """
    started = time.perf_counter()
    where = settled(device)
    follow = taught_by(config, teacher, where)
    net = build(config.num_classes, config.net, config.seed).to(where)
    images = padded(splits["train"].images).to(where)
    given = noisy_labels(splits["train"].labels, config.num_classes, config.noise, config.seed)
    labels = torch.from_numpy(given).to(where)
    optimiser = _optimiser(net, config)
    rng = torch.Generator().manual_seed(config.seed)  # on the CPU: the same draws on every device
    count = len(labels)
    batch = min(config.batch, count)
    per_epoch = count // batch
    total = per_epoch * config.epochs
    at_once = batch if where.type == "cpu" else per_epoch * batch  # a GPU holds an augmented epoch; a CPU's cache does not
    looks = Looks(splits, given, where)
    history: dict[str, list[float]] = {}
    kept: list[dict[str, NDArray]] = []
    clock = time.process_time if where.type == "cpu" else time.perf_counter
    busy, step = 0.0, 0
    for epoch in range(1, config.epochs + 1):
        net.train()
        tick_started = clock()
        alpha = alpha_at(config, epoch)
        order, shift, mirror = drawn(count, rng)
        losses = torch.zeros((), device=where)
        for first in range(0, per_epoch * batch, at_once):
            rows = order[first : min(first + at_once, per_epoch * batch)]
            ready, truth = augmented(images, rows, shift, mirror), labels[rows.to(where)]
            for start in range(0, len(rows), batch):
                for group in optimiser.param_groups:
                    group["lr"] = config.learning_rate * schedule(step, total, config.warmup)
                inputs = normalised(ready[start : start + batch])
                with _autocast(where, config):
                    logits, _ = net(inputs)
                loss = smoothed_loss(logits.float(), truth[start : start + batch], alpha)
                if follow is not None:
                    loss = (1 - config.distil_weight) * loss + config.distil_weight * distillation_loss(
                        logits.float(), follow(inputs), config.teacher_temperature
                    )
                optimiser.zero_grad(set_to_none=True)
                loss.backward()
                optimiser.step()
                losses += loss.detach()
                step += 1
        mean_loss = float(losses) / per_epoch
        busy += clock() - tick_started
        if not math.isfinite(mean_loss):
            raise LsvizError("training.diverged", run=config.run_id, epoch=epoch)
        for name, value in ({"epoch": epoch, "train_loss": mean_loss} | looks.after_epoch(net, config)).items():
            history.setdefault(name, []).append(value)
        if epoch in snapshots:
            kept.append(snapshot(net, splits, where, config) | {"snapshot_epoch": np.array(epoch, np.int16)})
        tick(epoch, per_epoch * batch)
    return finished(config, splits, net, where, given, history, kept, time.perf_counter() - started, total * batch / busy)


def settled(device: str) -> torch.device:
    """The device, set up: bit-identical on one thread of a CPU, the fastest algorithms on a GPU."""
    where = torch.device(device)
    if where.type == "cpu":
        torch.set_num_threads(1)
        torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms, without reading the compiler first
    else:
        torch.backends.cudnn.benchmark = True
    return where


def finished(
    config: RunConfig, splits: Mapping[str, Split], net: Classifier, where: torch.device, given: NDArray[np.int64],
    history: Mapping[str, Sequence[float]], kept: Sequence[Mapping[str, NDArray]], seconds: float, rate: float,
) -> Trained:  # fmt: skip
    """What a trained network leaves; `seconds` and `rate` (images a second) are told. Raises LsvizError when its logits are too large to be stored."""
    last = {name: outputs(net, split.images, where, config) for name, split in splits.items()}
    reach = max(float(np.abs(logits).max()) for logits, _ in last.values())
    if reach > float(np.finfo(np.float16).max):
        raise LsvizError("training.ran_away", run=config.run_id, reach=reach)
    return Trained(
        logits={name: logits for name, (logits, _) in last.items()},
        features={name: features for name, (_, features) in last.items()},
        head_weight=net.head.weight.detach().float().cpu().numpy(),
        head_bias=net.head.bias.detach().float().cpu().numpy(),
        given_labels=given,
        history={name: tuple(values) for name, values in history.items()},
        snapshots={name: np.stack([one[name] for one in kept]) for name in (kept[0] if kept else ())},
        weights={name: value.detach().cpu().contiguous().numpy() for name, value in net.state_dict().items()},
        seconds=seconds,
        images_per_second=rate,
    )


def alpha_at(config: RunConfig, epoch: int) -> float:
    """Negative smoothing is unbounded below, so it comes after a first half on plain labels."""
    return config.alpha if config.alpha >= 0 or 2 * epoch > config.epochs else 0.0


def drawn(count: int, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """An epoch's order (count,), crops (2, count) and mirrors (count,): drawn on the CPU, so that every device has the same."""
    order = torch.randperm(count, generator=rng)
    shift = torch.randint(0, 2 * PADDING + 1, (2, count), generator=rng)
    return order, shift, torch.rand(count, generator=rng) < 0.5


def taught_by(config: RunConfig, weights: Mapping[str, NDArray] | None, where: torch.device) -> Callable[[Tensor], Tensor] | None:
    """Augmented images -> the teacher's logits, or None where labels alone teach."""
    if config.teacher_alpha is None:
        return None
    if weights is None:
        raise LsvizError("training.teacher", run=config.run_id)
    net = build(config.num_classes, teacher_of(config).net, 0)
    net.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
    net.to(where).eval().requires_grad_(False)

    @torch.no_grad()
    def logits(images: Tensor) -> Tensor:
        with _autocast(where, config):
            return net(images)[0].float()

    return logits


def snapshot(net: Classifier, splits: Mapping[str, Split], where: torch.device, config: RunConfig) -> dict[str, NDArray]:
    """Logits of some training and test images, NC1 of those and of all test images in the original space, and the last layer."""
    made: dict[str, NDArray] = {
        "snapshot_head_weight": net.head.weight.detach().float().cpu().numpy().astype(np.float16),
        "snapshot_head_bias": net.head.bias.detach().float().cpu().numpy().copy(),
    }
    for name, rows in (("train", evenly(splits["train"].labels, SNAPSHOT_TRAIN)), ("test", slice(None))):
        logits, features = outputs(net, splits[name].images[rows], where, config)
        made[f"snapshot_{name}_logits"] = logits[: SNAPSHOT_TEST if name == "test" else None].astype(np.float16)
        made[f"snapshot_{name}_nc1"] = np.array(nc1(features, splits[name].labels[rows]), np.float32)
    return made


def _optimiser(net: Classifier, config: RunConfig) -> torch.optim.SGD:
    """SGD with Nesterov momentum; weight decay on weights only, none on normalisation and biases."""
    weights = [p for p in net.parameters() if p.ndim > 1]
    rest = [p for p in net.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": config.weight_decay}, {"params": rest, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=config.learning_rate, momentum=config.momentum, nesterov=True)


def schedule(step: int, total: int, warmup: float) -> float:
    """Share of the peak rate: linearly up over the first `warmup` of the steps, then linearly down to 0."""
    return min((step + 1) / max(warmup * total, 1), (total - step) / max((1 - warmup) * total, 1))


def _autocast(where: torch.device, config: RunConfig):
    return torch.autocast(where.type, torch.bfloat16, enabled=config.precision == "bfloat16")


def padded(images: NDArray[np.uint8]) -> Tensor:
    pad = ((0, 0), (PADDING, PADDING), (PADDING, PADDING), (0, 0))
    return torch.from_numpy(np.pad(images, pad, mode="reflect"))


def augmented(images: Tensor, rows: Tensor, shift: Tensor, mirror: Tensor) -> Tensor:
    """A random 32 x 32 crop of each padded image, mirrored where drawn: one gather of uint8, channels last."""
    rows, shift, mirror = (drawn.to(images.device) for drawn in (rows, shift, mirror))
    span = torch.arange(32, device=images.device)
    down = shift[0][rows][:, None] + span
    across = shift[1][rows][:, None] + torch.where(mirror[rows][:, None], 31 - span, span)
    return images[rows[:, None, None], down[:, :, None], across[:, None, :]]


def normalised(images: Tensor) -> Tensor:
    """uint8 (n, 32, 32, 3) -> float32 (n, 3, 32, 32) in channels-last memory, mean 0 and deviation 1 a channel."""
    mean, deviation = _scale(images.device)
    return images.float().sub_(mean).div_(deviation).permute(0, 3, 1, 2)


@lru_cache
def _scale(where: torch.device) -> tuple[Tensor, Tensor]:
    """Mean and deviation a channel, 0..255: copied to a GPU once, since every such copy waits for all work before it."""
    return torch.tensor(MEAN, device=where) * 255, torch.tensor(STD, device=where) * 255


@torch.no_grad()
def outputs(net: Classifier, images: NDArray[np.uint8] | Tensor, where: torch.device, config: RunConfig) -> tuple[NDArray, NDArray]:
    net.eval()
    logits, features = [], []
    at_once = 500 if where.type == "cpu" else 5000
    for first in range(0, len(images), at_once):
        part = torch.as_tensor(images[first : first + at_once]).to(where)
        with _autocast(where, config):
            z, h = net(normalised(part))
        logits.append(z.float().cpu())
        features.append(h.float().cpu())
    return torch.cat(logits).numpy(), torch.cat(features).numpy()


class Looks:
    """What is measured after every epoch: hard NLL and accuracy on all splits, test ECE, the training margin, learnt flips."""

    def __init__(self, splits: Mapping[str, Split], given: NDArray[np.int64], where: torch.device) -> None:
        train = splits["train"]
        some = np.random.default_rng(0).permutation(len(train.labels))[:HISTORY_TRAIN]
        looked = {"train": Split(train.images[some], train.labels[some], train.index[some])}
        flipped = np.flatnonzero(given != train.labels)[:HISTORY_FLIPPED]
        if len(flipped):  # some of the wrongly labelled images, with the label they were given
            looked["flipped"] = Split(train.images[flipped], given[flipped], train.index[flipped])
        self.splits = looked | {name: splits[name] for name in ("validation", "test")}
        self.images = {
            name: torch.from_numpy(split.images).to(where) for name, split in self.splits.items()
        }  # once, not every epoch
        self.where = where

    def after_epoch(self, net: Classifier, config: RunConfig) -> dict[str, float]:
        from lsviz.core.calibration import (
            confidence_and_correct,
            nll,
            reliability_diagram,
        )

        row = {}
        for name, split in self.splits.items():
            logits, _ = outputs(net, self.images[name], self.where, config)
            if not np.isfinite(logits).all():
                raise LsvizError("training.diverged", run=config.run_id, epoch=0)
            if name == "flipped":
                row["memorised_flips"] = float((logits.argmax(1) == split.labels).mean())
                continue
            row[f"{name}_nll"] = nll(logits, split.labels)
            row[f"{name}_accuracy"] = float((logits.argmax(1) == split.labels).mean())
            if name == "train":
                row["margin"] = float(mean_margin(logits, split.labels))
            if name == "test":
                row["test_ece15"] = reliability_diagram(*confidence_and_correct(logits, split.labels)).ece
        return row


def mean_margin(logits: NDArray, labels: NDArray) -> float:
    """Mean over examples of true logit minus the mean of the others: what settles at log(1 + N (1-alpha)/alpha)."""
    true = logits[np.arange(len(labels)), labels]
    others = (logits.sum(1) - true) / (logits.shape[1] - 1)
    return float((true - others).mean())
