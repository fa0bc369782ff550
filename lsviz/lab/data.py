"""The lab's data sets: scikit-learn's digits, shapes in the plane, or the reader's own table; all seeded, label noise included."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsviz.core.errors import LsvizError
from lsviz.lab.config import MOST_EXAMPLES, SIZES, LabConfig

_PLANAR_TEST, _PLANAR_VALIDATION = 1000, 500


@dataclass(frozen=True)
class LabData:
    """Features (n, d) float64, standardised by the training set, and labels (n,). `clean_y` are the training labels before noise."""

    train_x: NDArray[np.float64]
    train_y: NDArray[np.intp]
    clean_y: NDArray[np.intp]
    validation_x: NDArray[np.float64]
    validation_y: NDArray[np.intp]
    test_x: NDArray[np.float64]
    test_y: NDArray[np.intp]
    names: tuple[str, ...]

    @property
    def flipped(self) -> NDArray[np.bool_]:
        """Which training labels are wrong (n,)."""
        return self.train_y != self.clean_y

    @property
    def num_classes(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Table:
    """The reader's own table: features (n, d), labels (n,) that count from 0, and the classes' names."""

    x: NDArray[np.float64]
    y: NDArray[np.intp]
    names: tuple[str, ...]
    digest: str


def make_data(config: LabConfig, table: Table | None = None) -> LabData:
    """The data of `config`; `table` is needed for data "csv" alone. Raises LsvizError where there is too little of it."""
    rng = np.random.default_rng([config.seed, 1])
    if config.data == "digits":
        parts, names = _digits(config, rng), tuple(map(str, range(config.num_classes)))
    elif config.data == "csv":
        if table is None:
            raise LsvizError("lab.no_table")
        parts, names = _split(table.x, table.y, rng, share=0.25), table.names
    else:
        parts, names = _planar(config, rng), tuple(map(str, range(1, config.num_classes + 1)))
    (train_x, clean_y), validation, test = parts
    size = min(config.examples or SIZES[config.data], len(train_x), MOST_EXAMPLES)
    rows = _balanced(clean_y, max(size, 1))
    train_x, clean_y = train_x[rows], clean_y[rows]
    if config.feature_noise and config.data in ("digits", "csv"):
        spoil = lambda x: x + rng.normal(scale=config.feature_noise * (x.std() or 1.0), size=x.shape)
        train_x, validation, test = spoil(train_x), (spoil(validation[0]), validation[1]), (spoil(test[0]), test[1])
    centre = train_x.mean(axis=0)
    scale = (train_x - centre).std() or 1.0
    fit = lambda x: (x - centre) / scale
    noisy = flip_labels(clean_y, config.num_classes, config.noise, config.flips, rng)
    return LabData(fit(train_x), noisy, clean_y, fit(validation[0]), validation[1], fit(test[0]), test[1], names)


def flip_labels(labels: NDArray[np.intp], num_classes: int, rate: float, flips: str, rng: np.random.Generator) -> NDArray[np.intp]:
    """Labels (n,) of which the share `rate`, to the nearest whole number, is replaced: by any other class, or by the next ("pair")."""
    made = labels.copy()
    wrong = rng.permutation(len(labels))[: round(rate * len(labels))]
    step = rng.integers(1, num_classes, len(wrong)) if flips == "symmetric" else 1
    made[wrong] = (made[wrong] + step) % num_classes
    return made


def _balanced(labels: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """The first `size` rows when the classes take turns: as even as the data allow."""
    turn = np.empty(len(labels), np.intp)
    for k in np.unique(labels):
        mine = np.flatnonzero(labels == k)
        turn[mine] = np.arange(len(mine))
    return np.sort(np.argsort(turn, kind="stable")[:size])


def _split(x, y, rng, share: float):
    """Train, validation and test: the last is `share` of the rows, validation half as many. A class of few rows keeps one for training."""
    order = rng.permutation(len(x))
    tests, checks = round(share * len(x)), round(share * len(x) / 2)
    test, validation, train = order[:tests], order[tests : tests + checks], order[tests + checks :]
    if not len(test) or not len(validation) or len(train) < 2:
        raise LsvizError("lab.few_rows", rows=len(x))
    return tuple((x[rows], y[rows]) for rows in (train, validation, test))


def digits() -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Scikit-learn's 8 x 8 digits, (1797, 64) and (1797,), from its file: importing the library adds 120 MB to the training process."""
    found = find_spec("sklearn")
    assert found and found.origin, "scikit-learn is not installed"
    with gzip.open(Path(found.origin).parent / "datasets/data/digits.csv.gz") as file:
        table = np.loadtxt(file, delimiter=",")
    return table[:, :-1], table[:, -1].astype(np.intp)


def _digits(config: LabConfig, rng):
    x, y = digits()
    keep = y < config.num_classes
    return _split(x[keep], y[keep], rng, share=0.2)


def _planar(config: LabConfig, rng):
    count = max(config.examples or SIZES[config.data], 2)
    draw = {"moons": _moons, "circles": _circles, "spirals": _spirals, "blobs": _blobs}[config.data]
    return tuple(_drawn(draw, config, n, rng) for n in (count, _PLANAR_VALIDATION, _PLANAR_TEST))


def _drawn(draw, config: LabConfig, count: int, rng):
    labels = rng.permutation(np.arange(count) % config.num_classes)
    return draw(labels, config, rng) + rng.normal(scale=config.feature_noise, size=(count, 2)), labels


def _moons(labels, config: LabConfig, rng):
    angle = rng.uniform(0, np.pi, len(labels))
    flip = np.where(labels == 0, 1, -1)
    return np.stack([np.cos(angle) * flip + labels, np.sin(angle) * flip + 0.5 * labels], axis=1)


def _circles(labels, config: LabConfig, rng):
    angle, radius = rng.uniform(0, 2 * np.pi, len(labels)), labels + 0.5
    return np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius[:, None]


def _spirals(labels, config: LabConfig, rng):
    along = np.sqrt(rng.uniform(0.02, 1, len(labels)))
    angle = 2 * np.pi * (1.5 * along + labels / config.num_classes)
    return 2 * along[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _blobs(labels, config: LabConfig, rng):
    turn = 2 * np.pi * np.arange(config.num_classes) / config.num_classes
    radius = 0.5 / np.sin(np.pi / config.num_classes)  # neighbours stand at distance 1
    centres = radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return centres[labels] + rng.normal(scale=config.overlap, size=(len(labels), 2))
