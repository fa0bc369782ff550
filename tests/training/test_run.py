"""One training run: the loss is torch's, the seed decides everything, alpha changes nothing but the targets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lsviz.core import geometry
from lsviz.core.classes import CLASS_ORDER, OFFICIAL
from lsviz.core.errors import LsvizError
from lsviz.store import RunConfig, check_values, cifar100, on_bfloat16_grid, write_run
from lsviz.training import data, measure, model, plans, run
from tests.training import tiny_cifar as tiny

CONFIG = RunConfig(3, 0.1, 0, net="resnet9-toy", epochs=2, batch=16)


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    return data.split(cifar100.read_cifar100(tiny.write_release(tmp_path_factory.mktemp("tiny")), records=tiny.RECORDS), 3)


@pytest.mark.parametrize("alpha", [0.0, 0.1, 0.5, 1.0])
def test_the_loss_is_torchs_in_value_and_gradient(alpha):
    rng = torch.Generator().manual_seed(0)
    logits = torch.randn(32, 7, generator=rng, requires_grad=True)
    labels = torch.randint(0, 7, (32,), generator=rng)
    ours, theirs = run.smoothed_loss(logits, labels, alpha), F.cross_entropy(logits, labels, label_smoothing=alpha)
    torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)
    (mine,), (reference,) = torch.autograd.grad(ours, logits, retain_graph=True), torch.autograd.grad(theirs, logits)
    torch.testing.assert_close(mine, reference, atol=1e-6, rtol=0)


def test_logits_too_large_to_be_stored_break_a_run_off(splits, monkeypatch):
    build = run.build

    def grown(*arguments):
        net = build(*arguments)
        net.head.register_forward_hook(lambda module, inputs, logits: logits if module.training else 1e6 * logits)
        return net

    monkeypatch.setattr(run, "build", grown)
    with pytest.raises(LsvizError, match="ran away.*more than is stored"):
        run.train(CONFIG, splits)


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
    augmented = run.augmented
    for alpha in (0.0, 0.3):
        batches = seen.setdefault(alpha, [])
        monkeypatch.setattr(run, "augmented", lambda *a, keep=batches: keep.append(augmented(*a)) or keep[-1])
        run.train(replace(CONFIG, alpha=alpha), splits)
    assert len(seen[0.0]) == len(seen[0.3]) >= 2
    assert all(torch.equal(a, b) for a, b in zip(seen[0.0], seen[0.3]))
    first, second = (model.build(3, "resnet9-toy", 0).state_dict() for _ in range(2))
    assert all(torch.equal(first[k], second[k]) for k in first)


def test_augmentation_is_a_crop_of_the_padded_image_mirrored_or_not():
    images = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 3)).astype(np.uint8)
    padded = run.padded(images)
    shift, mirror = torch.tensor([[0, 4, 8, 3], [8, 4, 0, 5]]), torch.tensor([False, True, False, True])
    made = run.normalised(run.augmented(padded, torch.arange(4), shift, mirror))
    for i in range(4):
        crop = padded[i, shift[0, i] : shift[0, i] + 32, shift[1, i] : shift[1, i] + 32]
        crop = crop.flip(1) if mirror[i] else crop
        torch.testing.assert_close(made[i], run.normalised(crop[None])[0])


def test_the_rate_rises_then_falls_to_nothing():
    shares = [run.schedule(step, 100, 0.15) for step in range(100)]
    assert max(shares) <= 1 and int(np.argmax(shares)) in (14, 15, 16)
    assert np.all(np.diff(shares[:15]) > 0) and np.all(np.diff(shares[16:]) < 0) and shares[-1] < 0.02


def test_under_bfloat16_the_last_layer_keeps_the_bits_of_float32(splits):
    """Logits as different from each other as a float32 network's, and those the float32 head gives on the stored features."""
    rough, exact = (run.train(replace(CONFIG, epochs=1, precision=precision), splits) for precision in ("bfloat16", "float32"))
    logits = rough.logits["train"]
    again = rough.features["train"] @ rough.head_weight.T + rough.head_bias
    np.testing.assert_allclose(logits, again, rtol=1e-5, atol=1e-6)
    distinct = [len(np.unique(trained.logits["train"].astype(np.float16))) for trained in (rough, exact)]
    assert distinct[0] >= 0.9 * distinct[1] and not on_bfloat16_grid(logits.astype(np.float16))


@pytest.mark.parametrize("net", ["resnet9-toy", "resnet56"])
def test_autocast_leaves_logits_in_float32(net):
    made, images = model.build(10, net, 0).eval(), torch.randn(16, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        logits, features = made(images)
    assert logits.dtype == features.dtype == torch.float32
    assert not torch.equal(logits, logits.bfloat16().float())


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


def test_wrong_labels_are_followed_to_the_end(splits):
    """Memorised flips, and what the network gives the wrong label and the right one, against a plain loop."""
    config = replace(CONFIG, noise=0.5, alpha=0.0, epochs=4)
    trained = run.train(config, splits)
    record, arrays = measure.record_of(config, splits, trained, "test")
    truth = splits["train"].labels
    given, right, memorised = [], [], []
    for logits, label, wrong in zip(trained.logits["train"].astype(float), truth, trained.given_labels):
        if label != wrong:
            probs = np.exp(logits) / np.exp(logits).sum()
            given.append(probs[wrong]), right.append(probs[label]), memorised.append(logits.argmax() == wrong)
    assert given
    assert record.facts["flipped_given_probability"] == pytest.approx(np.mean(given))
    assert record.facts["flipped_true_probability"] == pytest.approx(np.mean(right))
    assert record.facts["memorised_flips"] == pytest.approx(np.mean(memorised)) == trained.history["memorised_flips"][-1]
    assert len(arrays["flipped_logits"]) == len(given)


def test_negative_smoothing_waits_for_the_second_half(splits, monkeypatch):
    seen = []
    loss = run.smoothed_loss
    monkeypatch.setattr(run, "smoothed_loss", lambda logits, labels, alpha: seen.append(alpha) or loss(logits, labels, alpha))
    run.train(replace(CONFIG, alpha=-0.4, epochs=4), splits)
    half = len(seen) // 2
    assert half and set(seen[:half]) == {0.0} and set(seen[half:]) == {-0.4}


def test_snapshots_keep_what_the_network_was_like(splits):
    trained = run.train(CONFIG, splits, snapshots=(1, 2))
    kept = trained.snapshots
    assert kept["snapshot_epoch"].tolist() == [1, 2]
    np.testing.assert_array_equal(kept["snapshot_test_logits"][-1], trained.logits["test"].astype(np.float16))
    np.testing.assert_array_equal(kept["snapshot_head_weight"][-1], trained.head_weight.astype(np.float16))
    assert not np.array_equal(kept["snapshot_head_weight"][0], kept["snapshot_head_weight"][1])
    assert kept["snapshot_train_nc1"][-1] == pytest.approx(
        geometry.nc1(trained.features["train"], splits["train"].labels), rel=1e-5
    )
    early = run.train(replace(CONFIG, epochs=2), splits)  # looking does not disturb
    np.testing.assert_array_equal(early.logits["test"], trained.logits["test"])


def test_a_student_with_weight_0_trains_as_if_there_were_no_teacher(splits):
    teacher = run.train(CONFIG, splits).weights
    plain = run.train(replace(CONFIG, alpha=0.0), splits)
    student = run.train(replace(CONFIG, alpha=0.0, teacher_alpha=0.1, teacher_temperature=1.0), splits, teacher=teacher)
    np.testing.assert_array_equal(student.logits["test"], plain.logits["test"])
    follower = run.train(
        replace(CONFIG, alpha=0.0, teacher_alpha=0.1, teacher_temperature=2.0, distil_weight=1.0), splits, teacher=teacher
    )
    assert not np.array_equal(follower.logits["test"], plain.logits["test"])
    with pytest.raises(LsvizError, match="teacher"):
        run.train(replace(CONFIG, teacher_alpha=0.1), splits)


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_distillation_is_a_scaled_kl_of_tempered_softmaxes(temperature):
    student, teacher = (torch.randn(9, 5, generator=torch.Generator().manual_seed(i), dtype=torch.float64) for i in (0, 1))
    total = 0.0
    for z, w in zip(student.numpy(), teacher.numpy()):
        p, q = (np.exp(x / temperature) / np.exp(x / temperature).sum() for x in (w, z))
        total += temperature**2 * float((p * np.log(p / q)).sum())
    assert float(run.distillation_loss(student, teacher, temperature)) == pytest.approx(total / 9)
    assert float(run.distillation_loss(teacher, teacher, temperature)) == pytest.approx(0, abs=1e-12)


def test_the_probe_learns_classes_the_network_never_saw(tmp_path):
    images = cifar100.read_cifar100(tiny.write_release(tmp_path), records=tiny.RECORDS)
    held = data.held_out(images)
    for which, table in (("probe_train", images.train), ("probe_test", images.test)):
        names = {OFFICIAL[k] for k in table[held[which].index, 1]}
        assert names == set(CLASS_ORDER[-20:])
        assert [CLASS_ORDER[80 + k] for k in held[which].labels] == [OFFICIAL[k] for k in table[held[which].index, 1]]
    telling = {name: np.eye(20)[split.labels] for name, split in held.items()}
    silent = {name: np.zeros((len(split.labels), 4)) for name, split in held.items()}
    assert measure.probe_accuracy(telling, held) == 1.0
    assert measure.probe_accuracy(silent, held) == pytest.approx(1 / 20)


def test_other_runs_at_100_classes_keep_some_test_rows_and_the_cells_of_all(tmp_path):
    splits = data.split(cifar100.read_cifar100(tiny.write_release(tmp_path), records=tiny.RECORDS), 100)
    config = replace(CONFIG, num_classes=100, seed=1, epochs=1)
    trained = run.train(config, splits)
    record, arrays = measure.record_of(config, splits, trained, "test")
    assert arrays["test_cells"].shape == (3, 15) and arrays["test_cells"][0].sum() == len(splits["test"].labels)
    cells = arrays["test_cells"]
    ece = (cells[0] * np.abs(cells[1] - cells[2])).sum() / cells[0].sum()
    assert ece == pytest.approx(record.metrics["test"]["ece15"])
    check_values(write_run(tmp_path / "out", record, arrays), arrays)


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


def test_the_network_of_mueller_is_he_et_als():
    """He et al. (2016), table 6: 0.85 M parameters with 10 classes; 56 layers with weights."""
    net = model.build(10, "resnet56", 0)
    weights = [p for p in net.parameters() if p.ndim > 1]
    assert len(weights) == 56 and sum(p.numel() for p in net.parameters()) == pytest.approx(0.85e6, rel=0.01)
    logits, features = net.eval()(torch.zeros(2, 3, 32, 32))
    assert logits.shape == (2, 10) and features.shape == (2, 64)


def test_the_seeds_plan_holds_the_goals_of_the_grid():
    held = {(c.num_classes, c.alpha, c.seed) for c in plans.plan("seeds")}
    tier = {(n, alpha, seed) for n in (2, 5, 10, 20) for alpha in (0, 0.05, 0.1, 0.2, 0.3, 0.5) for seed in (1, 2)}
    assert held == tier | {(n, alpha, seed) for n in (10, 100) for alpha in (0, 0.05, 0.1, 0.3) for seed in (1, 2, 3, 4)}
    assert [c.num_classes for c in plans.plan("seeds")][-16:] == [100] * 16  # most of the work


def test_snapshots_of_a_large_test_set_keep_its_first_images(splits, monkeypatch):
    monkeypatch.setattr(run, "SNAPSHOT_TEST", 4)
    trained = run.train(replace(CONFIG, epochs=1), splits, snapshots=(1,))
    kept = trained.snapshots["snapshot_test_logits"][-1]
    np.testing.assert_array_equal(kept, trained.logits["test"][:4].astype(np.float16))
    assert trained.snapshots["snapshot_test_nc1"][-1] == pytest.approx(
        geometry.nc1(trained.features["test"], splits["test"].labels), rel=1e-5
    )


def test_plans_name_each_run_once_and_the_small_one_is_the_promised_grid():
    small = plans.plan("small")
    assert {(c.num_classes, c.alpha, c.seed) for c in small} == {(n, a, 0) for n in (5, 10) for a in (0, 0.05, 0.1, 0.3)}
    for names in ("core", "cpu", "core,seeds,noise,size"):
        ids = [c.run_id for c in plans.plan(names)]
        assert len(ids) == len(set(ids))
    with pytest.raises(LsvizError, match="no-such-plan"):
        plans.plan("no-such-plan")
    students = [c for c in plans.plan("distil") if c.teacher_alpha is not None]
    core = {c.run_id for c in plans.plan("core,snapshots")}
    assert len(students) == 48 and {plans.teacher_of(c).run_id for c in students} <= core
    for device, precision, net in (("cpu", None, "resnet9-stem2"), ("cpu", "bfloat16", "resnet9-stem2"), ("cuda", None, "resnet9")):
        core = {c.run_id for c in plans.plan("core", device, precision)}
        taught = [c for c in plans.plan("distil", device, precision) if c.teacher_alpha is not None]
        assert {plans.teacher_of(c).net for c in taught} == {net} and {plans.teacher_of(c).run_id for c in taught} <= core
        assert not any(map(plans.is_core, plans.plan("distil", device, precision)))
    snapshots = [(c.num_classes, c.alpha, len(plans.snapshot_epochs(c))) for c in plans.plan("snapshots")]
    assert snapshots == [(10, 0.0, 8), (10, 0.1, 8), (100, 0.0, 8), (100, 0.1, 8)]
    firsts = list(plans.plan("distil")[:14])  # one whole map before the second seed
    assert {(c.num_classes, c.seed) for c in firsts} == {(10, 0)}
    assert {(c.num_classes, c.seed) for c in plans.plan("distil")} == {(n, seed) for n in (10, 20) for seed in (0, 1)}
    assert [c.net for c in plans.plan("muller", "cuda")] == ["resnet56"] * 3
    assert all(c.net == "resnet9" and c.precision == "bfloat16" for c in plans.plan("core", "cuda"))
    assert {c.precision for c in plans.plan("core,distil", "cpu")} == {"float32"}
    assert {c.precision for c in plans.plan("core,distil", "cpu", "bfloat16")} == {"bfloat16"}
