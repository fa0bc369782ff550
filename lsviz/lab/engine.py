"""M networks that differ only in alpha, trained together: one batched matrix product a layer, gradients written out.

Every network sees what a plain PyTorch training of that alpha would: the same initial weights, batches and optimiser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lsviz.lab.config import LabConfig
from lsviz.lab.data import LabData

if TYPE_CHECKING:
    import torch

ROWS = 128  # that are looked at together: what lies between two layers stays in the caches


@dataclass
class Networks:
    """Weights (M, out, in) and biases (M, 1, out) of every layer: views into one long vector `flat`, which the optimiser steps.

    That way round, as in `nn.Linear`, the gradients of the weights are products a third faster, of the last layer seven times.
    """

    flat: torch.Tensor
    weights: list[torch.Tensor]
    biases: list[torch.Tensor]

    def activations(self, x: torch.Tensor, room: Sequence[torch.Tensor] = ()) -> list[torch.Tensor]:
        """Input, hidden activations and logits of x (n, d) in all networks: [(M, n, d), ..., (M, n, K)]. With `room` for all but the
        input they are written there: memory that is used again lies in the caches."""
        import torch

        made = [x.expand(len(self.weights[0]), *x.shape)]
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            z = torch.baddbmm(bias, made[-1], weight.transpose(1, 2), out=room[layer] if room else None)
            made.append(z if self.is_linear(layer) else z.relu_())
        return made

    def outputs(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The last hidden activations (M, n, d) and the logits (M, n, K), without keeping what lies before them."""
        import torch

        lasts, logits = zip(*(self.activations(part)[-2:] for part in x.split(ROWS)))
        return torch.cat(lasts, dim=1), torch.cat(logits, dim=1)

    def room(self, rows: int) -> list[torch.Tensor]:
        """Memory for the activations of so many rows."""
        return [bias.new_empty(len(bias), rows, bias.shape[2]) for bias in self.biases]

    def is_linear(self, layer: int) -> bool:
        """The last layer, and a hidden one of two units (the plane that is drawn), have no ReLU."""
        return layer == len(self.weights) - 1 or self.weights[layer].shape[1] == 2


def plain_network(config: LabConfig, features: int) -> torch.nn.Sequential:
    """The same network for one alpha, as `torch.nn`; its initial weights are those that all networks start from.

    The caller seeds PyTorch: `torch.manual_seed(config.seed)`.
    """
    from torch import nn

    sizes = (features, *config.hidden(), config.num_classes)
    layers: list[nn.Module] = []
    for layer, (size, following) in enumerate(zip(sizes, sizes[1:])):
        layers.append(nn.Linear(size, following))
        if layer < len(sizes) - 2 and following != 2:
            layers.append(nn.ReLU())
    return nn.Sequential(*layers)


def start(config: LabConfig, features: int, dtype: torch.dtype) -> Networks:
    """All networks at the same initial weights, PyTorch's own for `nn.Linear`."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        plain = plain_network(config, features)
    many, parts = len(config.alphas), []
    layers = [layer for layer in plain if isinstance(layer, torch.nn.Linear)]
    for layer in layers:
        parts.append(layer.weight.detach().to(dtype).expand(many, -1, -1).reshape(-1))
        parts.append(layer.bias.detach().to(dtype).expand(many, -1).reshape(-1))
    flat = torch.cat(parts)
    return Networks(flat, *_views(flat, [tuple(layer.weight.shape) for layer in layers], many))


def _views(flat: torch.Tensor, shapes: Sequence[tuple[int, ...]], many: int) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    weights, biases, at = [], [], 0
    for following, size in shapes:
        weights.append(flat[at : at + many * size * following].view(many, following, size))
        at += many * size * following
        biases.append(flat[at : at + many * following].view(many, 1, following))
        at += many * following
    return weights, biases


def train_epochs(
    config: LabConfig, data: LabData, *, double: bool = False, pause: Callable[[], None] = lambda: None, slope: Callable | None = None, decays: Sequence[float] = ()
) -> Iterator[tuple[Networks, np.ndarray]]:  # fmt: skip
    """Train; after every epoch the networks and their mean gradient norms (M,). `pause` is called before each batch and may raise.

    `slope(logits (M, b, K), rows (b,))` is another loss than the smoothed cross-entropy: its gradient by the logits, each
    example's own. `decays` are the weight decays of the M networks, where they differ.
    """
    import torch

    dtype = torch.float64 if double else torch.float32
    networks = start(config, data.train_x.shape[1], dtype)
    gradient = torch.zeros_like(networks.flat)
    shapes = [tuple(weight.shape[1:]) for weight in networks.weights]
    of_weights, of_biases = _views(gradient, shapes, len(config.alphas))
    step = stepper(config, networks.flat, gradient)
    x = torch.as_tensor(data.train_x, dtype=dtype)
    y = torch.as_tensor(data.train_y)
    alphas = torch.tensor(config.alphas, dtype=dtype)[:, None, None]
    full, rest = min(config.batch, len(x)), len(x) % config.batch
    rooms = {rows: (networks.room(rows), networks.room(rows)) for rows in {full, rest or full}}
    order = torch.Generator().manual_seed(config.seed)
    hot = torch.nn.functional.one_hot(y, config.num_classes).to(dtype)
    decay = torch.zeros_like(networks.flat) if decays else None
    if decay is not None:
        for views in _views(decay, shapes, len(config.alphas)):
            for view in views:
                view[:] = torch.tensor(decays, dtype=dtype)[:, None, None]
    for _ in range(config.epochs):
        norms, steps = torch.zeros(len(config.alphas), dtype=dtype), 0
        for rows in torch.randperm(len(x), generator=order).split(config.batch):
            pause()
            room, back = rooms[len(rows)]
            made = networks.activations(x[rows], room)
            if slope is None:
                target = hot[rows] * (1 - alphas) + alphas / config.num_classes
                delta = (made[-1].softmax(dim=2) - target) / len(rows)  # of the mean smoothed cross-entropy by the logits
            else:
                delta = slope(made[-1], rows) / len(rows)
            for layer in range(len(shapes) - 1, -1, -1):
                torch.bmm(delta.transpose(1, 2), made[layer], out=of_weights[layer])
                torch.sum(delta, dim=1, keepdim=True, out=of_biases[layer])
                if layer:
                    delta = torch.bmm(delta, networks.weights[layer], out=back[layer - 1])
                    if not networks.is_linear(layer - 1):
                        torch.ops.aten.threshold_backward.grad_input(delta, made[layer], 0, grad_input=delta)
            parts = [torch.linalg.vector_norm(part, dim=(1, 2)) for part in (*of_weights, *of_biases)]
            norms += torch.linalg.vector_norm(torch.stack(parts), dim=0)
            steps += 1
            if decay is not None:
                gradient.addcmul_(decay, networks.flat)
            step()
        yield networks, (norms / max(steps, 1)).numpy()


def stepper(config: LabConfig, flat: torch.Tensor, gradient: torch.Tensor) -> Callable[[], None]:
    """A step of Adam, or of gradient descent with momentum .9, on `flat` in place; number by number, so on all networks as on one.

    These are the kernels of `torch.optim.Adam(fused=True)` and `SGD(fused=True)`: the classes around them load PyTorch's compiler, 70 MB.
    """
    import torch

    zeros = lambda: [torch.zeros_like(flat)]
    shared = dict(lr=config.rate, weight_decay=config.weight_decay, maximize=False)
    if config.optimizer == "adam":
        means, squares, count = zeros(), zeros(), torch.zeros(())

        def adam() -> None:
            count.add_(1)
            torch.ops.aten._fused_adam_(
                [flat], [gradient], means, squares, [], [count], beta1=0.9, beta2=0.999, eps=1e-8, amsgrad=False, **shared
            )

        return adam
    momentum, first = zeros(), True

    def descend() -> None:
        nonlocal first
        torch.ops.aten._fused_sgd_(
            [flat], [gradient], momentum, momentum=0.9, dampening=0.0, nesterov=False, is_first_step=first, **shared
        )
        first = False

    return descend
