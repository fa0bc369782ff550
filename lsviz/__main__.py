"""`lsviz report mine.safetensors [--baseline other] [--html FILE] [--json FILE] [--fail-above ece=0.05]`; `schema` prints the JSON's.
`lsviz curves run1.csv run2.csv --alpha .1 --classes 100 [--html FILE] [--json FILE]` says what training curves say.

Without installing: `python -m lsviz`, in the repository. Exit code 0: said; 1: a limit is broken; 2: bad input, or limits on a file that may be misread.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from lsviz.core.errors import LsvizError


def main(arguments: list[str]) -> int:
    from lsviz.core.calibration.registry import REPORTED
    from lsviz.core.predictions.taken import Wish
    from lsviz.predictions.report import (
        SCHEMA,
        Limit,
        as_json,
        as_markdown,
        as_text,
        read_report,
    )
    from lsviz.predictions.report_page import as_html

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
    commands.add_parser("schema", help="print the JSON schema of --json")
    asked = parser.parse_args(arguments)
    if asked.command == "schema":
        print(json.dumps(SCHEMA, indent=1))
        return 0
    if asked.command == "curves":
        return _curves(asked)
    try:
        if len(asked.files) > 1:
            return _series(asked)
        wish = Wish(tuple(asked.columns), asked.label, tuple(asked.ignore))
        made = read_report(asked.files[0], asked.baseline, asked.seed, (*asked.fail_above, *asked.fail_below), wish, asked.group)
        to_stdout = str(asked.json) == "-"
        print(as_json(made) if to_stdout else as_text(made))
        for path, text in ((asked.html, as_html), (asked.markdown, as_markdown), (None if to_stdout else asked.json, as_json)):
            if path is not None:
                path.write_text(text(made), "utf-8")
    except (LsvizError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 1 if made.broken else 0


def _series(asked: argparse.Namespace) -> int:
    from lsviz.core.predictions.taken import Wish
    from lsviz.predictions.series_report import read_series, series_html, series_json, series_text

    if asked.baseline or asked.markdown or asked.group:
        raise LsvizError("outside.series_options")
    wish = Wish(tuple(asked.columns), asked.label, tuple(asked.ignore))
    reports, compared = read_series(asked.files, asked.alpha, asked.seed, (*asked.fail_above, *asked.fail_below), wish)
    to_stdout = str(asked.json) == "-"
    print(series_json(reports, compared) if to_stdout else series_text(reports, compared))
    for path, text in ((asked.html, series_html), (None if to_stdout else asked.json, series_json)):
        if path is not None:
            path.write_text(text(reports, compared), "utf-8")
    return 1 if any(report.broken for report in reports) else 0


def _curves(asked: argparse.Namespace) -> int:
    from lsviz.core import checks
    from lsviz.predictions.curves import report

    try:
        for alpha in asked.alpha:
            checks.number(alpha, "--alpha", 0, 1)
        if asked.classes is not None:
            checks.number(asked.classes, "--classes", 2, 1_000_000)
        runs = report.read_runs(asked.files, asked.classes, asked.alpha)
        to_stdout = str(asked.json) == "-"
        print(report.as_json(runs) if to_stdout else report.as_text(runs))
        for path, text in ((asked.html, report.as_html), (None if to_stdout else asked.json, report.as_json)):
            if path is not None:
                path.write_text(text(runs), "utf-8")
    except (LsvizError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def command() -> None:
    """What `lsviz` in a shell runs."""
    sys.exit(main(sys.argv[1:]))


if __name__ == "__main__":
    command()
