"""Saving a figure: data, page and images leave the browser as files that hold what was on screen."""

from __future__ import annotations

import csv

from playwright.sync_api import expect


def saved(opened, name: str, key: str = "targets_bars") -> bytes:
    with opened.expect_download() as waiting:
        opened.get_by_test_id("stPopoverBody").get_by_role("button", name=name).click()
    return open(waiting.value.path(), "rb").read()


def test_the_save_menu_gives_data_page_and_images(app_server, page, settle):
    opened = page(f"{app_server}targets?alpha=0.2&n=5&class=3")
    opened.locator(".st-key-more_targets_bars").get_by_role("button").click()
    opened.get_by_test_id("stPopoverBody").get_by_role("button", name="How to read").click()
    expect(opened.get_by_text("Orange outline")).to_be_in_viewport()
    more = opened.locator(".st-key-more_targets_bars").get_by_role("button", name="How to read, table, save")
    expect(more).to_be_focused()
    more.press("Enter")
    opened.get_by_test_id("stPopoverBody").get_by_role("button", name="SVG").wait_for()
    settle(opened)
    rows = list(csv.DictReader(saved(opened, "Data (CSV)").decode().splitlines()))
    true = [float(r["soft_target"]) for r in rows if r["alpha"] == "0.2" and r["hard_target"] == "1"]
    assert true == [0.84]
    html = saved(opened, "Page (HTML)").decode()
    assert "Plotly" in html and "var(--lsviz" not in html and "84 %" in html
    svg = saved(opened, "SVG").decode()
    assert svg.startswith("<svg") and "84" in svg and "var(--lsviz" not in svg
    opened.locator(".st-key-more_targets_bars").get_by_role("button").first.click()  # the menu closes on a saved image
    assert saved(opened, "PNG")[:4] == b"\x89PNG"
