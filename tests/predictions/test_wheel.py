"""The wheel as an engineer gets it: alone in a fresh environment with the oldest libraries it allows, in a folder of his own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from lsviz.predictions.report import SCHEMA, as_json, read_report
from tests.missing import missing
from tests.predictions.test_files_as_saved import network, table, written

ROOT = Path(__file__).parents[2]
OLDEST = ('numpy==1.26.* ; python_version < "3.13"', 'scipy==1.11.* ; python_version < "3.13"')


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "-w", folder, ROOT / "lsviz")
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The programs of an environment that holds the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("someone") / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    pip("--python", folder / "bin/python", "install", wheel, *OLDEST)
    return folder / "bin"


def pip(*arguments: object) -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "-q", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        missing(f"a package index: {done.stderr[-300:]}")


def test_it_holds_report_and_capture_alone(wheel):
    names = ZipFile(wheel).namelist()
    assert {name.split("/")[1] for name in names if name.startswith("lsviz/")} == {
        "__init__.py", "__main__.py", "core", "predictions", "texts"
    }  # fmt: skip
    assert wheel.stat().st_size < 1_000_000


def test_its_commands_say_what_the_repository_says(installed, tmp_path):
    mine = tmp_path / "mine.csv"
    mine.write_bytes(written(table(*network(4))))
    run = lambda *command: subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    printed = run(installed / "lsviz", "report", "mine.csv", "--json", "-", "--html", "mine.html", "--markdown", "mine.md")
    assert printed.returncode == 0 and not printed.stderr
    told, here = json.loads(printed.stdout), json.loads(as_json(read_report(mine)))
    assert told["read"] == here["read"] and told["findings"] == here["findings"] and told["advice"] == here["advice"]
    for name, number in here["numbers"].items():
        assert told["numbers"][name]["value"] == pytest.approx(number["value"], rel=1e-6), name
    assert (tmp_path / "mine.html").read_text("utf-8").startswith("<!doctype html>") and (tmp_path / "mine.md").exists()
    assert run(installed / "lsviz", "report", "mine.csv", "--fail-above", "ece=0.0001").returncode == 1
    assert json.loads(run(installed / "lsviz", "schema").stdout) == SCHEMA
    imported = run(
        installed / "python", "-c", "import lsviz, numpy; print(lsviz.__file__, numpy.__version__, lsviz.capture.__name__)"
    )
    file, version, name = imported.stdout.split()
    assert Path(file).is_relative_to(installed.parent) and name == "capture"
    assert sys.version_info >= (3, 13) or version.startswith("1.26.")


def test_what_it_lacks_is_a_sentence(installed, tmp_path):
    from pyarrow import parquet, table

    parquet.write_table(table({"label": np.arange(40) % 2, "a": np.ones(40), "b": np.zeros(40)}), tmp_path / "mine.parquet")
    done = subprocess.run([installed / "lsviz", "report", "mine.parquet"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2 and "pip install pyarrow" in done.stderr and done.stderr.count("\n") == 1
