"""What one training in the lab is: data, network, optimiser and the alphas, as one frozen value with a name of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields

from lsviz.core import checks
from lsviz.core.errors import LsvizError

# the networks trained together: dense where the effect is, and to the end
ALPHAS = (0, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
MOST_CLASSES: Mapping[str, int] = {"digits": 10, "moons": 2, "circles": 6, "spirals": 6, "blobs": 20, "csv": 100}
NEGATIVE = (-0.8, -0.4, -0.2, -0.1)  # negative smoothing (Wei et al. 2022), where it was asked for
PLANAR = ("moons", "circles", "spirals", "blobs")  # two features: a decision map can be drawn
SIZES: Mapping[str, int] = {
    "digits": 1257,
    "moons": 300,
    "circles": 300,
    "spirals": 300,
    "blobs": 300,
    "csv": 2000,
}  # unless asked otherwise
MOST_EXAMPLES = 5000  # of a training set


@dataclass(frozen=True)
class LabConfig:
    """One training. `alphas` are the networks, all from the same weights, data and batches; `digest` names an uploaded CSV.

    `examples` 0 stands for the usual number of that data set. Hidden layers halve from `width`; `flat` adds a last hidden
    layer of two units, whose activations can be drawn as they are.
    """

    data: str = "digits"
    num_classes: int = 10
    examples: int = 0
    noise: float = 0.0  # share of the training labels that are replaced by another class
    flips: str = "symmetric"  # by any other class, or "pair": by the next one
    feature_noise: float = 0.0  # standard deviation added to every feature, in the features' own
    overlap: float = 0.3  # of blobs: their standard deviation over the distance between neighbours
    depth: int = 2
    width: int = 128
    flat: bool = False
    epochs: int = 40
    batch: int = 100
    optimizer: str = "adam"
    rate: float = 1e-3
    weight_decay: float = 0.0
    seed: int = 0
    alphas: tuple[float, ...] = ALPHAS
    digest: str = ""

    def __post_init__(self) -> None:
        for name in ("noise", "feature_noise", "overlap", "rate", "weight_decay"):  # 0 and 0.0 are one training
            object.__setattr__(self, name, float(getattr(self, name)))
        object.__setattr__(self, "alphas", tuple(map(float, self.alphas)))
        checks.choice(self.data, "data", tuple(MOST_CLASSES))
        checks.choice(self.flips, "flips", ("symmetric", "pair"))
        checks.choice(self.optimizer, "optimizer", ("adam", "sgd"))
        for name, low, high in (
            ("num_classes", 2, MOST_CLASSES[self.data]), ("examples", 0, MOST_EXAMPLES), ("noise", 0, 1), ("feature_noise", 0, 10), ("overlap", 0, 2),
            ("depth", 0, 6), ("width", 2, 512), ("epochs", 1, 400), ("batch", 1, 5000), ("rate", 0, 1000), ("weight_decay", 0, 10), ("seed", 0, 9999),
        ):  # fmt: skip
            value = getattr(self, name)
            if not low <= value <= high:
                raise LsvizError("input.number", argument=name, value=value, low=low, high=high)
        if not self.alphas or len(self.alphas) > 64 or not all(-2 <= alpha <= 1 for alpha in self.alphas):
            raise LsvizError("input.number", argument="alphas", value=self.alphas, low=-2, high=1)

    @property
    def key(self) -> str:
        """A name that two equal configurations share and no others."""
        return hashlib.sha256(repr([(f.name, getattr(self, f.name)) for f in fields(self)]).encode()).hexdigest()

    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer: `width`, then half, not below 8 (or `width`); with `flat` a last one of 2."""
        sizes = tuple(max(self.width // 2**layer, min(self.width, 8)) for layer in range(self.depth))
        return (*sizes, 2) if self.flat else sizes

    def batch_bytes(self, features: int, examples: int) -> float:
        """Bytes of all activations of one batch, which training holds at once."""
        return 4.0 * len(self.alphas) * min(self.batch, examples) * (features + sum(self.hidden()) + self.num_classes)

    def work(self, features: int, examples: int) -> float:
        """Multiplications of the whole training, about: three products a layer, and the looks at the end of every epoch."""
        sizes = (features, *self.hidden(), self.num_classes)
        weights = sum(a * b for a, b in zip(sizes, sizes[1:]))
        return 4.0 * weights * examples * self.epochs * len(self.alphas)
