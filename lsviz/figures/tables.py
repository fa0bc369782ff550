"""Tables as Markdown: any one, and changes with their intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from lsviz.core.comparing.changes import Change
from lsviz.figures import numbers


def literal(text: str) -> str:
    """Text from outside as Markdown that shows it as it is."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#~|$:" else c for c in text)


def typeset(rows: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
    """With a minus sign before digits in all but the first column: names keep their hyphens."""
    return [(name, *(cell.replace("-", numbers.MINUS) for cell in cells)) for name, *cells in rows]


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, left: Sequence[int] = (0,)) -> str:
    """A table whose columns stand to the right, but for those of `left`; a number and its sign stay on one line, heads may break on a phone."""
    rule = ["---" if i in left else "--:" for i in range(len(heads))]
    cells = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    for sign in (" %", " = ", " ± "):
        cells = cells.replace(sign, sign.replace(" ", numbers.NO_BREAK))
    return "\n".join((f"| {' | '.join(heads)} |", f"| {' | '.join(rule)} |", cells))


def verdict_table(changes: Sequence[Change], heads: Sequence[str], words: Mapping[str, str]) -> str:
    """What smoothing bought and cost as a Markdown table, ready to be copied."""
    rows = []
    for change in changes:
        plain = change.metric in ("nll", "nc1")
        value = (lambda v: f"{v:.3f}") if plain else (lambda v: numbers.percent(v, 1))
        apart = (lambda v: f"{v:+.3f}".replace("-", numbers.MINUS)) if plain else numbers.points
        said = words[
            f"verdict_cell_{'nc1_' if change.metric == 'nc1' and change.verdict else ''}{('equal', 'better', 'worse')[change.verdict]}"
        ]
        interval = f"{apart(change.difference)} ({numbers.between(apart(change.low), apart(change.high))})"
        rows.append((words[f"metric_{change.metric}"], value(change.first), value(change.second), f"{said}: {interval}"))
    return markdown_table(heads, rows, left=(0, 3))
