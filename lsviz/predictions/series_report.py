"""Several files as a series over alpha: one table of every measure, the differences in pairs, and a cautious word by purpose."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lsviz.core.comparing.changes import Change
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import Finding
from lsviz.core.predictions.feature_measures import FEATURES, KNN, TIGHTER
from lsviz.core.predictions.outputs import alpha_told
from lsviz.core.predictions.taken import Wish
from lsviz.core.predictions.text import plain_text
from lsviz.core.predictions.which_alpha import COMPARED, Against, Compared, which_alpha
from lsviz.predictions.report import NUMBER, SPOKEN, VERDICTS, Limit, Report, changed, finite, headline, read_report, shown
from lsviz.predictions.report_page import SOFT, diagram, document, table, unbroken

MOVED = {"more": "larger", "less": "smaller", "equal": "equal"}
_difference = {"type": ["object", "null"], "properties": dict.fromkeys(("difference", "low", "high"), {"type": "number"}),
               "required": ["difference", "low", "high"], "additionalProperties": False}  # fmt: skip
_against = {"number": NUMBER, "to_reference": _difference, "verdict": {"enum": ["better", "worse", "equal", "larger", "smaller", None]}, "rows_needed": {"type": ["integer", "null"]}}  # fmt: skip
_measure = {"reference": {"type": "integer"}, "files": {"type": "array", "items": {
    "type": "object", "properties": _against, "required": list(_against), "additionalProperties": False}}}  # fmt: skip
_file = {"name": {"type": "string"}, "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}, "alpha": {"type": "number"}}
_series = {
    "format": {"const": "lsviz series"}, "version": {"const": 2}, "rows": {"type": "integer"}, "feature_rows": {"type": "integer"},
    "files": {"type": "array", "items": {"type": "object", "properties": _file, "required": list(_file), "additionalProperties": False}},
    "measures": {"type": "object", "propertyNames": {"enum": [*COMPARED, *FEATURES]}, "additionalProperties": {
        "type": "object", "properties": _measure, "required": list(_measure), "additionalProperties": False}},
    "said": {"type": "array", "items": {"type": "string"}},
}  # fmt: skip
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "lsviz series", "type": "object",
    "properties": _series, "required": list(_series), "additionalProperties": False,
}  # fmt: skip


def read_series(
    files: Sequence[Path], alphas: Sequence[float] = (), seed: int = 0, limits: Sequence[Limit] = (), wish: Wish | None = None
) -> tuple[tuple[Report, ...], Compared]:
    """Every file's report by rising alpha, and what they come to beside each other. `alphas`: one a file, else as files and names tell."""
    reports = [read_report(file, None, seed, limits, wish) for file in files]
    if alphas and len(alphas) != len(files):
        raise LsvizError("curves.alphas", found=len(alphas), files=len(files))
    told: list[float | None] = list(alphas) or [
        alpha_told(report.summary.diagnosis.outputs.told, report.file) for report in reports
    ]
    for alpha, report in zip(told, reports):
        if alpha is None:
            raise LsvizError("outside.no_alpha", file=plain_text(report.file))
    series = sorted(((alpha, report) for alpha, report in zip(told, reports) if alpha is not None), key=lambda one: one[0])
    compared = which_alpha([(alpha, report.file, report.summary) for alpha, report in series])
    return tuple(report for _, report in series), compared


def _called(name: str, words: Mapping[str, str]) -> str:
    """A measure's name where no temperature stands in the line above."""
    return words.get(f"own_{name}", words[name])


def cells(name: str, one: Against, words: Mapping[str, str] = SPOKEN) -> tuple[str, str, str, str]:
    """A measure of a network: its value, its interval, its difference to the reference, the verdict on it."""
    value, interval = shown(name, one.number, words)
    if one.change is None:
        return value, interval, "", words["reference"]
    return value, interval, changed(one.change, words), words[_verdict(name, one.change)]


def _verdict(name: str, change: Change) -> str:
    """A word of the texts and of the JSON: better or worse, or what has no better is larger or smaller; "equal" where rows tell neither."""
    return MOVED[change.moved] if name in TIGHTER else VERDICTS[change.verdict]


def heads(compared: Compared) -> list[str]:
    """One a network."""
    return [f"α {name}" for name in compared.called]


def long_rows(compared: Compared, words: Mapping[str, str] = SPOKEN) -> list[tuple[str, ...]]:
    """A line a measure and network: measure, alpha, then `cells`."""
    return [(_called(name, words), head, *cells(name, one, words)) for name, every in compared.rows.items() for head, one in zip(heads(compared), every)]  # fmt: skip


def grid(compared: Compared, words: Mapping[str, str] = SPOKEN, bold: str = "{}") -> list[tuple[str, ...]]:
    """A line a measure: a value a network, the best in `bold`, ≈ behind those not told apart from the one they are held against."""
    made = []
    for name, every in compared.rows.items():
        best = "{}" if name in TIGHTER else bold
        values = [shown(name, one.number, words)[0] for one in every]
        marked = [best.format(value) if one.change is None else f"{value}\u00a0≈" if one.change.moved == "equal" else value for value, one in zip(values, every)]  # fmt: skip
        made.append((_called(name, words), *marked))
    return made


def grid_note(compared: Compared, words: Mapping[str, str] = SPOKEN) -> str:
    """What the marks of `grid` mean."""
    features = words["which_grid_features"].format(rows=f"{compared.feature_rows:,}")
    return f"{words['which_grid']} {features}" if compared.feature_rows else words["which_grid"]


def paragraph(compared: Compared, words: Mapping[str, str] = SPOKEN, said: Callable[[Finding], str] = lambda f: f.sentence) -> list[str]:  # fmt: skip
    """A sentence a purpose, and what these rows do not tell."""
    keys = ["which_features" if compared.feature_rows else "which_no_features"] + ["which_disagree"] * compared.shapes_disagree
    keys += [f"which_knn_{'falls' if compared.tighter[KNN] < 0 else 'rises'}"] if compared.at_odds else []
    ends = {"low": f"{compared.alphas[0]:g}", "high": f"{compared.alphas[-1]:g}"}
    by = ", ".join({"nc1": "NC1", "class_separation": "R²"}[name] for name in compared.at_odds)
    return [*map(said, compared.said), *(words[key].format(by=by, **ends) for key in (*keys, "which_teacher", "which_seeds"))]


def series_text(reports: Sequence[Report], compared: Compared) -> str:
    """For a terminal."""
    lines = [SPOKEN["which_title"].format(count=len(reports), rows=f"{compared.count:,}"), ""]
    lines += [
        f"  {head:<10} {plain_text(report.file)}: {headline(report.summary)}" for head, report in zip(heads(compared), reports)
    ]
    lines.append("")
    for name, every in compared.rows.items():
        lines.append(_called(name, SPOKEN))
        for head, one in zip(heads(compared), every):
            value, interval, difference, verdict = cells(name, one)
            lines.append(f"  {head:<10} {value:>10}  {interval:<20} {difference:<32} {verdict}".rstrip())
    return "\n".join([*lines, "", *(f"- {sentence}" for sentence in paragraph(compared))])


def series_json(reports: Sequence[Report], compared: Compared) -> str:
    """Every number with its interval, every difference with its verdict; what has no value is null."""

    def against(name: str, one: Against) -> dict[str, object]:
        change = one.change and {"difference": one.change.difference, "low": one.change.low, "high": one.change.high}
        return {"number": vars(one.number), "to_reference": change, "verdict": _verdict(name, one.change) if one.change else None, "rows_needed": one.needed}  # fmt: skip

    tree = {
        "format": "lsviz series", "version": 2, "rows": compared.count,
        "files": [{"name": report.file, "sha256": report.sha256, "alpha": alpha} for report, alpha in zip(reports, compared.alphas)],
        "measures": {name: {"reference": compared.reference[name], "files": [against(name, one) for one in every]} for name, every in compared.rows.items()},
        "feature_rows": compared.feature_rows, "said": paragraph(compared),
    }  # fmt: skip
    return json.dumps(finite(tree), indent=1, allow_nan=False)


def series_html(
    reports: Sequence[Report],
    compared: Compared,
    words: Mapping[str, str] = SPOKEN,
    said: Callable[[Finding], str] = lambda f: f.sentence,
) -> str:
    """One page: what may be said, the table, every diagram, the differences."""
    title = html.escape(words["which_title"].format(count=len(reports), rows=f"{compared.count:,}"))
    body = [f"<h1>{title}</h1>", *(f"<p>{html.escape(sentence)}</p>" for sentence in paragraph(compared, words, said))]
    body += [
        table(("", *heads(compared)), [tuple(map(unbroken, row)) for row in grid(compared, words, "{}\u00a0★")]),
        f"<p>{html.escape(grid_note(compared, words))}</p>",
        '<div class="two">',
    ]
    for head, report in zip(heads(compared), reports):
        picture = diagram([(report.summary.assessment, SOFT, words["this"])], words)
        body.append(f"<figure><figcaption>{html.escape(f'{head}: {plain_text(report.file)}')}</figcaption>{picture}</figure>")
    columns = ("", "α", words["column_value"], words["column_interval"], words["column_difference"], "")
    body += [
        "</div>",
        f"<h2>{html.escape(words['which_pairs'])}</h2>",
        table(columns, [(row[0], *map(unbroken, row[1:])) for row in long_rows(compared, words)]),
    ]
    return document(title, body, words["language"])
