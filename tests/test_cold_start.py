"""What a server reads as its first pages open: nothing heavy, and whoever comes in the middle of it gets the page, not an error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Thread

from lsviz import navigation
from tests.benchmarks.session import Visitor, running_app
from tests.test_layering import HEAVY, ROOT

SLOW = """
import sys, time

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "pandas.core.api":  # halfway through pandas
            time.sleep(2)

sys.meta_path.insert(0, Slow())
"""


def test_no_visitor_meets_a_library_that_is_half_read(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(SLOW)
    errors = []

    def visit(port: int, page: str) -> None:
        visitor = Visitor(port)
        visitor.rerun(page=page, query="alpha=0.1&n=5")
        errors.extend(visitor.errors)
        visitor.close()

    with running_app(env={"PYTHONPATH": str(tmp_path)}) as (port, _, _process):
        visits = [Thread(target=visit, args=(port, page)) for page in ("networks", "targets", "loss", "overview", "networks")]
        for one in visits:
            one.start()
        for one in visits:
            one.join(60)
        assert not any(one.is_alive() for one in visits)
    assert errors == []


OPEN_PAGES = """
import sys
from lsviz import navigation
from tests.reading import opened
heavy = lambda: [name for name in {heavy!r} if name in sys.modules]
for page in {pages!r}:
    opened(page, open="-".join(fold for fold in navigation.FOLDS.get(page, ()) if fold != "live"))  # that one lays out UMAP
    print(page, *heavy())
import sklearn
print("planted", *heavy())
"""


PAGES = [name for name in (*navigation.names(), navigation.WARM_UP) if name != "lab"]


def test_every_page_but_the_lab_is_opened():
    assert len(PAGES) == 11 and all(Path(navigation.file(page)).is_file() for page in PAGES)


def test_opening_pages_loads_nothing_heavy_and_a_heavy_import_would_be_seen():
    """One after the other in a process of their own: each with the heavy libraries that are there by then."""
    code = OPEN_PAGES.format(pages=PAGES, heavy=HEAVY)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [*PAGES, "planted sklearn"]
