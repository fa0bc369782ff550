"""What a page offers to download is pressed, and what comes is opened.

Of the menus under figures the first is pressed whole, the others for one picture: what the server makes of every figure is opened by
tests/pages/test_every_page.py, and the second picture is the first one's figure.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from lsviz import navigation
from tests.opening import OPENS

PAGES = {  # what the address adds, and the files beside those of the figures
    "": ("", set()),
    "targets": ("", set()),
    "loss": ("", set()),
    "reliability": ("", {"lsviz-measures.csv", "lsviz-reliability.html"}),
    "embeddings": ("", {".zip", ".parquet"}),
    "bias": ("", set()),
    "labels": ("", set()),
    "costs": ("", set()),
    "yours": ("", {"lsviz-report.html", "lsviz-report.json"}),
    "networks": ("", {"lsviz-networks.csv"}),
}


def press(opened, buttons, *, together: bool = False) -> list[str]:
    """Press them, open what comes, and give the names. `together` is for pictures, after which the menu closes.

    What the server makes comes one after the other: a browser that is told to load a second file drops the first.
    """
    downloads, count = [], buttons.count()
    came = lambda download: downloads.append(download)
    opened.on("download", came)
    if together:
        buttons.evaluate_all("all => all.forEach(button => button.click())")
        _wait_for(opened, downloads, count)
    for number in range(0 if together else count):
        buttons.nth(number).evaluate("button => button.click()")
        _wait_for(opened, downloads, number + 1)
    opened.remove_listener("download", came)
    names = [download.suggested_filename for download in downloads]
    assert count and len(names) == count, f"{count} were pressed, these came: {names}"
    for download, name in zip(downloads, names):
        content = Path(download.path()).read_bytes()
        assert content, f"{name} is empty"
        OPENS[Path(name).suffix](content)
        download.delete()
    return names


def _wait_for(opened, downloads: list, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(downloads) < count and time.monotonic() < deadline:
        opened.wait_for_timeout(20)


def press_all(opened, whole_menus: int = 1) -> list[str]:
    """The downloads of this page: those on it, all of so many menus, a picture of each other."""
    outside = opened.get_by_test_id("stDownloadButton").get_by_role("button")
    names = press(opened, outside) if outside.count() else []
    menus, body = opened.locator("[class*='st-key-more_'] [data-testid=stPopoverButton]"), opened.get_by_test_id("stPopoverBody")
    for number in range(menus.count()):
        menus.nth(number).click()
        body.get_by_role("button", name="PNG").first.wait_for()
        opened.wait_for_selector("[data-test-script-state=notRunning]")
        images = body.locator(".lsviz-image-buttons button")
        whole = number < whole_menus
        if whole:
            names += press(opened, body.get_by_test_id("stDownloadButton").get_by_role("button"))
        names += press(opened, images if whole else images.filter(has_text="SVG"), together=True)
        if body.count():
            opened.keyboard.press("Escape")
            body.wait_for(state="detached")
    return names


def every(names: list[str]) -> None:
    """Each once, a picture of each figure, and of one of them everything."""
    whole = [name.removesuffix(".json") for name in names if name.endswith(".json") and "report" not in name]
    assert whole and len(names) == len(set(names)) and any(name.endswith(".svg") for name in names)
    for figure in whole:
        assert {f"{figure}{kind}" for kind in (".csv", ".html", ".svg", ".png")} <= set(names)


@pytest.mark.parametrize("where", PAGES, ids=lambda where: where or "overview")
def test_every_download_of_a_page_opens(app_server, page, where):
    query, beside = PAGES[where]
    folds = "-".join(navigation.FOLDS[where or "overview"])
    opened = page(f"{app_server}{where}?alpha=0.1&n=10&open={folds}&{query}")
    names = press_all(opened)
    every(names)
    assert all(any(name.endswith(other) for name in names) for other in beside), names


def test_the_example_of_a_lecture_opens(app_server, page):
    opened = page(f"{app_server}?alpha=0.1&n=10")
    opened.locator(".st-key-own_lecture").get_by_role("button").click()
    example = opened.get_by_test_id("stPopoverBody").get_by_test_id("stDownloadButton").get_by_role("button")
    example.wait_for()
    assert press(opened, example) == ["lecture.toml"]


def test_the_report_of_an_own_file_opens(app_server, page, settle, tmp_path):
    rng = np.random.default_rng(0)
    save_file(
        {"logits": rng.normal(size=(400, 5)).astype(np.float32), "labels": rng.integers(0, 5, 400)}, tmp_path / "one.safetensors"
    )
    opened = page(f"{app_server}yours?alpha=0.1&n=10")
    opened.locator("input[type=file]").set_input_files(tmp_path / "one.safetensors")
    opened.get_by_role("heading", name="over-confident").first.wait_for()  # until then it is the example's report
    settle(opened)
    opened.locator(".st-key-fold_get summary").click()
    opened.get_by_role("button", name="Template").wait_for()
    settle(opened)
    names = press(opened, opened.get_by_test_id("stDownloadButton").get_by_role("button"))
    assert set(names) == {"lsviz-template.csv", "lsviz-report.html", "lsviz-report.json"}


def test_every_download_of_the_lab_opens(app_server, page, settle):
    opened = page(
        f"{app_server}lab?alpha=0.1&n=10&data=moons&epochs=2&width=8&depth=1&examples=100&open={'-'.join(navigation.FOLDS['lab'])}"
    )
    opened.get_by_role("button", name="Train 21 networks").click()
    opened.locator(".st-key-lab_save_run").wait_for(timeout=90_000)
    settle(opened)
    names = press_all(opened, whole_menus=99)  # no other test opens what it makes
    assert {Path(name).suffix for name in names} >= {".safetensors", ".zip", ".csv"}
    every(names)
