"""Code that makes these targets, in PyTorch and numpy."""

from __future__ import annotations

from lsviz.texts.catalogue import t

_SHARES = {
    "uniform": ("1 - alpha + alpha / N", "alpha / N"),
    "others": ("1 - alpha", "alpha / (N - 1)"),
    "others_no_pad": ("1 - alpha", "alpha / (N - 2)"),
    "binary": ("1 - alpha / 2", "alpha / 2"),
}


def target_code(library: str, num_classes: int, true_class: int, name: str, alpha: float, convention: str) -> str:
    """A snippet for `torch` or `numpy` that makes this target row; `true_class` counts from 0 and is called `name`."""
    true, off = _SHARES[convention]
    imported, full = ("torch", "torch.full((N,), {})") if library == "torch" else ("numpy as np", "np.full(N, {})")
    lines = [
        f"import {imported}",
        "",
        f"N, alpha = {num_classes}, {alpha:g}",
        f"true_class = {true_class}  # {name}; {t('targets.code_zero')}",
        f"target = {full.format(off)}",
        f"target[true_class] = {true}",
    ]
    if convention == "others_no_pad":
        lines.append(f"target[N - 1] = 0  # {t('targets.code_padding')}")
    if convention == "uniform" and library == "torch":
        lines += [
            "",
            f"# {t('targets.code_same')}",
            "# torch.nn.functional.cross_entropy(",
            "#     logits, labels, label_smoothing=alpha)",
        ]
    return "\n".join(lines)
