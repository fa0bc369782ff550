"""Print the budgets of the design as a table: `python -m tests.benchmarks [name ...]`. Ratios come from one run on one machine.

Each module bench_<name> has `rows() -> list[(what, ours, other, ratio, budget)]`; seconds vary with the machine, so believe
the ratios. Nothing here is a test: a slow machine fails nothing. `--save FILE` keeps what was measured, `--against FILE` says what
got worse since by more than the spread of both; give `--times 3` or more, so that there is a spread.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

HERE = Path(__file__).parent
Row = tuple[str, str, str, float | None, str]


def value(row: Row) -> float | None:
    """What is compared between runs: the ratio, else the first number of ours; None where there is neither."""
    _, ours, _, ratio, _ = row
    found = re.search(r"\d+(?:[.,]\d+)*", ours)
    return ratio if ratio is not None else float(found[0].replace(",", "")) if found else None


def measured(tables: Iterable[Sequence[Row]]) -> dict[str, dict]:
    """By what was measured: whether more is better (a budget of "at least"), and the values of all runs."""
    found: dict[str, dict] = {}
    for row in (row for table in tables for row in table):
        if (number := value(row)) is not None:
            found.setdefault(row[0], {"more": row[4].startswith(">"), "values": []})["values"].append(number)
    return found


def worse(before: Mapping[str, dict], now: Mapping[str, dict]) -> list[str]:
    """A line for each median that got worse by more than the larger of the two spreads (most less least)."""
    told = []
    for what, one in now.items():
        if (old := before.get(what)) is None:
            continue
        was, is_ = statistics.median(old["values"]), statistics.median(one["values"])
        spread = max(max(each["values"]) - min(each["values"]) for each in (old, one))
        if (was - is_ if one["more"] else is_ - was) > spread:
            told.append(f"worse: {what}: {was:g} before, {is_:g} now, spread {spread:.2g}")
    return told


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--times", type=int, default=1, help="runs of each benchmark")
    parser.add_argument("--save", type=Path, metavar="FILE")
    parser.add_argument("--against", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    known = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        print(f"no benchmark named {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    before = json.loads(asked.against.read_text("utf-8")) if asked.against else None
    tables: list[Sequence[Row]] = []
    print("| what | ours | compared with | ratio | budget |\n|---|---|---|---|---|", flush=True)
    for name in (asked.names or known) * asked.times:
        tables.append(importlib.import_module(f"tests.benchmarks.bench_{name}").rows())
        for what, ours, other, ratio, budget in tables[-1]:
            shown = "" if ratio is None else f"{ratio:.2f}"
            print(f"| {what} | {ours} | {other} | {shown} | {budget} |", flush=True)
    now = measured(tables)
    if asked.save:
        asked.save.write_text(json.dumps(now, indent=1), "utf-8")
    if before is not None:
        print(
            *(worse(before, now) or [f"nothing of {len(now.keys() & before.keys())} got worse by more than its spread"]), sep="\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
