"""Live plots in a real browser: what moves, what stays, what it looks like in between, and where plotly.js comes from."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops
from playwright.sync_api import expect

# Stand at an alpha as a hand would, which never comes to rest while the page is held.
HOLD = """value => {
    const plot = document.querySelector('.lsviz-plot').lsviz.constructor.prototype;
    plot.restHeld ??= plot.rest;
    plot.rest = () => {};
    const rail = document.querySelector('.lsviz-dock input[type=range]');
    const go = to => {
        rail.value = 1000 * Math.sqrt(to);
        rail.dispatchEvent(new Event('input', { bubbles: true }));
        return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
    };
    return go(value > .2 ? 0 : 1).then(() => go(value));
}"""
LET_GO = """() => {
    const plot = document.querySelector('.lsviz-plot').lsviz.constructor.prototype;
    plot.rest = plot.restHeld;
    document.querySelectorAll('.lsviz-plot').forEach(gd => gd.lsviz.rest());
}"""


def hand_at(page, value: float) -> None:
    page.evaluate(HOLD, value)


def picture(page, key: str) -> np.ndarray:
    box = page.evaluate(
        "key => { const b = window.__lsviz.plots[key].getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; }", key
    )
    clip = dict(zip(("x", "y", "width", "height"), box, strict=True))
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")


@pytest.mark.parametrize(
    ("path", "keys", "settings"),
    [
        ("", ("bars", "curve"), dict(height=1200, theme="dark", device_scale_factor=2)),
        ("stored", ("left", "right", "steps"), dict(height=1400)),
        ("stored", ("left", "right", "steps"), dict(width=390, height=1400, theme="dark")),
    ],
)
def test_the_picture_in_motion_is_the_picture_at_rest(page, demo_server, settle, path, keys, settings):
    """The canvas against Plotly: strokes are anti-aliased a little differently, nothing is elsewhere or missing."""
    shown = page(demo_server + path, **settings)
    shown.mouse.move(2, 2)
    for value in (0.0, 0.02, 0.1, 0.5, 0.9):
        hand_at(shown, value)
        assert shown.locator(".lsviz-moving").count() == len(keys)
        moving = {key: picture(shown, key) for key in keys}
        shown.evaluate(LET_GO)
        settle(shown)
        for key in keys:
            apart = np.asarray(ImageChops.difference(moving[key], picture(shown, key))).max(axis=2)
            assert (apart > 100).sum() <= 60, (key, value)  # a label's box may round to the next pixel
            assert (apart > 24).mean() < 0.008, (key, value)


def test_motion_draws_the_marks_it_should(page, demo_server):
    """Guards the comparison above against two empty pictures."""
    shown = page(demo_server)
    hand_at(shown, 0.5)
    pixels = np.asarray(picture(shown, "bars")).reshape(-1, 3).astype(int)
    purple = np.abs(pixels - (0x73, 0x60, 0xEB)).max(axis=1) < 12  # the ramp's colour of .5
    assert purple.mean() > 0.02


def test_a_label_that_was_empty_comes_back(page, demo_server, settle):
    """Plotly alone loses it: it removes the node of an empty label and keeps the place without it."""
    shown = page(demo_server)
    label = (
        "[...window.__lsviz.plots.bars.querySelectorAll('.scatterlayer .trace')].at(-1).textContent.trim().replace('\\u00a0', ' ')"
    )
    assert shown.evaluate(label) == "100 %"
    for value, text in ((0.0, ""), (0.1, "100 %")):
        hand_at(shown, value)
        shown.evaluate(LET_GO)
        settle(shown)
        assert shown.evaluate(label) == text


def test_a_figure_the_canvas_cannot_draw_moves_through_plotly(page, demo_server, settle):
    shown = page(demo_server)
    shown.get_by_text("Heatmap").click()
    expect(shown.get_by_role("img", name="a heatmap")).to_be_attached()
    settle(shown, plots=3)
    assert shown.evaluate("window.__lsviz.plots.heat.lsviz.overlay") is None
    hand_at(shown, 0.5)
    shown.wait_for_function("Math.abs(window.__lsviz.plots.heat._fullData[0].opacity - .6) < 1e-6")
    shown.evaluate(LET_GO)
    settle(shown, plots=3)


def ranges(page, key: str) -> list[float]:
    return page.evaluate(
        "key => [...window.__lsviz.plots[key].layout.xaxis.range, ...window.__lsviz.plots[key].layout.yaxis.range]", key
    )


def test_zoom_outlives_a_drag_and_a_server_run_until_a_double_click(page, demo_server, settle):
    shown = page(f"{demo_server}stored", height=1000)
    box = shown.evaluate("(() => { const b = window.__lsviz.plots.left.getBoundingClientRect(); return [b.x, b.y]; })()")
    shown.mouse.move(box[0] + 200, box[1] + 120)
    shown.mouse.down()
    shown.mouse.move(box[0] + 330, box[1] + 240, steps=5)
    shown.mouse.up()
    settle(shown)
    zoomed = ranges(shown, "left")
    assert zoomed[1] - zoomed[0] < 8
    hand_at(shown, 0.5)
    moving = picture(shown, "left")
    shown.evaluate(LET_GO)
    settle(shown)
    assert ranges(shown, "left") == pytest.approx(zoomed)
    apart = np.asarray(ImageChops.difference(moving, picture(shown, "left"))).max(axis=2)
    assert (apart > 24).mean() < 0.01
    shown.locator(".lsviz-dock input[type=range]").press("End")
    expect(shown.get_by_text(re.compile("alpha 0.9"))).to_be_visible()
    settle(shown)
    assert ranges(shown, "left") == pytest.approx(zoomed)
    unzoomed = ranges(shown, "right")
    shown.mouse.dblclick(box[0] + 250, box[1] + 200)
    shown.wait_for_function("key => window.__lsviz.plots.left.layout.xaxis.range[1] < 4")
    settle(shown)
    assert ranges(shown, "left") == pytest.approx(unzoomed)


def test_a_theme_switch_recolours_without_a_server_run(page, demo_server, settle):
    shown = page(demo_server)
    ink = "getComputedStyle(document.querySelector('.lsviz-plot .gtitle')).fill"
    assert shown.evaluate(ink) == "rgb(27, 30, 36)"
    shown.evaluate("window.__first = window.__lsviz.plots.bars")
    sent = shown.watch.frames_sent
    shown.emulate_media(color_scheme="dark")
    shown.wait_for_function(f"{ink} === 'rgb(232, 234, 237)'")
    settle(shown)
    assert shown.watch.frames_sent == sent
    assert shown.evaluate("window.__first === window.__lsviz.plots.bars && window.__first.isConnected")
    assert "var(--lsviz" not in shown.evaluate("window.__lsviz.plots.bars.outerHTML")


def test_hovering_a_linked_point_rings_it_in_the_other_panel(page, demo_server):
    shown = page(f"{demo_server}stored", height=1000)
    place = shown.evaluate("""() => {
        const gd = window.__lsviz.plots.left, box = gd.getBoundingClientRect(), { xaxis, yaxis } = gd._fullLayout;
        const trace = gd.data[0], far = [...trace.x].indexOf(Math.min(...trace.x));   // a point of its own, at the edge
        window.__id = trace.customdata[far];
        return [box.left + xaxis._offset + xaxis.c2p(trace.x[far]), box.top + yaxis._offset + yaxis.c2p(trace.y[far])];
    }""")
    shown.mouse.move(*place)
    ring = shown.locator(".lsviz-ring")
    expect(ring).to_have_count(1)
    off = shown.evaluate("""() => {
        const gd = window.__lsviz.plots.right, { xaxis } = gd._fullLayout, trace = gd.data[0];
        const at = xaxis._offset + xaxis.c2p(trace.x[[...trace.customdata].indexOf(window.__id)]);
        return Math.abs(parseFloat(gd.querySelector('.lsviz-ring').style.left) - at);
    }""")
    assert off < 0.5
    shown.mouse.move(2, 2)
    expect(ring).to_have_count(0)


def test_plots_follow_the_width_and_phones_have_their_own_layout(page, demo_server, settle):
    shown = page(demo_server)
    wide = shown.evaluate("window.__lsviz.plots.bars._fullLayout.width")
    shown.set_viewport_size({"width": 390, "height": 844})
    shown.wait_for_function("window.__lsviz.plots.bars._fullLayout.height === 360")
    settle(shown)
    narrow = shown.evaluate(
        "(({ width, margin, title }) => [width, margin.l, title.font.size])(window.__lsviz.plots.bars._fullLayout)"
    )
    assert narrow[0] < wide and narrow[1:] == [92, 16]
    shown.set_viewport_size({"width": 1280, "height": 800})
    shown.wait_for_function("window.__lsviz.plots.bars._fullLayout.margin.l === 104")


def test_saving_an_image_gives_the_stop_on_screen_in_the_light_theme(page, demo_server, settle):
    shown = page(f"{demo_server}?alpha=0.5", theme="dark")

    def saved(kind: str) -> bytes:
        with shown.expect_download() as waiting:
            shown.get_by_role("button", name=kind.upper()).click()
        assert waiting.value.suggested_filename == f"bars.{kind}"
        return Path(waiting.value.path()).read_bytes()

    text = saved("svg").decode()
    assert "55 %" in text and "var(--lsviz" not in text and "rgb(27, 30, 36)" in text
    image = Image.open(io.BytesIO(saved("png"))).convert("RGB")
    assert image.getpixel((2, image.height - 3)) == (255, 255, 255)


def test_plotly_comes_from_the_package_when_the_other_bundles_are_gone(page, demo_server, settle):
    shown = page("", fresh=True)
    shown.route(re.compile(r"static/js/PlotlyChart\.|plotly-basic"), lambda route: route.abort())
    shown.goto(demo_server)
    settle(shown, plots=2)
    assert shown.evaluate("performance.getEntriesByType('resource').some(e => /plotly\\.min\\.js/.test(e.name))")
    shown.watch.errors = [error for error in shown.watch.errors if "PlotlyChart" not in error and "plotly-basic" not in error]


def test_a_second_visit_takes_the_small_bundle_from_the_browsers_own_store(page, demo_server, settle):
    shown = page("", fresh=True)
    fetched = []
    shown.on("request", lambda request: fetched.append(request.url) if re.search(r"PlotlyChart|plotly[-.]", request.url) else None)
    for _ in range(2):
        shown.goto(demo_server)
        settle(shown, plots=2)
    assert [url.rsplit("/", 1)[-1] for url in fetched] == ["plotly-basic.min.js"]


def test_without_any_plotly_the_page_says_so_and_stays_up(page, demo_server):
    shown = page("", fresh=True)
    shown.route(re.compile(r"PlotlyChart\.|plotly\.min\.js|plotly-basic"), lambda route: route.abort())
    shown.goto(demo_server)
    expect(shown.get_by_text(re.compile("plotly.js could not be loaded")).first).to_be_visible()
    expect(shown.locator("h1")).to_contain_text("α = 0.10")
    shown.watch.errors = [error for error in shown.watch.errors if "lotly" not in error]
