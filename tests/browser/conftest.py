"""Fixtures of the browser tests. Without Chromium they are skipped, except under CI=true, where that is a failure.

app_server          address of the running app (session)
demo_server         address of tests/browser/demo_app.py (session)
serve               serve(script="app.py", *options, env={...}) -> address, for a server with settings of its own
page                page(url, width=1280, height=800, theme="light", ...) -> a settled page; `page.watch.errors`.
                    At the test's end a page with errors fails it.
settle              settle(page): the script has run, all plots are drawn, nothing moves
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.browser import harness  # noqa: E402
from tests.missing import missing  # noqa: E402


def pytest_collection_modifyitems(items):
    """A browser's test that failed is tried once more and listed as such: a busy machine can outlast a wait, a defect fails twice."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def _browser():
    if harness.chromium() is None:
        missing("Chromium; install one, or name it in LSVIZ_CHROMIUM")
    with harness.browser() as made:
        yield made


@pytest.fixture(scope="session")
def serve(_browser):
    with ExitStack() as stack:
        yield lambda script="app.py", *options, env=None: stack.enter_context(harness.running(script, *options, env=env))


@pytest.fixture(scope="session")
def app_server(serve):
    return serve()


@pytest.fixture(scope="session")
def demo_server(serve):
    return serve(harness.DEMO)


@pytest.fixture
def page(_browser):
    pages = []

    def open_page(url: str, **settings):
        pages.append(harness.new_page(_browser, url, **settings))
        return pages[-1]

    yield open_page
    wrong = [error for made in pages for error in made.watch.errors]
    for made in pages:
        made.context.close()
    assert wrong == []


@pytest.fixture
def settle():
    return harness.settle
