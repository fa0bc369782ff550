"""The engine against plain PyTorch: the same seed, data and batches give the same network, for every alpha."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lsviz.core import calibration
from lsviz.lab.config import LabConfig
from lsviz.lab.data import make_data
from lsviz.lab.engine import plain_network, start, train_epochs
from lsviz.lab.measures import measure

SMALL = dict(num_classes=4, examples=90, width=16, epochs=2, batch=32, alphas=(0, 0.1, 0.5, -0.2))


def plainly(config: LabConfig, data, alpha: float):
    """Ten lines anyone would write."""
    torch.manual_seed(config.seed)
    network = plain_network(config, data.train_x.shape[1]).double()
    torch.manual_seed(config.seed)
    network.load_state_dict({k: v.double() for k, v in plain_network(config, data.train_x.shape[1]).state_dict().items()})
    make = torch.optim.Adam if config.optimizer == "adam" else lambda p, **rest: torch.optim.SGD(p, momentum=0.9, **rest)
    optimizer = make(network.parameters(), lr=config.rate, weight_decay=config.weight_decay)
    x, y, order = torch.as_tensor(data.train_x), torch.as_tensor(data.train_y), torch.Generator().manual_seed(config.seed)
    for _ in range(config.epochs):
        for rows in torch.randperm(len(x), generator=order).split(config.batch):
            optimizer.zero_grad()
            logits = network(x[rows])
            if alpha >= 0:
                loss = torch.nn.functional.cross_entropy(logits, y[rows], label_smoothing=alpha)
            else:
                hot = torch.nn.functional.one_hot(y[rows], config.num_classes)
                loss = torch.nn.functional.cross_entropy(logits, hot * (1 - alpha) + alpha / config.num_classes)
            loss.backward()
            optimizer.step()
    return network


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"optimizer": "sgd", "rate": 0.1, "weight_decay": 0.01}, {"depth": 0}, {"depth": 1, "flat": True}, {"depth": 3, "noise": 0.4},
        {"data": "blobs", "weight_decay": 0.001}, {"data": "spirals", "num_classes": 2},
    ],
)  # fmt: skip
def test_each_network_is_a_plain_training(changes):
    config = LabConfig(**{**SMALL, **changes})
    data = make_data(config)
    for networks, _ in train_epochs(config, data, double=True):
        pass
    made = networks.activations(torch.as_tensor(data.test_x))[-1].detach()
    for m, alpha in enumerate(config.alphas):
        expected = plainly(config, data, alpha)(torch.as_tensor(data.test_x)).detach()
        np.testing.assert_allclose(made[m], expected, atol=1e-5)


def test_all_start_from_the_same_weights_and_leave_the_global_seed_alone():
    before = torch.random.get_rng_state()
    networks = start(LabConfig(**SMALL), 64, torch.float32)
    assert torch.equal(before, torch.random.get_rng_state())
    for weight in (*networks.weights, *networks.biases):
        assert (weight == weight[:1]).all() and weight.abs().sum() > 0


def test_gradient_norm_is_autograds():
    config = LabConfig(**{**SMALL, "epochs": 1, "batch": 90, "alphas": (0.1,)})
    data = make_data(config)
    _, norms = next(train_epochs(config, data, double=True))
    torch.manual_seed(config.seed)
    plain = plain_network(config, 64).double()
    torch.nn.functional.cross_entropy(
        plain(torch.as_tensor(data.train_x)), torch.as_tensor(data.train_y), label_smoothing=0.1
    ).backward()
    assert norms[0] == pytest.approx(torch.cat([p.grad.flatten() for p in plain.parameters()]).norm().item(), rel=1e-9)


def test_measures_are_those_of_the_mathematics():
    config = LabConfig(**{**SMALL, "noise": 0.3, "alphas": (0.1, 0.4)})
    data = make_data(config)
    for networks, _ in train_epochs(config, data, double=True):
        pass
    train, test = torch.as_tensor(data.train_x), torch.as_tensor(data.test_x)
    with torch.no_grad():
        made = measure(networks, train, data.train_y, data.clean_y, test, data.test_y, config.alphas)
        fitted, seen = networks.activations(train)[-1].numpy(), networks.activations(test)[-1].numpy()
    from lsviz.core.smoothing import smoothed_cross_entropy

    for m, alpha in enumerate(config.alphas):
        confidence, correct = calibration.confidence_and_correct(seen[m], data.test_y)
        expected = {
            "loss": smoothed_cross_entropy(fitted[m], data.train_y, alpha).mean(), "train_nll": calibration.nll(fitted[m], data.train_y),
            "test_nll": calibration.nll(seen[m], data.test_y), "test_accuracy": correct.mean(), "gap": confidence.mean() - correct.mean(),
            "ece": calibration.reliability_diagram(confidence, correct).ece,
            "memorised": (fitted[m].argmax(1) == data.train_y)[data.flipped].mean(), "recovered": (fitted[m].argmax(1) == data.clean_y)[data.flipped].mean(),
            "margin": np.mean([row[k] - np.delete(row, k).max() for row, k in zip(fitted[m], data.train_y)]),
        }  # fmt: skip
        for name, value in expected.items():
            assert made[name][m] == pytest.approx(value, abs=2e-6), name
