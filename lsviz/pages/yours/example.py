"""The stored networks that Your model shows until somebody brings a file: worked out once for all sessions, as they are nobody's own."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from lsviz.core.classes import CLASS_ORDER
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import Diagnosis, diagnose
from lsviz.core.predictions.outputs import Outputs, outputs_from
from lsviz.core.predictions.summary import Summary, summarise
from lsviz.figures.live import nearest_stop
from lsviz.texts.catalogue import class_name
from lsviz.ui import controls
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store, stamp
from lsviz.zoo.run_label import run_label


@dataclass(frozen=True)
class Example:
    """A stored network as if its file had been uploaded and no switch touched."""

    key: str
    name: str
    sha256: str
    outputs: Outputs
    diagnosis: Diagnosis
    summary: Summary


def examples() -> tuple[Example, ...]:
    """The network nearest to the view's alpha and the first of its family, the hard one; those that cannot be read are left out."""
    state = controls.view_state()
    runs = {run.config.alpha: run for run in networks.shown(state.num_classes)}
    if not runs:
        return ()
    alpha = tuple(runs)[nearest_stop(tuple(runs), state.alpha)]
    found = [_example(runs[a].id) for a in dict.fromkeys((alpha, next(iter(runs))))]
    return tuple(one for one in found if one is not None)


@of_store(max_entries=8, words=True)
def _example(run_id: str) -> Example | None:
    run = networks.store().record(run_id)
    try:
        arrays = {name: array for name, array in networks.arrays(run_id).items() if not name.startswith("layout")}
        outputs = outputs_from(arrays, [class_name(CLASS_ORDER, k) for k in range(run.config.num_classes)])
        diagnosis = diagnose(outputs)
        # it becomes a class in the page, where no path belongs
        key = hashlib.sha256(f"{stamp()} {run_id}".encode()).hexdigest()[:16]
        return Example(key, run_label(run), run.sha256, outputs, diagnosis, summarise(diagnosis))
    except LsvizError:
        return None  # the page names damaged runs
