"""A page that fails says a sentence of ours, and nothing of what failed."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

from lsviz.texts.catalogue import t

ROOT = Path(__file__).parents[2]


def test_a_visitor_is_told_what_to_do_and_no_detail(monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("/secret/place")

    monkeypatch.setattr("lsviz.frame.lecture_bar.bar", broken)
    app = AppTest.from_file(str(ROOT / "lsviz/frame/main.py"), default_timeout=60)
    app.query_params["alpha"] = "0.1"
    app.run()
    assert t("app.failed") in [text.value for text in app.text]
    assert len(app.exception) == 1 and "secret" not in app.exception[0].proto.SerializeToString().decode("latin-1")
