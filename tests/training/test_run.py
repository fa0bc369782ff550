"""One training run: the loss is torch's, the seed decides everything, alpha changes nothing but the targets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lsviz.core.errors import LsvizError
from lsviz.store import RunConfig
from lsviz.training import data, measure, model, plans, run
from tests.training import tiny_cifar as tiny

CONFIG = RunConfig(3, 0.1, 0, net="resnet9-toy", epochs=2, batch=16)


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    return data.split(data.read_cifar100(tiny.write_release(tmp_path_factory.mktemp("tiny")), records=tiny.RECORDS), 3)


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 1.0])
def test_the_loss_is_torchs_in_value_and_gradient(alpha):
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(32, 7, generator=rng, requires_grad=True)
    labels = torch.randint(0, 7, (32,), generator=rng)
    ours, theirs = run.smoothed_loss(logits, labels, alpha), F.cross_entropy(logits, labels, label_smoothing=alpha)
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)
    (mine,), (reference,) = torch.autograd.grad(ours, logits, retain_graph=True), torch.autograd.grad(theirs, logits)
    torch.testing.assert_close(mine, reference, atol=1e-6, rtol=0)


def test_negative_smoothing_is_the_same_formula():
    logits, labels = torch.randn(16, 5), torch.arange(16) % 5
    target = torch.full((16, 5), -0.4 / 5)
    target[torch.arange(16), labels] += 1.4
    torch.testing.assert_close(run.smoothed_loss(logits, labels, -0.4), -(target * F.log_softmax(logits, 1)).sum(1).mean())


def test_same_seed_same_bits(splits):
    first, second = (run.train(CONFIG, splits) for _ in range(2))
    for name in ("train", "validation", "test"):
        np.testing.assert_array_equal(first.logits[name], second.logits[name])
    assert first.history == second.history
    other = run.train(replace(CONFIG, seed=1), splits)
    assert not np.array_equal(first.logits["test"], other.logits["test"])


def test_alpha_changes_only_the_targets(splits, monkeypatch):
    """Same initial weights, same batches, same augmentation for every alpha of a seed."""
    seen: dict[float, list] = {}
    augmented = run._augmented
    for alpha in (0.0, 0.3):
        batches = seen.setdefault(alpha, [])
        monkeypatch.setattr(run, "_augmented", lambda *a, keep=batches: keep.append(augmented(*a)) or keep[-1])
        run.train(replace(CONFIG, alpha=alpha), splits)
    assert len(seen[0.0]) == len(seen[0.3]) >= 2
    assert all(torch.equal(a, b) for a, b in zip(seen[0.0], seen[0.3]))
    first, second = (model.build(3, "resnet9-toy", 0).state_dict() for _ in range(2))
    assert all(torch.equal(first[k], second[k]) for k in first)


def test_augmentation_is_a_crop_of_the_padded_image_mirrored_or_not():
    images = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 3)).astype(np.uint8)
    padded = run._padded(images)
    shift, mirror = torch.tensor([[0, 4, 8, 3], [8, 4, 0, 5]]), torch.tensor([False, True, False, True])
    made = run._normalised(run._augmented(padded, torch.arange(4), shift, mirror))
    for i in range(4):
        crop = padded[i, shift[0, i] : shift[0, i] + 32, shift[1, i] : shift[1, i] + 32]
        crop = crop.flip(1) if mirror[i] else crop
        torch.testing.assert_close(made[i], run._normalised(crop[None])[0])


def test_the_rate_rises_then_falls_to_nothing():
    shares = [run._schedule(step, 100, 0.15) for step in range(100)]
    assert max(shares) <= 1 and int(np.argmax(shares)) in (14, 15, 16)
    assert np.all(np.diff(shares[:15]) > 0) and np.all(np.diff(shares[16:]) < 0) and shares[-1] < 0.02


def test_a_loss_that_is_not_finite_is_reported(splits):
    with pytest.raises(LsvizError, match="not finite"):
        run.train(replace(CONFIG, learning_rate=1e30), splits)


def test_history_and_record_hold_what_they_promise(splits):
    trained = run.train(replace(CONFIG, noise=0.5), splits)
    keys = "epoch train_loss train_nll validation_nll test_nll train_accuracy validation_accuracy test_accuracy test_ece15 margin"
    assert set(trained.history) == set(keys.split()) | {"memorised_flips"} and trained.history["epoch"] == (1, 2)
    record, arrays = measure.record_of(replace(CONFIG, noise=0.5), splits, trained, "test")
    assert record.metrics["test"]["accuracy"] == pytest.approx((trained.logits["test"].argmax(1) == splits["test"].labels).mean())
    flipped = trained.given_labels != splits["train"].labels
    assert record.facts["flipped"] == flipped.sum() and len(arrays["flipped_index"]) == flipped.sum()
    assert arrays["test_logits"].dtype == np.float16
    assert 0 <= record.metrics["test"]["ece15_at_temperature"] <= 1


def test_stored_features_rebuild_the_logits(splits):
    trained = run.train(CONFIG, splits)
    record, arrays = measure.record_of(CONFIG, splits, trained, "test")
    features = arrays["test_features"].astype(float) @ arrays["feature_basis"].astype(float) + arrays["feature_mean"]
    logits = features @ trained.head_weight.T + trained.head_bias
    np.testing.assert_allclose(logits, trained.logits["test"][arrays["test_feature_rows"]], atol=0.02 * np.abs(logits).max() + 1e-3)


def test_the_cpu_network_has_the_size_the_readme_says():
    count = sum(p.numel() for p in model.ResNet9(100, "resnet9-stem2").parameters())
    assert 0.61e6 < count < 0.64e6
    wide = sum(p.numel() for p in model.ResNet9(100, "resnet9").parameters())
    assert 1.65e6 < wide < 1.69e6


def test_plans_name_each_run_once_and_the_small_one_is_the_promised_grid():
    small = plans.plan("small")
    assert {(c.num_classes, c.alpha, c.seed) for c in small} == {(n, a, 0) for n in (5, 10) for a in (0, 0.05, 0.1, 0.3)}
    for names in ("core", "cpu", "core,seeds,noise,size"):
        ids = [c.run_id for c in plans.plan(names)]
        assert len(ids) == len(set(ids))
    with pytest.raises(LsvizError, match="no-such-plan"):
        plans.plan("no-such-plan")
    assert all(c.net == "resnet9" and c.precision == "bfloat16" for c in plans.plan("core", "cuda"))
