"""The stored networks as pages get them: snapping, damage, and nothing at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lsviz import navigation
from lsviz.core.errors import LsvizError
from lsviz.ui import notices
from lsviz.zoo import kept, networks
from tests.small_zoo import write_small_zoo


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    return tmp_path


def test_the_dock_is_told_the_trained_alphas_and_counts_and_n_snaps_on_a_log_scale(folder):
    write_small_zoo(folder, 5, (0.5, 0.0, 0.1))
    write_small_zoo(folder, 20, (0.0,))
    assert networks.trained(5) == ((0.0, 0.1, 0.5), (5, 20))
    assert networks.snapped(9) == 5 and networks.snapped(11) == 20 and networks.snapped(1000) == 20
    assert networks.trained(1000)[0] == (0.0,)


def test_seeds_stay_in_the_family_but_one_network_is_shown_for_each_alpha(folder):
    write_small_zoo(folder, 5, (0.0, 0.1), seeds=(0, 1))
    write_small_zoo(folder, 5, (0.05,), seeds=(1,))
    assert [(r.config.alpha, r.config.seed) for r in networks.family(5)] == [(0.0, 0), (0.0, 1), (0.05, 1), (0.1, 0), (0.1, 1)]
    assert [(r.config.alpha, r.config.seed) for r in networks.shown(5)] == [(0.0, 0), (0.05, 1), (0.1, 0)]


def test_a_flipped_bit_takes_one_network_out_and_leaves_the_others(folder):
    run = write_small_zoo(folder)[1]
    before = kept.stamp()
    path = folder / run.file
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert kept.stamp() != before
    assert networks.trained(5) == ((0.0, 0.5), (5,))
    (problem,) = networks.problems(5)
    assert problem.code == "store.damaged" and run.file in str(problem)
    with pytest.raises(LsvizError):
        networks.arrays(run.id)


def test_without_networks_the_dock_offers_any_value(folder):
    assert networks.trained(10) == (None, None) and networks.family(10) == () and networks.snapped(10) == 10
    assert [p.code for p in networks.problems(10)] == ["store.empty"]


@pytest.mark.parametrize(
    ("content", "code"),
    [('{"schema_version": 99, "runs": []}', "store.newer"), ("{", "store.manifest"), ("[]", "store.manifest")],
)
def test_a_manifest_that_cannot_be_read_is_one_problem(folder, content, code):
    (folder / "manifest.json").write_text(content)
    assert networks.trained(10) == (None, None)
    assert [p.code for p in networks.problems(10)] == [code]


def test_the_command_is_taken_out_of_the_sentence():
    sentence, command = notices._sentence_and_command(LsvizError("store.empty", folder="x: y"))
    assert sentence == "x: y holds no networks yet. Train some:" and command.startswith("python -m lsviz.training.sweep --data")
    plain = LsvizError("geometry.plane")
    assert notices._sentence_and_command(plain) == (str(plain), "")


def test_noisy_and_small_runs_are_no_family_of_these_pages(folder):
    write_small_zoo(folder)
    manifest = folder / "manifest.json"
    tree = json.loads(manifest.read_text())
    for run in tree["runs"]:
        run["config"]["noise"] = 0.4
    manifest.write_text(json.dumps(tree))
    assert networks.trained(5) == (None, None) and networks.problems(5) == ()


def test_a_page_sees_a_change_on_disk_at_its_next_run(folder):
    from streamlit.testing.v1 import AppTest

    runs = write_small_zoo(folder)
    app = (
        AppTest.from_file(str(Path(__file__).parents[2] / "lsviz/frame/main.py"), default_timeout=60)
        .run()
        .switch_page(navigation.file("networks"))
        .run()
    )
    assert len(app.dataframe[0].value) == len(runs)
    write_small_zoo(folder, num_classes=4)
    assert len(app.run().dataframe[0].value) == 2 * len(runs)
