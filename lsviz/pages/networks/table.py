"""The stored runs as a table: one row a network, columns a reader can sort."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from lsviz.figures import numbers
from lsviz.pages.networks.figures import Reported
from lsviz.store import RunRecord
from lsviz.store.published import published
from lsviz.texts.catalogue import t, words
from lsviz.zoo import networks
from lsviz.zoo.calibration import measured
from lsviz.zoo.run_label import _apart

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
_FACTS = {
    "margin": ("margin_train", 1, "%.2f"),
    "probe": ("probe_accuracy", 100, "%.1f"),
    "flips": ("memorised_flips", 100, "%.1f"),
    "rate": ("images_per_second", 1, "%.0f"),
}


def run_rows(runs: Iterable[RunRecord]) -> list[dict[str, object]]:
    """One dictionary a run; a metric a run does not have is None and shows as an empty cell."""
    rows = []
    for run in runs:
        c = run.config
        row: dict[str, object] = {"n": c.num_classes, "alpha": c.alpha, "seed": c.seed, "noise": 100 * c.noise, "size": c.size}
        row |= {"net": c.net, "teacher": c.teacher_alpha, "teacher_t": None if c.teacher_alpha is None else c.teacher_temperature}
        row["memorised"] = "●" if run.memorised else "○"
        for column, (split, metric, factor, _) in _NUMBERS.items():
            value = run.metrics.get(split, {}).get(metric)
            row[column] = None if value is None else factor * value
        for column, (fact, factor, _) in _FACTS.items():
            value = run.facts.get(fact)
            row[column] = factor * value if isinstance(value, (int, float)) else None
        rows.append(row | {"seconds": run.seconds, "device": run.device, "id": run.id})
    return rows


def column_config() -> dict[str, ColumnConfig]:
    """Titles and number formats of the columns of `run_rows`."""
    formats = {column: number for column, (_, _, _, number) in _NUMBERS.items()}
    formats |= {column: number for column, (_, _, number) in _FACTS.items()}
    formats |= {
        "n": "%d",
        "alpha": "%g",
        "seed": "%d",
        "noise": "%g",
        "size": "%d",
        "teacher": "%g",
        "teacher_t": "%g",
        "seconds": "%d",
    }
    made = {column: st.column_config.NumberColumn(t(f"networks.col_{column}"), format=number) for column, number in formats.items()}
    for column in ("memorised", "net", "device", "id"):
        made[column] = st.column_config.TextColumn(t(f"networks.col_{column}"))
    return made


def grid_rows(runs: Iterable[RunRecord]) -> list[dict[str, str]]:
    """Which networks there are, students aside: N (and wrong labels, fewer images) down, alpha across, seeds in each cell; a dot where none is."""
    seeds: dict[tuple[int, float, int], dict[float, set[int]]] = {}
    names: dict[tuple[int, float, int], str] = {}
    for c in (run.config for run in runs if not run.config.is_student):
        row = (c.num_classes, c.noise, -c.size)
        names[row] = f"{c.num_classes}{_apart(c)}"
        seeds.setdefault(row, {}).setdefault(c.alpha, set()).add(c.seed)
    alphas = sorted({alpha for found in seeds.values() for alpha in found})
    count = lambda found: str(len(found)) if found else "·"
    return [
        {"N": names[row]} | {numbers.alpha_text(alpha): count(seeds[row].get(alpha)) for alpha in alphas} for row in sorted(seeds)
    ]


def nets_used(runs: Iterable[RunRecord]) -> str:
    """The networks' shapes as a Markdown list: each with its precision and the N it was trained for."""
    found: dict[tuple[str, str], set[int]] = {}
    for c in (run.config for run in runs):
        found.setdefault((c.net, c.precision), set()).add(c.num_classes)
    said = words("networks")
    line = lambda net, precision, n: t(
        "networks.net", shape=said.get(f"shape_{net}", net), precision=precision, n=", ".join(map(str, sorted(n)))
    )
    return "\n".join(
        line(net, precision, n)
        for (net, precision), n in sorted(found.items(), key=lambda item: (item[0][0].endswith("-student"), *item[0]))
    )


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
    if 100 in networks.counts():
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
