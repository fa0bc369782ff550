"""What the manifest says of a run, as frozen dataclasses; and the name a configuration gives its run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

MEMORISED = 0.98  # of its training images, from which on a network knows them by heart
NAMED = ("num_classes", "alpha", "seed", "noise", "size", "net")  # what a run's readable name says
LATER = (
    "teacher_alpha",
    "teacher_temperature",
    "distil_weight",
)  # fields younger than the first runs: unset, they leave names as they were


@dataclass(frozen=True)
class RunConfig:
    """Everything that decides a trained network. Fractions, never per cent, except `size`."""

    num_classes: int
    alpha: float  # label smoothing; negative values are negative smoothing
    seed: int = 0
    noise: float = 0.0  # probability that a training label is a random other class
    size: int = 100  # per cent of the training images used
    net: str = "resnet9-stem2"
    epochs: int = 40
    batch: int = 128
    learning_rate: float = 0.1
    weight_decay: float = 5e-4
    momentum: float = 0.9
    warmup: float = 0.15  # share of the steps
    precision: str = "float32"
    teacher_alpha: float | None = None  # distillation: the smoothing its teacher was trained with; None learns from labels alone
    teacher_temperature: float = 1.0
    distil_weight: float = 0.0  # share of the loss that follows the teacher

    @property
    def recipe(self) -> str:
        """Eight hexadecimal digits over all that is not in the run's readable name."""
        unset = {f.name: f.default for f in fields(self) if f.name in LATER}
        rest = {k: v for k, v in asdict(self).items() if k not in NAMED and not (k in unset and v == unset[k])}
        return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:8]

    @property
    def run_id(self) -> str:
        return (
            f"n{self.num_classes:03d}-a{self.alpha:.3f}-s{self.seed}-noise{round(100 * self.noise):02d}"
            f"-size{self.size}-{self.net}-{self.recipe}"
        )

    @property
    def is_student(self) -> bool:
        """A narrower network, to be taught by another one, or on labels alone beside those that are."""
        return self.net.endswith("-student")

    @property
    def variant(self) -> tuple[tuple[str, Mapping[str, float]], ...]:
        """What sets it apart from the plain networks of its N: some of noise, size, student, taught, each with its numbers."""
        made: list[tuple[str, Mapping[str, float]]] = []
        if self.noise:
            made.append(("noise", {"noise": self.noise}))
        if self.size != 100:
            made.append(("size", {"size": self.size}))
        if self.teacher_alpha is not None:
            made.append(("taught", {"alpha": self.teacher_alpha, "temperature": self.teacher_temperature}))
        elif self.is_student:
            made.append(("student", {}))
        return tuple(made)

    @property
    def family(self) -> RunConfig:
        """The configuration all runs of one family share: this one with alpha and seed at 0."""
        return replace(self, alpha=0.0, seed=0)


@dataclass(frozen=True)
class FailedRun:
    """A configuration whose training broke off, why in one sentence, and when (ISO date and time, UTC).

    `code` and `values` are those of the error, for other languages; empty where only the sentence is known.
    """

    config: RunConfig
    reason: str
    at: str
    code: str = ""
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class ArraySpec:
    """Shape and dtype the manifest promises of one array."""

    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class RunRecord:
    """One finished run: how it was made, what came out, and the file that holds its arrays.

    `metrics[split][name]` are fractions of that split's images (train, validation, test); `history[name]` has one value
    an epoch; `facts` are single numbers of the whole run (margins, images a second, quality of layouts).
    """

    id: str
    config: RunConfig
    metrics: Mapping[str, Mapping[str, float]]
    history: Mapping[str, tuple[float, ...]]
    facts: Mapping[str, Any]
    device: str
    torch: str
    trained_at: str  # ISO date and time, UTC
    seconds: float
    file: str
    bytes: int
    sha256: str
    arrays: Mapping[str, ArraySpec] = field(default_factory=dict)

    @property
    def memorised(self) -> bool:
        """Whether it had learned its training images by heart: over-confidence needs that."""
        return self.metrics["train"]["accuracy"] >= MEMORISED
