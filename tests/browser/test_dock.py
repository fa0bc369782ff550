"""The dock in a real browser: hand, keys, touch, N, the address and the back button."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser import harness

RAIL = ".lsviz-dock input[type=range]"

COUNT_MOVING = """() => {
    window.__mostMoving = 0;
    const count = () => (window.__mostMoving = Math.max(window.__mostMoving, document.querySelectorAll('.lsviz-moving').length));
    new MutationObserver(count).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['class'] });
}"""


def alpha(page) -> str:
    return page.locator(".lsviz-dock output").text_content()


def said(page, text: str):
    """The server has answered with this state (the demo prints it)."""
    expect(page.get_by_text(re.compile(text))).to_be_visible()


def rail_point(page, value: float) -> tuple[float, float]:
    """Where on the screen alpha = value lies: the thumb's centre travels between 11 px from either end."""
    box = page.locator(RAIL).bounding_box()
    return box["x"] + 11 + (box["width"] - 22) * value**0.5, box["y"] + box["height"] / 2


def test_a_drag_moves_everything_without_the_server_which_hears_once_at_release_where_it_draws_for_alpha(page, demo_server, settle):
    shown = page(demo_server)
    shown.mouse.move(*rail_point(shown, 0.1))
    shown.mouse.down()
    shown.wait_for_timeout(200)  # what Streamlit sends by itself after a load has passed
    shown.evaluate(COUNT_MOVING)
    before, draws = shown.watch.frames, shown.evaluate("window.__lsviz.draws")
    for value in (0.15, 0.2, 0.3, 0.4, 0.5):
        shown.mouse.move(*rail_point(shown, value))
        shown.wait_for_timeout(30)
    expect(shown.locator("h1")).to_have_text("With α = 0.50 the target asks for 55 %, not 100 %.")
    assert alpha(shown) == "0.50"
    shown.wait_for_function("window.__mostMoving === 2")  # both charts were on the canvas at once
    shown.wait_for_function("least => window.__lsviz.draws >= least", arg=draws + 4)
    assert shown.watch.frames == before
    shown.mouse.up()
    said(shown, "run 2, alpha 0.5, N 10")
    expect(shown).to_have_url(re.compile(r"alpha=0\.5\b"))
    settle(shown)
    assert shown.evaluate("[...window.__lsviz.plots.bars.data[2].x].slice(0, 2).map(v => v.toFixed(3))") == ["0.550", "0.050"]
    assert shown.get_by_role("img", name="true class 55 %").count() == 1


def test_a_release_sends_little_and_redraws_nothing(page, demo_server, settle):
    shown = page(demo_server)
    shown.evaluate("window.__first = Object.values(window.__lsviz.plots)")
    before = shown.watch.bytes_received
    shown.mouse.click(*rail_point(shown, 0.3))
    said(shown, "run 2, alpha 0.3")
    settle(shown)
    assert shown.watch.bytes_received - before < 30_000
    assert shown.evaluate("Object.values(window.__lsviz.plots).every((p, i) => p === window.__first[i] && p.isConnected)")


def test_a_release_that_the_server_draws_nothing_for_stays_in_the_browser_until_something_is_done(page, demo_server, settle):
    shown = page(f"{demo_server}?strip=1")
    shown.wait_for_timeout(300)
    before = shown.watch.frames
    shown.mouse.click(*rail_point(shown, 0.3))
    shown.mouse.click(*rail_point(shown, 0.5))
    expect(shown).to_have_url(re.compile(r"alpha=0\.5\b"))
    shown.go_back()
    expect(shown.locator("h1")).to_contain_text("α = 0.30")
    settle(shown)
    shown.mouse.click(*rail_point(shown, 0.2))
    expect(shown).to_have_url(re.compile(r"alpha=0\.2\b"))
    shown.reload()
    settle(shown)
    assert alpha(shown) == "0.20"
    before = shown.watch.frames
    shown.mouse.click(*rail_point(shown, 0.5))
    expect(shown).to_have_url(re.compile(r"alpha=0\.5\b"))
    shown.wait_for_timeout(500)
    assert shown.watch.frames == before
    shown.get_by_role("link", name="stored").click()  # another page is given by the server, for the alpha on screen
    settle(shown, plots=3)
    assert alpha(shown) == "0.50"
    expect(shown).to_have_url(re.compile(r"stored.*alpha=0\.5\b"))


def test_where_the_server_is_slow_nothing_that_is_done_next_loses_alpha(page, serve):
    shown = page(serve(harness.DEMO, env={"DEMO_SECONDS": "1"}))
    more = shown.locator(".lsviz-dock button[aria-label$='+1']")
    shown.mouse.click(*rail_point(shown, 0.3))
    place = shown.locator("[class*=st-key-at_alpha_said]")
    expect(place).to_have_attribute("inert", "")
    shown.mouse.click(*rail_point(shown, 0.5))
    more.click()
    said(shown, r"alpha 0\.5, N 11")
    expect(shown).to_have_url(re.compile(r"alpha=0\.5&n=11"))
    expect(place).not_to_have_attribute("inert", "")
    shown.mouse.click(*rail_point(shown, 0.2))
    shown.get_by_role("link", name="stored").click()
    said(shown, r"alpha 0\.2, N 11")
    expect(shown).to_have_url(re.compile(r"stored.*alpha=0\.2\b"))
    shown.mouse.click(*rail_point(shown, 0.5))
    shown.reload()
    said(shown, r"alpha 0\.5, N")
    assert alpha(shown) == "0.50"


def test_keys(page, demo_server):
    shown = page(f"{demo_server}?alpha=0.1")
    shown.locator(RAIL).focus()
    for keys, shown_alpha in (
        (["ArrowRight"], "0.11"), (["ArrowLeft", "ArrowLeft"], "0.095"), (["ArrowRight", "PageUp"], "0.15"), (["PageDown", "PageDown"], "0.075"),
        (["Home"], "0.00"), (["ArrowLeft"], "0.00"), (["End"], "1.00"), (["Home", "ArrowUp", "ArrowUp", "ArrowDown"], "0.005"),
    ):  # fmt: skip
        for key in keys:
            shown.keyboard.press(key)
        expect(shown.locator(".lsviz-dock output")).to_have_text(shown_alpha)
        expect(shown.get_by_role("slider", name=re.compile("alpha"))).to_have_attribute("aria-valuetext", f"α {shown_alpha}")
        said(shown, f"alpha {float(shown_alpha):g}, N 10")


def test_trained_stops_snap_and_say_what_was_asked(page, demo_server):
    shown = page(f"{demo_server}stored?alpha=0.12")
    assert alpha(shown) == "0.10"
    expect(shown.locator(".lsviz-dock .note")).to_have_text("nearest to 0.12")
    expect(shown).to_have_url(re.compile(r"alpha=0\.12\b"))
    shown.locator(RAIL).focus()
    shown.keyboard.press("ArrowRight")
    expect(shown.locator(".lsviz-dock .note")).to_have_text("trained here")
    said(shown, "alpha 0.15")


def test_back_and_forward_move_the_dock_and_the_plots(page, demo_server):
    shown = page(f"{demo_server}?alpha=0.1")
    shown.mouse.click(*rail_point(shown, 0.5))
    said(shown, "alpha 0.5")
    shown.mouse.click(*rail_point(shown, 0.2))
    said(shown, "alpha 0.2")
    shown.go_back()
    said(shown, "alpha 0.5")
    expect(shown.locator("h1")).to_contain_text("α = 0.50")
    assert alpha(shown) == "0.50"
    shown.go_back()
    said(shown, "alpha 0.1,")
    assert alpha(shown) == "0.10"
    shown.go_forward()
    said(shown, "alpha 0.5")
    expect(shown.locator("h1")).to_contain_text("α = 0.50")
    shown.mouse.click(*rail_point(shown, 0.2))  # the value last told before going back is told again
    said(shown, "alpha 0.2")


def test_alpha_and_n_travel_through_the_navigation_and_a_reload(page, demo_server, settle):
    shown = page(f"{demo_server}?alpha=0.3&n=20")
    shown.get_by_role("link", name="stored").click()
    said(shown, "alpha 0.3, N 20")
    settle(shown, plots=3)
    assert alpha(shown) == "0.30"
    expect(shown.locator("h1")).to_contain_text("α = 0.30")
    assert shown.evaluate("window.__lsviz.plots.left.lsviz.stop") == 6
    shown.reload()
    settle(shown, plots=3)
    assert alpha(shown) == "0.30"
    expect(shown.get_by_role("combobox", name="Number of classes N")).to_have_value("20")


def test_n_can_be_typed_stepped_and_picked_and_is_clamped(page, demo_server):
    shown = page(demo_server)
    box = shown.get_by_role("spinbutton", name="Number of classes N")
    box.fill("7")
    box.press("Enter")
    said(shown, "N 7$")
    expect(shown).to_have_url(re.compile(r"n=7\b"))
    shown.get_by_role("button", name="Number of classes N +1").click()
    said(shown, "N 8$")
    shown.get_by_role("combobox", name="Number of classes N").select_option("100")
    said(shown, "N 100$")
    box.fill("5000")
    box.press("Enter")
    said(shown, "N 1000$")
    expect(box).to_have_value("1000")
    expect(shown.locator("h1")).to_have_text("With α = 0.10 the target asks for 90 %, not 100 %.")


def test_a_finger_drags_the_rail_on_a_phone(page, demo_server):
    shown = page(demo_server, width=390, height=844, has_touch=True, is_mobile=True)
    client = shown.context.new_cdp_session(shown)

    def touch(kind: str, value: float | None) -> None:
        points = [] if value is None else [dict(zip("xy", rail_point(shown, value), strict=True))]
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.1)
    for value in (0.12, 0.2, 0.3, 0.5):
        touch("touchMove", value)
        shown.wait_for_timeout(20)
    expect(shown.locator(".lsviz-dock output")).to_have_text("0.50")
    touch("touchEnd", None)
    said(shown, "alpha 0.5")
    assert shown.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_click_on_a_point_that_stands_for_an_alpha_chooses_it(page, demo_server):
    shown = page(demo_server)
    place = shown.evaluate("""() => {
        const gd = window.__lsviz.plots.curve, box = gd.getBoundingClientRect(), { xaxis, yaxis } = gd._fullLayout;
        return [box.left + xaxis._offset + xaxis.c2p(Math.sqrt(.5)), box.top + yaxis._offset + yaxis.c2p(1)];
    }""")
    shown.mouse.move(*place)
    shown.wait_for_function("window.__lsviz.plots.curve._hoverdata?.length")
    shown.mouse.click(*place)
    expect(shown.locator(".lsviz-dock output")).to_have_text("0.50")
    said(shown, "alpha 0.5")
