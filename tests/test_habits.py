"""What must hold at every change is really run: by .ci/run, rehearsed here with stand-ins for every program, and by the workflow; no skip hides a lack."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.missing import missing
from tests.test_guide import WORKFLOW, steps
from tests.test_readme import ROOT, command

TOOLS = ("bash", "env", "dirname", "rm", "mkdir", "cp", "chmod", "awk")  # what the scripts themselves are made of
PROVIDED = ("chromium", "nginx", "redis-server", "fc-list")
# Writes down how it is called; a virtual environment is the same stand-in under other names. Calls that hold $FAILING fail.
STAND_IN = """#!/usr/bin/env bash
call="${0##*/} $*"
echo "$CI $call" >> "$CALLS"
case "$call" in
    *"$FAILING"*) exit 1 ;;
    fc-list*) echo NanumGothic ;;
    "python3 -m venv .venv") mkdir -p .venv/bin; for name in pip python ruff mypy; do cp "$0" ".venv/bin/$name"; done ;;
esac
"""
CHECKS = [re.sub(r"^\.venv/bin/", "", steps()[name]) for name in ("lint", "format", "types")]


def rehearsed(folder: Path, failing: str = "nothing fails", provided: tuple[str, ...] = PROVIDED) -> tuple[bool, list[str]]:
    """Whether .ci/run ends well in `folder`, and every program it calls, in order."""
    programs = folder / "programs"
    programs.mkdir()
    for name in TOOLS:
        (programs / name).symlink_to(shutil.which(name))
    for name in ("python3", "apt-get", *provided):
        (programs / name).write_text(STAND_IN)
        (programs / name).chmod(0o755)
    (folder / ".ci").mkdir()
    for name in (".ci/run", "README.md"):
        shutil.copy(ROOT / name, folder / name)
    calls = folder / "calls"
    done = subprocess.run([folder / ".ci/run"], env={"PATH": str(programs), "CALLS": str(calls), "FAILING": failing})
    made = [line.partition(" ") for line in calls.read_text().splitlines()]
    assert {ci for ci, _, _ in made} == {"true"}, "every program is told that this is CI"
    return done.returncode == 0, [call for _, _, call in made if not call.startswith("fc-list")]


def test_ci_lints_and_checks_types_then_runs_the_readmes_tests(tmp_path):
    tests = [re.sub(r"^\.venv/bin/", "", part) for part in command("tests").split(" && ")]
    install, last = tests[:-1], tests[-1]
    assert rehearsed(tmp_path) == (True, [*install, *CHECKS, *install, last])
    assert CHECKS[1].startswith("ruff format --check") and all(".ci/" in check for check in CHECKS)


@pytest.mark.parametrize("failing", ["pip install", *CHECKS, "-m pytest"])
def test_ci_fails_where_one_of_them_does_and_goes_no_further(tmp_path, failing):
    well, calls = rehearsed(tmp_path, failing)
    assert not well and failing in calls[-1]


@pytest.mark.parametrize(
    ("absent", "packages"),
    [("chromium", "chromium"), ("nginx", "nginx"), ("redis-server", "redis-server"), ("fc-list", "fontconfig fonts-nanum")],
)
def test_ci_installs_what_the_tests_need_of_the_system(tmp_path, absent, packages):
    well, calls = rehearsed(tmp_path, provided=tuple(name for name in PROVIDED if name != absent))
    assert well and calls[:2] == ["apt-get update", f"apt-get install -y {packages}"]


def test_no_step_of_the_workflow_may_fail_or_be_left_out():
    assert len(steps()) == WORKFLOW.count("run:") >= 6
    assert re.search(r"\bif:|continue-on-error|\|\|", WORKFLOW) is None


def test_mypy_looks_at_every_module():
    config = configparser.ConfigParser()
    config.read(ROOT / ".ci/mypy.ini")
    assert config["mypy"]["files"] == "app.py, lsviz" and config.getboolean("mypy", "check_untyped_defs")
    lax = [
        (name, key)
        for name in config.sections()
        for key in ("ignore_errors", "follow_imports", "exclude", "disable_error_code")
        if key in config[name]
    ]
    assert lax == []


def test_for_want_of_something_a_test_is_skipped_but_fails_under_ci(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="a harp"):
        missing("a harp")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="a harp"):
        missing("a harp")


def skips(source: str) -> list[str]:
    """Lines that skip in another way than `missing`, other than for the platform."""
    lines = re.findall(r".*(?:pytest\.skip\(|importorskip|skipif|mark\.skip\b|SkipTest).*", source)
    return [line.strip() for line in lines if not re.search(r"skipif\((?:not )?(?:sys\.platform|platform\.)", line)]


def test_no_test_skips_in_another_way():
    ours = {path.relative_to(ROOT).as_posix(): skips(path.read_text("utf-8")) for path in (ROOT / "tests").rglob("*.py")}
    named = {name: lines for name, lines in ours.items() if lines and name not in ("tests/missing.py", "tests/test_habits.py")}
    assert named == {
        "tests/test_layering.py": ['pytest.skip("not a git checkout")'],
        "tests/predictions/test_real_libraries.py": ["library = pytest.importorskip  # not `missing`: a job of its own has them"],
    }
    assert skips("x = pytest.importorskip('x')\n@pytest.mark.skipif(not sys.platform, reason='')") == [
        "x = pytest.importorskip('x')"
    ]
