"""One thread a process: two processes run side by side, and bit-identical results need a fixed order of sums. Tests of a script have no browser to wait for."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import pytest

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")


HERE = Path(__file__).parent
# `pytest tests -m quick`: arithmetic, figures, files on disk, words and layers; no server, no training, no browser
QUICK = ("core", "figures", "store", "test_layering.py", "test_state.py", "test_texts.py")

# Compiling umap takes a process 20 s: they are not quick, and one process has them all; the others go file by file to whoever is free
UMAP = (
    "core/test_projection.py",
    "core/test_umap_descent.py",
    "pages/embeddings/test_umap_live.py",
    "pages/yours/test_page.py",
    "training/test_layouts.py",
)


def is_quick(path: Path) -> bool:
    """Whether the tests in this file or folder are among those to run while one works."""
    file = path.relative_to(HERE)
    return file.parts[0] in QUICK and file.as_posix() not in UMAP


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What `-m quick` would leave out is not even imported: that alone takes longer than the quick tests."""
    return True if config.option.markexpr == "quick" and collection_path != HERE and not is_quick(collection_path) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if is_quick(item.path):
            item.add_marker(pytest.mark.quick)
        file = str(item.path.relative_to(HERE))
        item.add_marker(pytest.mark.xdist_group("umap" if file in UMAP else file))


def pytest_collection_finish() -> None:
    """Streamlit after every run and our queue after every job search all objects for garbage: those of the libraries need not be."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def no_head_start(pytestconfig: pytest.Config):
    if pytestconfig.option.markexpr != "quick":  # no page, no Streamlit
        from lsviz.ui import foot

        foot.HEAD_START = 0


@pytest.fixture(autouse=True)
def own_main():
    """AppTest leaves its script as `__main__`, which multiprocessing would run again in every process of a later test."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main
