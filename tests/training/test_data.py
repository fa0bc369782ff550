"""Reading CIFAR-100: every form gives the same arrays, every damage is one sentence, splits keep their promises."""

from __future__ import annotations

import lzma

import numpy as np
import pytest

from lsviz.core.classes import CLASS_ORDER, OFFICIAL
from lsviz.core.errors import LsvizError
from lsviz.store import cifar100
from lsviz.training import data, sweep
from tests.training import tiny_cifar as tiny


def read(path, **options):
    return cifar100.read_cifar100(path, records=tiny.RECORDS, **options)


@pytest.fixture(scope="module")
def cifar(tmp_path_factory):
    return read(tiny.write_release(tmp_path_factory.mktemp("release")))


@pytest.mark.parametrize("form", ["shards", "release", "nested", "archive", "archive folder"])
def test_every_form_gives_the_same_records(tmp_path, form):
    path = {
        "shards": lambda: tiny.write_shards(tmp_path / "a"),
        "release": lambda: tiny.write_release(tmp_path / "a"),
        "nested": lambda: tiny.write_release(tmp_path / "cifar-100-binary").parent,
        "archive": lambda: tiny.write_archive(tmp_path / "cifar-100-binary.tar.gz"),
        "archive folder": lambda: tiny.write_archive(tmp_path / "cifar-100-binary.tar.gz").parent,
    }[form]()
    for _ in range(2):  # the second time from the cache
        found = read(path, cache=tmp_path / "cache")
        for which, table in tiny.TABLES.items():
            np.testing.assert_array_equal(getattr(found, which), table)


def test_a_changed_file_is_not_taken_from_the_cache(tmp_path):
    folder = tiny.write_shards(tmp_path / "a")
    read(folder, cache=tmp_path / "cache")
    shard = folder / "train-2.bin.xz"
    shard.write_bytes(shard.read_bytes()[:-7])
    with pytest.raises(LsvizError, match="train-2"):
        read(folder, cache=tmp_path / "cache")


def truncate(file):
    file.write_bytes(file.read_bytes()[:-100])


def flip(file):
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)


def garbage(file):
    file.write_bytes(b"not xz at all")


@pytest.mark.parametrize("harm", [truncate, flip, garbage])
@pytest.mark.parametrize("checked", [True, False])
def test_a_damaged_shard_is_named(tmp_path, harm, checked):
    folder = tiny.write_shards(tmp_path)
    harm(folder / "train-1.bin.xz")
    if not checked:
        (folder / "SHA256SUMS").unlink()
    with pytest.raises(LsvizError, match=r"train-1\.bin\.xz"):
        read(folder)


def test_half_a_record_is_named(tmp_path):
    folder = tiny.write_release(tmp_path)
    truncate(folder / "test.bin")
    with pytest.raises(LsvizError, match="test.bin.*whole records"):
        read(folder)


def test_missing_records_are_counted(tmp_path):
    folder = tiny.write_release(tmp_path)
    raw = (folder / "train.bin").read_bytes()
    (folder / "train.bin").write_bytes(raw[: -cifar100.RECORD])
    with pytest.raises(LsvizError, match="1199 records instead of 1200"):
        read(folder)


def test_an_impossible_label_is_named(tmp_path):
    folder = tiny.write_release(tmp_path)
    raw = bytearray((folder / "train.bin").read_bytes())
    raw[5 * cifar100.RECORD + 1] = 100
    (folder / "train.bin").write_bytes(raw)
    with pytest.raises(LsvizError, match="label 100 in record 5"):
        read(folder)


def test_an_archive_without_its_files_is_named(tmp_path):
    path = tmp_path / "cifar-100-binary.tar.gz"
    path.write_bytes(b"\x1f\x8b broken")
    with pytest.raises(LsvizError, match="cifar-100-binary.tar.gz"):
        read(path)


@pytest.mark.parametrize("wrong", ["", "nothing/here"])
def test_the_command_refuses_a_wrong_folder_and_writes_nothing(tmp_path, capsys, wrong):
    out = tmp_path / "out"
    code = sweep.main(["--data", str(tmp_path / wrong), "--out", str(out), "--cache", str(tmp_path / "cache")])
    said = capsys.readouterr().err.strip()
    assert code == 2 and "holds no CIFAR-100" in said and "\n" not in said
    assert not out.exists()


def test_lzma_is_really_used(tmp_path):
    assert lzma.decompress((tiny.write_shards(tmp_path) / "test.bin.xz").read_bytes()) == tiny.TABLES["test"].tobytes()


# ---- classes and splits ---------------------------------------------------------------------------------------------


def test_class_order_is_a_permutation_with_the_trio_first():
    assert sorted(CLASS_ORDER) == sorted(OFFICIAL) == list(OFFICIAL) and len(set(OFFICIAL)) == 100
    assert CLASS_ORDER[:3] == ("beaver", "dolphin", "otter")


def test_subsets_are_nested_and_labels_are_places(cifar):
    small, large = data.split(cifar, 5), data.split(cifar, 10)
    for name in ("train", "validation", "test"):
        assert set(small[name].index) <= set(large[name].index)
        source = cifar.test if name == "test" else cifar.train
        for row, label in zip(small[name].index, small[name].labels):
            assert OFFICIAL[source[row, 1]] == CLASS_ORDER[label]


def test_validation_is_the_same_for_every_n_and_apart_from_training(cifar):
    whole = data.split(cifar, 100)
    for n in (2, 10, 50):
        part = data.split(cifar, n)
        own = whole["validation"].labels < n
        np.testing.assert_array_equal(part["validation"].index, whole["validation"].index[own])
        assert not set(part["validation"].index) & set(part["train"].index)


def test_smaller_training_sets_are_nested_and_leave_validation_alone(cifar):
    parts = {size: data.split(cifar, 10, size=size) for size in (30, 60, 100)}
    assert set(parts[30]["train"].index) < set(parts[60]["train"].index) < set(parts[100]["train"].index)
    np.testing.assert_array_equal(parts[30]["validation"].index, parts[100]["validation"].index)


def test_images_are_the_records_pixels(cifar):
    some = data.split(cifar, 10)["test"]
    planes = cifar.test[some.index[4], 2:].reshape(3, 32, 32)
    np.testing.assert_array_equal(some.images[4].transpose(2, 0, 1), planes)


def test_noise_flips_at_its_rate_to_other_classes_and_depends_on_the_seed_alone():
    labels = np.arange(20_000) % 10
    noisy = data.noisy_labels(labels, 10, 0.4, seed=3)
    assert abs((noisy != labels).mean() - 0.4) < 0.015
    counts = np.bincount((noisy - labels)[noisy != labels] % 10, minlength=10)
    assert counts[0] == 0 and counts[1:].min() > 0.8 * counts[1:].max()
    np.testing.assert_array_equal(noisy, data.noisy_labels(labels, 10, 0.4, seed=3))
    np.testing.assert_array_equal(labels, data.noisy_labels(labels, 10, 0.0, seed=3))
