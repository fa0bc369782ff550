"""Journeys through the whole app in a real browser: dragging, links, pages, the back button, phones."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.harness import settle

RAIL = ".st-key-dockrow input[type=range]"


def headline(page) -> str:
    return page.locator("h1").first.inner_text().replace("\u00a0", " ")


def alpha_in_address(page, value: str) -> None:
    expect(page).to_have_url(re.compile(rf"alpha={re.escape(value)}(&|$)"))


def test_a_link_opens_the_same_view_and_reload_keeps_it(app_server, page):
    opened = page(f"{app_server}targets?alpha=0.1&n=5&class=3&conv=others")
    assert "90 %" in headline(opened)
    opened.reload()
    settle(opened)
    assert "90 %" in headline(opened)
    for part in ("alpha=0.1", "n=5", "class=3", "conv=others"):
        assert part in opened.url


def test_junk_in_the_address_opens_the_default_view(app_server, page):
    opened = page(f"{app_server}targets?alpha=nan&n=-3&class=x&conv=%3Cscript%3E&r=9")
    alpha_in_address(opened, "0.1")
    assert "n=10" in opened.url and "script" not in opened.url


def test_alpha_and_n_travel_from_page_to_page(app_server, page):
    opened = page(f"{app_server}targets?alpha=0.3&n=5")
    opened.get_by_role("link", name="Loss", exact=True).click()
    expect(opened).to_have_url(re.compile("/loss"))
    alpha_in_address(opened, "0.3")
    assert "n=5" in opened.url
    settle(opened)
    opened.get_by_role("link", name="Embeddings", exact=True).click()
    expect(opened).to_have_url(re.compile("/embeddings"))
    alpha_in_address(opened, "0.3")
    settle(opened)
    assert "0.30" in opened.locator(".st-key-dockrow output").inner_text()


def test_the_back_button_undoes(app_server, page):
    opened = page(f"{app_server}targets?alpha=0.1&n=10")
    before = headline(opened)
    opened.locator(RAIL).press("PageUp")
    expect(opened).not_to_have_url(re.compile("alpha=0.1(&|$)"))
    settle(opened)
    assert headline(opened) != before
    opened.go_back()
    alpha_in_address(opened, "0.1")
    expect(opened.locator(".st-key-dockrow output")).to_contain_text("0.10")
    settle(opened)
    assert headline(opened) == before


def test_zoom_survives_a_drag(app_server, page):
    opened = page(f"{app_server}embeddings?alpha=0.1&n=10&view=pca")
    key = "embeddings_soft_pca"
    read = f"window.__lsviz.plots['{key}']._fullLayout.xaxis.range.slice()"
    plot = opened.locator(".lsviz-plot").nth(1).bounding_box()
    centre = plot["x"] + plot["width"] / 2, plot["y"] + plot["height"] / 2
    whole = opened.evaluate(read)
    opened.mouse.move(centre[0] - 60, centre[1] - 50)
    opened.mouse.down()
    opened.mouse.move(centre[0] + 60, centre[1] + 50, steps=6)
    opened.mouse.up()
    opened.wait_for_function(f"whole => {read}[0] !== whole[0]", arg=whole)
    settle(opened)
    zoomed = opened.evaluate(read)
    opened.locator(RAIL).press("ArrowRight")
    expect(opened).not_to_have_url(re.compile("alpha=0.1(&|$)"))
    settle(opened)
    after = opened.evaluate(read)
    assert after == pytest.approx(zoomed, abs=1e-6)


def test_a_lasso_marks_the_same_images_in_both_pictures(app_server, page):
    opened = page(f"{app_server}embeddings?alpha=0.1&n=10&view=pca&lasso=1")
    plot = opened.locator(".lsviz-plot").first.bounding_box()
    x, y, half = plot["x"] + plot["width"] / 2, plot["y"] + plot["height"] / 2, 110
    opened.mouse.move(x - half, y - half)
    opened.mouse.down()
    for corner in ((x + half, y - half), (x + half, y + half), (x - half, y + half), (x - half, y - half)):
        opened.mouse.move(*corner, steps=5)
    opened.mouse.up()
    badges = [opened.locator(".lsviz-plot").nth(i).locator(".lsviz-marked") for i in (0, 1)]
    said = [int(badge.inner_text().split()[0]) for badge in badges]
    marked = """name => {
        const { data } = window.__lsviz.plots[name];
        const colors = data.filter(t => t.customdata && Array.isArray(t.marker.color)).flatMap(t => t.marker.color.map((c, i) => [String(t.customdata[i]), c]));
        const count = {};
        for (const [, c] of colors) count[c] = (count[c] ?? 0) + 1;
        const most = Object.entries(count).sort((a, b) => b[1] - a[1])[0][0];
        return colors.filter(([, c]) => c !== most).map(([id]) => id).sort();
    }"""
    ids = [opened.evaluate(marked, f"embeddings_{name}_pca") for name in ("hard", "soft")]
    assert 0 < said[0] == said[1] == len(ids[0]) and ids[0] == ids[1]
    opened.locator(RAIL).press("ArrowRight")  # marks outlive a move of alpha
    settle(opened)
    assert opened.evaluate(marked, "embeddings_soft_pca") == ids[0]
    opened.mouse.dblclick(x, y)
    expect(opened.locator(".lsviz-marked")).to_have_count(0)


def test_the_textbook_example_is_one_click(app_server, page):
    opened = page(f"{app_server}targets?alpha=0.4&n=10")
    opened.get_by_role("button", name="Textbook example").click()
    expect(opened).to_have_url(re.compile("n=5"))
    settle(opened)
    assert "class=3" in opened.url and "92 %" in headline(opened)
    assert "0.02" in opened.locator(".st-key-local").locator("xpath=ancestor::*[@data-testid='stMainBlockContainer']").inner_text()


def test_pages_open_below_another_path_too(serve, page):
    address = serve("app.py", "--server.baseUrlPath", "/course/lsviz")
    opened = page(f"{address}targets?alpha=0.3&n=10")
    assert opened.locator(".lsviz-plot").count() and "73 %" in headline(opened)
    opened.get_by_role("link", name="Overview", exact=True).click()
    expect(opened).to_have_url(re.compile(r"/course/lsviz/\?"))
    settle(opened, plots=2)


def test_the_lab_trains_at_a_press_and_alpha_is_a_slider_over_real_networks(app_server, page):
    opened = page(f"{app_server}lab?data=blobs&n=3&examples=60&width=16&epochs=20&batch=20&alpha=0.1&open=decision-progress")
    assert "Train 21 networks" in headline(opened)
    opened.get_by_role("button", name="Train 21 networks").click()
    opened.locator(".st-key-foot_lab_margin").wait_for(timeout=90_000)
    settle(opened)
    trained = headline(opened)
    assert "points" in trained or "confidence cancel" in trained or "as sure as it should be" in trained
    opened.locator(RAIL).press("End")
    expect(opened).to_have_url(re.compile("alpha=0.99"))
    settle(opened)
    assert "under-confident" in headline(opened)
    title = "window.__lsviz.plots['lab_map']._fullLayout.title.text"
    assert "0.99" in opened.evaluate(title)
    assert "Hard" in opened.evaluate(title.replace("lab_map", "lab_map_hard"))
