"""The stored networks' maps of all images: what the viewer fetches as files, and what a map is worth in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsviz.store import RunRecord
from lsviz.ui import maps
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store


@dataclass(frozen=True)
class Worth:
    """Shares of a map, first of the one shown, then of others of the same network with other seeds.

    `vote`: images whose 15 nearest on the map name their class; `kept`: of the 15 true neighbours, those among the 15 nearest here.
    `true_vote`, `trust`, `pieces` are those of `core.projection.Kept`; `space` is where true neighbours are looked for.
    """

    vote: tuple[float, ...]
    kept: tuple[float, ...]
    true_vote: float
    trust: float
    pieces: int
    space: str


def has_map(run: RunRecord, split: str) -> bool:
    return f"map_{split}_layout" in run.arrays


def worth(run: RunRecord, split: str) -> Worth:
    """What the stored map of this run is worth, as it was measured when it was laid out."""
    fact = lambda name: run.facts[f"map_{split}_{name}"]
    return Worth(
        tuple(fact("vote")), tuple(fact("kept")), fact("true_vote"), fact("trust"), int(fact("pieces")), str(fact("space"))
    )


def unit(run: RunRecord, split: str) -> float:
    """Length of one step of the stored layout."""
    return float(run.facts[f"map_{split}_unit"])


@of_store(max_entries=16)
def images_file(run_id: str, split: str) -> bytes:
    """Of all images: rows in the official file (n, uint32), then classes (n, uint8)."""
    arrays = networks.arrays(run_id)
    return arrays[f"{split}_index"].astype("<u4").tobytes() + arrays[f"{split}_labels"].astype(np.uint8).tobytes()


@of_store(max_entries=64)
def answers(run_id: str, split: str) -> NDArray[np.uint8]:
    """Of all images, as `maps.answers_of` says it (2, n)."""
    return maps.answers_of(networks.arrays(run_id)[f"{split}_logits"])


@of_store(max_entries=64)
def picture_file(run_id: str, split: str) -> bytes:
    """Layout (n, 2, int16), answers (n, uint8), and their probability in steps of 1/255 (n, uint8)."""
    return networks.arrays(run_id)[f"map_{split}_layout"].astype("<i2").tobytes() + answers(run_id, split).tobytes()


@of_store(max_entries=64)
def near_file(run_id: str, split: str) -> bytes:
    """Five true neighbours (n, 5, uint16); of 15, those kept and the intruders (n, uint8 each)."""
    arrays = networks.arrays(run_id)
    near, kept, intruders = (arrays[f"map_{split}_{name}"] for name in ("near", "kept", "intruders"))
    return near.astype("<u2").tobytes() + kept.tobytes() + intruders.tobytes()


@of_store(max_entries=64)
def kept_shares(run_id: str, split: str) -> NDArray[np.float64]:
    """Of the images, those that keep 0, 1 ... 15 of their 15 true neighbours on the map (16,)."""
    kept = networks.arrays(run_id)[f"map_{split}_kept"]
    return np.bincount(kept, minlength=16) / len(kept)


@of_store(max_entries=64)
def peaks(run_id: str, split: str) -> tuple[list[list[float]], list[list[float]]]:
    """Where each class and each superclass is densest: [x, y, density], in the layout's own lengths; density 0 where there is none."""
    arrays = networks.arrays(run_id)
    made = (arrays[f"map_{split}_{name}"].astype(float).round(2).tolist() for name in ("peaks", "family_peaks"))
    return next(made), next(made)


def count(run: RunRecord, split: str) -> int:
    """Images on the map."""
    return run.arrays[f"map_{split}_layout"].shape[0]
