"""Merging and removing runs: checked before anything is copied, all or nothing, never a listed file that is not there."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lsviz.core.calibration import confidence_and_correct, reliability_diagram
from lsviz.core.errors import LsvizError
from lsviz.store import Store, write_failure, write_run
from lsviz.store.__main__ import main
from lsviz.store.merging import merge, remove
from tests.small_zoo import write_small_zoo


def sound_zoo(folder: Path, alphas=(0.0, 0.1), n: int = 40, **changes) -> list:
    """Runs whose metrics are those of their logits, so that they verify."""
    made = []
    for record in write_small_zoo(folder, alphas=alphas, n=n):
        arrays = dict(Store(folder).load(record.id))
        diagram = reliability_diagram(*confidence_and_correct(arrays["test_logits"], arrays["test_labels"]))
        told = {"train": {"accuracy": 1.0}, "test": {"accuracy": diagram.mean_accuracy, "ece15": diagram.ece}}
        made.append(write_run(folder, replace(record, metrics=told, **changes), arrays, {"torch": folder.name}))
    return made


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def edit(folder: Path, change) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    change(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_runs_come_with_their_bytes_and_what_was_there_stays(tmp_path, capsys):
    ours, theirs = sound_zoo(tmp_path / "ours", (0.0, 0.1)), sound_zoo(tmp_path / "theirs", (0.1, 0.3))
    write_failure(tmp_path / "theirs", replace(theirs[0].config, alpha=0.9), "it broke off")
    assert main(["merge", str(tmp_path / "theirs"), "--into", str(tmp_path / "ours")]) == 0
    assert "1 added, 0 replaced, 1 were there" in capsys.readouterr().out
    store = Store(tmp_path / "ours")
    assert store.problems == () and [run.id for run in store.runs] == sorted({run.id for run in ours + theirs})
    assert store.record(theirs[1].id) == theirs[1] and store.produced["torch"] == "theirs"
    assert [failure.reason for failure in store.failed] == ["it broke off"]
    assert (tmp_path / "ours" / theirs[1].file).read_bytes() == (tmp_path / "theirs" / theirs[1].file).read_bytes()
    assert main(["verify", str(tmp_path / "ours")]) == 0
    assert merge(tmp_path / "theirs", tmp_path / "ours").added == ()  # a second time there is nothing to do


def test_a_folder_that_is_not_there_yet_is_made(tmp_path):
    theirs = sound_zoo(tmp_path / "theirs")
    assert merge(tmp_path / "theirs", tmp_path / "new/folder").added == tuple(run.id for run in theirs)
    assert Store(tmp_path / "new/folder").runs == Store(tmp_path / "theirs").runs


def test_a_run_trained_anew_takes_its_place_only_when_asked(tmp_path, capsys):
    sound_zoo(tmp_path / "ours", (0.0,))
    later = sound_zoo(tmp_path / "theirs", (0.0, 0.1), trained_at="2026-02-02T00:00:00+00:00")
    before = contents(tmp_path / "ours")
    command = ["merge", str(tmp_path / "theirs"), "--into", str(tmp_path / "ours")]
    assert main(command) == 2 and "--replace" in capsys.readouterr().err
    assert contents(tmp_path / "ours") == before
    assert main([*command, "--replace"]) == 0 and "1 added, 1 replaced" in capsys.readouterr().out
    assert Store(tmp_path / "ours").record(later[0].id).trained_at.startswith("2026-02-02")


@pytest.mark.parametrize("more", [[], ["--replace"]])
def test_another_recipe_under_the_same_name_is_refused(tmp_path, capsys, more):
    sound_zoo(tmp_path / "ours"), sound_zoo(tmp_path / "theirs")
    edit(tmp_path / "theirs", lambda manifest: manifest["runs"][1]["config"].update(epochs=99))
    before = contents(tmp_path / "ours")
    assert main(["merge", str(tmp_path / "theirs"), "--into", str(tmp_path / "ours"), *more]) == 2
    assert "another recipe" in capsys.readouterr().err and contents(tmp_path / "ours") == before


def flip_a_bit(folder: Path, record) -> None:
    raw = bytearray((folder / record.file).read_bytes())
    raw[-3] ^= 1
    (folder / record.file).write_bytes(raw)


def lie(folder: Path, record) -> None:
    edit(folder, lambda manifest: manifest["runs"][1]["metrics"]["test"].update(accuracy=0.01))


def coarsen(folder: Path, record) -> None:
    arrays = {name: array.copy() for name, array in Store(folder).load(record.id).items()}
    arrays["validation_logits"] = (arrays["validation_logits"].view(np.uint16) & 0xFFF8).view(np.float16)
    write_run(folder, record, arrays)


def lose(folder: Path, record) -> None:
    (folder / record.file).unlink()


@pytest.mark.parametrize(("harm", "said"), [(flip_a_bit, "SHA-256"), (lie, "accuracy"), (coarsen, "bfloat16"), (lose, "missing")])
def test_an_unsound_run_stops_everything(tmp_path, harm, said):
    harm(tmp_path / "theirs", sound_zoo(tmp_path / "theirs")[1])
    with pytest.raises(LsvizError, match=said):
        merge(tmp_path / "theirs", tmp_path / "ours")
    assert not (tmp_path / "ours").exists()


def test_a_full_disk_lists_nothing_new(tmp_path, monkeypatch):
    sound_zoo(tmp_path / "ours", (0.0,)), sound_zoo(tmp_path / "theirs", (0.1, 0.3))
    before = contents(tmp_path / "ours")

    def full(_):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LsvizError, match="No space left"):
        merge(tmp_path / "theirs", tmp_path / "ours")
    assert contents(tmp_path / "ours") == before


def test_removed_runs_are_gone_and_an_unknown_name_removes_nothing(tmp_path, capsys):
    first, second, third = sound_zoo(tmp_path, (0.0, 0.1, 0.3))
    before = contents(tmp_path)
    assert main(["remove", first.id, "nothing", "--from", str(tmp_path)]) == 2
    assert "no run nothing" in capsys.readouterr().err and contents(tmp_path) == before
    assert remove(tmp_path, [first.id, third.id]) == (first.id, third.id)
    assert Store(tmp_path).runs == (second,) and Store(tmp_path).problems == ()
    assert [path.name for path in tmp_path.glob("*.safetensors")] == [second.file]
