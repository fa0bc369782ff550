"""What curves of one or several runs say: a table with sentences, JSON, and a page that opens offline."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np

from lsviz.core.curves.reading_out import PANELS, Told, read_out
from lsviz.core.curves.records import SERIES, Plateau
from lsviz.core.english import english
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import Finding
from lsviz.core.spoken import percent_sign
from lsviz.predictions.curves.reading import read_curves
from lsviz.predictions.report import finite
from lsviz.predictions.report_page import document, table

SPOKEN: Mapping[str, str] = english("curves")
_string = {"type": "string"}
_maybe = {"type": ["number", "null"]}
_strings = {"type": ["string", "null"]}
_said = {"type": "array", "items": {"type": "object", "properties": {"code": _string, "sentence": _string}, "required": ["code", "sentence"], "additionalProperties": False}}  # fmt: skip
_each = {"type": "array", "items": _maybe}
_run = {
    "name": _string, "unit": {"enum": ["epoch", "step"]}, "classes": {"type": ["integer", "null"], "minimum": 2}, "alpha": _maybe,
    "floor": _maybe, "convention": _strings,
    "inferred_alpha": {"type": ["object", "null"], "properties": dict.fromkeys(("value", "low", "high"), _maybe), "additionalProperties": _maybe},
    "answers": _said, "findings": _said, "at": {"type": "array", "items": {"type": "number"}},
    "series": {"type": "object", "propertyNames": {"enum": list(SERIES)}, "additionalProperties": {
        "type": "object", "properties": {"column": _string, "kind": _strings, "value": _each, "compared": _each},
        "required": ["column", "kind", "value", "compared"], "additionalProperties": False}},
}  # fmt: skip
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "lsviz curves",
    "type": "object",
    "properties": {"format": {"const": "lsviz curves"}, "version": {"const": 1},
                   "runs": {"type": "array", "items": {"type": "object", "properties": _run, "required": list(_run), "additionalProperties": False}}},
    "required": ["format", "version", "runs"],
    "additionalProperties": False,
}  # fmt: skip
COLORS = ("#d95f02", "#048be1", "#1b7837", "#762a83", "#8c510a", "#c51b7d", "#35978f", "#666666")
_WIDTH, _HEIGHT, _LEFT, _TOP, _BOTTOM = 466, 300, 56, 14, 250  # a drawing's units


def read_runs(paths: Sequence[Path], num_classes: int | None = None, alphas: Sequence[float] = ()) -> tuple[Told, ...]:
    """Every run of these files. `alphas`: none, one for all, or one a file. Raises LsvizError."""
    if len(alphas) not in (0, 1, len(paths)):
        raise LsvizError("curves.alphas", found=len(alphas), files=len(paths))
    found: list[Told] = []
    for i, path in enumerate(paths):
        try:
            content = path.read_bytes()
        except OSError as error:
            raise LsvizError("outside.unreadable", file=path, reason=error.strerror or str(error)) from error
        alpha = alphas[min(i, len(alphas) - 1)] if alphas else None
        found += [read_out(curves, num_classes, alpha) for curves in read_curves(content, path.name)]
    return tuple(found)


def rows(told: Told, words: Mapping[str, str] = SPOKEN) -> list[tuple[str, str, str, str, str]]:
    """A line a series: its name, its least (or best) value, where it ends, what it is, and that in nats less its floor."""
    made = []
    for name in SERIES:
        values = told.curves.told(name)[1]
        if not len(values):
            continue
        right = name.endswith("accuracy")
        write = "{:.2%}".format if right else "{:.4f}".format
        end = Plateau.of(values)
        compared = told.comparable(name)
        less = Plateau.of(compared[np.isfinite(compared)]) if name in told.kinds and told.kinds[name] != "sum" else None
        best = float(values.max() if right else values.min())
        best_text, end_text = (
            write(value).replace("%", percent_sign()) for value in (best, end.value if end else float(values[-1]))
        )
        made.append((words[name], best_text, end_text, words[f"kind_{told.kinds[name]}"] if name in told.kinds else "", f"{less.value:.4f}" if less else ""))  # fmt: skip
    return made


def heading(told: Told, words: Mapping[str, str] = SPOKEN) -> str:
    """What the run is, in one line; its name is text from outside."""
    known = {"name": told.curves.name, "count": len(told.curves.at), "unit": words[f"unit_{told.curves.unit}"]}
    alpha = words["alpha"].format(alpha=f"{told.alpha:g}") if told.alpha is not None else words["no_alpha"]
    return words["heading"].format(**known, alpha=alpha, classes=words["classes"].format(count=told.num_classes) if told.num_classes else words["no_classes"])  # fmt: skip


def as_text(runs: Sequence[Told]) -> str:
    """A short table a run for a terminal."""
    lines: list[str] = []
    for told in runs:
        lines += [*([""] if lines else []), heading(told), *(f"> {answer.sentence}" for answer in told.answers), ""]
        heads = ("", *(SPOKEN[f"column_{name}"] for name in ("best", "end", "kind", "less")))
        lines += [f"  {a:<22} {b:>12} {c:>12}  {d:<10} {e:>14}".rstrip() for a, b, c, d, e in (heads, *rows(told))]
        lines += [f"- {finding.sentence}" for finding in (*told.curves.findings, *told.findings)]
    return "\n".join(lines)


def as_json(runs: Sequence[Told]) -> str:
    """Every series, as written and as it compares, with all findings; what has no value is null."""

    def said(findings: Sequence[Finding]) -> list[dict[str, str]]:
        return [{"code": finding.code, "sentence": finding.sentence} for finding in findings]

    tree = {"format": "lsviz curves", "version": 1, "runs": [
        {
            "name": told.curves.name, "unit": told.curves.unit, "classes": told.num_classes, "alpha": told.alpha,
            "floor": told.floor if "smoothed" in told.kinds.values() else None, "convention": told.convention if "smoothed" in told.kinds.values() else None,
            "inferred_alpha": told.reached and vars(told.reached),
            "answers": said(told.answers), "findings": said((*told.curves.findings, *told.findings)), "at": told.curves.at.tolist(),
            "series": {name: {"column": told.curves.called(name), "kind": told.kinds.get(name), "value": values.tolist(), "compared": told.comparable(name).tolist()}
                       for name, values in told.curves.series.items()},
        }
        for told in runs
    ]}  # fmt: skip
    return json.dumps(finite(tree), indent=1, allow_nan=False)


def as_html(
    runs: Sequence[Told],
    words: Mapping[str, str] = SPOKEN,
    said: Callable[[Finding], str] = lambda f: f.sentence,
    language: str = "en",
) -> str:
    """One page of all runs: three pictures on comparable axes, then each run's answer, numbers and evidence."""
    title = html.escape(words["page_title"])
    body = [f"<h1>{title}</h1><p>{html.escape(words['page_what'])}</p>", '<div class="two">']
    body += [
        f"<figure><figcaption>{html.escape(words[f'panel_{panel}'])}</figcaption>{_panel(runs, panel, words)}</figure>"
        for panel in PANELS
    ]
    body += [f"<figure><figcaption>{html.escape(words['page_runs'])}</figcaption>{_legend(runs, words)}</figure></div>"]
    for told in runs:
        body += [
            f"<h2>{html.escape(told.curves.name)}</h2>",
            *(f"<p><b>{html.escape(said(answer))}</b></p>" for answer in told.answers),
        ]
        body.append(table(("", *(words[f"column_{name}"] for name in ("best", "end", "kind", "less"))), rows(told, words)))
        body.append("<ul>" + "".join(f"<li>{html.escape(said(f))}</li>" for f in (*told.curves.findings, *told.findings)) + "</ul>")
    return document(title, body, language)


def _legend(runs: Sequence[Told], words: Mapping[str, str]) -> str:
    items = (
        f'<li style="color:{COLORS[i % len(COLORS)]};font-weight:600">{html.escape(heading(told, words))}</li>'
        for i, told in enumerate(runs)
    )
    return f"<ul>{''.join(items)}</ul>"


def _panel(runs: Sequence[Told], panel: str, words: Mapping[str, str]) -> str:
    """One line a run; the first tenth may leave the picture above."""
    lines = [(told, *told.panel(panel)) for told in runs]
    used = [(at, values) for _, name, at, values in lines if name]
    if not used:
        return f"<p>{html.escape(words['panel_none'])}</p>"
    late = np.concatenate([values[len(values) // 10 :] for _, values in used])
    low, high = (0.0, 1.0) if panel == "accuracy" else (min(0.0, float(late.min())), 1.05 * float(late.max()) or 1.0)
    last = max(float(at[-1]) for at, _ in used) or 1.0

    def place(x: float, y: float) -> str:
        return f"{_LEFT + x / last * (_WIDTH - 26 - _LEFT):.1f},{_BOTTOM - (y - low) / (high - low) * (_BOTTOM - _TOP):.1f}"

    parts = []
    for quarter in (0, 0.25, 0.5, 0.75, 1):
        value = low + quarter * (high - low)
        y = place(0, value).split(",")[1]
        shown = f"{100 * value:.0f}{percent_sign()}" if panel == "accuracy" else f"{value:.3g}"
        parts.append(
            f'<path d="M{_LEFT} {y}H{_WIDTH - 26}" stroke="#e9ebee"/><text x="{_LEFT - 6}" y="{float(y) + 4}" text-anchor="end">{shown}</text>'
        )
        parts.append(
            f'<text x="{place(quarter * last, low).split(",")[0]}" y="{_BOTTOM + 18}" text-anchor="middle">{quarter * last:.4g}</text>'
        )
    unit = runs[0].curves.unit
    parts.append(f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 8}" text-anchor="middle">{html.escape(words[f"axis_{unit}"])}</text>')
    for i, (_, name, at, values) in enumerate(lines):
        if not name:
            continue
        kept = np.unique(np.linspace(0, len(at) - 1, min(len(at), 400)).round().astype(int))
        points = " ".join(place(x, min(y, high * 1.02)) for x, y in zip(at[kept], values[kept]))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{COLORS[i % len(COLORS)]}" stroke-width="2.5"/>')
    ends = "; ".join(
        words["alt_line"].format(name=told.curves.name, end=f"{values[-1]:.3g}") for told, name, _, values in lines if name
    )
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{html.escape(ends)}">{"".join(parts)}</svg>'
