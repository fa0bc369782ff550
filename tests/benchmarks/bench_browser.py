"""How long a visitor waits: from asking for a page to its first drawn chart, second session, browser cache warm."""

from __future__ import annotations

import statistics
import time

from tests.benchmarks.bench_app import PAGES
from tests.browser import harness

DRAWN = "document.querySelector('.lsviz-plot[data-ready]') !== null"
EMPTY = "document.querySelector('[data-testid=stMarkdown]') !== null"


def seconds_until(context, address: str, condition: str) -> float:
    """Median of five visits, each a page and a session of its own in one browser context."""
    taken = []
    for _ in range(6):
        page = context.new_page()
        started = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_function(condition, timeout=60_000)
        taken.append(time.perf_counter() - started)
        page.close()
    return statistics.median(taken[1:])  # the first visit warms the cache


def rows() -> list[tuple]:
    made = []
    with harness.browser() as browser, harness.running("tests/benchmarks/empty_app.py") as empty, harness.running() as app:
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        least = seconds_until(context, empty, EMPTY)
        for i, page in enumerate(PAGES):
            if page == "lab":  # draws nothing before it has trained
                continue
            seconds = seconds_until(context, f"{app}{'' if i == 0 else page}", DRAWN)
            other = f"empty script {least:.2f} s"
            made.append((f"{page}: first chart visible, cache warm", f"{seconds:.2f} s", other, seconds / least, "1.5 s"))
    return made
