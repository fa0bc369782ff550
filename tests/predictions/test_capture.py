"""Somebody else's PyTorch classifier is captured: the right layer, the right numbers, and not a trace left in the model."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path
from types import SimpleNamespace

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
    assert found.penultimate.shape == (50, 9) and found.head_weight is None


class Kinds(nn.Module):
    """One body and every head that somebody wrote."""

    def __init__(self, kind):
        super().__init__()
        torch.manual_seed(0)
        self.kind, self.body, self.fc, self.fc2, self.one = kind, nn.Linear(6, 9), nn.Linear(9, K), nn.Linear(9, K), nn.Linear(9, 1)
        self.conv, self.embedding = nn.Conv2d(9, K, 1), nn.Parameter(torch.randn(K, 9))

    def forward(self, x):
        h = torch.relu(self.body(x))
        words = torch.stack([h, h.flip(1), -h], 1)  # (n, 3, d)
        pixels = words.transpose(1, 2)[..., None]  # (n, d, 3, 1)
        match self.kind:
            case "cosine":
                return 10 * nn.functional.normalize(h) @ nn.functional.normalize(self.embedding).T
            case "tied":
                return h @ self.embedding.T
            case "sum":
                return self.fc(h) + self.fc2(h * h)
            case "mean":
                return (self.fc(h) + self.fc2(h)) / 2
            case "conv":
                return self.conv(h[:, :, None, None])[:, :, 0, 0]
            case "conv, then mean":
                return self.conv(pixels).mean((2, 3))
            case "mean, then conv":
                return self.conv(pixels.mean((2, 3), keepdim=True))
            case "first word":
                return self.fc(words)[:, 0]
            case "last word, softmax":
                return torch.softmax(self.fc(words)[torch.arange(len(x)), (x[:, 0] > 0) + 1], 1)
            case "mean of words":
                return self.fc(words).mean(1)
            case "features first":
                return h, self.fc(h)
            case "ModelOutput":
                return OrderedDict(loss=x.sum(), hidden_states=(h, words), logits=self.fc(h))
            case "probabilities beside":
                return self.fc(h), torch.softmax(self.fc(h), 1)
            case "object":
                return SimpleNamespace(embedding=h, predicted=self.fc(h).argmax(1), scores=self.fc(h))
            case "auxiliary head last":
                z = self.fc(h)
                return {"main": z, "width": self.one(h)}
            case _:
                return self.fc(h)


WITH_HEAD = {"conv", "conv, then mean", "mean, then conv", "first word", "last word, softmax", "mean of words", "features first", "ModelOutput",
             "probabilities beside", "object", "auxiliary head last"}  # fmt: skip


@pytest.mark.parametrize("kind", ["cosine", "tied", "sum", "mean", *sorted(WITH_HEAD)])
def test_what_the_model_answers_is_recorded_and_a_head_where_it_made_that(tmp_path, kind):
    model, data = Kinds(kind), Named()
    found = read(lsviz.capture(model, DataLoader(data, batch_size=16), tmp_path / "a.safetensors", progress=False))
    with torch.inference_mode():
        h, answer = torch.relu(model.body(data.x)), model.eval()(data.x)
        plain = model.fc(torch.stack([h.flip(1), -h], 1)[torch.arange(50), (data.x[:, 0] > 0).long()])
    named = {
        "features first": lambda: answer[1], "probabilities beside": lambda: answer[0], "ModelOutput": lambda: answer["logits"],
        "object": lambda: answer.scores, "auxiliary head last": lambda: answer["main"], "last word, softmax": lambda: plain,
    }  # fmt: skip
    wanted = named.get(kind, lambda: answer)().reshape(50, K).numpy()
    assert np.allclose(found.scores, wanted, atol=1e-5) and np.array_equal(found.labels, data.y.numpy())
    assert (found.head_weight is not None) == (kind in WITH_HEAD)
    if kind in WITH_HEAD:
        assert np.allclose(found.penultimate @ found.head_weight.T + found.head_bias, wanted, atol=5e-3)


@pytest.mark.parametrize(
    ("end", "scale"),
    [(lambda z: z, 1), (lambda z: z[:, 0], 1), (torch.sigmoid, 1), (lambda z: torch.sigmoid(3 * z), 3), (lambda z: 3 * z, 3)],
)
def test_one_logit_becomes_two_columns_and_is_kept(tmp_path, end, scale):
    """A sigmoid behind the layer is undone; behind anything else the probability stays one."""
    from safetensors.numpy import load_file

    model, data = nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 1)), Named()
    whole = nn.Sequential(model, Ends(end))
    labels = (data.y > 1).float()[:, None]
    path = lsviz.capture(whole, DataLoader(TensorDataset(data.x, labels), 16), tmp_path / "a.safetensors", progress=False)
    found, arrays = read(path), load_file(path)
    with torch.inference_mode():
        z, answer = model(data.x).numpy()[:, 0], end(model(data.x)).numpy().reshape(50)
    assert np.allclose(arrays["original_output"][:, 0], answer, atol=1e-6) and np.array_equal(found.labels, labels[:, 0].numpy())
    logits = diagnose(found).logits
    assert np.allclose(logits[:, 1] - logits[:, 0], scale * z, atol=1e-4) and (found.head_weight is None) == (scale == 3)
    if scale == 1:
        assert np.allclose(found.penultimate @ found.head_weight.T + found.head_bias, np.c_[0 * z, z], atol=5e-3)


class Ends(nn.Module):
    def __init__(self, end):
        super().__init__()
        self.end = end

    def forward(self, z):
        return self.end(z)


def test_wrapped_compiled_and_half_precision_models_are_recorded_as_they_are(tmp_path):
    plain, data = Kinds("plain"), Named()
    loader = DataLoader(data, batch_size=16)
    wanted = read(lsviz.capture(plain, loader, tmp_path / "a.safetensors", progress=False))
    for model in (nn.DataParallel(plain), torch.compile(plain, backend="eager"), nn.Sequential(plain), Kinds("plain").bfloat16()):
        found = read(lsviz.capture(model, loader, tmp_path / "b.safetensors", progress=False))
        assert np.allclose(found.scores, wanted.scores, atol=0.05) and np.allclose(found.head_weight, wanted.head_weight, atol=0.01)


class TwoInputs(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.fc = nn.Linear(6, K)

    def forward(self, words, mask, more=None):
        return self.fc(words * mask)


def test_inputs_find_their_arguments(tmp_path):
    data, mask = Named(), torch.ones(50, 6, dtype=torch.long)
    hot = nn.functional.one_hot(data.y, K)
    two = (
        [(data.x, mask, data.y)], [{"words": data.x, "mask": mask, "id": torch.arange(50), "label": data.y}], [((data.x, mask), hot)],
        [({"words": data.x, "mask": mask}, data.y.tolist())], [(data.x, mask, hot.float())],
    )  # fmt: skip
    one = (
        [(data.x, hot)],
        [{"image": data.x, "target": data.y}],
        [(torch.arange(50), data.x, data.y)],
        [(data.x, data.y, torch.arange(50))],
    )
    for make, loaders in ((TwoInputs, two), (lambda: Kinds("plain"), one)):
        every = [read(lsviz.capture(make(), loader, tmp_path / "a.safetensors", progress=False)) for loader in loaders]
        assert all(np.array_equal(x.labels, data.y.numpy()) and np.array_equal(x.scores, every[0].scores) for x in every)


def test_of_several_answers_one_is_named(tmp_path):
    model, data = nn.Sequential(Kinds("plain"), Ends(lambda z: {"first": z, "second": 2 * z})), Named()
    loader = DataLoader(data, batch_size=50)
    with pytest.raises(LsvizError, match="first \\(50, 4\\), second \\(50, 4\\)") as caught:
        lsviz.capture(model, loader, tmp_path / "a.safetensors", progress=False)
    assert caught.value.code == "capture.outputs"
    one, two = (
        read(lsviz.capture(model, loader, tmp_path / "a.safetensors", output=name, progress=False)) for name in ("first", "second")
    )
    assert np.allclose(2 * one.scores, two.scores) and one.head_weight is not None and two.head_weight is None
    pair = nn.Sequential(model, Ends(lambda found: tuple(found.values())))
    assert np.array_equal(
        read(lsviz.capture(pair, loader, tmp_path / "a.safetensors", output=1, progress=False)).scores, two.scores
    )
    with pytest.raises(LsvizError, match="answers no third"):
        lsviz.capture(model, loader, tmp_path / "a.safetensors", output="third", progress=False)


@pytest.mark.parametrize("alpha", [1.5, -0.1, float("nan"), "0.1"])
def test_an_alpha_that_is_none_is_refused_before_anything_runs(tmp_path, alpha):
    with pytest.raises(LsvizError, match=f"alpha is {alpha}"):
        lsviz.capture(nn.Linear(3, 4), [], tmp_path / "a.safetensors", alpha=alpha, progress=False)
    assert not list(tmp_path.iterdir())


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
        (Plain(), None, None, "capture.batch"),
        (lambda x: x, [], None, "capture.model"),
        (Plain(), [(torch.zeros(2, 6), torch.zeros(2).long())], "nope", "capture.no_layer"),
        (Plain(), [(torch.zeros(2, 6), torch.zeros(2).long())], "drop", "capture.no_layer"),
        (Plain(), [(torch.zeros(2, 6), torch.zeros(2).long())], "aux", "capture.layer"),
        (nn.Linear(6, K), [(torch.zeros(2, 3, 6), torch.zeros(2).long())], None, "capture.answer"),
        (Ends(lambda z: z.sum()), [(torch.zeros(2, 6), torch.zeros(2).long())], None, "capture.answer"),
        (Ends(lambda z: "cat"), [(torch.zeros(2, 6), torch.zeros(2).long())], None, "capture.answer"),
        (Plain(), [(torch.zeros(2, 6), ["cat", "dog"])], None, "capture.labels"),
        (Plain(), [(torch.zeros(2, 6), None)], None, "capture.labels"),
        (Plain(), [(torch.zeros(2, 5), torch.zeros(2).long())], None, "capture.call"),
        (Plain(), [{"pixels": torch.zeros(2, 6), "mask": torch.zeros(2, 6), "label": torch.zeros(2)}], None, "capture.call"),
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
