"""Alpha is the browser's: a release asks nothing of the server on the first screen of any page, and a page that was brought to an alpha says
what the same page says that was loaded there."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from lsviz.navigation import FOLDS, PAGES
from tests.browser.test_dock import rail_point

LED = [
    name for name, dock in PAGES.items() if dock in ("closed", "stored")
]  # the Lab is trained for one alpha, and has no network before
# what the page says, word by word: texts of figures too, in the order they stand in
SAID = """() => {
    const words = [];
    const main = document.querySelector('[data-testid=stMainBlockContainer]');
    const walk = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const text = node.data.trim();
        if (text && !node.parentElement.closest('style, script, [data-testid=stIconMaterial]')) words.push(text);
    }
    for (const field of main.querySelectorAll('input[type=text], input[type=number]')) words.push(field.value);
    return words;
}"""


def said(page) -> list[str]:
    page.wait_for_function(
        "() => { const now = document.body.textContent.length; const same = now === window.__said; window.__said = now; return same; }",
        polling=400,
    )
    return page.evaluate(SAID)


def at_rest(page) -> int:
    """Messages so far, once no more come by themselves."""
    before = -1
    while page.watch.frames != before:
        before = page.watch.frames
        page.wait_for_timeout(700)
    return before


def bring(page, settle, to: float) -> None:
    page.mouse.click(*rail_point(page, to))
    expect(page).to_have_url(re.compile(rf"alpha={to:g}(&|$)"))
    settle(page)


@pytest.mark.parametrize("name", LED)
def test_a_dragged_alpha_is_a_loaded_alpha(page, app_server, settle, name):
    address = f"{app_server}{'' if name == 'overview' else name}?n=10"
    shown = page(f"{address}&alpha=0.1")
    before = at_rest(shown)
    bring(shown, settle, 0.3)
    first = said(shown)
    assert shown.watch.frames == before, "a release sends nothing"
    shown.set_viewport_size({"width": 1280, "height": 5000})
    shown.goto(f"{address}&alpha=0.3&open={'-'.join(FOLDS.get(name, ()))}")
    settle(shown, plots=1)
    loaded = said(shown)
    assert not [text for text in first if text not in loaded], "the first screen"
    bring(shown, settle, 0.05)
    bring(shown, settle, 0.3)
    at_rest(shown)
    assert said(shown) == loaded
