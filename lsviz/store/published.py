"""The literature's numbers as typed data: who measured what, on which data and model, and where the number was read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from lsviz.core.errors import LsvizError
from lsviz.core.once import once

FILE = Path(__file__).parent / "published.toml"
KINDS, READ, AXES = ("paper", "replication"), ("paper", "summary"), ("alpha", "temperature", "method")
METRICS = ("accuracy", "error", "ece15", "aurc", "class_separation", "probe_accuracy")


@dataclass(frozen=True)
class Published:
    """One number. `setting` is an alpha, a temperature or a method's name, as `at` says; `spread` is the paper's own +-."""

    paper: str  # key of the paper
    cite: str
    link: str
    kind: str  # "paper" or "replication"
    read: str  # in the "paper" itself, or in a "summary" of it
    data: str
    model: str
    metric: str
    at: str
    setting: float | str
    value: float
    spread: float | None = None
    noise: float = 0.0  # share of wrong training labels
    year: int | None = None


@once(4)
def load_published(path: Path = FILE) -> tuple[Published, ...]:
    """Every number of `published.toml`, in the file's order. Raises LsvizError naming the entry that is wrong."""
    try:
        tree = tomllib.loads(path.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise LsvizError("published.file", file=path, reason=str(error)) from error
    made = []
    for place, block in enumerate(tree.get("results", ()), start=1):
        try:
            source = tree["papers"][block["paper"]]
            _require(block["kind"] in KINDS and block["read"] in READ, "kind or read is unknown")
            _require(block["at"] in AXES and block["metric"] in METRICS, "at or metric is unknown")
            shared = {name: block[name] for name in ("paper", "kind", "read", "metric", "at")} | {
                "noise": float(block.get("noise", 0))
            }
            for table in block["tables"]:
                for setting, value, *spread in table["values"]:
                    _require(isinstance(setting, str) == (block["at"] == "method"), f"{setting!r} is no {block['at']}")
                    _require(0 <= value <= 1, f"{value} is no fraction")
                    made.append(
                        Published(
                            **shared,
                            **source,
                            data=table["data"],
                            model=table["model"],
                            setting=setting,
                            value=value,
                            spread=spread[0] if spread else None,
                        )
                    )
        except (KeyError, TypeError, ValueError) as error:
            raise LsvizError("published.entry", file=path, place=place, reason=str(error)) from error
    return tuple(made)


def published(**wanted: object) -> tuple[Published, ...]:
    """The numbers whose fields equal `wanted`: published(metric="ece15", data="CIFAR-100", model="ResNet-56", at="alpha")."""
    return tuple(entry for entry in load_published() if all(getattr(entry, name) == value for name, value in wanted.items()))


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise ValueError(reason)
