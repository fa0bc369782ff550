"""Are two networks distinguishable? Any two of one N on the same test images, by paired intervals."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lsviz.core.comparing.changes import Change, compare
from lsviz.core.errors import LsvizError, MissingArray
from lsviz.figures.tables import verdict_table
from lsviz.state import ViewState
from lsviz.texts.catalogue import error_text, t, words
from lsviz.ui import controls, prose
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store
from lsviz.zoo.run_label import run_label

_NEEDED = {f"{split}_{what}" for split in ("test", "validation") for what in ("logits", "labels")}


def two_runs(state: ViewState, num_classes: int, alpha: float) -> None:
    """Two drop-downs, hard and chosen at first, and the verdict below them."""
    runs = {run.id: run for run in networks.store().runs if run.config.num_classes == num_classes and set(run.arrays) >= _NEEDED}
    shown = {run.config.alpha: run.id for run in networks.shown(num_classes)}
    if len(runs) < 2:
        return
    order = sorted(
        runs,
        key=lambda key: (
            runs[key].config.is_student,
            runs[key].config.size != 100,
            runs[key].config.noise,
            runs[key].config.seed,
            runs[key].config.alpha,
        ),
    )
    fallback = {"first": shown.get(0.0, order[0]), "second": shown[alpha] if alpha else order[1]}
    chosen = []
    for name, usual in fallback.items():
        asked = getattr(state, name)
        now = asked if asked in runs else usual
        controls.pick(name, order, t(f"reliability.two_{name}"), lambda key: run_label(runs[key]), now)
        chosen.append(now)
    if chosen[0] == chosen[1]:
        prose.caption(t("reliability.two_same"))
        return
    try:
        found = _compare(*chosen)
    except LsvizError as error:
        st.text(t("reliability.two_none") if isinstance(error, MissingArray) else error_text(error))
        return
    heads = [t(f"reliability.two_{name}") for name in ("what", "first", "second", "difference")]
    prose.markdown(verdict_table(found, heads, words("costs")))
    ece = next(change for change in found if change.metric == "ece")
    prose.caption(t("reliability.two_alike" if ece.verdict == 0 else "reliability.two_apart"))


@of_store(max_entries=64)
def _compare(first: str, second: str) -> tuple[Change, ...]:
    a, b = networks.arrays(first), networks.arrays(second)
    at_a, at_b = _common(a, b, "test")
    on_a, on_b = _common(a, b, "validation")
    validation = (a["validation_logits"][on_a], b["validation_logits"][on_b], a["validation_labels"][on_a])
    return compare(a["test_logits"][at_a], b["test_logits"][at_b], a["test_labels"][at_a], validation)


def _common(first, second, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Rows of both that are the same images; stored rows differ only where a run keeps a part of its images."""
    index, labels = f"{split}_index", f"{split}_labels"
    try:
        _, rows, others = np.intersect1d(first[index], second[index], return_indices=True)
    except MissingArray:
        if not np.array_equal(first[labels], second[labels]):
            raise
        rows = others = np.arange(len(first[labels]))
    return rows, others
