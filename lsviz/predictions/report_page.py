"""The report as one HTML page that opens offline: no script, no request, every name from outside escaped."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lsviz.core.calibration.assessment import MIN_COUNT, Assessment
from lsviz.core.calibration.registry import REPORTED
from lsviz.core.predictions.diagnosis import Finding
from lsviz.core.predictions.summary import Summary
from lsviz.core.spoken import percent_sign
from lsviz.predictions.report import (
    SPOKEN,
    VERDICTS,
    Report,
    advice,
    changed,
    group_notes,
    group_rows,
    headline,
    shown,
)

STYLE = """
body{font:17px/1.5 'Source Sans 3',system-ui,sans-serif;max-width:62rem;margin:2rem auto;padding:0 1rem;color:#1b1e24;background:#fff}
h1,h2{font-family:'Source Serif 4',Georgia,serif;font-weight:600}h1{font-size:2rem;margin:.2em 0}h2{font-size:1.4rem;margin:1.6em 0 .4em}
p,footer,caption{color:#5b616b}table{border-collapse:collapse;width:100%}td,th{padding:.3em .6em;border-bottom:1px solid #dcdfe3;text-align:left}
td+td,th+th{text-align:right;font-variant-numeric:tabular-nums}td.text{text-align:left}svg{width:100%;height:auto}.two{display:grid;grid-template-columns:1fr 1fr;gap:2rem}
@media(max-width:700px){.two{grid-template-columns:1fr}}figure{margin:0}figcaption{font-weight:600}text{font:13px system-ui,sans-serif;fill:#5b616b}.wrap{overflow-x:auto}
"""
HARD, SOFT, CONTEXT, GRID = "#d95f02", "#048be1", "#7b828d", "#e9ebee"
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 440, 14, 330  # the plot's frame in the drawing's units


def as_html(
    report: Report,
    words: Mapping[str, str] = SPOKEN,
    told: Callable[[Finding], tuple[str, str | None]] = lambda f: (f.sentence, f.remedy),
) -> str:
    """The whole page. `told` gives a finding's sentence and its remedy's."""
    summary, outputs = report.summary, report.summary.diagnosis.outputs
    name, rows, chance = html.escape(report.file), f"{outputs.num_rows:,}", f"{100 * summary.assessment.ece.floor.upper:.2f}"

    def say(key: str, **values: object) -> str:
        return html.escape(words[key].format(**values))

    pictures = [(report.summary, SOFT, words["this"])] + ([(report.other, CONTEXT, words["baseline"])] if report.other else [])
    body = [
        f"<h1>{say('page_title', headline=headline(summary, words))}</h1>",
        f"<p>{say('page_what', name=report.file, rows=rows, classes=outputs.num_classes, advice=advice(summary, words))}</p>",
        '<div class="two">',
        f"<figure><figcaption>{say('page_diagram')}</figcaption>{diagram([(summary.assessment, color, name) for summary, color, name in pictures], words)}</figure>",
        f"<figure><figcaption>{say('page_risk')}</figcaption>{_risk(pictures, words)}</figure></div>",
        f"<h2>{say('page_numbers')}</h2>",
        table(
            ("", words["column_value"], words["column_interval"]),
            [(words[name], *map(unbroken, shown(name, summary.numbers[name], words))) for name in REPORTED],
        ),
        f"<p>{say('page_chance', rows=rows, chance=chance)}</p>",
        f"<h2>{say('page_findings')}</h2>",
        table(
            (words["column_finding"], words["column_remedy"]),
            [_finding(*told(f), f.applied, words) for f in summary.diagnosis.findings],
        ),
    ]
    if report.other is not None:
        pairs = [
            (words[c.metric], f"{c.first:.4f}", f"{c.second:.4f}", f"{unbroken(changed(c, words))}, {words[VERDICTS[c.verdict]]}")
            for c in report.changes
        ]
        body += [
            f"<h2>{say('page_against', name=report.baseline)}</h2>",
            table(("", words["baseline"], words["this"], words["column_difference"]), pairs),
        ]
        body.append(f"<p>{say('page_pairs', rows=f'{report.paired_rows:,}')}</p>")
    if report.groups:
        heads = ("", words["column_rows"], "", words["column_value"], words["column_interval"], words["column_difference"])
        body += [f"<h2>{say('group_title', column=report.group)}</h2>", '<div class="two">']
        body += [
            f"<figure><figcaption>{html.escape(group.name)}</figcaption>{diagram([(group.assessment, SOFT, group.name)], words)}</figure>"
            for group in report.groups
            if group.assessment
        ]
        body += [
            "</div>",
            table(heads, [(*row[:3], *map(unbroken, row[3:])) for row in group_rows(report.groups, words)]),
            *(f"<p>{html.escape(note)}</p>" for note in group_notes(report.groups, words)),
        ]
    if report.limits:
        limits = [
            (
                x.name,
                words["at_least" if x.least else "at_most"].format(value=f"{x.value:g}"),
                words["broken" if x in report.broken else "kept"],
            )
            for x in report.limits
        ]
        body += [f"<h2>{say('page_limits')}</h2>", table((words["column_number"], words["column_limit"], ""), limits)]
    known = "; ".join(f"{key}: {value}" for key, value in outputs.told.items() if value)
    body.append(f"<footer><p>{say('page_foot', seed=summary.seed, sha256=report.sha256)} {html.escape(known)}</p></footer>")
    return document(name, body, words["language"])


def document(title: str, body: Sequence[str], language: str) -> str:
    """A whole page of escaped parts. Its policy forbids scripts and every request, whatever a name may hold."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return f'<!doctype html><html lang="{language}"><head>{head}<style>{STYLE}</style></head><body>{"".join(body)}</body></html>'


def _finding(sentence: str, remedy: str | None, applied: bool, words: Mapping[str, str]) -> tuple[str, str]:
    return sentence, words["done" if applied else "not_done"].format(remedy=remedy) if remedy else ""


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def row(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"

    return f'<div class="wrap"><table>{row(heads, "th")}{"".join(row(cells, "td") for cells in rows)}</table></div>'


def unbroken(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _place(x: float, y: float) -> str:
    """Fractions of the frame as the drawing's units."""
    return f"{_LEFT + x * (_RIGHT - _LEFT):.1f},{_BOTTOM - y * (_BOTTOM - _TOP):.1f}"


def _axes(x_title: str, top: float) -> str:
    made = [f'<text x="{(_LEFT + _RIGHT) / 2}" y="368" text-anchor="middle">{x_title}</text>']
    for quarter in (0, 0.25, 0.5, 0.75, 1):
        x, y = _place(quarter, quarter).split(",")
        made.append(
            f'<path d="M{_LEFT} {y}H{_RIGHT}" stroke="{GRID}"/><text x="{_LEFT - 6}" y="{float(y) + 4}" text-anchor="end">{100 * quarter * top:.3g}{percent_sign()}</text>'
        )
        made.append(f'<text x="{x}" y="{_BOTTOM + 18}" text-anchor="middle">{100 * quarter:.0f}{percent_sign()}</text>')
    return "".join(made)


def _names(pictures: Sequence[tuple[str, str]]) -> str:
    if len(pictures) == 1:
        return ""
    return "".join(
        f'<text x="{_LEFT + 8}" y="{_TOP + 16 + 18 * i}" style="fill:{color};font-weight:600">{html.escape(name)}</text>'
        for i, (color, name) in enumerate(pictures)
    )


def diagram(pictures: Sequence[tuple[Assessment, str, str]], words: Mapping[str, str]) -> str:
    """Accuracy over confidence with 95 % whiskers; the first is drawn last."""
    parts = [
        _axes(html.escape(words["axis_confidence"]), 1),
        f'<path d="M{_place(0, 0)}L{_place(1, 1)}" stroke="{CONTEXT}" stroke-dasharray="4 4"/>',
    ]
    for assessed, color, _ in reversed(pictures):
        diagram = assessed.diagram()
        low, high = diagram.wilson()
        used = diagram.counts > 0
        joined = diagram.counts >= MIN_COUNT  # smaller bins wander too much
        line = " ".join(_place(x, y) for x, y in zip(diagram.confidence[joined], diagram.accuracy[joined]))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="3"/>')
        for x, y, a, b, count in zip(*(array[used] for array in (diagram.confidence, diagram.accuracy, low, high, diagram.counts))):
            cx, cy = _place(x, y).split(",")
            parts.append(
                f'<path d="M{_place(x, a)}L{_place(x, b)}" stroke="{color}"/><circle cx="{cx}" cy="{cy}" r="{3 + 7 * np.sqrt(count / diagram.num_samples):.1f}" fill="{color}"/>'
            )
    alt = "; ".join(
        words["alt_diagram"].format(name=name, claims=f"{100 * a.mean_confidence:.1f}", right=f"{100 * a.accuracy:.1f}")
        for a, _, name in pictures
    )
    return f'<svg viewBox="0 0 466 376" role="img" aria-label="{html.escape(alt)}">{"".join(parts)}{_names([(color, name) for _, color, name in pictures])}</svg>'


def _risk(pictures: Sequence[tuple[Summary, str, str]], words: Mapping[str, str]) -> str:
    curves = []
    for summary, color, _ in pictures:
        n = len(summary.risk.risk)
        ranks = np.unique(np.linspace(max(1, round(0.04 * n)), n, 120).round().astype(int)) - 1
        curves.append((summary.risk.coverage[ranks], summary.risk.risk[ranks], color))
    highest = max(float(risk.max()) for _, risk, _ in curves)
    top = next((top for top in (0.01, 0.02, 0.04, 0.08, 0.12, 0.2, 0.4, 0.6, 0.8) if top >= 1.02 * highest), 1.0)
    parts = [_axes(html.escape(words["axis_coverage"]), top)]
    for coverage, risk, color in reversed(curves):
        line = " ".join(_place(x, y / top) for x, y in zip(coverage, risk))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="3"/>')
    alt = "; ".join(words["alt_risk"].format(name=name, area=f"{100 * s.risk.aurc:.2f}") for s, _, name in pictures)
    return f'<svg viewBox="0 0 466 376" role="img" aria-label="{html.escape(alt)}">{"".join(parts)}{_names([(color, name) for _, color, name in pictures])}</svg>'
