"""What a stored network is called where several are listed."""

from __future__ import annotations

from collections.abc import Callable

from lsviz.figures import numbers
from lsviz.store import RunConfig, RunRecord
from lsviz.texts.catalogue import t


def run_label(run: RunRecord) -> str:
    """'N = 10, α = 0.10, seed 0' and what sets it apart: wrong labels, fewer images, a teacher."""
    c = run.config
    return t("networks.run_label", n=c.num_classes, alpha=numbers.alpha_text(c.alpha), seed=c.seed) + _apart(c)


def _apart(config: RunConfig) -> str:
    say: dict[str, Callable[[float], str]] = {
        "noise": numbers.percent,
        "size": str,
        "alpha": numbers.alpha_text,
        "temperature": "{:g}".format,
    }
    return "".join(
        t(f"networks.run_{name}", **{key: say[key](value) for key, value in known.items()}) for name, known in config.variant
    )
