"""A class that opens a server just started: whoever comes while the libraries are still being read gets the page, not an error."""

from __future__ import annotations

from threading import Thread

from tests.benchmarks.session import Visitor, running_app

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
