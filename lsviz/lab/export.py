"""A training in the lab as files: arrays in the layout of the stored networks, curves as columns, a plain PyTorch script."""

from __future__ import annotations

import io
import json

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from lsviz.lab.config import LabConfig
from lsviz.lab.run import LabRun


def run_file(run: LabRun, alpha: float) -> bytes:
    """One network as safetensors: the arrays of a stored run that pages read, with the configuration as metadata."""
    m = run.config.alphas.index(alpha)
    arrays = {
        "test_logits": run.test_logits[-1, m], "test_labels": run.test_labels.astype(np.uint8),
        "validation_logits": run.validation_logits[m], "validation_labels": run.validation_labels.astype(np.uint8),
        "head_weight": run.head_weight[-1, m], "head_bias": run.head_bias[-1, m],
    }  # fmt: skip
    about = {
        "program": "lsviz.lab",
        "class_names": json.dumps(run.names),
        "config": json.dumps(vars(run.config) | {"alphas": [alpha]}),
    }
    return save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, about)


def curve_columns(run: LabRun) -> dict[str, NDArray]:
    """Every measure after every epoch of every network, one row each."""
    alphas, epochs = len(run.config.alphas), run.epochs
    where = {"alpha": np.repeat(run.config.alphas, epochs), "epoch": np.tile(np.arange(1, epochs + 1), alphas)}
    return where | {name: values.ravel() for name, values in run.curves.items()}


SCRIPT = '''"""One network of an lsviz lab training in plain PyTorch. Needs torch and numpy."""

import numpy as np
import torch

{data}
torch.set_num_threads(1)
torch.manual_seed({seed})
network = torch.nn.Sequential(
{layers}
)
optimizer = {optimizer}
x, y = torch.as_tensor(train_x, dtype=torch.float32), torch.as_tensor(train_y)
target = torch.nn.functional.one_hot(y, {classes}) * (1 - {alpha}) + {alpha} / {classes}  # what label_smoothing={alpha} asks for
order = torch.Generator().manual_seed({seed})
for epoch in range({epochs}):
    for rows in torch.randperm(len(x), generator=order).split({batch}):
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(network(x[rows]), target[rows]).backward()
        optimizer.step()
with torch.no_grad():
    answers = network(torch.as_tensor(test_x, dtype=torch.float32)).argmax(dim=1).numpy()
print(f"test accuracy {{(answers == test_y).mean():.4f}}")
'''


def script(config: LabConfig, alpha: float, features: int) -> str:
    """The same training of one alpha as a script that reads `lab-data.npz` (see `data_file`) and prints its test accuracy."""
    sizes, layers = (features, *config.hidden(), config.num_classes), []
    for layer, (size, following) in enumerate(zip(sizes, sizes[1:])):
        layers.append(f"    torch.nn.Linear({size}, {following}),")
        if layer < len(sizes) - 2 and following != 2:
            layers.append("    torch.nn.ReLU(),")
    decay = f", weight_decay={config.weight_decay!r}" if config.weight_decay else ""
    made = "Adam" if config.optimizer == "adam" else "SGD"
    momentum = ", momentum=0.9" if config.optimizer == "sgd" else ""
    optimizer = f"torch.optim.{made}(network.parameters(), lr={config.rate!r}{momentum}{decay})"
    data = 'data = np.load("lab-data.npz")\ntrain_x, train_y, test_x, test_y = (data[name] for name in ("train_x", "train_y", "test_x", "test_y"))\n'
    return SCRIPT.format(
        data=data, seed=config.seed, layers="\n".join(layers), optimizer=optimizer, classes=config.num_classes, alpha=repr(float(alpha)),
        epochs=config.epochs, batch=config.batch,
    )  # fmt: skip


def data_file(data) -> bytes:
    """The data of a training (`data.LabData`) as an .npz that needs no unpickling."""
    file = io.BytesIO()
    np.savez_compressed(file, train_x=data.train_x, train_y=data.train_y, test_x=data.test_x[:1000], test_y=data.test_y[:1000])
    return file.getvalue()
