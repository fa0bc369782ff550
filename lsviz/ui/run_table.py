"""The stored runs as a table: one row a network, columns a reader can sort."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import streamlit as st

from lsviz.figures import theme
from lsviz.figures.networks import Reported
from lsviz.store import RunRecord
from lsviz.store.published import published
from lsviz.ui import zoo
from lsviz.ui.calibrated import measured
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
_FACTS = {"margin": ("margin_train", 1, "%.2f"), "probe": ("probe_accuracy", 100, "%.1f"), "flips": ("memorised_flips", 100, "%.1f"), "rate": ("images_per_second", 1, "%.0f")}


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
        for column, (fact, factor, _) in _FACTS.items():
            value = run.facts.get(fact)
            row[column] = factor * value if isinstance(value, (int, float)) else None
        rows.append(row | {"seconds": run.seconds, "device": run.device, "id": run.id})
    return rows


def column_config() -> dict[str, object]:
    """Titles and number formats of the columns of `run_rows`."""
    formats = {column: number for column, (_, _, _, number) in _NUMBERS.items()}
    formats |= {column: number for column, (_, _, number) in _FACTS.items()}
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


def grid_rows(runs: Iterable[RunRecord]) -> list[dict[str, str]]:
    """Which networks there are: N (and label noise) down, alpha across, the number of seeds in each cell; a dot where none is."""
    seeds: dict[tuple[int, float, float], set[int]] = {}
    for run in runs:
        if run.config.size == 100:
            seeds.setdefault((run.config.num_classes, run.config.noise, run.config.alpha), set()).add(run.config.seed)
    alphas = sorted({alpha for _, _, alpha in seeds})
    rows = []
    for n, noise in sorted({(n, noise) for n, noise, _ in seeds}):
        name = f"{n}{t('networks.grid_noise', noise=theme.percent(noise)) if noise else ''}"
        rows.append({"N": name} | {theme.alpha_text(alpha): str(len(seeds.get((n, noise, alpha), ())) or "·") for alpha in alphas})
    return rows


def rows_csv(rows: list[dict[str, object]]) -> str:
    """The rows of `run_rows` as CSV text."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def calibration_reports() -> list[Reported]:
    """ECE over alpha at N = 100 on CIFAR-100: ours where it is stored, Müller et al. (2019, table 3), and their replication."""
    made = []
    if 100 in zoo.counts():
        ours = {alpha: one.ece for alpha, one in measured(100).networks.items()}
        if ours:
            ends = {alpha: (ece.low, ece.high) for alpha, ece in ours.items()}
            made.append(Reported(t("networks.compare_ours"), "measured", {alpha: ece.ece for alpha, ece in ours.items()}, ends))
    for kind in ("paper", "replication"):
        entries = published(kind=kind, metric="ece15", data="CIFAR-100", model="ResNet-56")
        ece = {float(entry.setting): entry.value for entry in entries if entry.at == "alpha"}
        tempered = next(((float(entry.setting), entry.value) for entry in entries if entry.at == "temperature"), None)
        made.append(Reported(t(f"networks.compare_{kind}"), kind, ece, tempered=tempered))
    return made
