"""Check, list, merge and remove stored networks.

python -m lsviz.store verify [FOLDER]             every file and value
python -m lsviz.store table [FOLDER] [--readme .github/NETWORKS.md]
python -m lsviz.store merge FOLDER [--into checkpoints] [--replace]
python -m lsviz.store remove RUN_ID... [--from checkpoints]
"""

from __future__ import annotations

import argparse
import re
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path

from lsviz.core.errors import LsvizError
from lsviz.store.merging import merge, remove
from lsviz.store.precision import check_precision
from lsviz.store.reader import Store, check_values
from lsviz.store.records import RunRecord

CHECKPOINTS = Path(__file__).parents[2] / "checkpoints"
START, END = "<!-- grid of networks -->", "<!-- end of the grid -->"


def verify(store: Store) -> int:
    """Check entries, files, hashes, shapes, dtypes, values and the bits of logits; print what is wrong; 1 if anything is."""
    wrong = [str(problem) for problem in store.problems]
    for record in store.runs:
        try:
            arrays = store.load(record.id)
            check_values(record, arrays)
            check_precision(record, arrays)
        except LsvizError as error:
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


def grid(store: Store) -> str:
    """Means over seeds of every (N, noise, alpha), as a Markdown table for .github/NETWORKS.md; the fraction after ± is the seeds' sd."""
    groups: dict[tuple[int, float, int, float], list[RunRecord]] = {}
    for run in store.runs:
        c = run.config
        if not c.is_student:
            groups.setdefault((c.num_classes, c.noise, -c.size, c.alpha), []).append(run)
    lines = [
        "| N | what differs | α | seeds | train acc % | test acc % | NLL | ECE % | gap, points | T | ECE at T % | NC1 train | NC1 test | plane scatter train | test |",
        "|--:" * 15 + "|",
    ]
    for (n, noise, size, alpha), runs in sorted(groups.items()):

        def mean(split: str, metric: str, digits: int, factor: float = 1, sign: str = "", runs: Sequence[RunRecord] = runs) -> str:
            values = [factor * run.metrics[split][metric] for run in runs if metric in run.metrics.get(split, {})]
            if not values:
                return ""
            spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
            return f"{statistics.fmean(values):{sign}.{digits}f}{spread}"

        badge = "" if all(run.memorised for run in runs) else " ○"
        cells = (
            n, f"{100 * noise:g} % wrong labels" if noise else f"{-size} % of the images" if size > -100 else "", f"{alpha:g}", len(runs), mean("train", "accuracy", 1, 100) + badge,
            mean("test", "accuracy", 1, 100), mean("test", "nll", 3), mean("test", "ece15", 1, 100), mean("test", "signed_gap", 1, 100, "+"),
            mean("test", "temperature", 2), mean("test", "ece15_at_temperature", 1, 100), mean("train", "nc1", 3), mean("test", "nc1", 3),
            mean("train", "plane_scatter", 3), mean("test", "plane_scatter", 3),
        )  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    students = sum(run.config.is_student for run in store.runs)
    devices = ", ".join(sorted({run.device for run in store.runs}))
    return (
        "\n".join(lines)
        + f"\n\nTrained on {devices}. ○: had not memorised its training images (below 98 %)."
        + (f" Beside these there are {students} students of the distillation map on Costs." if students else "")
    )


def with_grid(readme: str, store: Store) -> str:
    """A page's text with its grid of networks made anew. Raises LsvizError when the two marks are not in it."""
    made, count = re.subn(rf"({START}\n).*?(\n{END})", lambda marks: marks[1] + grid(store) + marks[2], readme, flags=re.DOTALL)
    if count != 1:
        raise LsvizError("store.readme", start=START, end=END)
    return made


def merged(source: Path, into: Path, replace: bool) -> str:
    """Merge and say what came, and what is to be laid out now."""
    made = merge(source, into, replace=replace)
    lines = [*(f"added {run}" for run in made.added), *(f"replaced {run}" for run in made.replaced)]
    lines.append(f"{len(made.added)} added, {len(made.replaced)} replaced, {len(made.known)} were there")
    bare = [run for run in Store(into).runs if "test_features" in run.arrays and "map_test_layout" not in run.arrays]
    if bare:
        lines.append(f"{len(bare)} have no layout yet: python -m lsviz.training.layouts {into}")
    return "\n".join(lines)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m lsviz.store", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = made.add_subparsers(dest="command", required=True)
    for name in ("verify", "table"):
        command = commands.add_parser(name)
        command.add_argument("folder", nargs="?", default=CHECKPOINTS, type=Path)
    command.add_argument("--readme", type=Path, help="the page whose grid of networks is written anew")
    command = commands.add_parser("merge")
    command.add_argument("source", type=Path, help="folder with finished runs and their manifest")
    command.add_argument("--into", dest="folder", default=CHECKPOINTS, type=Path)
    command.add_argument(
        "--replace", action="store_true", help="also take runs that are there already, trained anew by the same recipe"
    )
    command = commands.add_parser("remove")
    command.add_argument("runs", nargs="+", metavar="RUN_ID")
    command.add_argument("--from", dest="folder", default=CHECKPOINTS, type=Path)
    return made


def main(arguments: list[str]) -> int:
    asked = parser().parse_args(arguments)
    try:
        if asked.command == "merge":
            print(merged(asked.source, asked.folder, asked.replace))
            return 0
        if asked.command == "remove":
            print("\n".join(f"removed {run}" for run in remove(asked.folder, asked.runs)))
            return 0
        store = Store(asked.folder)
        if asked.command == "verify":
            return verify(store)
        for problem in store.problems:
            print(problem, file=sys.stderr)
        if asked.readme:
            asked.readme.write_text(with_grid(asked.readme.read_text("utf-8"), store), "utf-8")
        else:
            print(table(store))
        return 1 if store.problems else 0
    except (LsvizError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
