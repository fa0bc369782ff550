"""One training in the lab from start to end: every epoch measured, some epochs kept whole, a limit in seconds and bytes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.core.projection import pca, turned
from lsviz.core.smoothing import loss_floor
from lsviz.lab.config import PLANAR, LabConfig
from lsviz.lab.data import LabData, Table, make_data
from lsviz.lab.measures import measure

LIMIT_SECONDS = 60.0
MOST_WORK = 4e12  # multiplications; about a minute of one core
MOST_BYTES = 24_000_000  # of what is kept of one training
SNAPSHOTS = 6
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


def train(
    config: LabConfig, table: Table | None = None, tell: Callable[[str, float, object], None] = lambda stage, share, best: None, *, limit: float = LIMIT_SECONDS
) -> LabRun:  # fmt: skip
    """Train all networks of `config`. `tell(stage, share, so far)` is called several times a second; it may raise to cancel.

    After `limit` seconds the training ends early and says so. Raises LsvizError for a training too large to begin.
    """
    tell("data", 0.0, None)
    data = make_data(config, table)
    needed = config.work(data.train_x.shape[1], len(data.train_x))
    if needed > MOST_WORK:
        raise LsvizError("lab.too_much", times=f"{needed / MOST_WORK:.1f}")
    tell("import", 0.0, None)
    import torch

    from lsviz.lab.engine import train_epochs

    torch.set_num_threads(1)
    began = last = time.perf_counter()
    keeper, epoch = _Keeper(config, data), 0

    def pause() -> None:
        nonlocal last
        now = time.perf_counter()
        if now - began > limit:
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
        each = len(config.alphas) * len(self.test) * config.num_classes * 4
        most = int(min(SNAPSHOTS, max(1, MOST_BYTES // max(each, 1)), config.epochs))
        self.due = {round(config.epochs ** (step / max(most - 1, 1))) for step in range(most)} | {config.epochs} if most > 1 else {config.epochs}
        self.networks, self.cells = None, self._cells() if config.data in PLANAR else None

    def _cells(self):
        import torch

        low, high = self.data.test_x.min(axis=0) - 0.25, self.data.test_x.max(axis=0) + 0.25
        self.axes = [np.linspace(a, b, GRID, dtype=np.float32) for a, b in zip(low, high)]
        across, up = np.meshgrid(*self.axes)
        return torch.as_tensor(np.stack([across.ravel(), up.ravel()], axis=1))

    def add(self, epoch: int, networks, norms: NDArray) -> None:
        measured = measure(networks, self.train, self.given, self.clean, self.test, self.test_labels, self.config.alphas)
        self.rows.append({**measured, "gradient": norms.astype(np.float32)})
        self.networks = networks
        if epoch in self.due:
            self.keep(epoch)

    def keep(self, epoch: int) -> None:
        made = self.networks.activations(self.test)
        hidden, logits = made[-2][:, :DRAWN].numpy(), made[-1].numpy().copy()
        head = self.networks.weights[-1].transpose(1, 2).numpy().copy(), self.networks.biases[-1][:, 0].numpy().copy()
        drawn = None if self.cells is None else _answers(self.networks, self.cells)
        self.kept.append((epoch, logits, *head, _flat(hidden), drawn))

    def so_far(self, seconds: float) -> LabRun:
        """What there is now; a picture of the last epoch where none was due yet."""
        if not self.kept:
            self.keep(len(self.rows))
        return self._made(seconds, done=False, stopped=False)

    def finished(self, seconds: float, stopped: bool) -> LabRun:
        if self.kept[-1:] == [] or self.kept[-1][0] != len(self.rows):
            self.keep(len(self.rows))
        return self._made(seconds, done=True, stopped=stopped)

    def _made(self, seconds: float, *, done: bool, stopped: bool) -> LabRun:
        epochs, logits, weight, bias, points, drawn = zip(*self.kept)
        curves = {name: np.stack([row[name] for row in self.rows], axis=1) for name in self.rows[0]}
        chart = None
        if self.cells is not None:
            chart = DecisionMap(*self.axes, np.stack([d[0] for d in drawn]), np.stack([d[1] for d in drawn]))
        checked = self.networks.activations(self.validation)[-1].numpy().copy() if done else np.zeros((len(self.config.alphas), 0, self.config.num_classes), np.float32)
        return LabRun(
            self.config, self.data.names, (len(self.data.train_x), len(self.test)), int(self.data.flipped.sum()), curves, epochs, self.test_labels,
            np.stack(logits), np.stack(weight), np.stack(bias), np.stack(points), self.validation_labels if done else self.validation_labels[:0], checked,
            seconds, chart, (self.data.train_x.astype(np.float32), self.data.train_y) if self.cells is not None else None,
            self.data.flipped, done, stopped,
        )  # fmt: skip


def _answers(networks, cells) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    confidence, answer = networks.activations(cells)[-1].softmax(dim=2).max(dim=2)
    shape = (len(confidence), GRID, GRID)
    return answer.byte().numpy().reshape(shape), (confidence.nan_to_num() * 255).round().byte().numpy().reshape(shape)


def _flat(hidden: NDArray) -> Floats:
    """Activations (M, n, d) in the plane (M, n, 2)."""
    if hidden.shape[2] == 2:
        return hidden.copy()
    made: list[NDArray] = []
    for one in hidden:
        if not np.isfinite(one).all():
            made.append(np.full((len(one), 2), np.nan))
            continue
        scores = pca(one, 2).scores
        made.append(turned(scores, made[-1]) if made and np.isfinite(made[-1]).all() else scores)
    return np.stack(made).astype(np.float32)
