"""How fast a device multiplies matrices, and how much of that one training image takes."""

from __future__ import annotations

import time
from functools import lru_cache

import torch

from lsviz.training.model import build

SIDE, TIMES = 8192, 20  # of the square matrices multiplied, and how often: 22 TFLOP


def matrix_rate(device: str) -> float | None:
    """Floating-point operations a second of large bfloat16 matrix products, measured now; None on a CPU, where nothing depends on it."""
    where = torch.device(device)
    if where.type != "cuda":
        return None
    a = torch.randn(SIDE, SIDE, device=where, dtype=torch.bfloat16)
    a @ a  # the first one chooses the algorithm
    torch.cuda.synchronize()
    started = time.perf_counter()
    for _ in range(TIMES):
        a @ a
    torch.cuda.synchronize()
    return TIMES * 2 * SIDE**3 / (time.perf_counter() - started)


@lru_cache
def flops_an_image(net: str, num_classes: int) -> float:
    """Floating-point operations of one image, forwards and backwards; a multiplication and an addition are two."""
    from torch.utils.flop_counter import FlopCounterMode

    made, images = build(num_classes, net, 0), torch.zeros(2, 3, 32, 32)
    with FlopCounterMode(display=False) as counter:
        made(images)[0].sum().backward()
    return counter.get_total_flops() / 2
