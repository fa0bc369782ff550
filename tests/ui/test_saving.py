"""Files are made on the click, outside of any session: what they hold of the view was taken when they were offered."""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path

import streamlit as st
from streamlit.testing.v1 import AppTest

from lsviz import navigation

ROOT = Path(__file__).parents[2]


def test_all_downloads_go_through_one_button():
    sources = {path: path.read_text("utf-8") for path in (ROOT / "lsviz").rglob("*.py")}
    assert len(sources) > 100
    assert [path.name for path, text in sources.items() if re.search(r"\.download_button\b", text)] == ["saving.py"]


def test_the_data_of_a_figure_are_made_where_no_session_is(monkeypatch):
    offered, files = {}, {}
    monkeypatch.setattr(st, "download_button", lambda label, make, file, *_, **__: offered.update({file: make}))
    monkeypatch.setattr("lsviz.ui.foot.save_view", lambda *_: None)

    def opened(live, *, key, badge, source, **_) -> None:
        from lsviz.ui.foot import _save_menu

        _save_menu(live, key, badge, source)

    monkeypatch.setattr("lsviz.ui.shown.figure_foot", opened)
    app = AppTest.from_file(str(ROOT / "lsviz/frame/main.py"), default_timeout=60)
    app.query_params["alpha"] = "0.2"
    app.run()
    for page in ("targets", "yours"):
        app.switch_page(navigation.file(page)).run()
        assert not app.exception
    made = [name for name in offered if name.endswith((".json", ".csv"))]
    thread = threading.Thread(target=lambda: files.update({name: offered[name]() for name in made}))
    thread.start()
    thread.join()
    told = {name: json.loads(text) for name, text in files.items() if name.endswith(".json") and "view" in json.loads(text)}
    assert set(files) == set(made) and told and {data["view"]["alpha"] for data in told.values()} == {"0.2"}
