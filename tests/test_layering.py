"""Who may import whom, read from the source; and what opening a page really loads. Each check is shown to catch."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lsviz import navigation

ROOT = Path(__file__).parent.parent
BELOW_PAGES = {"ui", "jobs", "zoo", "texts", "figures", "predictions", "lab", "store", "scenes", "lectures", "core", "state", "navigation"}
LAYERS = {  # layer -> the layers of ours it may import (itself included)
    "app": {"frame", "pages", "ui", "jobs", "zoo", "texts", "navigation", "state"},
    "views": BELOW_PAGES | {"frame"},
    "pages": BELOW_PAGES | {"frame", "pages"},
    "frame": {"frame", "ui", "zoo", "jobs", "texts", "lectures", "scenes", "core", "state", "navigation"},
    "ui": BELOW_PAGES,
    "zoo": {"zoo", "store", "core", "texts", "figures", "state"},
    "texts": {"texts", "predictions", "core", "store", "state"},
    "jobs": {"jobs", "lab", "core"},
    "predictions": {"predictions", "core"},
    "figures": {"figures", "core"},
    "store": {"store", "core"},
    "lab": {"lab", "core"},
    "training": {"training", "core", "store"},
    "scenes": {"scenes", "core", "state"},
    "lectures": {"lectures", "core", "state"},
    "core": {"core"},
    "state": set(),
    "navigation": set(),
    "__init__": {"predictions"},
    "__main__": {"predictions", "core"},
}
HOMES = {  # outside package -> layers that may import it
    "streamlit": {"app", "views", "pages", "frame", "ui", "zoo", "jobs", "texts"},
    "plotly": {"figures", "ui", "pages"},
    "torch": {"training", "lab", "predictions"},
    "sklearn": {"lab", "training"},
    "umap": {"core"},
    "numba": {"core"},
}
CORE_MAY = {"numpy", "scipy", "umap", "numba"}  # the last two inside functions alone
HEAVY = ("torch", "umap", "sklearn", "numba")


def layer_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return Path(parts[0]).stem if len(parts) == 1 else Path(parts[1]).stem


def imports(source: str) -> list[tuple[str, bool]]:
    """Every imported module with whether the import stands at module level (runs on import)."""
    found = []

    def visit(node: ast.AST, top: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((alias.name, top) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, "relative imports break pages that run as __main__"
                if child.module == "lsviz":
                    found.extend((f"lsviz.{alias.name}", top) for alias in child.names)
                else:
                    found.append((child.module or "", top))
            visit(child, top and not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))

    visit(ast.parse(source), True)
    return found


def violations(path: Path, source: str) -> list[str]:
    layer, wrong = layer_of(path), []
    for module, top in imports(source):
        package = module.split(".")[0]
        if package == "lsviz":
            target = (module.split(".") + ["lsviz"])[1]
            if target not in LAYERS.get(layer, set()) and target != "lsviz":
                wrong.append(f"{path.name}: {layer} imports {target}")
        elif package in HOMES and layer not in HOMES[package]:
            wrong.append(f"{path.name}: {package} in {layer}")
        elif layer == "core" and package not in CORE_MAY | set(sys.stdlib_module_names):
            wrong.append(f"{path.name}: core imports {package}")
        if package in HEAVY and top and layer not in ("training",):
            wrong.append(f"{path.name}: {package} imported at module level")
    return wrong


def sources() -> list[Path]:
    return [ROOT / "app.py", *sorted((ROOT / "lsviz").rglob("*.py"))]


def test_every_module_is_looked_at():
    assert len(sources()) >= 150 and {layer_of(path) for path in sources()} <= set(LAYERS)


def test_every_module_keeps_to_its_layer():
    assert [w for path in sources() for w in violations(path, path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("place", "planted", "caught"),
    [
        ("lsviz/core/x.py", "import pandas", "core imports pandas"),
        ("lsviz/core/x.py", "from lsviz.store import Store", "core imports store"),
        ("lsviz/core/x.py", "import umap", "umap imported at module level"),
        ("lsviz/core/x.py", "import numba", "numba imported at module level"),
        ("lsviz/figures/x.py", "import streamlit as st", "streamlit in figures"),
        ("lsviz/figures/x.py", "from lsviz import ui", "figures imports ui"),
        ("lsviz/views/x.py", "from lsviz.views.loss import render", "views imports views"),
        ("lsviz/views/x.py", "def f():\n    import torch", "torch in views"),
        ("lsviz/store/x.py", "import torch", "torch in store"),
        ("lsviz/state.py", "from lsviz.core import smoothing", "state imports core"),
        ("lsviz/predictions/capture.py", "import torch", "torch imported at module level"),
        ("lsviz/predictions/report.py", "from lsviz.figures import theme", "predictions imports figures"),
    ],
)
def test_a_planted_violation_is_caught(place, planted, caught):
    assert any(caught in wrong for wrong in violations(ROOT / place, planted))


def test_the_top_level_holds_only_what_the_design_lists():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    tops = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    allowed = {"app.py", "lsviz", "checkpoints", "tests", "requirements.txt", "README.md", "LICENSE"}
    assert {top for top in tops - allowed if not top.startswith(".")} == set()


# ---- what really gets loaded ---------------------------------------------------------------------------------------

OPEN_PAGE = """
import sys
{planted}
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("app.py", default_timeout=60).run()
from lsviz import navigation
app.switch_page(navigation.file({page!r})).run()
assert not app.exception, app.exception
print(",".join(name for name in {heavy!r} if name in sys.modules))
"""


def heavy_modules_after(page: str, planted: str = "") -> str:
    code = OPEN_PAGE.format(page=page, planted=planted, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


PAGES = [name for name in (*navigation.names(), navigation.WARM_UP) if name != "lab"]


def test_every_page_but_the_lab_is_opened():
    assert len(PAGES) == 10 and all(Path(navigation.file(page)).is_file() for page in PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_opening_a_page_loads_nothing_heavy(page):
    assert heavy_modules_after(page) == ""


def test_a_heavy_import_would_be_seen():
    assert "sklearn" in heavy_modules_after(PAGES[0], planted="import sklearn")
