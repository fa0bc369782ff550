"""Dragging alpha in a browser: redraws a second, websocket frames, and how motion and rest compare. Software rendering.

One stop per animation frame through the dock's own input event; a 60 Hz screen caps it at 60. The comparison is the same
page with the canvas switched off, so that Plotly.update draws, which is what a chart without this component would do.
"""

from __future__ import annotations

import io
import statistics

import numpy as np
from PIL import Image, ImageChops

from tests.browser import harness
from tests.browser.test_live_plots import HOLD, LET_GO

# page of the demo app -> what it shows
PAGES = {
    "": "bars and curve",
    "stored": "2 x 2,000 points (SVG at rest) and steps",
    "webgl": "2 x 2,000 points (WebGL at rest) and steps",
}

STEP = """async frames => {
    const rail = document.querySelector('.lsviz-dock input[type=range]'), shared = window.__lsviz;
    const plots = Object.values(shared.plots).map(gd => gd.lsviz);
    let shown = 0;
    const before = shared.draws, start = performance.now();
    for (let i = 0; i < frames; i++) {
        rail.value = 1000 * (i % 97) / 97;
        rail.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise(requestAnimationFrame);
        await Promise.all(plots.map(plot => plot.updating));
        shown += 1;
    }
    return 1000 * shown / (performance.now() - start);
}"""
NO_CANVAS = "() => Object.values(window.__lsviz.plots).forEach(gd => { gd.lsviz.overlay = null; })"


def picture(page, key: str) -> Image.Image:
    return Image.open(io.BytesIO(page.locator(f"[data-bench={key}]").screenshot())).convert("RGB")


def apart(page, value: float) -> tuple[float, int]:
    """Share of the charts' pixels that differ by more than 24/255 between motion and rest, and how many by more than 100."""
    page.evaluate("() => Object.entries(window.__lsviz.plots).forEach(([key, gd]) => { gd.dataset.bench = key; })")
    keys = page.evaluate("() => Object.keys(window.__lsviz.plots)")
    page.evaluate(HOLD, value)
    moving = [picture(page, key) for key in keys]
    page.evaluate(LET_GO)
    harness.settle(page)
    differ = [
        np.asarray(ImageChops.difference(a, picture(page, key))).max(axis=2).ravel() for a, key in zip(moving, keys, strict=True)
    ]
    joined = np.concatenate(differ)
    return float((joined > 24).mean()), int((joined > 100).sum())


def rows() -> list[tuple]:
    made = []
    with harness.running(harness.DEMO) as url, harness.browser() as browser:
        for path, what in PAGES.items():
            page = harness.new_page(browser, url + path, height=1400)
            page.evaluate(STEP, 60)  # warm: stamps cut, code compiled
            harness.settle(page)
            page.wait_for_timeout(300)
            frames = page.watch.frames
            ours = statistics.median(page.evaluate(STEP, 120) for _ in range(3))
            frames = page.watch.frames - frames
            harness.settle(page)
            share, far = map(max, zip(*(apart(page, value) for value in (0.0, 0.1, 0.5)), strict=True))
            page.evaluate(NO_CANVAS)
            plotly = statistics.median(page.evaluate(STEP, 30) for _ in range(3))
            page.context.close()
            made += [
                (f"{what}: redraws/s while dragging", f"{ours:.0f}", f"Plotly.update {plotly:.0f}", ours / plotly, ">= 50"),
                (f"{what}: websocket frames while dragging", str(frames), "", None, "0"),
                (
                    f"{what}: pixels apart by > 24/255, motion vs rest",
                    f"{share:.2%}",
                    f"{far} px by > 100/255",
                    None,
                    "the same picture",
                ),
            ]
    return made
