"""Embeddings in a real browser: points glide between trained alphas, and an image is the same one in every projection."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.harness import settle

# Go to an alpha as a key does, and note where the marks are in every animation frame until the chart rests.
GLIDE = """([key, alpha]) => new Promise(done => {
    const plot = window.__lsviz.plots[key].lsviz, rail = document.querySelector('.lsviz-dock input[type=range]'), seen = [];
    const look = () => {
        seen.push(plot.place());
        if (plot.moving || seen.length < 3) requestAnimationFrame(look); else done(seen);
    };
    rail.value = 1000 * Math.sqrt(alpha);
    rail.dispatchEvent(new Event('input', { bubbles: true }));
    rail.dispatchEvent(new Event('change', { bubbles: true }));
    requestAnimationFrame(look);
})"""
POINTS = "key => window.__lsviz.plots[key].data.filter(trace => trace.meta === 'linked:images').map(trace => [Array.from(trace.x), Array.from(trace.y)])"
KEY = "embeddings_soft_pca"


def test_points_glide_to_the_next_alpha_and_come_to_rest_there(app_server, page):
    opened = page(f"{app_server}embeddings?alpha=0.1&n=10&view=pca")
    before = opened.evaluate(POINTS, KEY)
    seen = opened.evaluate(GLIDE, [KEY, 0.3])
    assert [s for s in seen if 3 < s < 6], "the marks jumped"
    assert seen == sorted(seen) and seen[-1] == 6  # hard .02 .05 .1 .15 .2 .3
    settle(opened)
    assert opened.evaluate(POINTS, KEY) != before and "0.30" in opened.locator(".st-key-dockrow output").inner_text()
    assert opened.evaluate("key => window.__lsviz.plots[key].querySelectorAll('canvas.lsviz-canvas').length", KEY) == 0


def test_whoever_asks_for_less_motion_sees_none(app_server, page):
    opened = page(f"{app_server}embeddings?alpha=0.1&n=10&view=pca", reduced_motion="reduce")
    assert set(opened.evaluate(GLIDE, [KEY, 0.3])) <= {3, 6}


def test_an_image_is_ringed_in_every_projection_and_a_lasso_marks_it_in_all(app_server, page):
    opened = page(f"{app_server}embeddings?alpha=0.1&n=10&view=all&lasso=1&open=time", height=1100)
    point = opened.evaluate("""() => {
        const gd = window.__lsviz.plots.embeddings_soft_plane, trace = gd.data.find(trace => trace.meta === 'linked:images');
        gd.emit('plotly_hover', { points: [{ data: trace, curveNumber: gd.data.indexOf(trace), customdata: trace.customdata[3] }] });
        return Number(trace.customdata[3]);
    }""")
    expect(opened.locator(".lsviz-ring")).to_have_count(
        7
    )  # five pictures and the two of training time; the eighth is under the pointer
    opened.evaluate(
        """id => {
        const gd = window.__lsviz.plots.embeddings_soft_pca;
        const points = gd.data.filter(trace => trace.meta === 'linked:images').flatMap(trace => Array.from(trace.customdata, own => ({ data: trace, customdata: own })));
        gd.emit('plotly_selected', { points: points.filter(point => point.customdata === id || point.customdata < 400) });
    }""",
        point,
    )
    settle(opened)
    marks = opened.locator(".lsviz-marked")
    expect(marks).to_have_count(8)
    counted = [int(text.split()[0]) for text in marks.all_inner_texts()]
    assert len({counted[i] for i in (1, 2, 4, 5)}) == 1 and 0 < counted[0] == counted[3] <= counted[1]


@pytest.mark.parametrize("query", ["view=all", "view=umap&strip=1", "view=plane&same=0&color=confidence"])
def test_every_arrangement_fits_a_screen_and_a_phone(app_server, page, query):
    opened = page(f"{app_server}embeddings?alpha=0.1&n=10&{query}", width=390, height=844, theme="dark")
    for width, height in ((390, 844), (1280, 800)):
        opened.set_viewport_size({"width": width, "height": height})
        settle(opened)
        assert opened.get_by_test_id("stException").count() == 0
        assert opened.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth") <= 1
