"""Changes with their intervals as a Markdown table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lsviz.core.comparing.changes import Change
from lsviz.figures import numbers


def verdict_table(changes: Sequence[Change], heads: Sequence[str], words: Mapping[str, str]) -> str:
    """What smoothing bought and cost as a Markdown table, ready to be copied."""
    rows = [
        f"| {' | '.join(head.replace(' = ', f'{numbers.NO_BREAK}={numbers.NO_BREAK}') for head in heads)} |",
        "|---|--:|--:|---|",
    ]
    for change in changes:
        plain = change.metric in ("nll", "nc1")
        value = (lambda v: f"{v:.3f}") if plain else (lambda v: numbers.percent(v, 1))
        apart = (lambda v: f"{v:+.3f}".replace("-", numbers.MINUS)) if plain else numbers.points
        cells = (words[f"metric_{change.metric}"], value(change.first), value(change.second))
        said = words[
            f"verdict_cell_{'nc1_' if change.metric == 'nc1' and change.verdict else ''}{('equal', 'better', 'worse')[change.verdict]}"
        ]
        interval = f"{apart(change.difference)} ({apart(change.low)} … {apart(change.high)})"
        rows.append(f"| {' | '.join(cells).replace(' %', numbers.NO_BREAK + '%')} | {said}: {interval} |")
    return "\n".join(rows)
