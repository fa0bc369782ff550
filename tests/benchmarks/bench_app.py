"""The running app: start, full reruns, bytes per interaction, memory. Reruns are compared with those of an empty script."""

from __future__ import annotations

import statistics

from lsviz import navigation
from lsviz.jobs.memory import used_mb
from tests.benchmarks.session import Visitor, running_app

PAGES = navigation.names()


def empty_rerun() -> float:
    """Seconds a full rerun of a script with one line takes here and now: what no page can go below."""
    with running_app("tests/benchmarks/empty_app.py") as (port, _, _process):
        visitor = Visitor(port)
        visitor.rerun(page="")
        times = [visitor.rerun()[0] for _ in range(15)]
        visitor.close()
    return statistics.median(times)


def rows() -> list[tuple]:
    made = []
    least = 1000 * empty_rerun()
    starts = []
    for _ in range(5):
        with running_app() as (_, seconds, _process):
            starts.append(seconds)
    made.append(("`streamlit run` to HTTP 200, median of 5", f"{statistics.median(starts):.2f} s", "", None, "2 s"))
    with running_app() as (port, _, process):
        made.append(("memory before the first visitor (PSS)", f"{used_mb(process.pid):.0f} MB", "", None, "250 MB"))
        for page in PAGES:
            visitor = Visitor(port)
            first_s, first_b = visitor.rerun(page=page, query="alpha=0.1&n=10")
            visitor.close()
            visitor = Visitor(port)
            _, opened = visitor.rerun(page=page, query="alpha=0.1&n=10")
            times, sizes = [], []
            for alpha in (0.3, 0.05, 0.1, 0.3, 0.05, 0.1, 0.3):
                seconds, size = visitor.rerun(alpha=alpha if visitor.dock_id else None)
                times.append(seconds)
                sizes.append(size)
            assert not visitor.errors, visitor.errors
            warm = 1000 * statistics.median(times)
            made.append((f"{page}: first visit, data cold", f"{1000 * first_s:.0f} ms", "", None, ""))
            made.append(
                (f"{page}: warm full rerun on the server", f"{warm:.0f} ms", f"empty script {least:.0f} ms", warm / least, "50 ms")
            )
            made.append(
                (
                    f"{page}: bytes of an alpha release that is told",
                    f"{max(sizes[1:]) / 1e3:.1f} KB",
                    f"opening {opened / 1e3:.0f} KB",
                    None,
                    "150 KB",
                )
            )
            if visitor.dock_id:
                changes = [visitor.rerun(n=n)[1] for n in (5, 10)]
                made.append((f"{page}: bytes of a change of N", f"{max(changes) / 1e3:.0f} KB", "", None, "600 KB"))
            visitor.close()
        visitors = [Visitor(port) for _ in range(40)]
        made.append(("memory after visiting every page (PSS)", f"{used_mb(process.pid):.0f} MB", "", None, "250 MB"))
        for visitor, page in zip(visitors, PAGES * 40):
            visitor.rerun(page=page)
        made.append(("memory with 40 sessions (PSS)", f"{used_mb(process.pid):.0f} MB", "", None, "450 MB"))
        for visitor in visitors:
            visitor.close()
    return made
