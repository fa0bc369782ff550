"""The Loss page: theory always, real networks where there are any, one plain sentence where there are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lsviz.core.curves.reading_out import read_out
from lsviz.predictions.curves.reading import read_curves
from lsviz.predictions.curves.report import rows
from tests.reading import mounted, plain
from tests.reading import opened as opened_page
from tests.small_zoo import write_small_zoo

THEORY = {f"loss_{name}" for name in ("loss", "descent", "force", "probability", "simplex")}
NETWORKS = {f"loss_{name}" for name in ("course", "plateau", "curves")}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    return tmp_path


def write_recorded(folder: Path, num_classes: int = 5) -> None:
    """A small zoo whose manifest also tells how each network learnt."""
    write_small_zoo(folder, num_classes)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    for run in manifest["runs"]:
        run["facts"]["margin_train"] = 3.9
        names = ("margin", "train_loss", "train_nll", "validation_nll", "train_accuracy", "validation_accuracy")
        run["history"] |= {name: [0.7, 0.9] for name in names}
    path.write_text(json.dumps(manifest))


def opened(**query: str) -> AppTest:
    return opened_page("loss", **query)


def said(app: AppTest) -> str:
    return "\n".join(plain(e.value) for kind in (app.markdown, app.text, app.caption, app.code) for e in kind)


def test_theory_and_networks_stand_on_one_page_and_nothing_depends_on_alpha(folder):
    write_recorded(folder)
    first, second = (mounted(opened(n="5", alpha=alpha)) for alpha in ("0.1", "0.5"))
    assert THEORY | NETWORKS | {"headline"} <= set(first)
    for key in THEORY | NETWORKS | {"headline"}:
        assert first[key] == second[key]
    assert len(first["loss_loss"]["frames"]["stops"]) == 76 == len(first["headline"]["heads"])


def test_the_networks_snap_to_the_nearest_n_and_say_so(folder):
    write_recorded(folder)
    app = opened(n="9")
    assert "N = 9" in said(app) and "5 classes" in said(app)
    assert "N = 9" not in said(opened(n="5"))


def test_the_curve_comes_from_the_link_and_junk_falls_back(folder):
    write_recorded(folder)
    drawn = {curve: mounted(opened(n="5", curve=curve))["loss_curves"]["figure"] for curve in ("nll", "excess", "accuracy", "junk")}
    assert len(set(drawn.values())) == 3 and drawn["junk"] == drawn["nll"]


def test_the_trap_is_told_with_the_stored_numbers(folder):
    write_recorded(folder)
    assert "α = 0.10 ends at a smoothed training loss of **0.90**" in said(opened(n="5", alpha="0.1"))


@pytest.mark.parametrize(
    ("content", "sentence", "command"),
    [
        (None, "holds no networks yet", "python -m lsviz.training.sweep"),
        ("{", "cannot be read", "git checkout"),
        ('{"schema_version": 99, "runs": []}', "schema version 99", "git pull"),
    ],
)
def test_without_readable_networks_theory_stays_and_one_sentence_says_what_to_do(folder, content, sentence, command):
    if content is not None:
        (folder / "manifest.json").write_text(content)
    app = opened(n="10", alpha="0.2")
    assert set(mounted(app)) >= THEORY and not NETWORKS & set(mounted(app))
    assert sentence in said(app) and command in said(app)
    assert "**0.87**" in said(app)  # the trap is told with the floor alone


def test_networks_whose_training_was_not_recorded_are_left_out(folder):
    write_small_zoo(folder)
    app = opened(n="5")
    assert set(mounted(app)) >= THEORY and not NETWORKS & set(mounted(app))


def test_a_damaged_network_is_named_and_the_others_are_shown(folder):
    write_recorded(folder)
    victim = sorted(folder.glob("*a0.100*.safetensors"))[0]
    content = bytearray(victim.read_bytes())
    content[-1] ^= 1
    victim.write_bytes(content)
    app = opened(n="5")
    assert set(mounted(app)) >= NETWORKS
    assert victim.name in said(app)


def test_a_loss_and_a_probability_are_put_into_each_other(folder):
    app = opened(n="10", alpha="0.1")
    assert "0.5003" in said(app) and "0.0997" in said(app)  # the floor, and what .6 is above it
    app.number_input(key="loss_meaning").set_value(0.4).run()
    app.number_input(key="loss_meaning_back").set_value(91.0).run()
    assert "no network gets below it" in said(app) and "**0.5003**: **0.0000** above" in said(app)


def test_own_curves_are_read_in_the_fold_as_the_command_reads_them(folder):
    app = opened(n="10")
    app.session_state["fold_curves"] = True
    app.run()
    log = "epoch,train_loss,val_loss,val_acc\n" + "".join(f"{e},{0.51 + 2 / e},{0.3 + 1 / e},{1 - 1 / e}\n" for e in range(1, 60))
    app.file_uploader[0].set_value([("a0.1.csv", log.encode(), "text/csv"), ("bad.csv", b"a,b\n1,2\n", "text/csv")]).run()
    assert "number of classes was not told" in said(app) and "No loss and no accuracy" in said(app)
    app.number_input(key="own_curves_classes").set_value(10).run()
    assert not app.exception and "is expected here" in said(app)
    (told,) = (read_out(curves, 10, 0.1) for curves in read_curves(log.encode(), "a0.1.csv"))
    for _, *cells in rows(told):
        assert all(cell in said(app) for cell in cells)
    assert "curves_own" in mounted(app)
