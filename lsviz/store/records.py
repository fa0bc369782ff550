"""What the manifest says of a run, as frozen dataclasses; and the name a configuration gives its run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

FAMILY_FREE = ("alpha", "seed")  # everything else must be equal for two runs to be compared


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

    @property
    def recipe(self) -> str:
        """Eight hexadecimal digits over all that is not in the run's readable name."""
        named = ("num_classes", "alpha", "seed", "noise", "size", "net")
        rest = {k: v for k, v in asdict(self).items() if k not in named}
        return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:8]

    @property
    def run_id(self) -> str:
        return (
            f"n{self.num_classes:03d}-a{self.alpha:.3f}-s{self.seed}-noise{round(100 * self.noise):02d}"
            f"-size{self.size}-{self.net}-{self.recipe}"
        )

    @property
    def family(self) -> RunConfig:
        """The configuration all runs of one family share: this one with alpha and seed at 0."""
        return replace(self, alpha=0.0, seed=0)


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
    facts: Mapping[str, object]
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
        """Whether it had learned its training images by heart (98 % or more): over-confidence needs that."""
        return self.metrics["train"]["accuracy"] >= 0.98
