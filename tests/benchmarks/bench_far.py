"""How long a visitor from far away waits for the first chart: 1.6 Mbit/s and 150 ms there and back; and one with a processor four times slower."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.benchmarks.bench_browser import DRAWN
from tests.benchmarks.slow_line import slow_line
from tests.browser import harness

PAGES = ("", "loss", "reliability", "embeddings")


def visit(context, address: str, throttled: int = 1) -> float:
    """Seconds from asking for the address to its first drawn chart, on a page of its own in `context`."""
    page = context.new_page()
    if throttled > 1:
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": throttled})
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_function(DRAWN, timeout=120_000)
    taken = time.perf_counter() - started
    page.close()
    return taken


def rows() -> Iterator[tuple]:
    size = {"width": 390, "height": 844}
    with harness.browser() as browser, harness.running() as app:
        near = browser.new_context(viewport=size)
        for page in PAGES:  # the server has drawn everything once, as in a class
            visit(near, app + page)
        with slow_line(urlsplit(app).port or 80) as (far, line):
            for page in PAGES:
                colds, warms, carried = [], [], []
                for _ in range(2):
                    context = browser.new_context(viewport=size)
                    before = line.carried
                    colds.append(visit(context, far + page))
                    carried.append(line.carried - before)
                    before = line.carried
                    warms.append(visit(context, far + page))
                    carried.append(line.carried - before)
                    context.close()
                sent = f"{max(carried) / 1e3:.0f} KB and {min(carried) / 1e3:.0f} KB came"
                where = page or "overview"
                yield (f"{where}: first chart over a slow line, nothing kept", f"{min(colds):.1f} s", sent, None, "<= 12 s")
                yield (f"{where}: the same, scripts kept by the browser", f"{min(warms):.1f} s", sent, None, "<= 6 s")
        for page in PAGES:
            taken = [visit(near, app + page, throttled=4) for _ in range(4)][1:]
            yield (f"{page or 'overview'}: first chart on a processor four times slower", f"{statistics.median(taken):.2f} s", "", None, "<= 2.5 s")  # fmt: skip
