"""Train several networks of one family and seed at once: same batches, each its own captured step on its own stream.

A small network's step is some 200 tiny kernels: launching them one by one from Python takes longer than running them.
Captured as a CUDA graph the whole step is one launch; alpha, the rate and the place in the epoch are tensors on the device,
which the step itself reads and advances. On a CPU, or uncaptured, the step is a plain call with the same result.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lsviz.core.errors import LsvizError
from lsviz.store import RunConfig
from lsviz.training import run
from lsviz.training.data import Split, noisy_labels
from lsviz.training.model import build
from lsviz.training.plans import snapshot_epochs
from lsviz.training.run import Trained

AT_ONCE = 5  # networks; more would lose more when time runs out
WARM_STEPS = 3  # before the capture: cuDNN tries its algorithms there


def bundle_of(config: RunConfig) -> RunConfig:
    """What networks trained together share: all but alpha and teacher, which only enter the loss."""
    return replace(config, alpha=0.0, teacher_alpha=None, teacher_temperature=1.0)


def bundles(configs: Iterable[RunConfig], at_once: int = AT_ONCE) -> list[list[RunConfig]]:
    """Groups of at most `at_once` that can be trained together, in the order of their first members."""
    latest: dict[RunConfig, list[RunConfig]] = {}
    groups: list[list[RunConfig]] = []
    for config in configs:
        group = latest.get(bundle_of(config))
        if group is None or len(group) == at_once:
            group = latest[bundle_of(config)] = []
            groups.append(group)
        group.append(config)
    return groups


def train_together(
    configs: Sequence[RunConfig], splits: Mapping[str, Split], device: str,
    teachers: Sequence[Mapping[str, NDArray] | None] | None = None, captured: bool = True,
) -> list[Trained | LsvizError]:  # fmt: skip
    """Networks that differ in alpha and teacher alone, each as `run.train` trains it; one that breaks off leaves its error.

    `teachers` holds one network's weights for each configuration, None where labels alone teach. Raises ValueError for
    configurations that share no batches, and whatever torch raises when the device is full or a step cannot be captured.
    """
    started = time.perf_counter()
    first = configs[0]
    if any(bundle_of(config) != bundle_of(first) for config in configs):
        raise ValueError("networks trained together share seed, labels, batches and rates")
    where = run.settled(device)
    epochs = Epochs(first, splits["train"], where)
    lanes = [
        Lane(config, where, epochs.pictures, epochs.truth, epochs.rates, epochs.batch, run.taught_by(config, weights, where))
        for config, weights in zip(configs, teachers or [None] * len(configs), strict=True)
    ]
    if captured:
        for lane in lanes:
            lane.capture()
    looks = run.Looks(splits, epochs.given, where)
    busy = 0.0
    for epoch in range(1, first.epochs + 1):
        clock = time.perf_counter()
        epochs.draw()
        one_epoch(lanes, epoch, epochs.steps)
        busy += time.perf_counter() - clock
        for lane in lanes:
            lane.look(epoch, looks, splits, epochs.steps)
    seconds = (time.perf_counter() - started) / len(lanes)
    rate = len(lanes) * first.epochs * epochs.steps * epochs.batch / busy
    return [lane.result(splits, epochs.given, seconds, rate) for lane in lanes]


class Epochs:
    """What all lanes read: one epoch's augmented images and labels, at places on the device that never change, and every step's rate."""

    def __init__(self, config: RunConfig, train: Split, where: torch.device) -> None:
        self.where = where
        self.images = run.padded(train.images).to(where)
        self.given = noisy_labels(train.labels, config.num_classes, config.noise, config.seed)
        self.labels = torch.from_numpy(self.given).to(where)
        self.batch = min(config.batch, len(self.labels))
        self.steps = len(self.labels) // self.batch
        total = self.steps * config.epochs
        rates = [config.learning_rate * run.schedule(step, total, config.warmup) for step in range(total)]
        self.rates = torch.tensor(rates, device=where)
        self.rng = torch.Generator().manual_seed(config.seed)
        self.pictures = torch.zeros((self.steps * self.batch, 32, 32, 3), dtype=torch.uint8, device=where)
        self.truth = torch.zeros(self.steps * self.batch, dtype=torch.int64, device=where)

    def draw(self) -> None:
        """The next epoch, as `run.train` draws it."""
        order, shift, mirror = run.drawn(len(self.labels), self.rng)
        rows = order[: len(self.truth)]
        self.pictures.copy_(run.augmented(self.images, rows, shift, mirror))
        self.truth.copy_(self.labels[rows.to(self.where)])


def one_epoch(lanes: Sequence[Lane], epoch: int, steps: int) -> None:
    """Every lane through the epoch that lies ready, in turns, so that their kernels fill the device side by side."""
    for lane in lanes:
        lane.begin(epoch)
    for _ in range(steps):
        for lane in lanes:
            lane.advance()
    if lanes[0].where.type == "cuda":
        torch.cuda.synchronize()


class Lane:
    """One network and its training step, which reads and advances its own place: nothing is passed in, nothing waits."""

    def __init__(
        self, config: RunConfig, where: torch.device, pictures: Tensor, truth: Tensor, rates: Tensor, batch: int,
        follow: Callable[[Tensor], Tensor] | None,
    ) -> None:  # fmt: skip
        self.config, self.where, self.pictures, self.truth, self.rates, self.follow = config, where, pictures, truth, rates, follow
        self.per_epoch = len(truth) // batch
        self.net = build(config.num_classes, config.net, config.seed).to(where).train()
        parameters: list[Tensor] = list(self.net.parameters())
        self.weights = [p for p in parameters if p.ndim > 1] + [p for p in parameters if p.ndim <= 1]
        self.decayed = slice(0, sum(p.ndim > 1 for p in parameters))
        self.momenta = [torch.zeros_like(p) for p in self.weights]
        self.alpha, self.loss = torch.zeros((), device=where), torch.zeros((), device=where)
        self.taken = torch.zeros(1, dtype=torch.int64, device=where)  # steps, of the whole training
        self.span = torch.arange(batch, device=where)
        self.stream = torch.cuda.Stream(where) if where.type == "cuda" else None
        self.graph: torch.cuda.CUDAGraph | None = None
        self.history: dict[str, list[float]] = {}
        self.kept: list[dict[str, NDArray]] = []
        self.wrong: LsvizError | None = None

    def step(self) -> None:
        """One batch: the gradient of the loss, then SGD with Nesterov momentum, all on tensors that stay where they are."""
        gradients = self.gradients()
        with torch.no_grad():
            decayed = self.decayed
            torch._foreach_add_(gradients[decayed], self.weights[decayed], alpha=self.config.weight_decay)
            torch._foreach_mul_(self.momenta, self.config.momentum)
            torch._foreach_add_(self.momenta, gradients)
            torch._foreach_add_(gradients, self.momenta, alpha=self.config.momentum)
            torch._foreach_mul_(gradients, -self.rates.index_select(0, self.taken).squeeze(0))
            torch._foreach_add_(self.weights, gradients)
            self.taken += 1

    def gradients(self) -> list[Tensor]:
        """Of this step's loss, which is added to the epoch's."""
        config = self.config
        rows = self.taken.remainder(self.per_epoch) * len(self.span) + self.span
        inputs, truth = run.normalised(self.pictures.index_select(0, rows)), self.truth.index_select(0, rows)
        # the cache of cast weights would outlive the capture, and hold the weights of before it
        with torch.autocast(self.where.type, torch.bfloat16, enabled=config.precision == "bfloat16", cache_enabled=False):
            logits, _ = self.net(inputs)
        loss = run.smoothed_loss(logits.float(), truth, self.alpha)
        if self.follow is not None:
            taught = run.distillation_loss(logits.float(), self.follow(inputs), config.teacher_temperature)
            loss = (1 - config.distil_weight) * loss + config.distil_weight * taught
        self.loss += loss.detach()
        return list(torch.autograd.grad(loss, self.weights))  # not backward(): its nodes remember the stream they were made on

    def capture(self) -> None:
        """Warm up and record the step, then start afresh. On a CPU the step stays a call."""
        if self.stream is None:
            return
        fresh = {name: value.clone() for name, value in self.net.state_dict().items()}
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            for _ in range(WARM_STEPS):
                self.step()
        torch.cuda.synchronize()
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph, stream=self.stream):
            self.step()
        torch.cuda.synchronize()
        with torch.no_grad():
            for name, value in self.net.state_dict().items():
                value.copy_(fresh[name])
            for tensor in (*self.momenta, self.loss, self.taken):
                tensor.zero_()
        torch.cuda.synchronize()

    def begin(self, epoch: int) -> None:
        """Make ready for an epoch, once its images lie there."""
        self.net.train()
        self.alpha.fill_(run.alpha_at(self.config, epoch))
        self.loss.zero_()
        if self.stream is not None:
            self.stream.wait_stream(torch.cuda.current_stream())

    def advance(self) -> None:
        """One step, on the lane's own stream where it was captured."""
        if self.graph is None:
            self.step()
        else:
            with torch.cuda.stream(self.stream):
                self.graph.replay()

    def look(self, epoch: int, looks: run.Looks, splits: Mapping[str, Split], steps: int) -> None:
        """The epoch's row of the history, and a snapshot where one is due; a lane that went wrong is left behind."""
        if self.wrong is not None:
            return
        try:
            mean_loss = float(self.loss) / steps
            if not math.isfinite(mean_loss):
                raise LsvizError("training.diverged", run=self.config.run_id, epoch=epoch)
            row = {"epoch": epoch, "train_loss": mean_loss} | looks.after_epoch(self.net, self.config)
        except LsvizError as error:
            self.wrong = error
            return
        for name, value in row.items():
            self.history.setdefault(name, []).append(value)
        if epoch in snapshot_epochs(self.config):
            self.kept.append(
                run.snapshot(self.net, splits, self.where, self.config) | {"snapshot_epoch": np.array(epoch, np.int16)}
            )

    def result(self, splits: Mapping[str, Split], given: NDArray[np.int64], seconds: float, rate: float) -> Trained | LsvizError:
        """What the network leaves, or why it broke off."""
        if self.wrong is not None:
            return self.wrong
        try:
            return run.finished(self.config, splits, self.net, self.where, given, self.history, self.kept, seconds, rate)
        except LsvizError as error:
            return error
