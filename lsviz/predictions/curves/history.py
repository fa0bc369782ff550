"""Curves of a training of one's own, written down as it goes: `History().log(epoch=1, train_loss=2.1).save("a0.1.csv")`."""

from __future__ import annotations

import csv
import os
from numbers import Real
from pathlib import Path
from typing import Self

from lsviz.core.errors import LsvizError


class History:
    """Lines of numbers by name. Names that are told apart: epoch or step; train_ and val_ with loss, nll (hard) and accuracy."""

    def __init__(self, **told: float | str) -> None:
        """What holds for the whole run, such as label_smoothing=0.1: a column of its own."""
        self._told = told
        self.lines: list[dict[str, float | str]] = []

    def log(self, **values: object) -> Self:
        """One line: an epoch, or what is known of it by now. Tensors and numpy numbers of one entry count as numbers."""
        line: dict[str, float | str] = dict(self._told)
        for name, value in values.items():
            number = getattr(value, "item", lambda value=value: value)()
            if not isinstance(number, Real):
                raise LsvizError("curves.logged", name=name, found=type(value).__name__)
            line[name] = float(number)
        self.lines.append(line)
        return self

    def save(self, path: str | os.PathLike) -> Self:
        """Write a CSV in one go, over what was there; may be called after every epoch."""
        names = list(dict.fromkeys(name for line in self.lines for name in line))
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = target.with_name(target.name + ".new")
        with beside.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, names, restval="")
            table.writeheader()
            table.writerows(self.lines)
        beside.replace(target)
        return self
