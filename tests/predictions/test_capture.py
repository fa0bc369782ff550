"""Somebody else's PyTorch classifier is captured: the right layer, the right numbers, and not a trace left in the model."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

import lsviz
from lsviz.core.calibration.assessment import assess
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import diagnose
from lsviz.core.predictions.outputs import alpha_told
from lsviz.predictions.reading import read_outside
from lsviz.store import Store

ROOT = Path(__file__).parents[2]
K = 4


class Plain(nn.Module):
    """What one writes first: an unused auxiliary head, dropout, a head called `fc`, softmax in `forward` if asked."""

    def __init__(self, end=lambda logits: logits):
        super().__init__()
        self.first, self.drop, self.fc, self.aux, self.end = nn.Linear(6, 9), nn.Dropout(0.5), nn.Linear(9, K), nn.Linear(9, 2), end

    def forward(self, x):
        return self.end(self.fc(self.drop(torch.relu(self.first(x)))))


class BasicBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)

    def forward(self, x):
        return torch.relu(x + self.bn1(self.conv1(x)))


class TorchvisionStyle(nn.Module):
    """The shape of torchvision's ResNet: conv1, layer1, avgpool, fc."""

    def __init__(self, num_classes=K, width=8):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.layer1 = nn.Sequential(OrderedDict([("0", BasicBlock(width)), ("1", BasicBlock(width))]))
        self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(width, num_classes)

    def forward(self, x):
        x = self.layer1(torch.relu(self.bn1(self.conv1(x))))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class Named(Dataset):
    classes = ["beaver", "=cmd()", "<b>", "otter"]

    def __init__(self, n=50, shape=(6,)):
        made = torch.Generator().manual_seed(0)
        self.x, self.y = torch.randn(n, *shape, generator=made), torch.randint(K, (n,), generator=made)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], int(self.y[i])


def read(path: Path):
    return read_outside(path.read_bytes(), path.name)


@pytest.mark.parametrize(("make", "shape"), [(Plain, (6,)), (TorchvisionStyle, (3, 8, 8))])
def test_what_is_captured_is_what_the_model_says(tmp_path, make, shape):
    torch.manual_seed(0)
    model, data = make().train(), Named(shape=shape)
    path = lsviz.capture(model, DataLoader(data, batch_size=16), tmp_path / "mine.safetensors", progress=False, note="a try")
    found = read(path)
    with torch.inference_mode():
        wanted = model.eval()(data.x).numpy()
    assert np.allclose(found.scores, wanted, atol=1e-6) and np.array_equal(found.labels, data.y.numpy())
    assert found.class_names == ("beaver", "=cmd()", "<b>", "otter")
    assert np.allclose(
        found.penultimate @ found.head_weight.T + found.head_bias, wanted, atol=5e-3
    )  # activations are of half precision
    assert (
        found.told["layer"] == "fc"
        and found.told["model"] == make.__name__
        and found.told["note"] == "a try"
        and found.told["rows"] == "50"
    )
    assert assess(diagnose(found).logits, diagnose(found).labels).accuracy == (wanted.argmax(1) == data.y.numpy()).mean()


def test_the_file_is_a_run_file(tmp_path):
    from safetensors import safe_open

    path = lsviz.capture(Plain(), DataLoader(Named(), batch_size=7), tmp_path / "mine.safetensors", progress=False)
    with safe_open(path, framework="numpy") as file:
        assert set(file.keys()) == {"test_logits", "test_labels", "test_features", "head_weight", "head_bias"}
        assert file.get_tensor("test_features").shape == (50, 9) and file.get_tensor("test_features").dtype == np.float16
        assert file.get_tensor("test_logits").dtype == np.float32
    assert [p.name for p in tmp_path.iterdir()] == ["mine.safetensors"]


def test_run_files_and_captured_ones_are_read_alike(tmp_path):
    """A stored run is as good a file as a captured one, and its alpha is told by its name; a captured one tells it itself."""
    run = next(
        run
        for run in Store(ROOT / "checkpoints").runs
        if run.config.num_classes == 10 and run.config.alpha == 0.1 and "test_features" in run.arrays
    )
    stored = read(ROOT / "checkpoints" / run.file)
    path = lsviz.capture(Plain(), DataLoader(Named(), batch_size=7), tmp_path / "mine.safetensors", alpha=0.1, progress=False)
    captured = read(path)
    assert alpha_told(stored.told, run.file) == alpha_told(captured.told, path.name) == 0.1
    for found in (stored, captured):
        assert found.penultimate.shape == (found.num_rows, found.head_weight.shape[1]) and found.head_bias is not None
    whole = assess(diagnose(stored).logits, diagnose(stored).labels)
    assert abs(whole.accuracy - run.metrics["test"]["accuracy"]) < 2e-3 and abs(whole.ece.ece - run.metrics["test"]["ece15"]) < 2e-3


@pytest.mark.parametrize(
    "end", [lambda z: torch.softmax(z, 1), lambda z: torch.log_softmax(z, 1), lambda z: (z, z.sum()), lambda z: {"logits": z}]
)
def test_a_softmax_or_a_wrapping_behind_the_layer_does_no_harm(tmp_path, end):
    torch.manual_seed(0)
    model, data = Plain(end), Named()
    found = read(lsviz.capture(model, DataLoader(data, batch_size=16), tmp_path / "a.safetensors", progress=False))
    model.end = lambda z: z
    with torch.inference_mode():
        assert np.allclose(found.scores, model.eval()(data.x).numpy(), atol=1e-6)
    assert found.penultimate is not None


def test_a_model_that_scales_its_logits_is_recorded_as_it_answers(tmp_path):
    torch.manual_seed(0)
    model, data = Plain(lambda z: 30 * z), Named()
    found = read(lsviz.capture(model, DataLoader(data, batch_size=16), tmp_path / "a.safetensors", progress=False))
    with torch.inference_mode():
        assert np.allclose(found.scores, model.eval()(data.x).numpy(), atol=1e-4)
    assert found.penultimate is None and found.head_weight is None


def test_nothing_of_the_model_or_of_chance_has_moved(tmp_path):
    model = Plain().train()
    model.drop.eval()  # frozen by its owner: must stay so
    made = torch.Generator().manual_seed(3)
    loader = DataLoader(Named(), batch_size=8, shuffle=True, generator=made)
    weights = {name: value.clone() for name, value in model.state_dict().items()}
    torch.manual_seed(1), random.seed(1), np.random.seed(1)
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist(), made.get_state()
    lsviz.capture(model, loader, tmp_path / "a.safetensors", progress=False)
    assert model.training and model.fc.training and not model.drop.training
    assert all(torch.equal(value, weights[name]) for name, value in model.state_dict().items())
    assert torch.equal(states[0], torch.get_rng_state()) and states[1] == random.getstate()
    assert states[2] == np.random.get_state()[1].tolist() and torch.equal(states[3], made.get_state())
    assert not any(module._forward_hooks for module in model.modules()) and all(p.grad is None for p in model.parameters())


def test_after_a_failure_all_is_as_before(tmp_path):
    def broken():
        yield torch.zeros(2, 6), torch.zeros(2, dtype=torch.long)
        raise RuntimeError("the disk with the images is gone")

    model = Plain().train()
    with pytest.raises(RuntimeError):
        lsviz.capture(model, broken(), tmp_path / "a.safetensors", progress=False)
    assert model.training and not any(m._forward_hooks for m in model.modules()) and list(tmp_path.iterdir()) == []


def test_loaders_of_every_kind(tmp_path):
    torch.manual_seed(0)
    model, data = Plain(), Named()
    wanted = None
    mappings = [{"x": data.x[i : i + 10], "labels": data.y[i : i + 10]} for i in range(0, 50, 10)]

    class Endless(IterableDataset):
        def __iter__(self):
            return iter((x, int(y)) for x, y in zip(data.x, data.y))

    loaders = (
        DataLoader(data, batch_size=16), DataLoader(TensorDataset(data.x, data.y), batch_size=50), mappings, iter(mappings), DataLoader(Endless(), batch_size=16),
        DataLoader(Subset(data, range(50)), batch_size=16), [(data.x, data.y[:, None])], [[data.x, data.y.float(), "path"]],
    )  # fmt: skip
    for loader in loaders:
        told = []
        found = read(
            lsviz.capture(model, loader, tmp_path / "a.safetensors", progress=lambda done, total: told.append((done, total)))
        )
        wanted = found.scores if wanted is None else wanted
        assert np.allclose(found.scores, wanted, atol=1e-6) and told[-1][0] == 50 and told[-1][1] in (50, None)


@pytest.mark.parametrize(
    ("model", "loader", "layer", "code"),
    [
        (Plain(), [(torch.zeros(2, 6), torch.zeros(2, K))], None, "capture.labels"),
        (Plain(), [(torch.zeros(2, 6), torch.tensor([0.5, 1]))], None, "capture.labels"),
        (Plain(), [torch.zeros(2, 6)], None, "capture.batch"),
        (Plain(), [{"x": torch.zeros(2, 6)}], None, "capture.batch"),
        (Plain(), [], None, "outside.empty"),
        (Plain(), [(torch.zeros(2, 6), torch.zeros(2).long())], "nope", "capture.no_layer"),
        (Plain(), [(torch.zeros(2, 6), torch.zeros(2).long())], "drop", "capture.no_layer"),
        (Plain(), [(torch.zeros(2, 6), torch.zeros(2).long())], "aux", "capture.layer"),
        (nn.Flatten(), [(torch.zeros(2, 6), torch.zeros(2).long())], None, "capture.no_linear"),
        (nn.Linear(6, K), [(torch.zeros(2, 3, 6), torch.zeros(2).long())], None, "capture.layer"),
    ],
)
def test_what_cannot_be_captured_is_one_sentence(tmp_path, model, loader, layer, code):
    with pytest.raises(LsvizError) as caught:
        lsviz.capture(model, loader, tmp_path / "a.safetensors", layer, progress=False)
    assert caught.value.code == code and list(tmp_path.iterdir()) == []


def test_importing_lsviz_does_not_import_torch():
    code = "import sys, lsviz; lsviz.capture; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0
    with pytest.raises(AttributeError):
        _ = lsviz.nothing


def test_memory_does_not_grow_with_the_rows(tmp_path):
    import tracemalloc

    batch = (torch.zeros(500, 6), torch.zeros(500, dtype=torch.long))
    model, peaks = Plain(), []
    for batches in (4, 80):
        tracemalloc.start()
        lsviz.capture(model, (batch for _ in range(batches)), tmp_path / "a.safetensors", progress=False)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert read(tmp_path / "a.safetensors").num_rows == 40_000 and peaks[1] < peaks[0] + 2_500_000, peaks
