"""The lab's data: what was asked for is what there is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lsviz.core.errors import LsvizError
from lsviz.lab.config import MOST_CLASSES, LabConfig
from lsviz.lab.data import Table, digits, flip_labels, make_data


@pytest.mark.parametrize("data", ["digits", "moons", "circles", "spirals", "blobs"])
def test_every_set_has_its_classes_and_sizes(data):
    config = LabConfig(data=data, num_classes=MOST_CLASSES[data], examples=120, feature_noise=0.1)
    made = make_data(config)
    assert len(made.train_x) == 120 and made.num_classes == MOST_CLASSES[data]
    counts = np.bincount(made.clean_y, minlength=made.num_classes)
    assert counts.max() - counts.min() <= 1
    assert set(np.unique(made.test_y)) == set(range(made.num_classes))
    assert np.allclose(made.train_x.mean(axis=0), 0, atol=1e-9) and made.train_x.std() == pytest.approx(1)


def test_digits_of_test_are_never_in_training():
    made = make_data(LabConfig())
    rows = {row.tobytes() for row in made.train_x}
    assert len(made.train_x) == 1257
    shared = sum(row.tobytes() in rows for row in np.vstack([made.test_x, made.validation_x]))
    assert shared <= 2  # scikit-learn's digits hold next to no duplicates


@pytest.mark.parametrize("flips", ["symmetric", "pair"])
def test_exactly_the_asked_share_of_labels_is_wrong(flips):
    labels = np.arange(1000) % 10
    made = flip_labels(labels, 10, 0.37, flips, np.random.default_rng(0))
    assert (made != labels).sum() == 370 and set(made) <= set(range(10))
    if flips == "pair":
        assert set((made - labels)[made != labels] % 10) == {1}
    else:
        assert set((made - labels)[made != labels] % 10) == set(range(1, 10))


def test_clean_labels_and_features_do_not_depend_on_noise():
    quiet, noisy = make_data(LabConfig()), make_data(LabConfig(noise=0.4))
    np.testing.assert_array_equal(quiet.train_x, noisy.train_x)
    np.testing.assert_array_equal(quiet.clean_y, noisy.clean_y)
    assert noisy.flipped.sum() == round(0.4 * len(noisy.train_y)) and not quiet.flipped.any()


def test_seeds_give_other_draws_and_the_same_seed_the_same():
    one, again, other = (make_data(LabConfig(data="blobs", num_classes=3, seed=seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.train_x, again.train_x)
    assert not np.array_equal(one.train_x, other.train_x)


def test_blobs_overlap_as_asked():
    spread = lambda overlap: make_data(LabConfig(data="blobs", num_classes=4, overlap=overlap))
    near, far = spread(0.5), spread(0.05)
    between = lambda d: np.mean(
        [np.linalg.norm(d.train_x[d.clean_y == k] - d.train_x[d.clean_y == k].mean(axis=0), axis=1).mean() for k in range(4)]
    )
    assert between(far) < 0.2 * between(near)


def test_a_table_needs_rows_and_a_csv_needs_a_table():
    with pytest.raises(LsvizError, match="No table"):
        make_data(LabConfig(data="csv", num_classes=2))
    with pytest.raises(LsvizError, match="too few"):
        make_data(LabConfig(data="csv", num_classes=2), Table(np.zeros((3, 2)), np.array([0, 1, 0]), ("a", "b"), "x"))


@pytest.mark.parametrize(
    "wrong", [{"data": "mnist"}, {"num_classes": 11}, {"rate": -1}, {"depth": 7}, {"epochs": 0}, {"alphas": ()}, {"alphas": (2,)}, {"noise": 1.5}, {"rate": float("nan")}]
)  # fmt: skip
def test_impossible_configurations_are_named(wrong):
    with pytest.raises(LsvizError):
        LabConfig(**wrong)


def test_networks_come_in_the_order_they_are_asked_for():
    assert LabConfig(alphas=(0.2, -0.4, 0, 0.1)).alphas == (0.2, -0.4, 0.0, 0.1)  # callers name them by their place


def test_the_digits_are_scikit_learns():
    from sklearn.datasets import load_digits

    for mine, theirs in zip(digits(), load_digits(return_X_y=True), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_training_loads_neither_scikit_learn_nor_pytorchs_compiler():
    code = (
        "import sys\nfrom lsviz.lab.config import LabConfig\nfrom lsviz.lab.data import make_data\nfrom lsviz.lab.run import train\n"
        "train(LabConfig(epochs=1), None, lambda *told: None)\nprint([name for name in ('sklearn', 'pandas', 'torch._dynamo') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]", done.stderr
