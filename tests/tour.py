"""The README's tour, drawn anew: `python -m tests.tour http://localhost:8501`, of an app that runs there."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent.parent / ".github"
PAGES = ("targets", "loss", "embeddings", "yours")
SEEN, SMALL = (1280, 800), (640, 400)


def main(app: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=dict(zip(("width", "height"), SEEN)), color_scheme="light", reduced_motion="reduce")
        for name in PAGES:
            page.goto(f"{app}/{name}?lang=en&alpha=0.1&n=10")
            page.wait_for_selector(".js-plotly-plot", timeout=300_000)
            page.wait_for_timeout(10_000)
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB").resize(SMALL, Image.Resampling.LANCZOS)
            picture.save(FOLDER / f"tour-{name}.webp", quality=88)


if __name__ == "__main__":
    main(sys.argv[1])
