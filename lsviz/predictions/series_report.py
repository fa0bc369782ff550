"""Several files as a series over alpha: one table of every measure, the differences in pairs, and a cautious word by purpose."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import Finding
from lsviz.core.predictions.outputs import alpha_told
from lsviz.core.predictions.taken import Wish
from lsviz.core.predictions.text import plain_text
from lsviz.core.predictions.which_alpha import Against, Compared, which_alpha
from lsviz.predictions.report import SPOKEN, VERDICTS, Limit, Report, changed, finite, headline, read_report, shown
from lsviz.predictions.report_page import SOFT, diagram, document, table, unbroken


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
    return value, interval, changed(one.change, words), words[VERDICTS[one.change.verdict]]


def heads(compared: Compared) -> list[str]:
    """One a network: its alpha, and its number where several have it."""
    return [f"α {alpha:g}" + (f" ({compared.alphas[:i].count(alpha) + 1})" if compared.alphas.count(alpha) > 1 else "") for i, alpha in enumerate(compared.alphas)]  # fmt: skip


def long_rows(compared: Compared, words: Mapping[str, str] = SPOKEN) -> list[tuple[str, ...]]:
    """A line a measure and network: measure, alpha, then `cells`."""
    return [(_called(name, words), head, *cells(name, one, words)) for name, every in compared.rows.items() for head, one in zip(heads(compared), every)]  # fmt: skip


def grid(compared: Compared, words: Mapping[str, str] = SPOKEN, bold: str = "{}") -> list[tuple[str, ...]]:
    """A line a measure: a value a network, the reference's in `bold`, ≈ behind those not told apart from it; then shapes of features."""
    made = []
    for name, every in compared.rows.items():
        values = [shown(name, one.number, words)[0] for one in every]
        marked = [bold.format(value) if one.change is None else f"{value}\u00a0≈" if not one.change.verdict else value for value, one in zip(values, every)]  # fmt: skip
        made.append((_called(name, words), *marked))
    return made + [(words[name], *(f"{value:.3f}" for value in values)) for name, values in compared.shapes.items()]


def paragraph(compared: Compared, words: Mapping[str, str] = SPOKEN, said: Callable[[Finding], str] = lambda f: f.sentence) -> list[str]:  # fmt: skip
    """A sentence a purpose, and what these rows do not tell."""
    features = ["which_features" if compared.shapes else "which_no_features"] + ["which_disagree"] * compared.shapes_disagree
    return [*map(said, compared.said), *(words[key] for key in (*features, "which_teacher", "which_seeds"))]


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
    lines += [f"{SPOKEN[name]}: " + ", ".join(f"{head}: {value:.3f}" for head, value in zip(heads(compared), values)) for name, values in compared.shapes.items()]  # fmt: skip
    return "\n".join([*lines, "", *(f"- {sentence}" for sentence in paragraph(compared))])


def series_json(reports: Sequence[Report], compared: Compared) -> str:
    """Every number with its interval, every difference with its verdict; what has no value is null."""

    def against(one: Against) -> dict[str, object]:
        change = one.change and {"difference": one.change.difference, "low": one.change.low, "high": one.change.high}
        return {"number": vars(one.number), "to_reference": change, "verdict": VERDICTS[one.change.verdict] if one.change else None, "rows_needed": one.needed}  # fmt: skip

    tree = {
        "format": "lsviz series", "version": 1, "rows": compared.count,
        "files": [{"name": report.file, "sha256": report.sha256, "alpha": alpha} for report, alpha in zip(reports, compared.alphas)],
        "measures": {name: {"reference": compared.reference[name], "files": list(map(against, every))} for name, every in compared.rows.items()},
        "features": {name: list(values) for name, values in compared.shapes.items()}, "said": paragraph(compared),
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
        f"<p>{html.escape(words['which_grid'])}</p>",
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
