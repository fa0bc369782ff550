"""CONTRIBUTING.md, README and the workflow say what is there: paths, modules, the tree, the commands."""

from __future__ import annotations

import ast
import re

import pytest

from lsviz import navigation
from tests.house import GUIDE, ROOT, first_line, tree, with_tree
from tests.test_readme import README, command

TEXTS = {"CONTRIBUTING.md": GUIDE.read_text("utf-8"), "README.md": README}
WORKFLOW = (ROOT / ".github/workflows/test.yml").read_text("utf-8")
OURS = re.compile(r"^(?:app\.py|\.(?:ci|cloud|deploy|github|streamlit)/|(?:lsviz|tests|checkpoints)/)")


def paths(text: str) -> set[str]:
    """Files and folders of the repository that a text names: in backticks, as a link or in a fenced block's first column."""
    bare = re.findall(r"`([^`\s]+)`", text) + re.findall(r"\]\((?!https?:)([^)#\s]+)\)", text) + re.findall(r" -r ([\w./-]+)", text)
    bare += re.findall(r"^([.\w/-]+/[\w./-]*)  ", text, re.MULTILINE)
    return {path for path in bare if OURS.match(path)}


def missing(text: str) -> list[str]:
    return sorted(path for path in paths(text) if not (ROOT / path).exists())


def absent(text: str) -> list[str]:
    """Modules that a text names after `-m` or as lsviz.x.y, and that are none."""
    named = set(re.findall(r"-m ((?:lsviz|tests)[\w.]*)", text)) | set(re.findall(r"\b(lsviz(?:\.[a-z_]\w*)+)\b(?!/)", text))
    places = {name: ROOT / name.rstrip(".").replace(".", "/") for name in named}
    return sorted(name for name, place in places.items() if not place.with_suffix(".py").is_file() and not place.is_dir())


@pytest.mark.parametrize("name", TEXTS)
def test_every_path_and_module_named_exists(name):
    assert missing(TEXTS[name]) == [] and absent(TEXTS[name]) == []


def test_the_texts_are_really_read():
    assert len(paths(TEXTS["CONTRIBUTING.md"])) >= 40 and len(paths(README)) >= 10
    assert missing("`lsviz/views/loss.py` and [this](.github/gone.png)") == [".github/gone.png", "lsviz/views/loss.py"]
    assert absent("`python -m lsviz.gone`, `lsviz.core.calibration` and `python -m tests.load`") == ["lsviz.gone"]


def test_the_tree_is_the_packages_own_words():
    assert with_tree(TEXTS["CONTRIBUTING.md"]) == TEXTS["CONTRIBUTING.md"], "run `python -m tests.house`"
    assert len(tree().splitlines()) >= 30


def test_every_package_says_what_it_is():
    packages = sorted((ROOT / "lsviz").rglob("__init__.py"))
    assert len(packages) >= 28 and [path for path in packages if not first_line(path)] == []


def test_every_package_of_the_house_is_in_the_readme():
    house = README.partition("## The house")[2]
    assert [p.name for p in (ROOT / "lsviz").iterdir() if (p / "__init__.py").is_file() and f"lsviz/{p.name}/" not in house] == []


def trips(text: str) -> list[list[str]]:
    """The files of each trip, in order."""
    told = text.partition("## Three trips")[2].partition("\n## ")[0]
    lists = re.findall(r"(?:^\d+\. .+\n)+", told, re.MULTILINE)
    return [re.findall(r"`(lsviz/[\w/]*\.(?:py|js))`", steps) for steps in lists]


def calls(path: str, through_faces: bool = True) -> set[str]:
    """Files that a file imports, through packages' faces too; components it serves; pages, where it opens them."""
    source = (ROOT / path).read_text("utf-8")
    if path.endswith(".js"):
        return {f"lsviz/ui/js/{name}.js" for name in re.findall(r"from '\./(\w+)\.js'", source)}
    found = {f"lsviz/ui/js/{name}.js" for name in re.findall(r'served_component\("\w+", "(\w+)"', source)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lsviz"):
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                place = name.replace(".", "/")
                found |= {f"{place}.py"}
                if through_faces and (ROOT / place / "__init__.py").is_file():
                    found |= calls(f"{place}/__init__.py", False)
    if path == "lsviz/frame/main.py":
        found |= {f"lsviz/pages/{name}/page.py" for name in navigation.names()}
    return found


def jumps(trip: list[str]) -> list[str]:
    """Files that no earlier file of the trip calls."""
    return [path for i, path in enumerate(trip) if i and not any(path in calls(before) for before in trip[:i])]


def test_each_step_of_a_trip_is_called_by_an_earlier_one():
    found = trips(TEXTS["CONTRIBUTING.md"])
    assert len(found) == 3 and min(map(len, found)) >= 11
    assert [jumps(trip) for trip in found] == [[], [], []]
    assert jumps(["lsviz/frame/main.py", "lsviz/pages/targets/page.py", "lsviz/store/reader.py"]) == ["lsviz/store/reader.py"]


def steps() -> dict[str, str]:
    return dict(re.findall(r"- name: (.+)\n        run: (.+)", WORKFLOW))


def test_the_workflow_runs_the_readmes_test_command():
    run = steps()
    assert f"{run['install']} && {run['test']}" == command("tests")
    assert re.search(r"python: \[(.+)\]", WORKFLOW)[1] == '"3.11", "3.13"'
    torch = re.search(r"^(torch==\S+)$", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE)[1]
    assert f"install {torch} --index-url https://download.pytorch.org/whl/cpu" in run["environment, with PyTorch's CPU build"]


def test_the_workflow_lints_as_ci_and_the_guide_do():
    ours = (ROOT / ".ci/run").read_text("utf-8")
    for name in ("lint", "format", "types"):
        assert steps()[name] in ours, name
        assert steps()[name].replace(" --check", "") in TEXTS["CONTRIBUTING.md"], name
