"""`lsviz report mine.safetensors [--baseline other] [--html FILE] [--json FILE] [--fail-above ece=0.05]`; `schema` prints the JSON's, `schema curves` that of curves.
`lsviz curves run1.csv run2.csv --alpha .1 --classes 100 [--html FILE] [--json FILE]` says what training curves say.

Without installing: `python -m lsviz`, in the repository. Exit code 0: said; 1: a limit is broken; 2: bad input, or limits on a file that may be misread.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from lsviz.core.errors import LsvizError

if TYPE_CHECKING:
    from lsviz.core.predictions.taken import Wish


def main(arguments: list[str]) -> int:
    from lsviz.core.calibration.registry import REPORTED
    from lsviz.predictions.report import Limit

    def limit(text: str, *, least: bool = False) -> Limit:
        name, _, value = text.partition("=")
        if name not in REPORTED:
            raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(REPORTED)}")
        try:
            return Limit(name, float(value), least)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER, such as ece=0.05") from None

    parser = argparse.ArgumentParser(prog="lsviz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    report = commands.add_parser("report", help="what a file of outputs says of its network")
    report.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="file",
        help=".safetensors, .npz, .csv, .tsv, .csv.gz or .parquet; several: a series over alpha",
    )
    report.add_argument("--alpha", type=float, nargs="+", default=[], help="label smoothing of a series, one a file")
    report.add_argument(
        "--columns", nargs="+", default=[], metavar="NAME", help="the columns (or the array) of scores; * stands for any letters"
    )
    report.add_argument("--label", default="", metavar="NAME", help="the column (or the array) of labels")
    report.add_argument("--ignore", nargs="+", default=[], metavar="NAME", help="columns (or arrays) that are neither")
    report.add_argument(
        "--group", default="", metavar="NAME", help="the column (or array) of groups, such as site: every number a group"
    )
    report.add_argument("--baseline", type=Path, help="another network's outputs on the same rows")
    report.add_argument("--html", type=Path, help="write a page that opens offline")
    report.add_argument("--markdown", type=Path, help="write a card to paste into a pull request")
    report.add_argument("--json", type=Path, help="write the numbers; - prints them in place of the table")
    report.add_argument(
        "--fail-above",
        action="append",
        default=[],
        type=limit,
        metavar="NAME=NUMBER",
        help="exit with 1 when a number is above this; fractions",
    )
    report.add_argument(
        "--fail-below", action="append", default=[], type=lambda text: limit(text, least=True), metavar="NAME=NUMBER"
    )
    report.add_argument("--seed", type=int, default=0, help="of the halves between which a temperature is cross-fitted")
    curves = commands.add_parser("curves", help="what the losses and accuracies of training runs say")
    curves.add_argument(
        "files", type=Path, nargs="+", help=".csv, .tsv or .json: Lightning, Keras, timm, Hugging Face, W&B, MLflow"
    )
    curves.add_argument("--alpha", type=float, nargs="+", default=[], help="label smoothing: one for all files, or one a file")
    curves.add_argument("--classes", type=int, help="number of classes: floors are told by it")
    curves.add_argument("--html", type=Path, help="write a page that opens offline")
    curves.add_argument("--json", type=Path, help="write the numbers; - prints them in place of the table")
    schema = commands.add_parser("schema", help="print the JSON schema of --json")
    schema.add_argument(
        "of", nargs="?", choices=("report", "series", "curves"), default="report", help="series: report on several files"
    )
    asked = parser.parse_args(arguments)
    if asked.command == "schema":
        from lsviz.predictions import report as one
        from lsviz.predictions import series_report as series
        from lsviz.predictions.curves import report as curves_

        print(json.dumps({"report": one, "series": series, "curves": curves_}[asked.of].SCHEMA, indent=1))
        return 0
    try:
        return (_curves if asked.command == "curves" else _series if len(asked.files) > 1 else _report)(asked)
    except (LsvizError, OSError) as error:
        print(error, file=sys.stderr)
        return 2


def _give(
    asked: argparse.Namespace, text: Callable[[], str], tree: Callable[[], str], *pages: tuple[Path | None, Callable[[], str]]
) -> None:
    """Print the text, or with `--json -` the numbers; write the files that are asked for."""
    to_stdout = str(asked.json) == "-"
    print(tree() if to_stdout else text())
    for path, make in (*pages, (None if to_stdout else asked.json, tree)):
        if path is not None:
            path.write_text(make(), "utf-8")


def _wish(asked: argparse.Namespace) -> Wish:
    from lsviz.core.predictions.taken import Wish

    return Wish(tuple(asked.columns), asked.label, tuple(asked.ignore))


def _report(asked: argparse.Namespace) -> int:
    from lsviz.predictions.report import as_json, as_markdown, as_text, read_report
    from lsviz.predictions.report_page import as_html

    made = read_report(
        asked.files[0], asked.baseline, asked.seed, (*asked.fail_above, *asked.fail_below), _wish(asked), asked.group
    )
    pages = ((asked.html, partial(as_html, made)), (asked.markdown, partial(as_markdown, made)))
    _give(asked, partial(as_text, made), partial(as_json, made), *pages)
    return 1 if made.broken else 0


def _series(asked: argparse.Namespace) -> int:
    from lsviz.predictions.series_report import read_series, series_html, series_json, series_text

    if asked.baseline or asked.markdown or asked.group:
        raise LsvizError("outside.series_options")
    reports, compared = read_series(asked.files, asked.alpha, asked.seed, (*asked.fail_above, *asked.fail_below), _wish(asked))
    text, tree, page = (partial(make, reports, compared) for make in (series_text, series_json, series_html))
    _give(asked, text, tree, (asked.html, page))
    return 1 if any(report.broken for report in reports) else 0


def _curves(asked: argparse.Namespace) -> int:
    from lsviz.core import checks
    from lsviz.predictions.curves import report

    for alpha in asked.alpha:
        checks.number(alpha, "--alpha", 0, 1)
    if asked.classes is not None:
        checks.number(asked.classes, "--classes", 2, 1_000_000)
    runs = report.read_runs(asked.files, asked.classes, asked.alpha)
    _give(asked, partial(report.as_text, runs), partial(report.as_json, runs), (asked.html, partial(report.as_html, runs)))
    return 0


def command() -> None:
    """What `lsviz` in a shell runs."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    command()
