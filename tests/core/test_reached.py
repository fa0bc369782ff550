"""Every public function, class and method of core is reached by a page, a report or a command; those that scripts import are named."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOR_SCRIPTS = {"smoothed_cross_entropy", "loss_gradient"}  # stable names: kept for whoever imports them
Sources = dict[Path, ast.Module]


@cache
def sources() -> Sources:
    return {path: ast.parse(path.read_text("utf-8")) for path in [ROOT / "app.py", *(ROOT / "lsviz").rglob("*.py")]}


def defined(tree: ast.Module) -> list[str]:
    """Public names of a module: its functions and classes, and the methods of these."""
    kinds = (ast.FunctionDef, ast.ClassDef)
    inner = [child for node in tree.body if isinstance(node, ast.ClassDef) for child in node.body]
    return [node.name for node in (*tree.body, *inner) if isinstance(node, kinds) and not node.name.startswith("_")]


@cache
def asked(tree: ast.Module, is_package: bool) -> set[str]:
    """Names that a module uses, a definition's own body aside: its own, those it imports, and attributes of anything.

    A package that only hands a name on does not ask for it.
    """
    found = set()
    for node in tree.body:
        inside = [node] if not isinstance(node, ast.ClassDef) else [*node.body, *node.bases, *node.decorator_list]
        for part in inside:
            names = {one.attr for one in ast.walk(part) if isinstance(one, ast.Attribute)}
            names |= {one.id for one in ast.walk(part) if isinstance(one, ast.Name)}
            found |= names - {getattr(part, "name", "")}
    brought = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    called = {one.attr for one in ast.walk(tree) if isinstance(one, ast.Attribute)}
    return found & (set(defined(tree)) | called | (set() if is_package else brought))


def unreached(texts: Sources) -> set[str]:
    every = set().union(*(asked(tree, path.name == "__init__.py") for path, tree in texts.items()))
    core = {path: tree for path, tree in texts.items() if (ROOT / "lsviz/core") in path.parents}
    return {name for tree in core.values() for name in defined(tree)} - every


def test_what_nobody_asks_for_is_gone_or_for_scripts():
    assert unreached(sources()) == FOR_SCRIPTS


def test_a_planted_function_is_seen_and_core_is_looked_at():
    texts = sources()
    planted = "def lonely():\n    return lonely()\n\n\nclass Lone:\n    def never_asked(self):\n        return Lone\n"
    plant = {ROOT / "lsviz/core/planted.py": ast.parse(planted)}
    assert unreached(texts | plant) == FOR_SCRIPTS | {"lonely", "never_asked"}
    assert sum(len(defined(tree)) for path, tree in texts.items() if "core" in path.parts) > 200
