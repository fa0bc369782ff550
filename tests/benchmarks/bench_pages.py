"""How long every page is before a fold is opened, in screens of a phone and of a laptop, and whether the first figure stands above the dock."""

from __future__ import annotations

from collections.abc import Iterator

from lsviz.navigation import PAGES
from tests.browser.harness import browser, new_page, running, settle

PHONE, LAPTOP = (390, 844), (1280, 800)
MOST_SCREENS = 4.5  # of a phone
MOST_OVERVIEW = 4.0
HEIGHT = "document.querySelector('[data-testid=stMain]').scrollHeight"
ABOVE = """() => {
    const figure = document.querySelector('[data-testid=stMain] :is(.lsviz-plot, .lsviz-map)');
    if (!figure) return null;
    const dock = document.querySelector('.st-key-dockrow');
    return (dock ? dock.getBoundingClientRect().top : innerHeight) - figure.getBoundingClientRect().bottom;
}"""


def rows() -> Iterator[tuple[str, str, str, float | None, str]]:
    with running() as url, browser() as made:
        opened = new_page(made, "", width=PHONE[0], height=PHONE[1])
        for i, page in enumerate(PAGES):
            opened.set_viewport_size(dict(zip(("width", "height"), PHONE)))
            opened.goto(f"{url}{page if i else ''}?alpha=0.1&n=10")
            settle(opened)
            phone = opened.evaluate(HEIGHT) / PHONE[1]
            opened.set_viewport_size(dict(zip(("width", "height"), LAPTOP)))
            settle(opened)
            opened.wait_for_timeout(500)
            laptop, above = opened.evaluate(HEIGHT) / LAPTOP[1], opened.evaluate(ABOVE)
            most = MOST_SCREENS if i else MOST_OVERVIEW
            figure = "no figure" if above is None else f"first figure ends {above:.0f} px above the dock"
            yield f"{page}: screens of a phone", f"{phone:.1f}", f"laptop {laptop:.1f}, {figure}", None, f"<= {most}, >= 0 px"
