"""The wheel as an engineer gets it: alone in a fresh environment with the oldest libraries it allows, in a folder of his own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from packaging.requirements import Requirement

from lsviz.core.calibration.registry import REPORTED
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


def test_the_extra_of_the_app_is_its_requirements():
    """Of each library the version the app is tried with, or a newer one; what the wheel asks for already is not said again."""
    project = tomllib.loads((ROOT / "lsviz/pyproject.toml").read_text("utf-8"))["project"]
    asked = {
        Requirement(line).name: Requirement(line) for line in [*project["optional-dependencies"]["app"], *project["dependencies"]]
    }
    pinned = [line.partition("#")[0] for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines() if "==" in line]
    exact = {found.name: next(iter(found.specifier)).version for found in map(Requirement, pinned) if found.name != "pytest"}
    assert set(asked) == set(exact) and all(asked[name].specifier.contains(version) for name, version in exact.items())


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


LOG = "epoch,loss,val_loss\n" + "".join(f"{e},{0.51 + 2 / e},{0.2 + 1 / e}\n" for e in range(1, 40))
RECORD = """
import numpy, torch, lsviz
torch.manual_seed(0)
x, y = torch.randn(90, 4), torch.arange(90) % 3
lsviz.capture(torch.nn.Linear(4, 3), [(x[:50], y[:50]), (x[50:], y[50:])], "mine.safetensors", alpha=0.1)
print(numpy.__version__)
"""
TORCH = ("torch", "torchgen", "typing_extensions", "sympy", "mpmath", "filelock", "networkx", "jinja2", "markupsafe", "fsspec")


def test_curves_and_capture_go_with_the_oldest_libraries(installed, tmp_path):
    """PyTorch, which is whatever somebody has, is lent by the environment of the tests."""
    lent = tmp_path / "lent"
    lent.mkdir()
    for name in TORCH:
        where = Path(find_spec(name).origin)
        (lent / (name if where.name == "__init__.py" else where.name)).symlink_to(
            where.parent if where.name == "__init__.py" else where
        )
    run = lambda *command: subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(lent)}
    )
    (tmp_path / "a0.1.csv").write_text(LOG, "utf-8")
    said = run(installed / "lsviz", "curves", "a0.1.csv", "--classes", "10")
    assert said.returncode == 0 and "is expected here" in said.stdout, said.stderr
    recorded = run(installed / "python", "-c", RECORD)
    assert recorded.returncode == 0 and (sys.version_info >= (3, 13) or recorded.stdout.startswith("1.26.")), recorded.stderr
    told = run(installed / "lsviz", "report", "mine.safetensors", "--json", "-")
    assert json.loads(told.stdout)["rows"] == 90, told.stderr


def test_the_newest_libraries_read_curves_and_show_a_report(wheel, tmp_path):
    """In a fresh environment without a word on versions."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "env"], check=True)
    programs = tmp_path / "env/bin"
    pip("--python", programs / "python", "install", wheel)
    (tmp_path / "a0.1.csv").write_text(LOG, "utf-8")
    run = lambda *command: subprocess.run([programs / command[0], *command[1:]], cwd=tmp_path, capture_output=True, text=True)
    said = run("lsviz", "curves", "a0.1.csv", "--classes", "10", "--html", "curves.html")
    assert said.returncode == 0 and "is expected here" in said.stdout, said.stderr
    script = "import lsviz, numpy as np; z = np.random.default_rng(0).normal(size=(99, 3)); print(len(lsviz.show(z, z.argmax(1)).numbers))"
    assert int(run("python", "-c", script).stdout) == len(REPORTED)


def test_what_it_lacks_is_a_sentence(installed, tmp_path):
    from pyarrow import parquet, table

    parquet.write_table(table({"label": np.arange(40) % 2, "a": np.ones(40), "b": np.zeros(40)}), tmp_path / "mine.parquet")
    for more in ([], ["--group", "a"]):
        done = subprocess.run([installed / "lsviz", "report", "mine.parquet", *more], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 2 and "pip install pyarrow" in done.stderr and done.stderr.count("\n") == 1
