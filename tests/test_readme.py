"""The README tells the truth: its table is the state's, its files exist, its commands are the ones CI runs."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from lsviz import navigation
from lsviz.core.calibration.after_training import bound_start
from lsviz.core.calibration.registry import REPORTED
from lsviz.lectures import read_lecture
from lsviz.state import url_table
from lsviz.store import Store
from lsviz.store.__main__ import with_grid
from lsviz.zoo import calibration, networks

ROOT = Path(__file__).parent.parent
README, ADDRESS, NETWORKS = (
    ROOT.joinpath(name).read_text("utf-8") for name in ("README.md", ".github/ADDRESS.md", ".github/NETWORKS.md")
)


def command(name: str) -> str:
    return re.search(rf"<!-- command: {name} -->\n```sh\n(.+?)\n```", README, re.DOTALL)[1]


def test_url_table_is_generated():
    printed = re.search(r"<!-- url table -->\n(.*?)\n<!-- end of url table -->", ADDRESS, re.DOTALL)[1]
    assert printed == url_table(), "run `python -m lsviz.state` and paste its table"


def test_every_limit_is_listed():
    assert re.findall(r"`(\w+)`", README.partition("<!-- limits -->")[2].partition(".")[0]) == list(REPORTED)


def test_the_grid_of_networks_is_generated():
    assert with_grid(NETWORKS, Store(ROOT / "checkpoints")) == NETWORKS, (
        "run `python -m lsviz.store table --readme .github/NETWORKS.md`"
    )


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


def test_its_first_screen_has_two_doors():
    first = README[: README.index("## The pages")]
    assert len(first.splitlines()) < 40 and "](#in-the-classroom)" in first and "](#your-own-network)" in first
    for heading in re.findall(r"\]\(#([\w-]+)\)", README):
        assert re.search(rf"^## {heading.replace('-', ' ')}$", README, re.MULTILINE | re.IGNORECASE), heading


def test_every_page_of_the_navigation_is_in_the_tour():
    pages = navigation.names()
    texts = (ROOT / "lsviz/texts/en.toml").read_text("utf-8")
    for name in pages:
        title = re.search(rf'^{name} = "(.+?)"', texts, re.MULTILINE)[1]
        assert f"| **{title}** |" in README, f"{title} is not in the README's tour"


def test_what_the_networks_say_is_what_is_stored(monkeypatch):
    monkeypatch.setenv("LSVIZ_CHECKPOINTS", str(ROOT / "checkpoints"))
    said = " ".join(README[README.index("## What the networks say") : README.index("## The networks")].split())
    least = {n: calibration.least_error(n) for n in networks.counts()}
    assert {n: one.alpha for n, one in least.items()} == {2: 0.02, 5: 0.1, 10: 0.1, 20: 0.05, 100: 0.05}
    assert "is least at 0.02 for N = 2, at 0.05 for N = 20 and 100, and at 0.10 for N = 5 and 10" in said
    alike = {n: sorted({one.alpha, *one.alike}) for n, one in least.items()}
    assert alike == {2: [0.0, 0.02, 0.05], 5: [0.1, 0.15, 0.2], 10: [0.05, 0.1, 0.15], 20: [0.05, 0.1], 100: [0.05, 0.1]}
    assert "0.05 or hard (N = 2), 0.15 or 0.20 (N = 5), 0.05 or 0.15 (N = 10), 0.10 (N = 20 and 100)" in said
    mean = {n: {alpha: np.mean(values) for alpha, values in calibration.every_ece(n).items()} for n in (10, 100)}
    told = [f"{100 * mean[10][alpha]:.1f} %" for alpha in (0.0, 0.1, 0.5)]
    assert f"from {told[0]} (hard) to {told[1]} and up to {told[2]} at α = 0.50" in said
    start = {n: bound_start(np.mean([one.accuracy for one in calibration.measured(n).networks.values()]), n) for n in (10, 100)}
    assert (
        f"{start[10]:.2f} at N = 10, and at N = 100 {start[100]:.2f}, where the error is {100 * mean[100][0.3]:.1f} % at 0.30"
        in said
    )
