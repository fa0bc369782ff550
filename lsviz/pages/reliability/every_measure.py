"""Every calibration measure of the hard and the chosen network, with interval and chance: worked out when asked for."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lsviz.core.calibration.every_measure import Measure, measures
from lsviz.core.calibration.registry import RESAMPLED
from lsviz.figures import numbers
from lsviz.texts.catalogue import t
from lsviz.ui import prose
from lsviz.ui.foot import csv_text
from lsviz.ui.saving import save_button
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store


def every_measure(num_classes: int, alpha: float) -> None:
    """The table, for saving too."""
    runs = {run.config.alpha: run.id for run in networks.shown(num_classes)}
    chosen = [a for a in dict.fromkeys((0.0, alpha)) if a in runs]
    found = {}
    for a in chosen:
        with st.spinner(t("reliability.every_busy", alpha=numbers.alpha_text(a))):
            found[a] = _measures(runs[a])
    st.table(_rows(found), border="horizontal")
    columns: dict[str, list] = {
        "alpha": [],
        "measure": [],
        **{name: [] for name in ("value", "low", "high", "chance", "chance_upper")},
    }
    for a, one in found.items():
        for name, measure in one.items():
            for column, value in zip(columns, (a, name, *(getattr(measure, part) for part in list(columns)[2:]))):
                columns[column].append(value)
    save_button(t("common.csv"), lambda: csv_text(columns), "lsviz-measures.csv", "text/csv")
    prose.caption(t("reliability.every_note"))


@of_store(max_entries=64)
def _measures(run_id: str) -> Mapping[str, Measure]:
    arrays = networks.arrays(run_id)
    return measures(arrays["test_logits"], arrays["test_labels"])


def _rows(found: Mapping[float, Mapping[str, Measure]]) -> list[dict[str, str]]:
    rows = []
    for name in next(iter(found.values())):
        shown = RESAMPLED[name].text
        row = {t("reliability.column_what"): t(f"measure.{name}")}
        for alpha, one in found.items():
            head = t("reliability.column_hard") if alpha == 0 else t("reliability.column_chosen", a=numbers.alpha_text(alpha))
            measure = one[name]
            row[head] = t("reliability.interval", value=shown(measure.value), low=shown(measure.low), high=shown(measure.high))
            row[t("reliability.every_chance", head=head)] = t(
                "reliability.every_up_to", median=shown(measure.chance), upper=shown(measure.chance_upper)
            )
        rows.append(row)
    return rows
