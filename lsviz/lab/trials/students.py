"""Distillation live and small: students of digits behind teachers of several alphas, at several temperatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lsviz.lab.config import LabConfig
from lsviz.lab.data import LabData, make_data
from lsviz.lab.trials.trial import Steps, Tell, Trial, logits_of, trained

TEACHERS = (0.0, 0.1, 0.3)
TEMPERATURES = (1.0, 2.0, 4.0, 8.0)
SEEDS = 5


@dataclass(frozen=True)
class Taught:
    """Which test and validation digits each student got right, (seeds, n) of 0 and 1: by (teacher's alpha, T), or by its own alpha alone."""

    students: Mapping[tuple[float, float], NDArray[np.float64]]
    alone: Mapping[float, NDArray[np.float64]]
    validation: Mapping[tuple[float, float], float]  # mean accuracy
    teachers: Mapping[float, float]  # mean test accuracy
    examples: int
    images: int


@dataclass(frozen=True)
class TaughtTrial(Trial[Taught]):
    """Teachers see all training digits; students see `examples` of them, with a layer of `width` units. Loss: T^2 KL(teacher || student) alone."""

    seeds: int = SEEDS
    examples: int = 300
    width: int = 16
    epochs: int = 30
    teachers: tuple[float, ...] = TEACHERS
    temperatures: tuple[float, ...] = TEMPERATURES

    def run(self, tell: Tell) -> Taught:
        steps = Steps(tell, 3 * self.seeds)
        whole, few = make_data(LabConfig(seed=self.seed)), make_data(LabConfig(seed=self.seed, examples=self.examples))
        pairs = [(alpha, t) for alpha in self.teachers for t in self.temperatures]
        seen: dict[object, list[NDArray]] = {}
        checked: dict[tuple[float, float], list[float]] = {pair: [] for pair in pairs}
        best: dict[float, list[float]] = {alpha: [] for alpha in self.teachers}
        for seed in range(self.seeds):
            large = LabConfig(width=128, epochs=self.epochs, batch=100, seed=100 * self.seed + seed, alphas=self.teachers)
            teachers = trained(large, whole, steps)
            for alpha, right in zip(self.teachers, _right(teachers, whole.test_x, whole.test_y)):
                best[alpha].append(float(right.mean()))
            small = replace(large, depth=1, width=self.width, rate=3e-3, batch=25)
            told = np.repeat(logits_of(teachers, few.train_x), len(self.temperatures), axis=0)
            students = trained(
                replace(small, alphas=(0.0,) * len(pairs)), few, steps, slope=distil_slope(few, told, [t for _, t in pairs])
            )
            by_themselves = trained(small, few, steps)
            for names, networks in ((pairs, students), (self.teachers, by_themselves)):
                for name, right in zip(names, _right(networks, few.test_x, few.test_y)):
                    seen.setdefault(name, []).append(right)
            for pair, right in zip(pairs, _right(students, few.validation_x, few.validation_y)):
                checked[pair].append(float(right.mean()))
        right = {name: np.stack(rows) for name, rows in seen.items()}
        mean = lambda found: {name: float(np.mean(values)) for name, values in found.items()}
        return Taught(
            {p: right[p] for p in pairs},
            {a: right[a] for a in self.teachers},
            mean(checked),
            mean(best),
            len(few.train_y),
            len(few.test_y),
        )


def distil_slope(data: LabData, teacher: NDArray, temperatures: Sequence[float], weights: Sequence[float] | None = None):
    """Gradient by the logits of (1-w) CE + w T^2 KL(teacher_T || student_T): (1-w)(p - y) + w T (p_T - q_T) (Hinton et al. 2015).

    `teacher` are its logits (M, n, K) on the training examples; `weights` w are 1 unless given.
    """
    import torch

    t = torch.tensor(temperatures, dtype=torch.float64)[:, None, None]
    w = torch.tensor(weights if weights is not None else [1.0] * len(temperatures), dtype=torch.float64)[:, None, None]
    asked = (torch.as_tensor(teacher, dtype=torch.float64) / t).softmax(dim=2)
    hot = torch.nn.functional.one_hot(torch.as_tensor(data.train_y), data.num_classes)

    def slope(logits, rows):
        kind = logits.dtype
        follow = t.to(kind) * ((logits / t.to(kind)).softmax(dim=2) - asked[:, rows].to(kind))
        return (1 - w).to(kind) * (logits.softmax(dim=2) - hot[rows].to(kind)) + w.to(kind) * follow

    return slope


def _right(networks, x: NDArray, y: NDArray[np.intp]) -> NDArray[np.float64]:
    return (logits_of(networks, x).argmax(axis=2) == y).astype(float)
