"""ResNet-9 with global average pooling, so that the last layer sees the features Müller et al. (2019) draw."""

from __future__ import annotations

import torch
from torch import Tensor, nn

NETS = {  # name -> (stride of the stem, widths)
    "resnet9": (1, (32, 64, 128, 256)),  # 1.67 M parameters, for a GPU
    "resnet9-stem2": (2, (32, 64, 128, 128)),  # 0.62 M parameters, for a CPU
    "resnet9-toy": (4, (8, 8, 8, 8)),  # for tests
}


def _block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(_block(width, width), _block(width, width))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.inner(x)


class ResNet9(nn.Module):
    """Images (n, 3, 32, 32) -> logits (n, K) and penultimate features (n, d), both float32."""

    def __init__(self, num_classes: int, net: str = "resnet9-stem2") -> None:
        super().__init__()
        stride, (a, b, c, d) = NETS[net]
        # the stride of the stem replaces no pooling but the last, so that the toy still has a pixel left
        pool = (lambda: nn.MaxPool2d(2)) if stride <= 2 else (lambda: nn.Identity())
        self.body = nn.Sequential(
            _block(3, a, stride), _block(a, b), pool(), _Residual(b), _block(b, c), pool(), _block(c, d), pool(), _Residual(d)
        )
        self.head = nn.Linear(d, num_classes)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.body(images).float().mean((2, 3))
        return self.head(features), features


def build(num_classes: int, net: str, seed: int) -> ResNet9:
    """A network whose initial weights depend on the seed alone: the same for every alpha."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return ResNet9(num_classes, net).to(memory_format=torch.channels_last)
