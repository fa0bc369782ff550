"""The tree of packages in CONTRIBUTING.md, from their first lines: `python -m tests.house` writes it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / ".github/CONTRIBUTING.md"
BLOCK = re.compile(r"(<!-- house -->\n)(.*?)(<!-- end of the house -->)", re.DOTALL)


def first_line(path: Path) -> str:
    """What a module says of itself."""
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]


def tree() -> str:
    """One line a package, app.py first."""
    found = [("app.py", ROOT / "app.py")]
    for path in sorted((ROOT / "lsviz").rglob("__init__.py")):
        parts = path.parent.relative_to(ROOT).parts
        found.append(("  " * (len(parts) - 1) + parts[-1] + "/", path))
    found.append(("tests/", ROOT / "tests/__init__.py"))
    width = max(len(name) for name, _ in found) + 2
    return "\n".join(f"{name:<{width}}{first_line(path)}".rstrip() for name, path in found)


def with_tree(guide: str) -> str:
    """The guide with the tree as it is now."""
    return BLOCK.sub(lambda block: f"{block[1]}```\n{tree()}\n```\n{block[3]}", guide)


if __name__ == "__main__":
    GUIDE.write_text(with_tree(GUIDE.read_text("utf-8")), "utf-8")
