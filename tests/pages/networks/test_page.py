"""Networks: every run in the table, the grid, the literature beside ours, curves of the run in the link, failures named."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from lsviz.pages.networks.table import grid_rows, rows_csv, run_rows
from lsviz.store import RunConfig, Store, write_failure
from tests.pages.reliability.test_page import said
from tests.reading import mounted
from tests.reading import opened as opened_page
from tests.small_zoo import write_small_zoo


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(tmp_path))
    return tmp_path


def test_the_literature_stands_with_and_without_ours(folder):
    write_small_zoo(folder)
    app = opened_page("networks")
    assert not app.exception and "no networks for N = 100" in said(app)
    assert "its replication" in mounted(app)["networks_compare"]["figure"]
    write_small_zoo(folder, num_classes=100, alphas=(0.0, 0.1))
    app = opened_page("networks")
    assert not app.exception and "no networks for N = 100" not in said(app)
    assert "measured here, N = 100" in mounted(app)["networks_compare"]["figure"]


def test_curves_are_those_of_the_run_in_the_link(folder):
    records = write_small_zoo(folder)
    for record in records[:2]:
        app = opened_page("networks", run=record.id)
        chosen = next(box for box in app.selectbox if box.label == "Network")
        assert chosen.value == record.id
    assert not opened_page("networks", run="no-such-run").exception


def test_failures_are_listed_with_their_reason(folder):
    write_small_zoo(folder)
    assert "broke off" not in "".join(s.value for s in opened_page("networks").subheader)
    write_failure(folder, RunConfig(5, 0.9, 3), "The loss is not finite.")
    text = said(opened_page("networks"))
    assert "n005-a0.900-s3" in text and "The loss is not finite." in text


def test_grid_and_csv_hold_every_run(folder):
    write_small_zoo(folder, alphas=(0.0, 0.1), seeds=(0, 1, 2), n=40)
    write_small_zoo(folder, num_classes=4, alphas=(0.3,), n=40)
    runs = Store(folder).runs
    assert [list(row.values()) for row in grid_rows(runs)] == [["4", "·", "·", "1"], ["5", "3", "3", "·"]]
    rows = list(csv.DictReader(io.StringIO(rows_csv(run_rows(runs)))))
    assert [row["id"] for row in rows] == [run.id for run in runs] and rows[0]["memorised"] == "●"


def test_students_and_fewer_images_are_named_and_stay_out_of_the_way(folder):
    from dataclasses import replace

    from lsviz.store import write_run
    from lsviz.zoo import networks

    base = write_small_zoo(folder, alphas=(0.0, 0.1), n=40)[0]
    arrays = dict(Store(folder).load(base.id))
    student = replace(base.config, net="resnet9-student")
    others = (
        replace(base.config, size=10),
        student,
        replace(student, teacher_alpha=0.1, teacher_temperature=2.0, distil_weight=1.0),
    )
    for config in others:
        write_run(folder, replace(base, config=config, id=config.run_id), arrays)
    runs = Store(folder).runs
    grid = grid_rows(runs)
    assert [list(row.values()) for row in grid] == [["5", "1", "1"], ["5, 10 % of the images", "1", "·"]]
    rows = {row["id"]: row for row in run_rows(runs)}
    assert [rows[config.run_id]["size"] for config in others] == [10, 100, 100]
    assert [(rows[config.run_id]["teacher"], rows[config.run_id]["teacher_t"]) for config in others] == [
        (None, None),
        (None, None),
        (0.1, 2.0),
    ]
    text = said(opened_page("networks"))
    assert "a student half as wide" in text and "float32 (N = 5)" in text
    labels = next(box for box in opened_page("networks").selectbox if box.label == "Network").options
    assert any("a student of α = 0.10 at T = 2" in label for label in labels)
    assert {run.config.net for run in networks.family(5)} == {base.config.net} and len(networks.family(5)) == 2
