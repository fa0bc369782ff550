"""Warm-up goes once through every page of the navigation for every N that has networks, and says so."""

from __future__ import annotations

from tests.pages.test_every_page import PAGES, opened, said, zoo  # noqa: F401
from tests.small_zoo import write_small_zoo


def test_a_round_opens_every_page_for_every_n_and_ends_where_it_began(zoo):  # noqa: F811
    counts = {record.config.num_classes for record in write_small_zoo(zoo)}
    app = opened("warm")
    assert not app.exception
    app.button[0].click()
    for _ in range(len(PAGES) * len(counts) + 3):
        app.run()
        assert not app.exception
    assert f"Done: {len(PAGES) * len(counts)} pages" in said(app)
