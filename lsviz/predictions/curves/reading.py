"""Training curves from the bytes of a log: Lightning, Keras, timm, Hugging Face, W&B, MLflow, our own. One file may hold several runs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lsviz.core.curves.records import SERIES, Curves, Floats
from lsviz.core.errors import LsvizError
from lsviz.core.lines import encoding_of
from lsviz.core.predictions.diagnosis import Finding
from lsviz.core.predictions.outputs import alpha_told
from lsviz.core.predictions.text import plain_text
from lsviz.predictions.tables import MISSING, form_of

FORMATS = ("csv", "tsv", "json")
MOST_BYTES, MOST_LINES, MOST_COLUMNS, MOST_RUNS = 8_000_000, 200_000, 500, 20
TIMES = {"epoch": ("epoch", "epochs"), "step": ("step", "_step", "global_step", "trainer/global_step", "iteration", "iter")}
HELD_OUT = ("val", "valid", "validation", "eval", "dev", "test")  # most telling first
LOSSES, NLLS = ("loss", "objective", "ce", "xent"), ("nll", "hard", "logloss")
RIGHT, WRONG = ("accuracy", "acc", "top1", "prec1", "acc1"), ("error", "err", "err1")
NOT_IT = ("top5", "prec5", "acc5", "balanced")
Cell = str | float | int | bool | None


@dataclass
class _Run:
    """The lines of one run as {column: cell}, and what was found on the way."""

    name: str
    lines: list[Mapping[str, Cell]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def read_curves(content: bytes, name: str) -> tuple[Curves, ...]:
    """Every run in a file of one of `FORMATS`, told by its ending. Everything wrong with it is one LsvizError."""
    if len(content) > MOST_BYTES:
        raise LsvizError("curves.bytes", found=len(content), limit=MOST_BYTES)
    ending = name.lower().rpartition(".")[2]
    if ending not in FORMATS:
        raise LsvizError("curves.format", name=plain_text(name))
    try:
        text = content.decode(encoding_of(content)).replace("\r\n", "\n").replace("\r", "\n")
        if "\x00" in text:
            raise LsvizError("reason.no_text")
        runs = _from_json(text, name) if ending == "json" else _from_table(text, name)
        return tuple(_curves(run, name) for run in runs)
    except LsvizError as error:
        if error.code.startswith("reason."):
            raise LsvizError("outside.damaged", format=ending, reason=error) from None
        raise
    except (ValueError, RecursionError, csv.Error) as error:
        raise LsvizError("outside.damaged", format=ending, reason=plain_text(error, 120).rstrip(".")) from error


# ---- lines ----------------------------------------------------------------------------------------------------------


def _from_table(text: str, name: str) -> list[_Run]:
    delimiter, decimal = form_of(text[:20_000])
    rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(cell.strip() for cell in row)]
    if len(rows) < 2:
        raise LsvizError("outside.empty")
    names = [cell.strip() for cell in rows[0]]
    if len(rows) > MOST_LINES or len(names) > MOST_COLUMNS:
        raise LsvizError("curves.lines", found=len(rows), columns=len(names), limit=MOST_LINES, most=MOST_COLUMNS)
    found = []
    if decimal == ",":
        found.append(Finding("curve_comma", 1, 1))
    broken = len(rows[-1]) < len(names) or rows[-1][-1].strip().endswith((".", ",", "e", "E", "+", "-"))  # a number breaks off
    if broken and not text.endswith("\n") and len(rows[-2]) >= len(names):
        rows.pop()
        found.append(Finding("curve_cut", 1, 1))

    def cell(value: str) -> Cell:
        return value.strip().replace(",", ".") if decimal == "," else value.strip()

    lines: list[Mapping[str, Cell]] = [dict(zip(names, map(cell, row))) for row in rows[1:]]
    runs = _by_metric(lines, names) or _by_prefix(lines, names)
    if not runs:
        return [_Run(name, lines, found)]
    if len(runs) > MOST_RUNS:
        raise LsvizError("curves.runs", found=len(runs), limit=MOST_RUNS)
    return [_Run(f"{name}: {run}" if run else name, kept, list(found)) for run, kept in runs.items()]


def _by_metric(lines: Sequence[Mapping[str, Cell]], names: Sequence[str]) -> dict[str, list[Mapping[str, Cell]]]:
    """MLflow's form: a value a line, beside the metric's name, its step and its run."""
    lower = {name.lower(): name for name in names}
    metric, value = (next((lower[key] for key in keys if key in lower), None) for keys in (("metric", "key"), ("value",)))
    step, run = (next((lower[key] for key in keys if key in lower), None) for keys in (("step", "epoch"), ("run", "run name", "run_name", "run id", "run_id")))  # fmt: skip
    if metric is None or value is None or step is None:
        return {}
    runs: dict[str, list[Mapping[str, Cell]]] = {}
    for line in lines:
        runs.setdefault(str(line.get(run, "")) if run else "", []).append(
            {step.lower(): line.get(step), str(line.get(metric)): line.get(value)}
        )
    return runs


def _by_prefix(lines: Sequence[Mapping[str, Cell]], names: Sequence[str]) -> dict[str, list[Mapping[str, Cell]]]:
    """W&B's form: "run - train/loss", with its least and most beside it."""
    mine = [tuple(name.rsplit(" - ", 1)) for name in names if " - " in name and not name.endswith(("__MIN", "__MAX"))]
    runs: dict[str, list[Mapping[str, Cell]]] = {}
    shared = [name for name in names if " - " not in name]
    for run, metric in mine:
        if metric.lower() in TIMES["step"]:
            continue
        for i, line in enumerate(lines):
            kept = runs.setdefault(run, [{key: each.get(key) for key in shared} for each in lines])
            kept[i] = {**kept[i], metric: line.get(f"{run} - {metric}")}
    return runs


def _from_json(text: str, name: str) -> list[_Run]:
    """Hugging Face's trainer_state.json, a Keras history, or a list of lines."""
    tree = json.loads(text)
    if isinstance(tree, dict) and isinstance(tree.get("log_history"), list):
        lines = [line for line in tree["log_history"] if isinstance(line, dict) and "train_runtime" not in line]
        told = tree.get("label_smoothing_factor")
        return [_Run(name, [{**line, "label_smoothing": told} if told is not None else line for line in lines])]
    if isinstance(tree, dict) and isinstance(tree.get("history"), dict):
        tree = {"epoch": tree.get("epoch"), **tree["history"]}
    if isinstance(tree, dict):
        lists = {str(key): values for key, values in tree.items() if isinstance(values, list)}
        if not lists:
            raise LsvizError("curves.no_series", names=plain_text(", ".join(map(str, tree))[:200], 120))
        count = max(map(len, lists.values()))
        if count > MOST_LINES:
            raise LsvizError("curves.lines", found=count, columns=len(lists), limit=MOST_LINES, most=MOST_COLUMNS)
        lists.setdefault("epoch", list(range(1, count + 1)))
        return [_Run(name, [{key: values[i] for key, values in lists.items() if i < len(values)} for i in range(count)])]
    if isinstance(tree, list) and tree and all(isinstance(line, dict) for line in tree):
        return [_Run(name, tree[: MOST_LINES + 1])]
    raise LsvizError("reason.no_curves")


# ---- from lines to curves -------------------------------------------------------------------------------------------


def _curves(run: _Run, file: str) -> Curves:
    names = list(dict.fromkeys(str(key) for line in run.lines for key in line))
    chosen = _chosen(names)
    unit, column = _time(names)
    if not chosen:
        raise LsvizError("curves.no_series", names=plain_text(", ".join(names), 120))
    columns = {name: [_value(line.get(key)) for line in run.lines] for name, key in chosen.items()}
    times = [_value(line.get(column)) for line in run.lines] if column else [float(i + 1) for i in range(len(run.lines))]
    at, series, said = _together(
        np.array(times, np.float64), {name: np.array(values, np.float64) for name, values in columns.items()}
    )
    if not len(at):
        raise LsvizError("outside.empty")
    found = [Finding(f"curve_read_{name}", int(np.isfinite(series[name]).sum()), len(at), {"column": plain_text(chosen[name])}) for name in SERIES if name in series]  # fmt: skip
    if unit != "epoch":
        found.append(Finding("curve_steps" if unit == "step" else "curve_lines", 1, 1))
    found += [*run.findings, *said]
    for name, key in chosen.items():
        values, called = series[name], plain_text(key)
        broken = np.flatnonzero(_broken(run.lines, key, np.array(times), at) & ~np.isfinite(values))
        series[name] = np.where(np.isfinite(values), values, np.nan)
        if len(broken):
            found.append(Finding("curve_not_finite", len(broken), len(at), {"column": called, "at": f"{at[broken[0]]:g}", "series": name, "rows": tuple(broken.tolist())}))  # fmt: skip
        if name.endswith("accuracy"):
            series[name], said = _fractions(series[name], key)
            found += said
    told = next(
        (plain_text(key) for key in names if re.sub(r"\W|_", "", key.lower()) in ("labelsmoothing", "alpha", "smoothing")), None
    )
    alphas = {str(value) for line in run.lines if told and np.isfinite(value := _value(line.get(told)))}
    alpha = alpha_told({"alpha": alphas.pop()} if len(alphas) == 1 else {}, run.name)
    return Curves(
        plain_text(run.name), unit, at, series, {name: plain_text(key) for name, key in chosen.items()}, alpha, tuple(found)
    )


def _chosen(names: Iterable[str]) -> dict[str, str]:
    """{series: column}, the most telling column of each: of an epoch before one of a step, of validation before one of test."""
    ranked: dict[str, list[tuple[tuple[int, ...], str]]] = {}
    for name in names:
        if (found := _series(name)) is not None:
            ranked.setdefault(found[0], []).append((found[1], name))
    return {series: min(found, key=lambda one: one[0])[1] for series, found in ranked.items()}


def _series(name: str) -> tuple[str, tuple[int, ...]] | None:
    """Which of `SERIES` a column is by its name, and how telling that is (less is more); None for any other."""
    tokens = [token for token in re.split(r"[^a-z0-9@]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()) if token]
    joined = "".join(tokens)
    if set(tokens) & set(NOT_IT) or "top5" in joined or joined.endswith(("min", "max")):
        return None
    is_loss = bool(set(tokens) & set(LOSSES)) or joined.endswith(("loss", "crossentropy"))
    kind = "nll" if set(tokens) & set(NLLS) else "loss" if is_loss else ""
    right = bool(set(tokens) & set(RIGHT)) or joined.endswith(("accuracy", "top1", "@1"))
    kind = kind or ("accuracy" if right or set(tokens) & set(WRONG) else "")
    if not kind:
        return None
    split = next((rank for rank, word in enumerate(HELD_OUT) if word in tokens), None)
    level = 0 if "epoch" in tokens else 2 if "step" in tokens else 1
    extra = len(tokens)
    return f"{'train' if split is None else 'val'}_{kind}", (level, split or 0, int(not right and kind == "accuracy"), extra)


def _time(names: Sequence[str]) -> tuple[str, str | None]:
    lower = {name.lower().strip(): name for name in names}
    for unit, called in TIMES.items():
        found = next((lower[key] for key in called if key in lower), None)
        found = found or next((name for key, name in lower.items() if re.split(r"[/ .]", key)[-1] == called[0]), None)
        if found is not None:
            return unit, found
    return "line", None


def _value(cell: Cell) -> float:
    """A cell's number; NaN for none."""
    if isinstance(cell, (int, float)):
        return float(cell)
    if not isinstance(cell, str) or cell.lower() in MISSING:
        return float("nan")
    try:
        return float(cell.removesuffix("%").strip())
    except ValueError:
        return float("nan")


def _broken(lines: Sequence[Mapping[str, Cell]], key: str, times: Floats, at: Floats) -> np.ndarray:
    """At which of `at` the file writes nan or inf: an empty cell is a gap, a word for "missing" is none."""

    def written(cell: Cell) -> bool:
        if isinstance(cell, str):
            return cell.lower().lstrip("+-") in ("nan", "inf", "infinity")
        return isinstance(cell, float) and not np.isfinite(cell)

    return np.isin(at, [time for line, time in zip(lines, times) if written(line.get(key))])


def _together(times: Floats, series: Mapping[str, Floats]) -> tuple[Floats, dict[str, Floats], list[Finding]]:
    """One value an epoch, rising: of training the mean of its lines, of validation the last; what was written after a restart counts."""
    times = times.copy()
    for i in np.flatnonzero(~np.isfinite(times)):
        times[i] = times[i - 1] if i else 0.0  # a line without a time belongs to the one above
    back = np.flatnonzero(np.diff(times) < 0) + 1
    stretch = np.searchsorted(back, np.arange(len(times)), side="right")
    at, place = np.unique(times, return_inverse=True)
    out = {}
    for name, values in series.items():
        given = ~np.isnan(values)
        newest = np.full(len(at), -1)
        np.maximum.at(newest, place[given], stretch[given])
        kept = given & (stretch == newest[place])
        made = np.full(len(at), np.nan)
        made[place[kept]] = values[kept]
        if name.startswith("train"):
            count = np.maximum(np.bincount(place[kept], minlength=len(at)), 1)
            made = np.where(np.isnan(made), made, np.bincount(place[kept], values[kept], len(at)) / count)
        out[name] = made
    found = []
    if len(back):
        found.append(Finding("curve_resumed", len(back), len(times), {"runs": len(back) + 1, "at": f"{times[back[0]]:g}", "after": f"{times[back[0] - 1]:g}"}))  # fmt: skip
    if len(at) < len(times) and not len(back):
        found.append(Finding("curve_gaps", len(times), len(at)))
    return at, out, found


def _fractions(values: Floats, name: str) -> tuple[Floats, list[Finding]]:
    """Accuracy in fractions, of per cent and of errors too."""
    known, found = {"column": plain_text(name)}, []
    most, least = (float(edge(values, initial=0.0, where=~np.isnan(values))) for edge in (np.max, np.min))
    if most > 100 or least < 0:
        raise LsvizError("curves.accuracy", column=plain_text(name), value=f"{most if most > 100 else least:g}")
    if most > 1.5:
        values, found = values / 100, [Finding("curve_percent", 1, 1, known)]
    if set(re.split(r"[^a-z0-9]+", name.lower())) & set(WRONG):
        values, found = 1 - values, [*found, Finding("curve_error", 1, 1, known)]
    return values, found
