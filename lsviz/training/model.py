"""ResNet-9 and ResNet-56 with global average pooling, so that the last layer sees the features Müller et al. (2019) draw."""

from __future__ import annotations

import torch
from torch import Tensor, nn

NETS = {  # name -> (stride of the stem, widths)
    "resnet9": (1, (32, 64, 128, 256)),  # 1.67 M parameters, for a GPU
    "resnet9-stem2": (2, (32, 64, 128, 128)),  # 0.62 M parameters, for a CPU
    "resnet9-student": (2, (16, 32, 64, 64)),  # half of the CPU's width: learns from a teacher
    "resnet9-half-student": (1, (16, 32, 64, 128)),  # half of the GPU's width: learns from a teacher
    "resnet9-toy": (4, (8, 8, 8, 8)),  # for tests
}
RESNET56 = "resnet56"  # the network of Müller et al. (2019) on CIFAR-100: He et al. (2016), section 4.2, n = 9


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


class _Basic(nn.Module):
    """He et al.'s basic block; where the picture shrinks, the shortcut drops pixels and pads channels (option A)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.stride = outputs // inputs
        self.first = _block(inputs, outputs, self.stride)
        self.second = nn.Sequential(nn.Conv2d(outputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.second(self.first(x))
        if self.stride > 1:
            more = inner.shape[1] - x.shape[1]
            x = nn.functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, more // 2, more - more // 2))
        return torch.relu(x + inner)


class Classifier(nn.Module):
    """Images (n, 3, 32, 32) -> logits (n, K) and penultimate features (n, d), both float32: a body, its average, a linear head."""

    body: nn.Module
    head: nn.Linear

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        features = self.body(images).float().mean((2, 3))
        with torch.autocast(images.device.type, enabled=False):  # bfloat16 logits have 8 bits: they tie, and move ECE
            return self.head(features), features


class ResNet56(Classifier):
    def __init__(self, num_classes: int) -> None:
        super().__init__()
        widths = [16] * 9 + [32] * 9 + [64] * 9
        self.body = nn.Sequential(_block(3, 16), *(_Basic(a, b) for a, b in zip([16] + widths, widths)))
        self.head = nn.Linear(64, num_classes)


class ResNet9(Classifier):
    def __init__(self, num_classes: int, net: str = "resnet9-stem2") -> None:
        super().__init__()
        stride, (a, b, c, d) = NETS[net]
        # the stride of the stem replaces no pooling but the last, so that the toy still has a pixel left
        pool = (lambda: nn.MaxPool2d(2)) if stride <= 2 else (lambda: nn.Identity())
        self.body = nn.Sequential(
            _block(3, a, stride), _block(a, b), pool(), _Residual(b), _block(b, c), pool(), _block(c, d), pool(), _Residual(d)
        )
        self.head = nn.Linear(d, num_classes)


def build(num_classes: int, net: str, seed: int) -> Classifier:
    """A network whose initial weights depend on the seed alone: the same for every alpha."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = ResNet56(num_classes) if net == RESNET56 else ResNet9(num_classes, net)
        return made.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's overloads lack it
