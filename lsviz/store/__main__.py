"""`python -m lsviz.store verify [folder]` checks every file and value; `python -m lsviz.store table [folder]` prints the runs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lsviz.core.errors import LsvizError
from lsviz.store.reader import Store, check_values


def verify(store: Store) -> int:
    """Check entries, files, hashes, shapes, dtypes and values; print what is wrong; 1 if anything is."""
    wrong = [str(problem) for problem in store.problems]
    for record in store.runs:
        try:
            check_values(record, store.load(record.id))
        except (LsvizError, KeyError) as error:
            wrong.append(str(error))
    print("\n".join(wrong + [f"{len(store.runs)} runs, {len(wrong)} problems"]))
    return 1 if wrong else 0


def table(store: Store) -> str:
    """The runs as a Markdown table, percentages and points."""
    lines = [
        "| N | alpha | seed | noise | epochs | train acc % | test acc % | NLL | ECE % | gap pp | T | ECE at T % | NC1 train | NC1 test | margin |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for run in sorted(store.runs, key=lambda r: (r.config.num_classes, r.config.noise, r.config.alpha, r.config.seed)):
        c, train, test = run.config, run.metrics["train"], run.metrics["test"]
        lines.append(
            f"| {c.num_classes} | {c.alpha:g} | {c.seed} | {c.noise:g} | {c.epochs} | {100 * train['accuracy']:.1f} "
            f"| {100 * test['accuracy']:.1f} | {test['nll']:.3f} | {100 * test['ece15']:.1f} | {100 * test['signed_gap']:+.1f} "
            f"| {test['temperature']:.2f} | {100 * test['ece15_at_temperature']:.1f} | {train['nc1']:.3f} | {test['nc1']:.3f} "
            f"| {run.facts['margin_train']:.2f} |"
        )
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m lsviz.store", description=__doc__)
    parser.add_argument("command", choices=("verify", "table"))
    parser.add_argument("folder", nargs="?", default=Path(__file__).parents[2] / "checkpoints", type=Path)
    asked = parser.parse_args(arguments)
    store = Store(asked.folder)
    if asked.command == "verify":
        return verify(store)
    for problem in store.problems:
        print(problem, file=sys.stderr)
    print(table(store))
    return 1 if store.problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
