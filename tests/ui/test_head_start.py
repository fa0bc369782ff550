"""Who opens the app sees the first figure before the rest of the page is sent; nobody waits a second time."""

from __future__ import annotations

from types import SimpleNamespace

from streamlit.testing.v1 import AppTest

from lsviz import navigation
from lsviz.ui import foot
from tests.reading import ROOT, opened


def test_only_the_first_figure_of_a_session_gets_a_head_start(monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(foot, "HEAD_START", 0.25)
    monkeypatch.setattr(foot, "time", SimpleNamespace(sleep=waited.append))
    app = AppTest.from_file(str(ROOT / "lsviz/frame/main.py"), default_timeout=60).run()
    assert waited == [0.25]
    app.run()
    app.switch_page(navigation.file("loss")).run()
    assert waited == [0.25]
    assert not app.exception


def test_a_session_that_opens_on_a_page_without_a_figure_owes_it_to_no_later_one(monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr(foot, "time", SimpleNamespace(sleep=waited.append))
    app = opened("lab")  # nothing is drawn before a training
    assert waited == []
    app.switch_page(navigation.file("loss")).run()
    assert waited == [] and not app.exception
