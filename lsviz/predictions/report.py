"""A report on one file of outputs, beside a baseline if there is one: a short table, a JSON with a schema, a card in Markdown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lsviz.core.calibration.registry import REPORTED, Number
from lsviz.core.comparing.changes import Change
from lsviz.core.english import english
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.by_group import LEAST, Group, by_group
from lsviz.core.predictions.diagnosis import diagnose
from lsviz.core.predictions.feature_measures import FEATURES
from lsviz.core.predictions.outputs import Outputs
from lsviz.core.predictions.summary import ADVICE, Summary, paired, summarise
from lsviz.core.predictions.taken import Wish, listed
from lsviz.core.predictions.taken import shown as shown_name
from lsviz.core.predictions.text import plain_text
from lsviz.predictions.groups import is_number, read_groups
from lsviz.predictions.reading import read_outside

VERDICTS = {1: "better", 0: "equal", -1: "worse"}
# What people read in a report, except for its machine-readable JSON: sentences by key, and what measures are called, by their names
SPOKEN: Mapping[str, str] = {**english("report"), **english("measure")}


@dataclass(frozen=True)
class Limit:
    """A number that must not rise above (or, with `least`, fall below) a value."""

    name: str
    value: float
    least: bool = False

    def broken(self, numbers: Mapping[str, Number]) -> bool:
        found = numbers[self.name].value
        return not (found >= self.value if self.least else found <= self.value)  # NaN breaks every limit


@dataclass(frozen=True)
class Report:
    """What is said of `file`, and of `baseline` where there is one. Names are text from outside."""

    file: str
    sha256: str
    summary: Summary
    baseline: str = ""
    other: Summary | None = None
    changes: tuple[Change, ...] = ()
    paired_rows: int = 0
    limits: tuple[Limit, ...] = ()
    wish: Wish = Wish()
    group: str = ""
    groups: tuple[Group, ...] = ()

    @property
    def doubt(self) -> str | None:
        """The first sentence that leaves doubt about what the columns are, unless they were named."""
        findings = () if self.wish else self.summary.diagnosis.findings
        return next((finding.sentence for finding in findings if finding.doubt), None)

    @property
    def broken(self) -> tuple[Limit, ...]:
        return tuple(limit for limit in self.limits if limit.broken(self.summary.numbers))


def read_report(
    file: Path, baseline: Path | None = None, seed: int = 0, limits: Sequence[Limit] = (), wish: Wish | None = None, group: str = ""
) -> Report:
    """Read one or two files and work out the report. Raises LsvizError for what cannot be read or paired, and where limits meet doubt.

    `wish` says which columns are which, in both files; `group` names the column of groups in the first.
    """
    content = _content(file)
    grouped = read_groups(content, file.name, group) if group else None
    if grouped and is_number(grouped[0]):
        wish = replace(wish or Wish(), ignore=(*(wish.ignore if wish else ()), group))
    summary = _summary(content, file, seed, wish)
    groups = by_group(summary, *grouped) if grouped else ()
    sha256 = hashlib.sha256(content).hexdigest()
    made = Report(file.name, sha256, summary, limits=tuple(limits), wish=wish or Wish(), group=plain_text(group), groups=groups)
    if limits and made.doubt:
        raise LsvizError("outside.doubt", finding=made.doubt)
    if baseline is None:
        return made
    other = _summary(_content(baseline), baseline, seed, wish)
    changes, count = paired(other, summary)
    return replace(made, baseline=baseline.name, other=other, changes=changes, paired_rows=count)


def taken_sentences(outputs: Outputs, words: Mapping[str, str] = SPOKEN) -> list[str]:
    """What the file was taken for: rows, classes, labels, scores; then what was not used."""
    taken = outputs.taken
    if taken is None:
        return []
    kind = "arrays" if not taken.columns else "table" if taken.first != taken.last else "column"
    known = {"rows": f"{taken.rows:,}", "classes": outputs.num_classes, "label": shown_name(taken.label)}
    said = [words[f"taken_{kind}"].format(**known, first=shown_name(taken.first), last=shown_name(taken.last))]
    return said + ([words["taken_left"].format(names=listed(taken.left))] if taken.left else [])


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise LsvizError("outside.unreadable", file=path, reason=error.strerror or str(error)) from error


def _summary(content: bytes, path: Path, seed: int, wish: Wish | None) -> Summary:
    return summarise(diagnose(read_outside(content, path.name, wish=wish)), seed)


# ---- as JSON --------------------------------------------------------------------------------------------------------

NUMBER = {"type": "object", "properties": {"value": {"type": ["number", "null"]}, "low": {"type": ["number", "null"]}, "high": {"type": ["number", "null"]}},
           "required": ["value", "low", "high"], "additionalProperties": False}  # fmt: skip
_numbers = {
    "type": "object",
    "properties": dict.fromkeys(REPORTED, NUMBER),
    "required": list(REPORTED),
    "additionalProperties": False,
}
_list = {"type": "array", "items": {"type": ["number", "null"]}}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "lsviz report",
    "type": "object",
    "properties": {
        "format": {"const": "lsviz report"},
        "version": {"const": 1},
        "file": {"type": "object", "properties": {"name": {"type": "string"}, "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"}},
                 "required": ["name", "sha256"], "additionalProperties": False},
        "read": {"type": ["object", "null"], "properties": {
            "labels": {"type": "string"}, "first": {"type": "string"}, "last": {"type": "string"}, "not_used": {"type": "array", "items": {"type": "string"}},
            "doubt": {"type": "boolean"}, "sentences": {"type": "array", "items": {"type": "string"}}},
            "required": ["labels", "first", "last", "not_used", "doubt", "sentences"], "additionalProperties": False},
        "told": {"type": "object", "additionalProperties": {"type": "string"}},
        "rows": {"type": "integer", "minimum": 20},
        "classes": {"type": "integer", "minimum": 2},
        "class_names": {"type": "array", "items": {"type": "string"}},
        "seed": {"type": "integer"},
        "verdict": {"enum": ["over", "right", "under", "uneven"]},
        "advice": {"type": "object", "properties": {"code": {"enum": list(ADVICE)}, "sentence": {"type": "string"}}, "required": ["code", "sentence"], "additionalProperties": False},
        "foretold": {"type": ["object", "null"], "properties": dict.fromkeys(("alpha", "low", "high"), {"type": "number"}),
                     "required": ["alpha", "low", "high"], "additionalProperties": False},
        "numbers": _numbers,
        "chance": {"type": "object", "properties": {"median": {"type": "number"}, "upper": {"type": "number"}}, "required": ["median", "upper"], "additionalProperties": False},
        "findings": {"type": "array", "items": {"type": "object", "properties": {
            "code": {"type": "string"}, "count": {"type": "integer"}, "of": {"type": "integer"}, "sentence": {"type": "string"}, "remedy": {"type": ["string", "null"]},
            "applied": {"type": "boolean"}}, "required": ["code", "count", "of", "sentence", "remedy", "applied"], "additionalProperties": False}},
        "diagram": {"type": "object", "properties": dict.fromkeys(("confidence", "accuracy", "low", "high", "count"), _list),
                    "required": ["confidence", "accuracy", "low", "high", "count"], "additionalProperties": False},
        "risk_coverage": {"type": "object", "properties": dict.fromkeys(("coverage", "risk"), _list), "required": ["coverage", "risk"], "additionalProperties": False},
        "baseline": {"type": ["object", "null"], "properties": {
            "name": {"type": "string"}, "rows": {"type": "integer"}, "numbers": _numbers, "changes": {"type": "array", "items": {"type": "object", "properties": {
                "metric": {"type": "string"}, "baseline": {"type": "number"}, "file": {"type": "number"}, "difference": {"type": "number"}, "low": {"type": "number"},
                "high": {"type": "number"}, "verdict": {"enum": ["better", "worse", "equal"]}},
                "required": ["metric", "baseline", "file", "difference", "low", "high", "verdict"], "additionalProperties": False}}},
            "required": ["name", "rows", "numbers", "changes"], "additionalProperties": False},
        "groups": {"type": ["object", "null"], "properties": {"column": {"type": "string"}, "groups": {"type": "array", "items": {
            "type": "object", "properties": {
                "name": {"type": "string"}, "rows": {"type": "integer"}, "numbers": {"type": ["object", "null"], "additionalProperties": NUMBER},
                "chance": {"type": ["number", "null"]},
                "apart": {"type": ["object", "null"], "additionalProperties": {"type": "object", "properties": {
                    "difference": {"type": "number"}, "low": {"type": "number"}, "high": {"type": "number"}, "told": {"type": "boolean"}},
                    "required": ["difference", "low", "high", "told"], "additionalProperties": False}}},
            "required": ["name", "rows", "numbers", "chance", "apart"], "additionalProperties": False}}},
            "required": ["column", "groups"], "additionalProperties": False},
        "limits": {"type": "array", "items": {"type": "object", "properties": {
            "name": {"enum": list(REPORTED)}, "limit": {"type": "number"}, "kind": {"enum": ["at most", "at least"]}, "broken": {"type": "boolean"}},
            "required": ["name", "limit", "kind", "broken"], "additionalProperties": False}},
    },
    "required": ["format", "version", "file", "read", "told", "rows", "classes", "class_names", "seed", "verdict", "advice", "foretold", "numbers", "chance", "findings", "diagram", "risk_coverage",
                 "baseline", "groups", "limits"],
    "additionalProperties": False,
}  # fmt: skip


def as_json(report: Report) -> str:
    """The report as JSON of `SCHEMA`; what has no value is null."""
    summary, outputs = report.summary, report.summary.diagnosis.outputs
    diagram = summary.assessment.diagram()
    low, high = diagram.wilson()
    every = max(1, len(summary.risk.risk) // 200)
    tree = {
        "format": "lsviz report",
        "version": 1,
        "file": {"name": report.file, "sha256": report.sha256},
        "read": outputs.taken and {
            "labels": shown_name(outputs.taken.label), "first": shown_name(outputs.taken.first), "last": shown_name(outputs.taken.last),
            "not_used": [shown_name(name) for name in outputs.taken.left],
            "doubt": any(f.doubt for f in summary.diagnosis.findings), "sentences": taken_sentences(outputs),
        },
        "told": dict(outputs.told),
        "rows": outputs.num_rows,
        "classes": outputs.num_classes,
        "class_names": list(outputs.class_names),
        "seed": summary.seed,
        "verdict": summary.verdict,
        "advice": {"code": summary.advice, "sentence": advice(summary)},
        "foretold": asdict(summary.closing) if summary.closing else None,
        "numbers": _as_tree(summary.numbers),
        "chance": {"median": summary.assessment.ece.floor.median, "upper": summary.assessment.ece.floor.upper},
        "findings": [
            {"code": f.code, "count": f.count, "of": f.of, "sentence": f.sentence, "remedy": f.remedy, "applied": f.applied} for f in summary.diagnosis.findings
        ],
        "diagram": {
            "confidence": diagram.confidence.tolist(), "accuracy": diagram.accuracy.tolist(), "low": low.tolist(), "high": high.tolist(), "count": diagram.counts.tolist()
        },
        "risk_coverage": {"coverage": summary.risk.coverage[every - 1 :: every].tolist(), "risk": summary.risk.risk[every - 1 :: every].tolist()},
        "baseline": None,
        "groups": {"column": report.group, "groups": list(map(_group_tree, report.groups))} if report.groups else None,
        "limits": [
            {"name": limit.name, "limit": limit.value, "kind": "at least" if limit.least else "at most", "broken": limit in report.broken} for limit in report.limits
        ],
    }  # fmt: skip
    if report.other is not None:
        tree["baseline"] = {
            "name": report.baseline, "rows": report.paired_rows, "numbers": _as_tree(report.other.numbers),
            "changes": [
                {"metric": c.metric, "baseline": c.first, "file": c.second, "difference": c.difference, "low": c.low, "high": c.high,
                 "verdict": VERDICTS[c.verdict]}
                for c in report.changes
            ],
        }  # fmt: skip
    return json.dumps(finite(tree), indent=1, allow_nan=False)


def _group_tree(group: Group) -> dict[str, object]:
    apart = {
        name: {"difference": c.difference, "low": c.low, "high": c.high, "told": name in group.kept}
        for name, c in (group.apart or {}).items()
    }
    return {
        "name": group.name, "rows": group.count, "chance": group.assessment.ece.floor.upper if group.assessment else None,
        "numbers": {name: vars(number) for name, number in group.numbers.items()} if group.numbers else None, "apart": apart if group.numbers else None,
    }  # fmt: skip


def _as_tree(numbers: Mapping[str, Number]) -> dict[str, dict[str, float | None]]:
    return {name: {"value": numbers[name].value, "low": numbers[name].low, "high": numbers[name].high} for name in REPORTED}


def finite(tree: object) -> object:
    """NaN and infinity are no JSON."""
    if isinstance(tree, dict):
        return {key: finite(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [finite(value) for value in tree]
    return None if isinstance(tree, float) and not abs(tree) < float("inf") else tree


# ---- as text --------------------------------------------------------------------------------------------------------


def headline(summary: Summary, words: Mapping[str, str] = SPOKEN) -> str:
    """The finding in one sentence, with its interval."""
    a = summary.assessment
    return words[f"headline_{summary.verdict}"].format(
        points=f"{100 * abs(a.signed_gap):.1f}",
        low=f"{100 * a.gap_low:+.1f}",
        high=f"{100 * a.gap_high:+.1f}",
        ece=f"{100 * a.ece.ece:.1f}",
        chance=f"{100 * a.ece.floor.upper:.1f}",
    )


def shown(name: str, number: Number, words: Mapping[str, str] = SPOKEN) -> tuple[str, str]:
    """A number and its interval as text."""
    if number.value != number.value:
        return words["none"], ""
    entry = REPORTED.get(name) or FEATURES[name]
    if number.low is None or number.high is None:
        return entry.text(number.value), ""
    return entry.text(number.value), words["interval"].format(low=entry.digit_text(number.low), high=entry.digit_text(number.high))


def advice(summary: Summary, words: Mapping[str, str] = SPOKEN) -> str:
    """What to do, as far as these numbers bear it out."""
    before, after = summary.assessment.ece, summary.after.ece
    known = {
        "rows": f"{summary.diagnosis.outputs.num_rows:,}",
        "t": f"{summary.temperature:.3f}",
        "before": f"{100 * before.ece:.2f}",
        "after": f"{100 * after.ece:.2f}",
    }
    said = words[f"advice_{summary.advice}"].format(**known, chance=f"{100 * before.floor.upper:.2f}")
    if summary.closing is None:
        return said
    return f"{said} " + words["foretold"].format(**{end: f"{value:.2f}" for end, value in asdict(summary.closing).items()})


def as_text(report: Report) -> str:
    """A short table for a terminal."""
    outputs = report.summary.diagnosis.outputs
    lines = [f"{plain_text(report.file)}: {outputs.num_rows:,} rows, {outputs.num_classes} classes"]
    lines += [*taken_sentences(outputs), headline(report.summary), ""]
    for name in REPORTED:
        value, interval = shown(name, report.summary.numbers[name])
        lines.append(f"  {SPOKEN[name]:<32} {value:>10}   {interval}".rstrip())
    lines += [
        f"  {'ECE by chance alone, up to':<32} {100 * report.summary.assessment.ece.floor.upper:>8.2f} %",
        "",
        advice(report.summary),
    ]
    for finding in report.summary.diagnosis.findings:
        lines.append(
            f"- {finding.sentence}"
            + (f" [{'done' if finding.applied else 'not done'}: {finding.remedy}]" if finding.remedy else "")
        )
    if report.groups:
        lines += ["", SPOKEN["group_title"].format(column=report.group)]
        lines += [
            f"  {name:<24} {rows:>8}  {measure:<34} {value:>10}  {interval:<20} {rest}".rstrip()
            for name, rows, measure, value, interval, rest in group_rows(report.groups)
        ]
        lines += [*group_notes(report.groups)]
    if report.other is not None:
        lines += ["", f"Against {plain_text(report.baseline)}, {report.paired_rows:,} rows in pairs:"]
        for c in report.changes:
            lines.append(f"  {SPOKEN[c.metric]:<32} {changed(c)}  {SPOKEN[VERDICTS[c.verdict]]}")
    for limit in report.limits:
        asked = SPOKEN["at_least" if limit.least else "at_most"].format(value=f"{limit.value:g}")
        state, is_ = SPOKEN["broken" if limit in report.broken else "kept"], report.summary.numbers[limit.name].value
        lines.append(f"limit {limit.name} {asked}: {state}, it is {is_:.6g}")
    return "\n".join(lines)


def group_rows(groups: Sequence[Group], words: Mapping[str, str] = SPOKEN) -> list[tuple[str, str, str, str, str, str]]:
    """A line a group and number: name, rows, measure, value, interval, and its difference to all other rows, with ◆ where that is told."""
    made = []
    for group in groups:
        for name, number in (group.numbers or {}).items():
            change = (group.apart or {}).get(name)
            rest = f"{changed(change, words)}{' ◆' if name in group.kept else ''}" if change else ""
            if name == "ece" and group.assessment:
                rest = words["group_chance"].format(chance=f"{100 * group.assessment.ece.floor.upper:.2f}")
            made.append((group.name, f"{group.count:,}", words[name], *shown(name, number, words), rest))
    return made


def group_notes(groups: Sequence[Group], words: Mapping[str, str] = SPOKEN) -> list[str]:
    """What ◆ means, and which groups are too small to be judged."""
    small = [f"{group.name} ({group.count})" for group in groups if group.numbers is None]
    return [words["group_note"]] + ([words["group_small"].format(names=", ".join(small), least=LEAST)] if small else [])


# ---- as Markdown ----------------------------------------------------------------------------------------------------


def as_markdown(report: Report, words: Mapping[str, str] = SPOKEN) -> str:
    """The verdict on one card, ready to be pasted into a pull request. Names are escaped, so that they stay names."""
    summary, outputs = report.summary, report.summary.diagnosis.outputs
    head = words["card"].format(name=markdown_text(report.file), headline=headline(summary, words), advice=advice(summary, words))
    lines = [head, "", f"| | {words['column_value']} | {words['column_interval']} |", "|---|--:|--:|"]
    lines += [f"| {words[name]} | {' | '.join(shown(name, summary.numbers[name], words))} |" for name in REPORTED]
    if report.other is not None:
        lines += [
            "",
            words["card_against"].format(name=markdown_text(report.baseline), rows=f"{report.paired_rows:,}"),
            "",
            f"| | {words['column_difference']} | |",
            "|---|--:|---|",
        ]
        lines += [f"| {words[c.metric]} | {changed(c, words)} | {words[VERDICTS[c.verdict]]} |" for c in report.changes]
    chance = f"{100 * summary.assessment.ece.floor.upper:.2f}"
    return "\n".join(
        [*lines, "", words["card_foot"].format(rows=f"{outputs.num_rows:,}", classes=outputs.num_classes, chance=chance)]
    )


def changed(change: Change, words: Mapping[str, str] = SPOKEN) -> str:
    """A difference with its interval."""
    return f"{change.difference:+.4f} ({words['interval'].format(low=f'{change.low:+.4f}', high=f'{change.high:+.4f}')})"


def markdown_text(name: str) -> str:
    """Text from outside as Markdown that shows it as typed: no link, no picture, no HTML, no table cell, no icon."""
    escaped = "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+-.!|~$&=@^\"'" else c for c in plain_text(name))
    return escaped.replace(":", "\ua789")  # a colon that begins no directive, icon or address
