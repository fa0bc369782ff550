"""Fixtures of the browser tests. Without Chromium they are skipped, except under CI=true, where that is a failure.

app_server          address of the running app (session)
demo_server         address of tests/browser/demo_app.py (session)
serve               serve(script="app.py", *options, env={...}) -> address, for a server with settings of its own
page                page(url, width=1280, height=800, theme="light", ...) -> a settled page; `page.watch.errors`.
                    At the test's end a page with errors fails it. A tab is taken over from an earlier test where its context's settings
                    are the same: a new one reads and compiles Streamlit and plotly again, which takes most of the time. `fresh=True` gives
                    a new one, for tests that listen, intercept, or look into what the browser keeps.
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

FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items):
    """A browser's test that failed is tried once more and listed as such: a busy machine can outlast a wait, a defect fails twice."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def _browser():
    if harness.chromium() is None:
        missing("Chromium; install one, or name it in LSVIZ_CHROMIUM")
    from playwright.sync_api import expect

    expect.set_options(timeout=harness.TIMEOUT)
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def _tabs() -> dict[str, list]:
    """Tabs that no test holds, by the settings of their contexts."""
    return {}


@pytest.fixture
def page(request, _browser, _tabs):
    held = []

    def open_page(url: str, *, fresh=False, width=1280, height=800, theme="light", reduced_motion="no-preference", **context):
        free = [] if fresh else _tabs.setdefault(repr(sorted(context.items())), [])
        made = free.pop() if free else harness.new_page(_browser, "", **context)
        held.append((None if fresh else free, made))
        made.set_viewport_size({"width": width, "height": height})
        made.emulate_media(color_scheme=theme, reduced_motion=reduced_motion)
        if url:
            made.goto(url)
            harness.settle(made)
        return made

    yield open_page
    wrong = [error for _, made in held for error in made.watch.errors]
    for free, made in held:
        if free is None or wrong or request.node.stash[FAILED]:
            made.context.close()
        else:
            harness.leave(made)
            free.append(made)
    assert wrong == []


@pytest.fixture
def settle():
    return harness.settle
