"""The store: what is written comes back, what is broken is named, what is sound stays visible."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lsviz.core.calibration import confidence_and_correct, reliability_diagram
from lsviz.core.errors import LsvizError
from lsviz.store import SCHEMA_VERSION, RunConfig, Store, check_values, on_bfloat16_grid, write_run
from lsviz.store.__main__ import END, START, main, table, with_grid
from tests.small_zoo import write_small_zoo

ROOT = Path(__file__).parents[2]


@pytest.fixture
def zoo(tmp_path) -> Path:
    write_small_zoo(tmp_path)
    return tmp_path


def edit(folder: Path, change) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def test_round_trip(tmp_path):
    written = write_small_zoo(tmp_path, seeds=(0, 1))
    store = Store(tmp_path)
    assert store.problems == () and {run.id for run in store.runs} == {run.id for run in written}
    for run in written:
        assert store.record(run.id) == run
        arrays = store.load(run.id)
        assert set(arrays) == set(run.arrays) and len(arrays) == 4
        for name, spec in run.arrays.items():
            assert arrays[name].shape == spec.shape and str(arrays[name].dtype) == spec.dtype
            with pytest.raises(ValueError, match="read-only"):
                arrays[name][...] = 0


def test_runs_are_grouped_into_families(tmp_path):
    write_small_zoo(tmp_path, seeds=(0, 1))
    write_small_zoo(tmp_path, num_classes=3)
    families = Store(tmp_path).families()
    assert len(families) == 2
    for config, runs in families.items():
        assert [(r.config.alpha, r.config.seed) for r in runs] == sorted((r.config.alpha, r.config.seed) for r in runs)
        assert all(r.config.family == config for r in runs)


def test_rewriting_a_run_replaces_its_entry(zoo):
    store = Store(zoo)
    run = store.runs[0]
    arrays = dict(store.load(run.id))
    write_run(zoo, replace(run, facts={"new": 1}), arrays)
    again = Store(zoo)
    assert len(again.runs) == len(store.runs) and again.record(run.id).facts == {"new": 1}


def test_run_ids_say_what_they_are_and_tell_recipes_apart():
    first = RunConfig(10, 0.1)
    assert first.run_id.startswith("n010-a0.100-s0-noise00-size100-resnet9-stem2-")
    for change in ({"epochs": 41}, {"learning_rate": 0.2}, {"weight_decay": 0.0}, {"precision": "bfloat16"}):
        assert replace(first, **change).run_id != first.run_id
    assert RunConfig(10, 0.3, 4).family == first.family


# ---- damage ---------------------------------------------------------------------------------------------------------


def test_an_empty_or_missing_folder_is_one_sentence(tmp_path):
    for folder in (tmp_path, tmp_path / "nothing"):
        store = Store(folder)
        assert store.runs == () and "lsviz.training.sweep" in str(store.problems[0]) and len(store.problems) == 1


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b'{"runs": []}', b'{"schema_version": "1", "runs": []}']
)
def test_a_manifest_that_is_none_is_named(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    store = Store(tmp_path)
    assert store.runs == () and "manifest.json" in str(store.problems[0])


def test_a_newer_schema_names_both_versions(zoo):
    edit(zoo, lambda m: m.update(schema_version=SCHEMA_VERSION + 6))
    problem = str(Store(zoo).problems[0])
    assert f"version {SCHEMA_VERSION + 6}" in problem and f"up to {SCHEMA_VERSION}" in problem


@pytest.mark.parametrize("missing", ["config", "metrics", "history", "arrays", "file", "sha256"])
def test_an_entry_without_its_parts_hides_no_other(zoo, missing):
    edit(zoo, lambda m: m["runs"][1].pop(missing))
    store = Store(zoo)
    assert len(store.runs) == 2 and len(store.problems) == 1 and "manifest.json" in str(store.problems[0])


@pytest.mark.parametrize("path", ["../x.safetensors", "/etc/passwd", "sub/../../x.safetensors", "x.pkl", "."])
def test_a_path_that_leaves_the_folder_is_refused(zoo, path):
    edit(zoo, lambda m: m["runs"][0].update(file=path))
    store = Store(zoo)
    assert len(store.runs) == 2 and path in str(store.problems[0])


def test_a_link_out_of_the_folder_is_refused(zoo, tmp_path_factory):
    run = Store(zoo).runs[0]
    outside = tmp_path_factory.mktemp("outside") / "x.safetensors"
    shutil.move(zoo / run.file, outside)
    (zoo / run.file).symlink_to(outside)
    assert run.id not in {r.id for r in Store(zoo).runs}


def test_a_missing_and_a_truncated_file_are_named(zoo):
    first, second, third = Store(zoo).runs
    (zoo / first.file).unlink()
    (zoo / second.file).write_bytes((zoo / second.file).read_bytes()[:-5])
    store = Store(zoo)
    assert [run.id for run in store.runs] == [third.id]
    said = "\n".join(map(str, store.problems))
    assert first.file in said and second.file in said and "bytes" in said


def test_a_flipped_bit_is_found_on_loading_and_again_after_a_good_load(zoo):
    run = Store(zoo).runs[0]
    Store(zoo).load(run.id)
    raw = bytearray((zoo / run.file).read_bytes())
    raw[-3] ^= 1
    (zoo / run.file).write_bytes(raw)
    with pytest.raises(LsvizError, match="SHA-256"):
        Store(zoo).load(run.id)


@pytest.mark.parametrize("spec", [{"shape": [1, 2], "dtype": "float16"}, {"shape": [400, 5], "dtype": "float64"}])
def test_an_array_that_is_not_as_promised_is_named(zoo, spec):
    edit(zoo, lambda m: m["runs"][0]["arrays"].update(test_logits=spec))
    store = Store(zoo)
    with pytest.raises(LsvizError, match="test_logits"):
        store.load(store.runs[0].id)["test_logits"]


def test_an_unknown_run_is_named(zoo):
    with pytest.raises(LsvizError, match="no run nothing"):
        Store(zoo).load("nothing")


# ---- verify and table -----------------------------------------------------------------------------------------------


def test_the_committed_networks_verify(capsys):
    main(["verify", str(ROOT / "checkpoints")])
    assert capsys.readouterr().out.splitlines() == [f"{len(Store(ROOT / 'checkpoints').runs)} runs, 0 problems"]


def test_the_table_has_a_row_for_every_committed_run():
    store = Store(ROOT / "checkpoints")
    assert len(table(store).splitlines()) == 2 + len(store.runs)


def test_the_grid_of_the_readme_holds_means_over_seeds(tmp_path):
    for seed, accuracy in ((0, 0.8), (1, 0.9)):
        for record in write_small_zoo(tmp_path / "zoo", alphas=(0.1,), seeds=(seed,), n=40):
            arrays = dict(Store(tmp_path / "zoo").load(record.id))
            write_run(
                tmp_path / "zoo", replace(record, metrics={"train": {"accuracy": 1.0}, "test": {"accuracy": accuracy}}), arrays
            )
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{START}\nold\n{END}\nafter\n", "utf-8")
    assert main(["table", str(tmp_path / "zoo"), "--readme", str(readme)]) == 0
    text = readme.read_text("utf-8")
    assert "old" not in text and text.startswith("before") and text.endswith("after\n")
    assert "| 5 |  | 0.1 | 2 | 100.0 ± 0.0 | 85.0 ± 7.1 |" in text
    assert with_grid(text, Store(tmp_path / "zoo")) == text
    readme.write_text("no marks", "utf-8")
    assert main(["table", str(tmp_path / "zoo"), "--readme", str(readme)]) == 2 and readme.read_text("utf-8") == "no marks"


def test_verify_finds_logits_that_do_not_give_the_metrics(zoo, capsys):
    assert main(["verify", str(zoo)]) == 1  # the small zoo claims an accuracy of 0
    assert "accuracy" in capsys.readouterr().out


def test_verify_finds_values_that_are_no_numbers(zoo):
    run = Store(zoo).runs[0]
    arrays = {name: array.copy() for name, array in Store(zoo).load(run.id).items()}
    arrays["test_logits"][3, 1] = np.nan
    with pytest.raises(LsvizError, match="test_logits"):
        check_values(run, arrays)


def planted(folder: Path, name: str, change) -> str:
    """One sound run whose array `name` went through `change`; its metrics are those of its own logits. Returns its id."""
    write_small_zoo(folder, alphas=(0.1,))
    (run,) = Store(folder).runs
    arrays = {key: array.copy() for key, array in Store(folder).load(run.id).items()}
    arrays[name] = change(arrays[name])
    diagram = reliability_diagram(*confidence_and_correct(arrays["test_logits"], arrays["test_labels"]))
    told = {"train": {"accuracy": 1.0}, "test": {"accuracy": diagram.mean_accuracy, "ece15": diagram.ece}}
    write_run(folder, replace(run, metrics=told), arrays)
    return run.id


def bfloat16(values: np.ndarray) -> np.ndarray:
    """Rounded to bfloat16's 8 bits (the nearer one, halves up), and stored in half precision."""
    bits = values.astype(np.float32).view(np.uint32) + 0x8000
    return (bits & 0xFFFF0000).view(np.float32).astype(np.float16)


@pytest.mark.parametrize("name", ["test_logits", "validation_logits"])
def test_verify_names_logits_with_the_bits_of_bfloat16_and_what_to_do(tmp_path, capsys, name):
    run_id = planted(tmp_path, name, bfloat16)
    assert main(["verify", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert f"{run_id} stored {name}" in said and f"python -m lsviz.store remove {run_id}" in said and "1 runs, 1 problems" in said
    planted(tmp_path, name, lambda logits: logits)
    assert main(["verify", str(tmp_path)]) == 0


def test_few_small_and_whole_values_are_no_sign_of_bfloat16():
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 5, (50, 3)).astype(np.float16)
    assert not on_bfloat16_grid(honest) and on_bfloat16_grid(bfloat16(honest))
    assert not on_bfloat16_grid(bfloat16(honest[:9]))  # 27 values
    assert not on_bfloat16_grid(np.repeat(np.eye(10, dtype=np.float16), 50, axis=0))
    assert not on_bfloat16_grid((rng.normal(size=900) * 2e-6).astype(np.float16))  # below 2^-14 half precision is as coarse
    assert not on_bfloat16_grid(bfloat16(honest).astype(np.float32)) and not on_bfloat16_grid(np.zeros((0, 3), np.float16))
    one_off = bfloat16(honest)
    one_off[0, 0] = np.float16(1 + 2**-10)
    assert not on_bfloat16_grid(one_off)


# ---- writing --------------------------------------------------------------------------------------------------------


def test_a_full_disk_leaves_what_was_there(zoo, monkeypatch):
    run = Store(zoo).runs[0]
    arrays = dict(Store(zoo).load(run.id))
    before = {path.name: path.read_bytes() for path in zoo.iterdir()}

    def full(_descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LsvizError, match="No space left"):
        write_run(zoo, replace(run, facts={"x": 1}), arrays)
    assert {path.name: path.read_bytes() for path in zoo.iterdir()} == before


def test_a_broken_manifest_is_never_overwritten(zoo):
    run = Store(zoo).runs[0]
    arrays = dict(Store(zoo).load(run.id))
    (zoo / "manifest.json").write_text("{")
    with pytest.raises(LsvizError, match="manifest.json"):
        write_run(zoo, run, arrays)
    assert (zoo / "manifest.json").read_text() == "{"


def test_two_writers_at_once_lose_nothing(tmp_path):
    call = "import sys; from tests.small_zoo import write_series; write_series(sys.argv[1], int(sys.argv[2]))"
    writers = [subprocess.Popen([sys.executable, "-c", call, str(tmp_path), str(seed)], cwd=ROOT) for seed in (0, 1)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    store = Store(tmp_path)
    assert len(store.runs) == 8 and store.problems == ()
