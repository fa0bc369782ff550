"""Who may import whom, read from the source. Each check is shown to catch."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BELOW_PAGES = {
    "frame",
    "ui",
    "jobs",
    "zoo",
    "texts",
    "figures",
    "predictions",
    "lab",
    "store",
    "lectures",
    "core",
    "state",
    "navigation",
}
LAYERS = {  # layer -> the other layers of ours it may import: downwards only
    "app": {"frame", "classroom", "pages", "ui", "jobs", "zoo", "texts", "core", "navigation", "state"},
    "pages": BELOW_PAGES,
    "frame": {"classroom", "ui", "zoo", "jobs", "texts", "lectures", "core", "state", "navigation"},
    "ui": {"zoo", "jobs", "figures", "texts", "predictions", "lab", "store", "core", "state", "navigation"},
    "zoo": {"store", "core", "texts", "figures", "state"},
    "texts": {"predictions", "core", "store", "state"},
    "jobs": {"lab", "core"},
    "predictions": {"core"},
    "figures": {"core"},
    "classroom": {"lectures", "core", "state"},
    "lectures": {"core", "state", "navigation"},
    "lab": {"core"},
    "training": {"store", "core"},
    "store": {"core"},
    "core": set(),
    "state": set(),
    "navigation": set(),
    "__init__": {"predictions"},
    "__main__": {"predictions", "core"},
}
ONLY = {"app": {"lsviz.pages.lab.settings"}, "zoo": {"lsviz.figures.numbers"}}  # of pages or figures, these alone
HOMES = {  # outside package -> layers that may import it
    "streamlit": {"app", "frame", "pages", "ui", "zoo", "jobs", "texts"},
    "plotly": {"figures", "pages", "ui"},
    "torch": {"training", "lab", "predictions"},
    "sklearn": {"lab", "training"},
    "umap": set(),  # what our layouts are held against, in tests and benchmarks alone
    "numba": {"core"},
}
CORE_MAY = {"numpy", "scipy", "numba"}  # the last one inside functions alone, but for the module that is compiled
COMPILED = "lsviz.core.umap_kernel"
HEAVY = ("torch", "umap", "sklearn", "numba")
SESSIONS = (
    "pages",
    "frame",
    "ui",
    "zoo",
    "texts",
    "lectures",
    "classroom",
    "store",
)  # asked by many threads at once: core.once keeps
SHARED = ("figures", "zoo", "ui")  # what two pages need lies here, and nothing else


def layer_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    if parts == ("lsviz", "frame", "main.py"):
        return "app"  # what the server runs
    return Path(parts[0]).stem if len(parts) == 1 else Path(parts[1]).stem


def page_of(module: str) -> str:
    """lsviz.pages.bias.seeds -> bias; nothing for what is no page's."""
    parts = module.split(".")
    return parts[2] if parts[:2] == ["lsviz", "pages"] and len(parts) > 2 else ""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def imports(source: str, modules: frozenset[str] = frozenset()) -> list[tuple[str, bool]]:
    """Every imported module with whether the import runs with its module: inside functions and for type checkers alone it does not."""
    found = []

    def visit(node: ast.AST, top: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                found.extend((alias.name, top) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, "relative imports break pages that run as __main__"
                package = child.module or ""
                inner = [f"{package}.{alias.name}" for alias in child.names]
                found.extend((name if name in modules or package == "lsviz" else package, top) for name in inner)
            waits = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            visit(child, top and not waits and not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"))

    visit(ast.parse(source), True)
    return found


def violations(path: Path, source: str, modules: frozenset[str] = frozenset()) -> list[str]:
    layer, here, wrong = layer_of(path), page_of(name_of(path)), []
    for module, top in imports(source, modules):
        package = module.split(".")[0]
        if package == "lsviz":
            target = (module.split(".") + ["lsviz"])[1]
            if target not in (layer, "lsviz") and target not in LAYERS.get(layer, set()):
                wrong.append(f"{path.name}: {layer} imports {target}")
            if here and page_of(module) and page_of(module) != here:
                wrong.append(f"{path.name}: page {here} imports page {page_of(module)}")
            if layer in ONLY and target in ("pages", "figures") and module not in ONLY[layer]:
                wrong.append(f"{path.name}: {layer} imports {module}")
        elif package in HOMES and layer not in HOMES[package]:
            wrong.append(f"{path.name}: {package} in {layer}")
        elif layer == "core" and package not in CORE_MAY | set(sys.stdlib_module_names):
            wrong.append(f"{path.name}: core imports {package}")
        elif module == "functools" and layer in SESSIONS and re.search(r"@(functools\.)?(lru_)?cache\b", source):
            wrong.append(
                f"{path.name}: functools keeps in {layer} what many threads ask for at once; lsviz.core.once makes it once"
            )
        heavy = package in HEAVY and name_of(path) != COMPILED or module.startswith(COMPILED)
        if heavy and top and layer != "training":
            wrong.append(f"{path.name}: {package} imported at module level")
    return wrong


@cache
def sources() -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in [ROOT / "app.py", *sorted((ROOT / "lsviz").rglob("*.py"))]}


def graph(texts: dict[Path, str]) -> dict[str, set[str]]:
    """Each module of ours -> the modules of ours that it imports anywhere, itself aside."""
    modules = frozenset(map(name_of, texts))
    return {name_of(path): {m for m, _ in imports(text, modules) if m in modules} - {name_of(path)} for path, text in texts.items()}


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Ways from a module back to itself, one for each circle met."""
    found, done = [], set()

    def walk(name: str, way: list[str]) -> None:
        if name in way:
            found.append([*way[way.index(name) :], name])
        elif name not in done:
            for target in sorted(edges.get(name, ())):
                walk(target, [*way, name])
            done.add(name)

    for name in sorted(edges):
        walk(name, [])
    return found


def too_few_readers(edges: dict[str, set[str]]) -> list[str]:
    """Modules of SHARED that fewer than two pages reach, directly or through others; the frame and app count as readers of every page."""
    readers: dict[str, set[str]] = defaultdict(set)
    for start in edges:
        reader = page_of(start) or ("around every page" if start == "app" or start.startswith("lsviz.frame.") else "")
        if not reader:
            continue
        todo, seen = [start], set()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                readers[name].add(reader)
                todo.extend(edges.get(name, ()))
    every = "around every page"
    shared = [name for name in edges if name.split(".")[1:2] and name.split(".")[1] in SHARED and name.count(".") == 2]
    return sorted(name for name in shared if every not in readers[name] and len(readers[name]) < 2)


def test_every_module_is_looked_at():
    assert len(sources()) >= 170 and {layer_of(path) for path in sources()} == set(LAYERS)


def test_every_module_keeps_to_its_layer_and_its_page():
    texts = sources()
    modules = frozenset(map(name_of, texts))
    assert [w for path, text in texts.items() for w in violations(path, text, modules)] == []


def test_no_module_imports_itself_by_way_of_others():
    assert circles(graph(sources())) == []


def test_what_lies_below_the_pages_serves_two_of_them():
    assert too_few_readers(graph(sources())) == []


@pytest.mark.parametrize(
    ("place", "planted", "caught"),
    [
        ("lsviz/core/x.py", "import pandas", "core imports pandas"),
        ("lsviz/core/x.py", "from lsviz.store import Store", "core imports store"),
        ("lsviz/core/x.py", "import umap", "umap imported at module level"),
        ("lsviz/core/x.py", "def f():\n    import umap", "umap in core"),
        ("lsviz/core/smoothing/x.py", "import numba", "numba imported at module level"),
        ("lsviz/core/x.py", "from lsviz.core.umap_kernel import strengths", "lsviz imported at module level"),
        ("lsviz/figures/x.py", "import streamlit as st", "streamlit in figures"),
        ("lsviz/figures/x.py", "from lsviz import ui", "figures imports ui"),
        ("lsviz/figures/x.py", "from lsviz.zoo.networks import store", "figures imports zoo"),
        ("lsviz/pages/bias/x.py", "from lsviz.pages.costs.page import render", "page bias imports page costs"),
        ("lsviz/pages/loss/x.py", "def f():\n    import torch", "torch in pages"),
        ("lsviz/pages/loss/x.py", "from lsviz.training import run", "pages imports training"),
        ("lsviz/ui/x.py", "from lsviz.pages.loss.page import render", "ui imports pages"),
        ("lsviz/ui/x.py", "from lsviz.frame import share", "ui imports frame"),
        ("lsviz/zoo/x.py", "from lsviz.figures.theme import HARD", "zoo imports lsviz.figures.theme"),
        ("lsviz/store/x.py", "import torch", "torch in store"),
        ("lsviz/state.py", "from lsviz.core import smoothing", "state imports core"),
        ("lsviz/predictions/capture.py", "import torch", "torch imported at module level"),
        ("lsviz/predictions/capture.py", "if 1 + 1:\n    import torch", "torch imported at module level"),
        ("lsviz/predictions/report.py", "from lsviz.figures import theme", "predictions imports figures"),
        ("lsviz/texts/x.py", "from functools import cache\n\n@cache\ndef f(): ...", "lsviz.core.once makes it once"),
        ("lsviz/frame/main.py", "from lsviz.pages.loss import page", "app imports lsviz.pages.loss"),
    ],
)
def test_a_planted_violation_is_caught(place, planted, caught):
    assert any(caught in wrong for wrong in violations(ROOT / place, planted))


def test_a_planted_circle_and_a_lonely_module_are_caught():
    edges = graph(sources())
    assert circles(edges | {"lsviz.core.errors": {"lsviz.store.reader"}})
    assert too_few_readers(edges | {"lsviz.figures.lonely": set(), "lsviz.pages.loss.x": {"lsviz.figures.lonely"}}) == [
        "lsviz.figures.lonely"
    ]


def test_the_top_level_holds_only_what_the_design_lists():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout")
    tops = {line.split("/")[0] for line in tracked.stdout.splitlines()}
    allowed = {"app.py", "lsviz", "checkpoints", "tests", "requirements.txt", "README.md", "LICENSE"}
    assert {top for top in tops - allowed if not top.startswith(".")} == set()
