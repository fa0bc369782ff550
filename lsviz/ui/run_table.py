"""The stored runs as a table: one row a network, columns a reader can sort."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from lsviz.figures import theme
from lsviz.store import RunRecord
from lsviz.ui.texts import t

_NUMBERS = {  # column -> (split, metric, factor, format)
    "train": ("train", "accuracy", 100, "%.1f"),
    "accuracy": ("test", "accuracy", 100, "%.1f"),
    "nll": ("test", "nll", 1, "%.3f"),
    "ece": ("test", "ece15", 100, "%.1f"),
    "gap": ("test", "signed_gap", 100, "%+.1f"),
    "t": ("test", "temperature", 1, "%.2f"),
    "ece_t": ("test", "ece15_at_temperature", 100, "%.1f"),
    "nc1_train": ("train", "nc1", 1, "%.3f"),
    "nc1_test": ("test", "nc1", 1, "%.3f"),
    "spread_train": ("train", "plane_scatter", 1, "%.3f"),
    "spread_test": ("test", "plane_scatter", 1, "%.3f"),
}


def run_rows(runs: Iterable[RunRecord]) -> list[dict[str, object]]:
    """One dictionary a run; a metric a run does not have is None and shows as an empty cell."""
    rows = []
    for run in runs:
        c = run.config
        row: dict[str, object] = {"n": c.num_classes, "alpha": c.alpha, "seed": c.seed, "noise": 100 * c.noise}
        row["memorised"] = "●" if run.memorised else "○"
        for column, (split, metric, factor, _) in _NUMBERS.items():
            value = run.metrics.get(split, {}).get(metric)
            row[column] = None if value is None else factor * value
        rows.append(row | {"seconds": run.seconds, "device": run.device, "id": run.id})
    return rows


def column_config() -> dict[str, object]:
    """Titles and number formats of the columns of `run_rows`."""
    formats = {column: number for column, (_, _, _, number) in _NUMBERS.items()}
    formats |= {"n": "%d", "alpha": "%g", "seed": "%d", "noise": "%g", "seconds": "%d"}
    made: dict[str, object] = {
        column: st.column_config.NumberColumn(t(f"networks.col_{column}"), format=number) for column, number in formats.items()
    }
    for column in ("memorised", "device", "id"):
        made[column] = st.column_config.TextColumn(t(f"networks.col_{column}"))
    return made


def run_label(run: RunRecord) -> str:
    """'N = 10, α = 0.10, seed 0' and, where there is any, the label noise."""
    c = run.config
    label = t("networks.run_label", n=c.num_classes, alpha=theme.alpha_text(c.alpha), seed=c.seed)
    return label + (t("networks.run_noise", noise=theme.percent(c.noise)) if c.noise else "")
