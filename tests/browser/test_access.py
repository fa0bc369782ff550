"""For everyone: no serious finding of axe-core on any page, a sensible order of keys, 200 % zoom, no motion where none is wanted."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from lsviz import navigation
from tests.browser.harness import settle, turn

PAGES = navigation.names()
PATHS = ["" if i == 0 else page for i, page in enumerate(PAGES)]
SIZES = ((1280, 800), (640, 400), (390, 844))  # a laptop, the same at 200 % zoom, a phone
VIEWS = [
    "warm",
    "targets?hide=menu-controls-n",
    "?scene=twenty&step=2",
    "?scene=six",
    "embeddings?live=1",
    "embeddings?view=umap&n=100&color=kept",
    "targets?large=1",
]


def folds(page: str) -> str:
    """What opens all of a page's folds, for its address."""
    return f"open={'-'.join(navigation.FOLDS.get(page, ()))}"


def open_first_foot(page) -> None:
    """Below the first figure how to read it and its table, which look the same below all."""
    for what in ("How to read", "Table"):
        page.locator("[class*=st-key-more_] button").first.click()
        page.get_by_test_id("stPopoverBody").get_by_role("button", name=what, exact=True).click()
        settle(page)


def grave(page, *rules: str) -> list[str]:
    """What axe-core calls serious or critical, one line each; by these of its rules alone, or by all."""
    page.wait_for_function("!document.querySelector('[data-stale=true]')")  # what is about to be replaced stands faded
    page.wait_for_timeout(400)
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    how = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = page.evaluate("how => axe.run(document, how)", how)["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found if v["impact"] in ("serious", "critical") for node in v["nodes"]]


def grave_in_both(page) -> list[str]:
    """The same in both themes. All that can differ between them is colour."""
    found = [f"light: {line}" for line in grave(page)]
    turn(page, "dark")
    found += [f"dark: {line}" for line in grave(page, "color-contrast")]
    turn(page, "light")
    return found


@pytest.mark.parametrize("path", PATHS)
def test_a_page_fits_every_screen_and_nothing_is_serious_with_everything_open(app_server, page, path):
    opened = page(f"{app_server}{path}?alpha=0.1&n=10&{folds(path or PAGES[0])}")
    for width, height in SIZES[::-1]:
        opened.set_viewport_size({"width": width, "height": height})
        settle(opened)
        wider = opened.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth")
        assert wider <= 1, f"{wider} px wider than a screen of {width}"
        expect(opened.locator("h1").first).to_be_visible()  # its words come with an animation frame
    if path != "lab":  # which draws nothing before it has trained
        open_first_foot(opened)
    assert opened.get_by_test_id("stException").count() == 0
    assert grave_in_both(opened) == []


@pytest.mark.parametrize("path", ["targets", *VIEWS])
def test_nothing_serious_in_a_view_as_it_opens(app_server, page, path):
    opened = page(f"{app_server}{path}")
    assert grave_in_both(opened) == []


def test_nothing_serious_beside_a_finished_training(app_server, page):
    opened = page(f"{app_server}lab?alpha=0.1&n=2&data=moons&epochs=2&labseed=7&{folds('lab')}")
    opened.get_by_role("button", name="Train 21 networks").click()
    opened.wait_for_selector("[class*=st-key-foot_lab_sweep]", timeout=300_000)  # PyTorch is imported where nobody else works
    settle(opened)
    open_first_foot(opened)
    assert grave_in_both(opened) == []


def test_nothing_serious_in_a_lecture_with_its_answer_and_notes(app_server, page):
    opened = page(f"{app_server}?scene=five&step=3")
    assert grave_in_both(opened) == []
    opened.get_by_role("button", name="Show the answer").click()
    opened.get_by_role("button", name="Notes").click()
    settle(opened)
    assert grave_in_both(opened) == []


def test_nothing_serious_with_menus_open(app_server, page):
    opened = page(app_server)
    for name in ("Share", "How to read, table, save", "Your own"):
        opened.get_by_role("button", name=name).first.click()
        opened.wait_for_selector("[data-testid=stPopoverBody]")
        settle(opened)
        assert grave_in_both(opened) == []
        opened.keyboard.press("Escape")


def test_a_term_opens_its_card_by_hand_and_by_key_and_leads_to_its_entry(app_server, page):
    opened = page(f"{app_server}reliability?alpha=0.1&n=10&lang=ko", width=390, height=844)
    term, card = opened.locator(".lsviz-finding a").first, opened.get_by_role("dialog")
    term.click()
    expect(card).to_be_visible()
    assert grave_in_both(opened) == []
    opened.keyboard.press("Escape")
    expect(card).to_have_count(0)
    opened.set_viewport_size({"width": 1280, "height": 800})
    settle(opened)
    term.focus()
    opened.keyboard.press("Shift+Tab")
    opened.keyboard.press("Tab")
    expect(card).to_be_visible()
    opened.keyboard.press("Tab")
    expect(card.get_by_role("link")).to_be_focused()
    address = card.get_by_role("link").get_attribute("href")
    opened.keyboard.press("Tab")
    expect(card).to_have_count(0)
    entry = page(address)
    expect(entry.locator(f"[id={address.partition('#')[2]}]")).to_be_in_viewport()


def test_a_fault_would_be_found(app_server, page):
    opened = page(f"{app_server}targets")
    opened.evaluate("document.querySelector('h1').after(Object.assign(document.createElement('button'), {type: 'button'}))")
    assert any("button-name" in line for line in grave(opened))


def test_keys_go_from_the_menu_to_the_slider_and_then_through_the_page(app_server, page):
    opened = page(f"{app_server}targets?alpha=0.1&n=10")
    seen: list[str] = []
    for _ in range(40):
        opened.keyboard.press("Tab")
        name = opened.evaluate("""() => {
            const e = document.activeElement;
            return e === document.body ? '' : e.getAttribute('aria-label') || e.closest('label')?.innerText || e.innerText || e.getAttribute('placeholder') || e.tagName;
        }""")
        seen.append(name.strip().split("\n")[-1])  # an icon's name comes first
        if seen[-1] == "How to read, table, save":
            break
    first = lambda word: next((i for i, name in enumerate(seen) if word in name), None)
    order = [
        first(word)
        for word in ("Overview", "alpha, label smoothing strength", "Number of classes N", "linear", "How to read, table, save")
    ]
    assert None not in order and order == sorted(order), seen


def test_reduced_motion_is_respected(app_server, page):
    opened = page(f"{app_server}?scene=five", reduced_motion="reduce")
    opened.get_by_role("button", name="Show the answer").click()
    settle(opened)
    assert opened.evaluate("getComputedStyle(document.querySelector('.lsviz-lecture .reveal p')).animationName") == "none"
