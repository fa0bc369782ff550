"""The maps on Embeddings in a real browser: they fill their panels, name without overlap, find, pin, open an image, and follow alpha."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from lsviz.state import COLORS
from lsviz.store import Store
from tests.browser.harness import settle
from tests.reading import ROOT

MAP = "window.__lsviz.plots.embeddings_map.lsviz.maps"
READY = ".lsviz-map[data-ready=true]"
RAIL = ".lsviz-dock input[type=range]"
# of the panel: what the middle 98.5 % of the images cover, across and down
COVERED = f"""() => {MAP}.panels.map(panel => {{
    const span = (places, size) => {{
        const all = Array.from(places).sort((a, b) => a - b), out = Math.floor(.0075 * all.length);
        return (all[all.length - 1 - out] - all[out]) / size;
    }};
    return [span(panel.px, panel.canvas.width), span(panel.py, panel.canvas.height)];
}})"""
OVERLAPS = f"""() => {MAP}.panels.map(panel => {{
    const boxes = panel.names.boxes(), meet = (a, b) => Math.abs(a.x - b.x) < (a.w + b.w) / 2 - .5 && Math.abs(a.y - b.y) < (a.h + b.h) / 2 - .5;
    return [boxes.length, boxes.flatMap((a, i) => boxes.slice(i + 1).filter(b => meet(a, b)).map(b => a.text + ' ' + b.text))];
}})"""


def share_of_kept(n: int, alpha: float) -> str:
    run = next(
        r
        for r in Store(ROOT / "checkpoints").runs
        if (r.config.num_classes, r.config.alpha) == (n, alpha) and "map_test_kept" in r.arrays
    )
    return f"{100 * run.facts['map_test_kept'][0]:.0f}\u00a0%"


def opened_map(page, address: str, **how):
    opened = page(address, **how)
    opened.wait_for_selector(READY, timeout=120_000)
    settle(opened)
    return opened


@pytest.mark.parametrize("n", [10, 100])
def test_the_maps_fill_their_panels_and_no_two_names_meet(app_server, page, n):
    opened = opened_map(page, f"{app_server}embeddings?alpha=0.1&n={n}&view=umap", reduced_motion="reduce")
    for width, height in ((1280, 800), (1920, 1080)):
        opened.set_viewport_size({"width": width, "height": height})
        settle(opened)
        opened.wait_for_timeout(300)
        for across, down in opened.evaluate(COVERED):
            assert max(across, down) > 0.8 and min(across, down) > 0.6, (width, across, down)
        for count, met in opened.evaluate(OVERLAPS):
            assert not met and count >= (10 if n == 10 else 15)
        box, dock = opened.locator(".lsviz-map .box").first.bounding_box(), opened.locator(".st-key-dockrow").bounding_box()
        assert box["y"] + box["height"] < dock["y"] < box["y"] + box["height"] + 60, "as high as the screen leaves"


def test_a_class_is_found_pinned_and_an_image_of_it_opened_all_follow_alpha_and_a_layout_is_scrubbed(app_server, page):
    opened = opened_map(page, f"{app_server}embeddings?alpha=0.1&n=100&view=umap&open=live&points=300")
    field = opened.get_by_role("combobox", name="Find a class").last
    field.click()
    expect(opened.locator(".lsviz-map [role=option]")).to_have_count(120)  # the legend: superclasses and their classes
    field.type("bear")
    expect(opened.locator(".lsviz-map [role=option]").first).to_contain_text("bear")
    field.press("Enter")
    pin = opened.locator(".lsviz-map .pin")
    expect(pin).to_have_text("bear×")
    assert opened.evaluate(f"{MAP}.lit().classes.size") == 1
    expect(opened).to_have_url(re.compile(r"pins=50\b"))
    pin.get_by_role("button", name="bear", exact=True).click()
    cards = opened.locator(".lsviz-map .card")
    expect(cards.last).to_contain_text(re.compile(r"bear no\. \d+"))
    expect(cards.last.locator("li")).to_have_count(5)
    settle(opened)
    expect(opened).to_have_url(re.compile(r"image=\d+"))
    number = re.search(r"no\. (\d+)", cards.last.inner_text())[1]
    assert f"image={number}" in opened.url
    said = cards.last.inner_text()
    before = opened.evaluate(f"Array.from({MAP}.panels[1].x.slice(0, 50))")
    opened.locator(RAIL).press("ArrowRight")
    expect(opened).to_have_url(re.compile(r"alpha=0\.3"))
    opened.wait_for_function(f"() => {MAP}.stop === 3 && {MAP}.aimStop === 3")
    settle(opened)
    expect(opened.locator(".lsviz-map section").last).to_contain_text("α = 0.30")
    assert opened.evaluate(f"Array.from({MAP}.panels[1].x.slice(0, 50))") != before
    expect(cards.last).not_to_have_text(said)
    assert f"no. {number}" in cards.last.inner_text(), "it is the same image"
    opened.keyboard.press("Escape")
    opened.get_by_role("button", name="Whole map").click()
    expect(pin).to_have_count(0)
    expect(cards.last).to_be_hidden()
    expect(opened).not_to_have_url(re.compile("pins="))
    opened.get_by_role("button", name="Lay out").click()
    live = "window.__lsviz.plots.umap_live_map.lsviz.maps"
    opened.wait_for_function(f"() => window.__lsviz.plots.umap_live_map && {live}.data.networks[1].said", timeout=300_000)
    opened.wait_for_function(f"() => {live}.film.at === 50")  # the start, every tenth of 500 epochs, the end
    settle(opened)
    ended = opened.evaluate(f"Array.from({live}.panels[1].x)")
    opened.get_by_role("slider", name="Frames on the way").fill("3")
    opened.wait_for_function(f"() => {live}.film.at === 3")
    expect(opened.locator(".lsviz-map .when").last).to_have_text("epoch 30")
    there = opened.evaluate(f"[Array.from({live}.panels[1].x), Array.from({live}.laidAt({live}.shown(1), 3).x)]")
    assert there[0] == there[1] != ended and len(ended) == 300


def test_where_it_lies_is_told_by_colour_headline_and_lines(app_server, page):
    opened = opened_map(page, f"{app_server}embeddings?alpha=0.1&n=10&view=umap")
    opened.get_by_text("Where it lies").click()
    expect(opened).to_have_url(re.compile("color=kept"))
    expect(opened.locator(".lsviz-finding h1")).to_contain_text(share_of_kept(10, 0.1))
    settle(opened)
    kept = opened.evaluate(f"""() => {{
        const maps = {MAP}, network = maps.shown(1), {{ slots }} = maps.slotsOf(network);
        return [Array.from(slots).reduce((a, b) => a + b, 0), Array.from(network.nearFile.kept).reduce((a, b) => a + b, 0)];
    }}""")
    assert kept[0] == kept[1] > 0, "each image's colour is its count"
    painted = opened.evaluate(
        f"""async colors => {{
        const maps = {MAP}, seen = [];
        for (const color of colors) {{
            maps.data.color = color;
            maps.layOut();
            maps.frame();
            const {{ slots }} = maps.slotsOf(maps.shown(1));
            seen.push([maps.painter.table.length, Math.max(...slots), JSON.stringify(Array.from(slots))]);
        }}
        return seen;
    }}""",
        list(COLORS),
    )
    assert all(most < colors for colors, most, _ in painted)
    assert len({slots for _, _, slots in painted}) == len(COLORS) - 1, "to N = 10 a class and its superclass have one colour"


def test_wheel_and_keys_zoom_both_maps_to_the_same_images(app_server, page):
    opened = opened_map(page, f"{app_server}embeddings?alpha=0.1&n=10&view=umap", reduced_motion="reduce")
    canvas = opened.locator(".lsviz-map canvas").first
    box = canvas.bounding_box()
    at = opened.evaluate(f"() => {{ const p = {MAP}.panels[0], r = {MAP}.ratio; return [p.px[0] / r, p.py[0] / r]; }}")
    opened.mouse.move(box["x"] + at[0], box["y"] + at[1])
    for _ in range(10):
        opened.mouse.wheel(0, -200)
    opened.wait_for_function(f"() => {MAP}.view.now.zoom > 4")
    opened.wait_for_timeout(500)
    seen = opened.evaluate(f"""() => {MAP}.panels.map(panel => Array.from(panel.px).flatMap((x, i) =>
        x > 0 && panel.py[i] > 0 && x < panel.canvas.width && panel.py[i] < panel.canvas.height ? [i] : []))""")
    assert len(seen[0]) < 800 and len(set(seen[0]) & set(seen[1])) > 0.3 * min(map(len, seen))
    canvas.press("0")
    opened.wait_for_function(f"() => {MAP}.view.now.zoom === 1")


def test_a_phone_shows_one_map_at_a_time_and_keeps_the_place(app_server, page):
    opened = opened_map(page, f"{app_server}embeddings?alpha=0.1&n=100&view=umap", width=390, height=844, reduced_motion="reduce")
    shown = opened.locator(".lsviz-map section:visible")
    expect(shown).to_have_count(1)
    opened.locator(".lsviz-map canvas:visible").press("+")
    opened.wait_for_function(f"() => {MAP}.view.now.zoom > 1.4")
    opened.locator(".lsviz-map .tab").first.click()
    expect(shown).to_have_count(1)
    assert opened.evaluate(f"{MAP}.view.now.zoom") > 1.4 and opened.evaluate(f"{MAP}.shownPanel") == 0
    assert opened.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth") <= 1
