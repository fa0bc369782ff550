"""One training in the lab from start to end: every epoch measured, some epochs kept whole, a limit in seconds and bytes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.projection import turned
from lsviz.core.smoothing import loss_floor
from lsviz.lab.config import PLANAR, LabConfig
from lsviz.lab.data import LabData, Table, make_data
from lsviz.lab.engine import Networks, train_epochs
from lsviz.lab.measures import measure

if TYPE_CHECKING:
    import torch

LIMIT_SECONDS = 60.0  # of a core; on a busy machine up to PATIENCE times as long by the clock
PATIENCE = 4
MOST_WORK = 4e12  # multiplications; about a minute of one core
MOST_BYTES = 12_000_000  # of what is kept of one training, about
MOST_BATCH_BYTES = 64e6  # of the activations of one batch
SNAPSHOTS = 16
DRAWN = 400  # test examples whose activations are kept
MEASURED = 600  # training examples that are measured after every epoch, 1,000 of testing
GRID = 44  # cells of the decision map along one side
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class DecisionMap:
    """What the networks answer on a GRID x GRID raster of the plane: class and confidence in 1/255 (S, M, GRID, GRID), rows upwards."""

    x: Floats  # (GRID,)
    y: Floats
    answer: NDArray[np.uint8]
    confidence: NDArray[np.uint8]


@dataclass(frozen=True)
class LabRun:
    """M networks over E epochs, whole at S of them. While it trains, a `LabRun` holds what there is; `done` says whether that is all.

    `curves` hold (M, E): see `measures.measure`, and `gradient`, the mean norm over the epoch. Numbers of a network that
    diverged are NaN from then on. `points` are the penultimate activations of the first test examples in the plane: as
    they are where there are two, else by PCA, each network turned to lie as the one before.
    """

    config: LabConfig
    names: tuple[str, ...]
    sizes: tuple[int, int]  # training and test examples
    wrong: int  # training labels that were replaced
    curves: Mapping[str, Floats]
    snapshots: tuple[int, ...]  # epochs, from 1
    test_labels: NDArray[np.intp]
    test_logits: Floats  # (S, M, n, K)
    head_weight: Floats  # (S, M, K, d)
    head_bias: Floats  # (S, M, K)
    points: Floats  # (S, M, min(n, DRAWN), 2)
    validation_labels: NDArray[np.intp]
    validation_logits: Floats  # (M, n, K) of the last epoch
    seconds: float
    map: DecisionMap | None = None
    train_points: tuple[NDArray, NDArray] | None = None  # of planar data: (n, 2) and given labels (n,)
    train_wrong: NDArray[np.bool_] | None = None  # which of these labels were replaced (n,)
    done: bool = False
    stopped: bool = False  # by the limit in seconds, before the last epoch

    @property
    def epochs(self) -> int:
        return self.curves["loss"].shape[1]

    @property
    def diverged(self) -> NDArray[np.bool_]:
        """Which networks no longer compute numbers (M,)."""
        return ~np.isfinite(self.curves["loss"][:, -1])

    @property
    def floors(self) -> NDArray[np.float64]:
        """The least smoothed loss there is (M,), where 0 <= alpha; NaN below."""
        k = len(self.names)
        return np.array([loss_floor(k, alpha) if alpha >= 0 else np.nan for alpha in self.config.alphas], float)

    @property
    def nbytes(self) -> int:
        """What is kept, about."""
        arrays = [self.test_logits, self.head_weight, self.head_bias, self.points, self.validation_logits, *self.curves.values()]
        return sum(a.nbytes for a in arrays) + (0 if self.map is None else 2 * self.map.answer.nbytes)

    @property
    def smoothed(self) -> LabRun:
        """The networks at 0 <= alpha, without those of negative smoothing."""
        kept = [m for m, alpha in enumerate(self.config.alphas) if alpha >= 0]
        if len(kept) == len(self.config.alphas):
            return self
        of_these = {name: getattr(self, name)[:, kept] for name in ("test_logits", "head_weight", "head_bias", "points")}
        chart = self.map and replace(self.map, answer=self.map.answer[:, kept], confidence=self.map.confidence[:, kept])
        curves = {name: values[kept] for name, values in self.curves.items()}
        config = replace(self.config, alphas=tuple(self.config.alphas[m] for m in kept))
        return replace(self, config=config, curves=curves, validation_logits=self.validation_logits[kept], map=chart, **of_these)


def train(
    config: LabConfig, table: Table | None = None, tell: Callable[[str, float, object], None] = lambda stage, share, best: None, *, limit: float = LIMIT_SECONDS
) -> LabRun:  # fmt: skip
    """Train all networks of `config`. `tell(stage, share, so far)` is called several times a second; it may raise to cancel.

    After `limit` seconds of a core, or `PATIENCE` times as long by the clock, the training ends early and says so. Raises LsvizError for a training too large to begin.
    """
    tell("data", 0.0, None)
    data = make_data(config, table)
    needed = config.work(data.train_x.shape[1], len(data.train_x))
    if needed > MOST_WORK:
        raise LsvizError("lab.too_much", times=f"{needed / MOST_WORK:.1f}")
    needed = config.batch_bytes(data.train_x.shape[1], len(data.train_x))
    if needed > MOST_BATCH_BYTES:
        raise LsvizError("lab.too_wide", times=f"{needed / MOST_BATCH_BYTES:.1f}")
    tell("import", 0.0, None)
    import torch

    torch.set_num_threads(1)
    began = last = time.perf_counter()
    worked = time.thread_time()
    keeper, epoch = _Keeper(config, data), 0

    def pause() -> None:
        nonlocal last
        now = time.perf_counter()
        if time.thread_time() - worked > limit or now - began > PATIENCE * limit:
            raise _Over
        if now - last > 0.25:
            last = now
            tell("train", epoch / config.epochs, keeper.so_far(now - began) if epoch else None)

    try:
        with torch.no_grad():
            for networks, norms in train_epochs(config, data, pause=pause):
                epoch += 1
                keeper.add(epoch, networks, norms)
                if epoch == 1:
                    tell("train", 1 / config.epochs, keeper.so_far(time.perf_counter() - began))
    except _Over:
        if not epoch:
            raise LsvizError("lab.too_slow", seconds=f"{limit:.0f}") from None
    return keeper.finished(time.perf_counter() - began, stopped=epoch < config.epochs)


class _Over(Exception):
    """The time is up."""


class _Keeper:
    """Collects what is measured and kept while the networks train."""

    def __init__(self, config: LabConfig, data: LabData) -> None:
        import torch

        self.config, self.data = config, data
        tensor = lambda x: torch.as_tensor(x, dtype=torch.float32)
        self.train, self.given, self.clean = tensor(data.train_x[:MEASURED]), data.train_y[:MEASURED], data.clean_y[:MEASURED]
        self.test, self.validation = tensor(data.test_x[:1000]), tensor(data.validation_x[:1000])
        self.test_labels, self.validation_labels = data.test_y[:1000], data.validation_y[:1000]
        self.rows: list[dict[str, Floats]] = []
        self.kept: list[tuple] = []
        head = config.num_classes * ((config.hidden() or (data.train_x.shape[1],))[-1] + 1)
        one = 4 * (len(self.test) * config.num_classes + head + 2 * DRAWN) + (2 * GRID**2 if config.data in PLANAR else 0)
        each = len(config.alphas) * one  # of a snapshot
        most = int(min(SNAPSHOTS, max(1, MOST_BYTES // max(each, 1)), config.epochs))
        self.due = (
            {round(config.epochs ** (step / max(most - 1, 1))) for step in range(most)} | {config.epochs}
            if most > 1
            else {config.epochs}
        )
        self.networks: Networks  # since the first epoch
        self.cells = self._cells() if config.data in PLANAR else None

    def _cells(self) -> torch.Tensor:
        import torch

        low, high = self.data.test_x.min(axis=0) - 0.25, self.data.test_x.max(axis=0) + 0.25
        self.axes = [np.linspace(a, b, GRID, dtype=np.float32) for a, b in zip(low, high)]
        across, up = np.meshgrid(*self.axes)
        return torch.as_tensor(np.stack([across.ravel(), up.ravel()], axis=1))

    def add(self, epoch: int, networks: Networks, norms: NDArray) -> None:
        measured = measure(networks, self.train, self.given, self.clean, self.test, self.test_labels, self.config.alphas)
        self.rows.append({**measured, "gradient": norms.astype(np.float32)})
        self.networks = networks
        if epoch in self.due:
            self.keep(epoch)

    def keep(self, epoch: int) -> None:
        hidden, logits = self.networks.outputs(self.test)
        head = self.networks.weights[-1].numpy().copy(), self.networks.biases[-1][:, 0].numpy().copy()
        drawn = None if self.cells is None else _answers(self.networks, self.cells)
        self.kept.append((epoch, logits.numpy().copy(), *head, _flat(hidden[:, :DRAWN]), drawn))

    def so_far(self, seconds: float) -> LabRun:
        """What there is now, with the latest snapshot alone: it is sent several times a second."""
        if not self.kept:
            self.keep(len(self.rows))
        return self._made(self.kept[-1:], seconds, done=False, stopped=False)

    def finished(self, seconds: float, stopped: bool) -> LabRun:
        if self.kept[-1:] == [] or self.kept[-1][0] != len(self.rows):
            self.keep(len(self.rows))
        return self._made(self.kept, seconds, done=True, stopped=stopped)

    def _made(self, kept: list[tuple], seconds: float, *, done: bool, stopped: bool) -> LabRun:
        epochs, logits, weight, bias, points, drawn = zip(*kept)
        curves = {name: np.stack([row[name] for row in self.rows], axis=1) for name in self.rows[0]}
        chart = None
        if self.cells is not None:
            chart = DecisionMap(self.axes[0], self.axes[1], np.stack([d[0] for d in drawn]), np.stack([d[1] for d in drawn]))
        checked = (
            self.networks.outputs(self.validation)[1].numpy().copy()
            if done
            else np.zeros((len(self.config.alphas), 0, self.config.num_classes), np.float32)
        )
        return LabRun(
            self.config, self.data.names, (len(self.data.train_x), len(self.test)), int(self.data.flipped.sum()), curves, epochs, self.test_labels,
            np.stack(logits), np.stack(weight), np.stack(bias), np.stack(points), self.validation_labels if done else self.validation_labels[:0], checked,
            seconds, chart, (self.data.train_x.astype(np.float32), self.data.train_y) if self.cells is not None else None,
            self.data.flipped, done, stopped,
        )  # fmt: skip


def _answers(networks: Networks, cells: torch.Tensor) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    confidence, answer = networks.outputs(cells)[1].softmax(dim=2).max(dim=2)
    shape = (len(confidence), GRID, GRID)
    return answer.byte().numpy().reshape(shape), (confidence.nan_to_num() * 255).round().byte().numpy().reshape(shape)


def _flat(hidden: torch.Tensor) -> Floats:
    """Activations (M, n, d) in the plane (M, n, 2): as they are where there are two, else by `components`."""
    if hidden.shape[2] == 2:
        return hidden.numpy().copy()
    made: list[NDArray] = []
    for scores in components(hidden):
        made.append(turned(scores, made[-1]) if made and np.isfinite(scores).all() and np.isfinite(made[-1]).all() else scores)
    return np.stack(made).astype(np.float32)


def components(hidden: torch.Tensor) -> NDArray[np.float64]:
    """The first two principal components of activations (M, n, d), all networks at once, (M, n, 2); NaN where a network has no numbers.

    Subspace iteration (Halko, Martinsson and Tropp 2011, alg. 4.4) from a fixed start: a hundred times cheaper than whole
    decompositions, and to the eye the same.
    """
    import torch

    sound = hidden.isfinite().all(dim=2).all(dim=1)
    x = hidden.double().nan_to_num(0, 0, 0)
    x = x - x.mean(dim=1, keepdim=True)
    basis = torch.randn(x.shape[2], min(8, x.shape[2]), dtype=x.dtype, generator=torch.Generator().manual_seed(0)).expand(
        len(x), -1, -1
    )
    scatter = x.transpose(1, 2) @ x
    for _ in range(12):
        basis = torch.linalg.qr(scatter @ basis)[0]
    scores = x @ basis
    _, turn = torch.linalg.eigh(scores.transpose(1, 2) @ scores)  # rising
    scores = (scores @ turn)[..., [-1, -2]] if scores.shape[2] > 1 else torch.nn.functional.pad(scores, (0, 1))
    scores = scores * torch.sign(scores.gather(1, scores.abs().argmax(dim=1, keepdim=True)))  # one of two signs, always the same
    scores[~sound] = torch.nan
    return scores.numpy()
