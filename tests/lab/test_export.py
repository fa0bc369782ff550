"""What leaves the lab: a run file, curves, and a plain script that gives the same accuracy."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load

from lsviz.core.calibration import confidence_and_correct
from lsviz.lab.config import LabConfig
from lsviz.lab.data import make_data
from lsviz.lab.export import curve_columns, data_file, run_file, script
from lsviz.lab.run import train

CONFIG = LabConfig(num_classes=5, examples=200, width=24, epochs=5, batch=32, noise=0.2, alphas=(0.0, 0.1))


@pytest.mark.parametrize("changes", [{}, {"optimizer": "sgd", "rate": 0.05, "weight_decay": 0.001, "flat": True}])
def test_the_script_reproduces_the_accuracy(tmp_path, changes):
    config = LabConfig(**{**vars(CONFIG), **changes})
    run, data = train(config), make_data(config)
    (tmp_path / "train.py").write_text(script(config, 0.1, data.train_x.shape[1]))
    (tmp_path / "lab-data.npz").write_bytes(data_file(data))
    said = subprocess.run([sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert float(said.split()[-1]) == pytest.approx(run.curves["test_accuracy"][1, -1], abs=1.5 / len(run.test_labels))


def test_the_run_file_holds_what_pages_read():
    run = train(CONFIG)
    arrays = load(run_file(run, 0.1))
    assert set(arrays) == {"test_logits", "test_labels", "validation_logits", "validation_labels", "head_weight", "head_bias"}
    _, correct = confidence_and_correct(arrays["test_logits"], arrays["test_labels"])
    assert correct.mean() == pytest.approx(run.curves["test_accuracy"][1, -1], abs=1e-6)


def test_the_curves_have_a_row_for_every_network_and_epoch():
    run = train(CONFIG)
    columns = curve_columns(run)
    assert {len(column) for column in columns.values()} == {2 * 5}
    row = next(i for i in range(10) if columns["alpha"][i] == 0.1 and columns["epoch"][i] == 3)
    assert columns["loss"][row] == run.curves["loss"][1, 2]
    assert np.all(np.diff(columns["epoch"][:5]) == 1)
