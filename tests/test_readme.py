"""The README tells the truth: its table is the state's, its files exist, its commands are the ones CI runs."""

from __future__ import annotations

import re
from pathlib import Path

from lsviz import navigation
from lsviz.lectures import read_lecture
from lsviz.state import url_table
from lsviz.store import Store
from lsviz.store.__main__ import with_grid

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def command(name: str) -> str:
    return re.search(rf"<!-- command: {name} -->\n```sh\n(.+?)\n```", README, re.DOTALL)[1]


def test_url_table_is_generated():
    printed = re.search(r"<!-- url table -->\n(.*?)\n<!-- end of url table -->", README, re.DOTALL)[1]
    assert printed == url_table(), "run `python -m lsviz.state` and paste its table"


def test_the_grid_of_networks_is_generated():
    assert with_grid(README, Store(ROOT / "checkpoints")) == README, "run `python -m lsviz.store table --readme README.md`"


def test_commands_are_single_lines_over_existing_files():
    for name in ("app", "tests"):
        line = command(name)
        assert "\n" not in line
        for path in re.findall(r"-r (\S+)", line):
            assert (ROOT / path).is_file(), path
    assert command("app").endswith("streamlit run app.py") and command("tests").endswith("pytest tests")


def test_pictures_and_modules_named_exist():
    for picture in re.findall(r"!\[.*?\]\((?!https:)(.+?)\)", README):
        assert (ROOT / picture).is_file(), picture
    for module in re.findall(r"python -m (lsviz[\w.]*)", README):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


def test_the_lecture_it_prints_is_one():
    lecture = read_lecture(re.search(r"<!-- lecture -->\n```toml\n(.*?)```", README, re.DOTALL)[1], navigation.names())
    assert lecture.steps[0].page == "loss" and lecture.steps[0].blank


def test_every_page_of_the_navigation_is_in_the_tour():
    pages = navigation.names()
    texts = (ROOT / "lsviz/texts/en.toml").read_text("utf-8")
    for name in pages:
        title = re.search(rf'^{name} = "(.+?)"', texts, re.MULTILINE)[1]
        assert f"| **{title}** |" in README, f"{title} is not in the README's tour"


def test_what_the_networks_say_is_what_is_stored():
    ece: dict[int, dict[float, list[float]]] = {}
    for run in Store(ROOT / "checkpoints").runs:
        if not run.config.variant:
            ece.setdefault(run.config.num_classes, {}).setdefault(run.config.alpha, []).append(run.metrics["test"]["ece15"])
    mean = {n: {alpha: sum(values) / len(values) for alpha, values in family.items()} for n, family in ece.items()}
    least = {n: min(family, key=family.get) for n, family in mean.items()}
    assert (
        least == {2: 0.05, 5: 0.1, 10: 0.1, 20: 0.05, 100: 0.05}
        and "0.05 for N = 2, 20 and 100, and at 0.10 for N = 5 and 10" in README
    )
    told = [f"{100 * mean[10][alpha]:.1f} %" for alpha in (0.0, 0.1, 0.5)]
    assert f"from {told[0]} (hard) to {told[1]} and up to {told[2]}" in README
