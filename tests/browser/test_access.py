"""For everyone: no serious finding of axe-core on any page, a sensible order of keys, 200 % zoom, no motion where none is wanted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lsviz import navigation
from tests.browser.harness import settle, turn

PAGES = navigation.names()
PATHS = ["" if i == 0 else page for i, page in enumerate(PAGES)]
VIEWS = [
    *PATHS,
    "warm",
    "targets?hide=menu-controls-n",
    "?scene=twenty&step=2",
    "?scene=six",
    "embeddings?live=1",
    "targets?large=1",
]


OPEN_ALL = """() => {
    for (const fold of document.querySelectorAll('[data-testid=stExpander] details:not([open]) summary')) fold.click();
    for (const pill of document.querySelectorAll('[class*=st-key-below_] button[aria-pressed=false]')) pill.click();
}"""


def open_everything(page) -> None:
    """Every fold, every "How to read", every table; twice, for what stands inside a fold."""
    for _ in range(2):
        page.evaluate(OPEN_ALL)
        page.wait_for_timeout(500)  # the first message has left
        settle(page)


def grave(page) -> list[str]:
    """What axe-core calls serious or critical, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    page.wait_for_function("!document.querySelector('[data-stale=true]')")  # what is about to be replaced stands faded
    page.wait_for_timeout(400)
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {node['html'][:160]}" for v in found if v["impact"] in ("serious", "critical") for node in v["nodes"]]


def grave_in_both(page) -> list[str]:
    """The same in both themes."""
    found = []
    for theme in ("light", "dark"):
        turn(page, theme)
        found += [f"{theme}: {line}" for line in grave(page)]
    return found


@pytest.mark.parametrize("path", VIEWS)
def test_nothing_serious(app_server, page, path):
    opened = page(f"{app_server}{path}")
    opened.set_default_timeout(60_000)
    assert grave_in_both(opened) == []
    feet = opened.locator("[class*=st-key-below_]").count()
    open_everything(opened)
    assert opened.get_by_test_id("stDataFrame").count() >= feet, "every figure's foot has opened its table"
    assert grave_in_both(opened) == []


def test_nothing_serious_beside_a_finished_training(app_server, page):
    opened = page(f"{app_server}lab?alpha=0.1&n=2&data=moons&epochs=2&labseed=7")
    opened.set_default_timeout(60_000)
    opened.get_by_role("button", name="Train 21 networks").click()
    opened.wait_for_selector("[class*=st-key-below_lab_sweep]")
    settle(opened)
    open_everything(opened)
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
    opened.set_default_timeout(60_000)
    for name in ("Share", "Save", "Your own"):
        opened.get_by_role("button", name=name).first.click()
        opened.wait_for_selector("[data-testid=stPopoverBody]")
        settle(opened)
        assert grave_in_both(opened) == []
        opened.keyboard.press("Escape")


def test_a_fault_would_be_found(app_server, page):
    opened = page(f"{app_server}targets")
    opened.evaluate("document.querySelector('h1').after(Object.assign(document.createElement('button'), {type: 'button'}))")
    assert any("button-name" in line for line in grave(opened))


@pytest.mark.parametrize("path", PATHS)
def test_at_200_percent_zoom_nothing_is_cut(app_server, page, path):
    opened = page(f"{app_server}{path}?alpha=0.1&n=10", width=640, height=400, device_scale_factor=2)  # 1280 x 800 at 200 %
    assert opened.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth") <= 1
    expect(opened.locator("h1").first).to_be_visible()  # its words come with an animation frame


def test_keys_go_from_the_menu_through_the_page_to_the_slider(app_server, page):
    opened = page(f"{app_server}targets?alpha=0.1&n=10")
    seen: list[str] = []
    for _ in range(90):
        opened.keyboard.press("Tab")
        name = opened.evaluate("""() => {
            const e = document.activeElement;
            return e === document.body ? '' : e.getAttribute('aria-label') || e.closest('label')?.innerText || e.innerText || e.getAttribute('placeholder') || e.tagName;
        }""")
        seen.append(name.strip().split("\n")[0])
        if "Number of classes" in name and "+1" in name:
            break
    first = lambda word: next((i for i, name in enumerate(seen) if word in name), None)
    order = [
        first(word) for word in ("Overview", "linear", "How to read", "alpha, label smoothing strength", "Number of classes N")
    ]
    assert None not in order and order == sorted(order), seen


def test_reduced_motion_is_respected(app_server, page):
    opened = page(f"{app_server}?scene=five", reduced_motion="reduce")
    opened.get_by_role("button", name="Next step").click()
    settle(opened)
    assert opened.evaluate("getComputedStyle(document.querySelector('.lsviz-lecture .progress i')).transitionDuration") == "0s"
