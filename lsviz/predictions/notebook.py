"""The report in a notebook: `lsviz.show(logits, labels)` shows the same page, with the same numbers, as `lsviz report`."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lsviz.core.calibration.registry import Number
from lsviz.core.predictions.diagnosis import diagnose
from lsviz.core.predictions.outputs import outputs_from
from lsviz.core.predictions.summary import Summary, paired, summarise
from lsviz.predictions.report import Report, as_text
from lsviz.predictions.report_page import as_html

HEIGHT = 860  # of the frame in a notebook, px; what is longer scrolls inside


@dataclass(frozen=True)
class Shown:
    """A report. A notebook (Jupyter, Colab, VS Code) shows its page, a terminal its table."""

    report: Report

    @property
    def numbers(self) -> Mapping[str, Number]:
        """Every measure with its 95 % interval, by the names of the JSON."""
        return self.report.summary.numbers

    def save(self, path: str | Path) -> Self:
        """Write the page, which opens offline."""
        Path(path).write_text(as_html(self.report), "utf-8")
        return self

    def __repr__(self) -> str:
        return as_text(self.report)

    def _repr_html_(self) -> str:
        """The page in a frame of its own: its style stays there, and it may run nothing."""
        page = html.escape(as_html(self.report))
        return f'<iframe srcdoc="{page}" sandbox="" style="width:100%;height:{HEIGHT}px;border:0" title="lsviz report"></iframe>'


def show(
    logits: Any, labels: Any, baseline: Any = None, *, class_names: Sequence[str] = (), name: str = "this network", seed: int = 0
) -> Shown:
    """Report on scores (n, K), logits or probabilities, with labels (n,); beside those of a `baseline` (n, K) on the same rows, if there is one.

    Arrays of numpy, tensors of torch on any device, lists. Raises LsvizError for what cannot be read.
    """
    truth = _array(labels)
    mine = _summary(_array(logits), truth, class_names, seed)
    scores, sha256 = np.ascontiguousarray(_array(logits)), hashlib.sha256()
    for part in (scores, np.ascontiguousarray(truth)):
        sha256.update(part.tobytes())
    made = Report(name, sha256.hexdigest(), mine)
    if baseline is None:
        return Shown(made)
    other = _summary(_array(baseline), truth, class_names, seed)
    changes, count = paired(other, mine)
    return Shown(Report(name, made.sha256, mine, "baseline", other, changes, count))


def _summary(scores: NDArray, labels: NDArray, class_names: Sequence[str], seed: int) -> Summary:
    return summarise(diagnose(outputs_from({"scores": scores, "labels": labels}, class_names)), seed)


def _array(values: Any) -> NDArray:
    """A copy on this machine: of a tensor that asks for gradients or lies elsewhere too."""
    if str(getattr(values, "dtype", "")) == "torch.bfloat16":
        values = values.float()
    for step in ("detach", "cpu", "numpy"):
        values = getattr(values, step, lambda values=values: values)()
    return np.array(values)
