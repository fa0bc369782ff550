"""A lecture in a real browser: played to the end by button, keys and clicker, by a finger, from an own file; links for students."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from lsviz.lectures import find_lecture, packed
from tests.browser.harness import settle

BAR = ".lsviz-lecture"
RAIL = ".st-key-dockrow input[type=range]"
OWN = 'schema = 1\ntitle = "Mine"\n[[step]]\npage = "loss"\nquery = "alpha=0.3&n=5"\nsay = "One."\n[[step]]\npage = "targets"\nsay = "Two."\n'


def at(shown, step: int, steps: int) -> None:
    expect(shown.locator(f"{BAR} .at")).to_have_text(f"{step} / {steps}")
    settle(shown)


def forward_by_button(shown) -> None:
    if shown.locator(f"{BAR} .show").is_visible():
        shown.locator(f"{BAR} .show").click()
    shown.get_by_role("button", name="Next step").click()


def forward_by_keys(shown) -> None:
    """A clicker's for the answer, where one is hidden, and an arrow for the next step, or the other way round, step by step."""
    keys = ["PageDown", "ArrowRight"][:: (-1) ** (int(shown.locator(f"{BAR} .at").inner_text().split()[0]) % 2)]
    if shown.locator(f"{BAR} .show").is_visible():
        shown.keyboard.press(keys[0])
        expect(shown.locator(f"{BAR} .reveal")).to_be_visible()
    shown.keyboard.press(keys[1])


def below_the_bar(shown, figure: str) -> None:
    """The figure has come into view with its heading, and the bar with the question stays above it."""
    gap = f"""() => {{
      const [bar, found] = ['{BAR}', '.st-key-{figure}'].map(name => document.querySelector(name)?.getBoundingClientRect());
      return found && bar.top >= 0 && found.top - bar.bottom > 0 && found.top - bar.bottom < 300;
    }}"""
    shown.wait_for_function(gap)


def test_a_lecture_plays_to_its_end(app_server, page):
    """By keys; by its button test_language.py plays one, and test_stage.py looks at every step."""
    steps = find_lecture("five", ()).steps
    shown = page(f"{app_server}?scene=five")
    for number, step in enumerate(steps, start=1):
        at(shown, number, len(steps))
        assert re.search(rf"/{step.page}\?", shown.url), f"step {number} opens {step.page}"
        assert shown.get_by_test_id("stException").count() == 0
        assert not shown.get_by_role("button", name="Back to this step").is_visible()
        if number < len(steps):
            forward_by_keys(shown)
    assert shown.get_by_role("button", name="Next step").is_disabled()


def test_nothing_is_told_before_it_is_asked_for(app_server, page):
    shown = page(f"{app_server}?scene=twenty&step=2")
    expect(shown.locator("h1")).to_be_hidden()
    expect(shown.locator(f"{BAR} .reveal")).to_be_hidden()
    shown.get_by_role("button", name="Show the answer").click()
    expect(shown.locator(f"{BAR} .reveal")).to_contain_text("91\u00a0%")
    expect(shown.locator("h1")).to_be_hidden()
    assert shown.locator(f"{BAR} .notes").is_hidden()
    shown.get_by_role("button", name="Notes").click()
    expect(shown.locator(f"{BAR} .notes")).to_contain_text("Most say")


def test_on_the_whole_page_the_steps_figure_comes_into_view_until_the_reader_scrolls(app_server, page):
    text = OWN.replace('say = "One."', 'say = "One."\nfigure = "loss_simplex"')
    shown = page(f"{app_server}?scene={packed(text)}")
    at(shown, 1, 2)
    shown.keyboard.press("p")
    below_the_bar(shown, "loss_simplex")
    shown.mouse.move(600, 500)
    shown.mouse.wheel(0, -5000)  # the reader's hand comes first
    shown.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop === 0")


def test_back_reload_and_wandering(app_server, page):
    shown = page(f"{app_server}?scene=five")
    at(shown, 1, 6)
    forward_by_button(shown)
    at(shown, 2, 6)
    shown.go_back()
    at(shown, 1, 6)
    assert "/targets?" in shown.url and "alpha=0&" in shown.url
    shown.reload()
    at(shown, 1, 6)
    shown.keyboard.press("p")
    shown.get_by_role("link", name="Costs", exact=True).click()
    expect(shown).to_have_url(re.compile("/costs"))
    shown.get_by_role("button", name="Back to this step").click()
    expect(shown).to_have_url(re.compile("/targets"))
    settle(shown)
    shown.get_by_role("button", name="Leave the lecture").click()
    expect(shown.locator(BAR)).to_have_count(0)
    assert "scene" not in shown.url


def test_a_clicker_turns_the_page_while_the_slider_has_the_focus_and_arrows_stay_the_sliders(app_server, page):
    shown = page(f"{app_server}?scene=five&step=2")
    at(shown, 2, 6)
    shown.keyboard.press("PageDown")
    expect(shown.locator(f"{BAR} .reveal")).to_be_visible()
    shown.locator(RAIL).click(position={"x": 300, "y": 10})  # the hand was at the slider
    expect(shown).not_to_have_url(re.compile("alpha=0.1&"))
    settle(shown)
    before = shown.url
    shown.keyboard.press("ArrowRight")
    expect(shown).not_to_have_url(before)
    at(shown, 2, 6)
    shown.keyboard.press("PageDown")
    at(shown, 3, 6)
    shown.keyboard.press("PageUp")
    at(shown, 2, 6)


def test_a_finger_swipes_and_the_bar_fits_a_phone(app_server, page):
    shown = page(f"{app_server}?scene=five", width=390, height=844, has_touch=True, is_mobile=True)
    at(shown, 1, 6)
    client = shown.context.new_cdp_session(shown)
    box = shown.locator(f"{BAR} .say").bounding_box()

    def swipe(from_x: float, to_x: float) -> None:
        """A finger's path of .2 s by its own clock, however long a busy machine takes to pass it on."""
        y, began = box["y"] + box["height"] / 2, time.time()
        touch = lambda kind, after, *points: client.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "timestamp": began + after, "touchPoints": [{"x": x, "y": y} for x in points]},
        )
        touch("touchStart", 0, from_x)
        for part in (0.3, 0.6, 1):
            touch("touchMove", 0.2 * part, from_x + part * (to_x - from_x))
        touch("touchEnd", 0.2)

    swipe(320, 90)
    at(shown, 2, 6)
    swipe(90, 320)
    at(shown, 1, 6)
    assert shown.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth") <= 1


def test_an_own_lecture_from_a_file_and_from_its_link(app_server, page):
    shown = page(app_server)
    shown.get_by_role("button", name="Your own").click()
    upload = shown.locator("[data-testid=stFileUploader] input[type=file]")
    upload.set_input_files({"name": "mine.toml", "mimeType": "text/plain", "buffer": OWN.replace("loss", "lass").encode()})
    expect(shown.get_by_text("Line 4, page: there is no page lass.")).to_be_visible()
    upload.set_input_files({"name": "mine.toml", "mimeType": "text/plain", "buffer": OWN.encode()})
    shown.get_by_role("button", name="Play “Mine”, 2 steps").click()
    at(shown, 1, 2)
    assert "/loss?" in shown.url and "alpha=0.3" in shown.url
    again = page(f"{app_server}?scene={packed(OWN)}&step=2")
    at(again, 2, 2)
    assert "/targets?" in again.url and "alpha=0.1" in again.url


def test_a_students_link_shows_the_same_view_without_what_was_left_out(app_server, page):
    shown = page(f"{app_server}targets?alpha=0.3&n=5&scene=five&step=1", permissions=["clipboard-read", "clipboard-write"])
    shown.keyboard.press("p")
    shown.get_by_role("button", name="Share").click()
    expect(shown.get_by_alt_text("QR code of the students' link")).to_be_visible()
    shown.get_by_role("button", name="controls", exact=True).click()
    expect(shown.locator("[data-testid=stPopoverBody] code").first).to_contain_text("hide=menu-controls")
    shown.locator("[data-testid=stPopoverBody] [data-testid=stCode]").first.hover()
    shown.locator("[data-testid=stPopoverBody] [data-testid=stCode] button").first.click()
    link = shown.evaluate("navigator.clipboard.readText()")
    assert link.startswith(app_server) and "scene" not in link
    student = page(link)
    expect(student.locator("h1")).to_contain_text("76\u00a0%")
    assert student.get_by_role("link", name="Loss", exact=True).count() == 0 and student.get_by_role("radio").count() == 0
    assert student.get_by_role("button", name="Share").count() == 0 and student.locator(BAR).count() == 0
    student.locator(RAIL).press("Home")
    expect(student.locator("h1")).to_contain_text("hard target")
    expect(student).to_have_url(re.compile("hide=menu-controls"))


def test_a_hidden_slider_still_leads_the_page(app_server, page):
    shown = page(f"{app_server}reliability?alpha=0.3&n=10&hide=alpha-n")
    assert not shown.locator(RAIL).is_visible() and not shown.get_by_label("Number of classes N").first.is_visible()
    assert "0.30" in shown.locator("h1").inner_text()


def test_inside_another_page(app_server, page):
    shown = page(f"{app_server}targets?embed=true&alpha=0.3&n=5&hide=menu")
    box = shown.locator(".lsviz-dock").bounding_box()
    assert box["y"] + box["height"] <= 801, "the dock is whole"
    shown.locator(RAIL).press("ArrowRight")
    expect(shown).to_have_url(re.compile("embed=true.*alpha=0.32|alpha=0.32.*embed=true"))


def test_large_type_enlarges_words_and_charts_and_charts_still_answer(app_server, page):
    sizes = {}
    for large in ("0", "1"):
        shown = page(f"{app_server}targets?alpha=0.1&n=10&open=gap&large={large}")
        sizes[large] = shown.evaluate("""() => {
            const tick = document.querySelector('.lsviz-plot .xtick text').getBoundingClientRect().height;
            return [parseFloat(getComputedStyle(document.querySelector('h1')).fontSize), tick];
        }""")
        place = shown.evaluate("""() => {
            const gd = window.__lsviz.plots.targets_gap;
            gd.scrollIntoView({ block: 'center' });
            const box = gd.getBoundingClientRect(), k = box.width / gd.offsetWidth, { xaxis, yaxis } = gd._fullLayout;
            return [box.left + k * (xaxis._offset + xaxis.c2p(Math.sqrt(.1))), box.top + k * (yaxis._offset + yaxis.c2p(4.51))];
        }""")
        shown.mouse.move(*place)
        shown.wait_for_function("window.__lsviz.plots.targets_gap._hoverdata?.length")
        assert abs(shown.evaluate("window.__lsviz.plots.targets_gap._hoverdata[0].y") - 4.51) < 0.01
        assert shown.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth") <= 1
    assert sizes["1"][0] / sizes["0"][0] == pytest.approx(1.3, abs=0.01) and sizes["1"][1] / sizes["0"][1] == pytest.approx(
        1.3, abs=0.1
    )


def test_warming_up_visits_every_page_and_says_so(app_server, page):
    shown = page(f"{app_server}warm")
    shown.get_by_role("button", name="Warm up").click()
    expect(shown.get_by_text(re.compile(r"Done: \d+ pages in \d+ s"))).to_be_visible(timeout=300_000)
