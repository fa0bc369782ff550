"""A running app and a real browser, for the browser tests and the drag benchmark."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
TIMEOUT = 60_000  # milliseconds: a wait that a busy machine outlasts costs the whole test again
DEMO = "tests/browser/demo_app.py"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
]
# On a page below the root, Streamlit itself first asks for these beside the page and is answered 404.
STREAMLIT_PROBE = re.compile(r"/_stcore/(health|host-config)$")


def chromium() -> str | None:
    """Path of a Chromium: LSVIZ_CHROMIUM, the system's, or playwright's own; None when there is none."""
    from playwright.sync_api import sync_playwright

    candidates = [os.environ.get("LSVIZ_CHROMIUM"), "/usr/bin/chromium", shutil.which("chromium"), shutil.which("google-chrome")]
    for path in candidates:
        if path and Path(path).exists():
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


@contextmanager
def running(script: str = "app.py", *options: str, env: dict[str, str] | None = None):
    """`streamlit run script` from the repository's root on a free port; yields its address, base path included."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = options[options.index("--server.baseUrlPath") + 1].strip("/") + "/" if "--server.baseUrlPath" in options else ""
    url = f"http://127.0.0.1:{port}/{base}"
    command = [sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), "--server.headless", "true"]
    process = subprocess.Popen(
        [*command, *options],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | (env or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{url}_stcore/health", timeout=1).read()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"streamlit run {script} did not start") from None
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def settle(page, plots: int | None = None) -> None:
    """Wait until the script has run, every plot is drawn and nothing moves any more (`plots`: at least so many)."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]')
    page.wait_for_function(
        """least => {
            const staged = document.documentElement.classList.contains('lsviz-stage'); // the others are drawn once they are seen
            const plots = [...document.querySelectorAll(staged ? '.lsviz-staged' : '.lsviz-plot')];
            const seen = e => !staged || e.checkVisibility({ visibilityProperty: true });
            return ![...document.querySelectorAll('[data-testid=stSkeleton], .lsviz-waiting')].some(seen) && plots.length >= (least ?? 0)
                && document.querySelector('[data-testid=stMainBlockContainer] [data-testid=stElementContainer]')
                && [...document.querySelectorAll('h1')].every(title => title.textContent.trim())
                && plots.every(p => p.dataset.ready && !p.lsviz.moving && !p.lsviz.updating && !p.querySelector('.lsviz-canvas'));
        }""",
        arg=plots,
    )


def leave(page) -> None:
    """As good as a new tab: nothing open, nothing kept but scripts."""
    if page.url.startswith("http"):
        page.evaluate("localStorage.clear(), sessionStorage.clear()")
    page.context.clear_cookies()
    page.goto("about:blank")
    page.mouse.move(0, 0)


def turn(page, theme: str) -> None:
    """The same page in the other theme ("light", "dark"), as when the reader's system changes over."""
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(
        "theme => getComputedStyle(document.querySelector('[data-testid=stApp]')).colorScheme === theme", arg=theme
    )
    settle(page)


class Watch:
    """What went wrong in a page: its errors (Streamlit's own two probes excepted) and how much its websocket carried."""

    def __init__(self, page) -> None:
        self.errors: list[str] = []
        self.frames_sent = self.frames_received = self.bytes_received = 0
        page.on("pageerror", lambda error: self.errors.append(f"page error: {error}"))
        page.on("console", self._console)
        page.on("websocket", self._websocket)

    def _console(self, message) -> None:
        if message.type == "error" and not STREAMLIT_PROBE.search(message.location.get("url", "")):
            self.errors.append(f"console: {message.text} {message.location.get('url', '')}")

    def _websocket(self, socket) -> None:
        def sent(_payload) -> None:
            self.frames_sent += 1

        def received(payload) -> None:
            self.frames_received += 1
            self.bytes_received += len(payload)

        socket.on("framesent", sent)
        socket.on("framereceived", received)

    @property
    def frames(self) -> int:
        return self.frames_sent + self.frames_received


@contextmanager
def browser():
    """A headless Chromium (software rendering)."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield made
        made.close()


def new_page(made, url: str, *, width: int = 1280, height: int = 800, theme: str = "light", **context):
    """A page of its own context on `url`; `page.watch` holds its errors and traffic."""
    fixed = dict(viewport={"width": width, "height": height}, color_scheme=theme, locale="en-US", timezone_id="UTC")
    page = made.new_context(**(fixed | context)).new_page()
    page.set_default_timeout(TIMEOUT)
    page.watch = Watch(page)
    if url:
        page.goto(url)
        settle(page)
    return page
