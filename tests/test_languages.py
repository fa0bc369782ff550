"""Two languages in one process: a page never holds words of the other one, however the sessions take turns, and the link carries the choice."""

from __future__ import annotations

import inspect
import re
import threading

import pytest
import streamlit as st
from streamlit.runtime.caching.cache_utils import CachedFunc
from streamlit.testing.v1 import AppTest

from lsviz import navigation
from lsviz.core.english import english
from lsviz.core.errors import LsvizError
from lsviz.core.predictions.diagnosis import Finding
from lsviz.pages.overview import story
from lsviz.predictions.report import Report, as_markdown
from lsviz.predictions.report_page import as_html
from lsviz.texts import catalogue
from tests.predictions.test_report import LABELS, LOGITS  # noqa: F401
from tests.reading import PAGES, everything, foreign, opened

KOREAN, ENGLISH = "ko-KR", "en-US"


@pytest.fixture
def korean():
    token = catalogue.SPOKEN.set("ko")
    yield
    catalogue.SPOKEN.reset(token)


# ---- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [*PAGES, "warm"])
def test_a_page_is_in_one_language_whoever_asked_before_and_caches_no_words_without_it(page, words_cached):
    st.cache_resource.clear()
    st.cache_data.clear()
    for locale in (KOREAN, ENGLISH):
        text = everything(opened(page, locale))
        assert foreign(text, locale[:2]) == [], locale
        assert len(re.findall("[가-힣]{2,}", text)) > 20 or locale == ENGLISH
    assert words_cached == set()


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("embeddings", {"view": "umap", "image": "1"}), ("embeddings", {"strip": "1", "color": "right", "live": "1"}), ("reliability", {"n": "5", "all": "1", "binning": "own", "about": "class-4"}),
        ("targets", {"r": "-0.4", "conv": "binary"}), ("targets", {"conv": "others_no_pad", "n": "2"}), ("loss", {"n": "7", "curve": "excess"}), ("costs", {"n": "100", "score": "norm"}),
        ("bias", {"n": "100"}), ("networks", {"n": "2"}), ("lab", {"data": "blobs", "wrong": "0.2"}), ("lab", {"data": "csv"}), ("", {"scene": "twenty", "step": "3"}), ("overview", {"scene": "none"}),
    ],
)  # fmt: skip
def test_a_page_in_another_state_is_in_one_language(page, query):
    for locale in (ENGLISH, KOREAN):
        assert foreign(everything(opened(page, locale, **query)), locale[:2]) == [], locale


def test_a_figure_kept_without_its_language_would_be_seen(monkeypatch):
    careless = st.cache_resource(max_entries=2, show_spinner=False)(story._closed_forms.__wrapped__)
    monkeypatch.setattr(story, "_closed_forms", careless)
    assert foreign(everything(opened("overview", KOREAN, n="3")), "ko") == []
    assert foreign(everything(opened("overview", ENGLISH, n="3")), "en") != []


def test_an_english_sentence_on_a_korean_page_would_be_seen():
    assert foreign("α = 0.10: Drag *α* to see what smoothing makes of that.", "ko") != []
    assert foreign("손실이 가장 작은 곳", "en") != [] and foreign("손실이 가장 작은 곳", "ko") == []


def test_words_in_a_plain_cache_would_be_seen(words_cached):
    @st.cache_resource(show_spinner=False)
    def careless() -> str:
        return catalogue.t("common.save")

    careless()
    assert words_cached == {"careless"}


@pytest.fixture
def words_cached(monkeypatch) -> set[str]:
    """Names of functions cached without a language that ask for words while they are worked out."""
    found: set[str] = set()
    working: list[str] = []
    miss, language = CachedFunc._handle_cache_miss, catalogue.language

    def watched(self, cache, key, args, kwargs):
        function = self._info.func
        by_language = next(iter(inspect.signature(function).parameters), "") == "language"
        working.append("" if by_language else function.__name__)
        try:
            return miss(self, cache, key, args, kwargs)
        finally:
            working.pop()

    def asked() -> str:
        found.update(filter(None, working))
        return language()

    monkeypatch.setattr(CachedFunc, "_handle_cache_miss", watched)
    monkeypatch.setattr(catalogue, "language", asked)
    return found


# ---- which language ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("locale", "query", "language"),
    [
        ("ko-KR", {}, "ko"),
        ("ko", {}, "ko"),
        ("en-GB", {}, "en"),
        ("fr-FR", {}, "en"),
        ("", {}, "en"),
        ("ko-KR", {"lang": "en"}, "en"),
        ("en-US", {"lang": "ko"}, "ko"),
        ("ko-KR", {"lang": "tlh"}, "ko"),
    ],
)
def test_the_link_leads_then_the_browser(locale, query, language):
    app = opened("warm", locale, **query)
    assert app.title[0].value == catalogue.catalogue(language)["warm.title"]


def test_the_switch_changes_the_language_and_the_link_keeps_the_rest():
    app = opened("overview", KOREAN, alpha="0.3", n="5")
    assert "lang" not in app.query_params
    app.button(key="language").click().run()
    assert app.query_params["lang"] == "en" and app.query_params["alpha"] == "0.3" and app.query_params["n"] == "5"
    assert foreign(everything(app), "en") == []
    app.button(key="language").click().run()
    assert app.query_params["lang"] == "ko" and foreign(everything(app), "ko") == []
    app.switch_page(navigation.file("loss")).run()
    assert app.query_params["lang"] == "ko", "it goes along to other pages"


def test_a_students_link_keeps_the_switch_and_a_lecture_its_language():
    app = opened("", ENGLISH, hide="menu-controls", lang="ko", scene="five", step="1")
    assert app.button(key="language").label == "English"
    assert "하드 타깃" in everything(app)


def test_a_run_that_does_not_begin_in_the_app_speaks_the_sessions_language():
    """Fragments and callbacks run in a thread of their own, without main.py before them."""

    def script():
        import streamlit as st

        from lsviz.texts import catalogue

        catalogue.SPOKEN.set(None)
        st.session_state["spoken"] = "ko"
        st.text(catalogue.t("common.save"))

    assert AppTest.from_function(script).run().text[0].value == "저장"


def test_a_file_made_on_a_click_is_in_the_language_of_the_page(korean):
    made: list[str] = []
    make = catalogue.later(lambda: catalogue.t("common.save"))
    thread = threading.Thread(target=lambda: made.extend([make(), catalogue.t("common.save")]))
    thread.start()
    thread.join()
    assert made == ["저장", "Save"]  # the thread itself belongs to nobody


# ---- errors, findings, reports ----------------------------------------------------------------------------------------


def test_errors_and_what_they_quote_are_translated(korean):
    error = LsvizError("outside.unpaired", reason=LsvizError("reason.other_labels", apart=3, rows=100))
    assert "3 of 100 labels differ" in str(error)
    assert re.search("[A-Za-z]", catalogue.error_text(error)) is None and "100" in catalogue.error_text(error)
    assert "행" in catalogue.finding_text(Finding("not_finite", 2, 1000))


def test_the_command_that_mends_stays_a_command(korean):
    from lsviz.ui.notices import _sentence_and_command

    sentence, command = _sentence_and_command(LsvizError("store.newer", file="manifest.json", found=9, known=1))
    assert command == "git pull" and "업데이트" in sentence


def test_a_report_and_its_card_are_translated(korean):
    from lsviz.core.predictions.diagnosis import diagnose
    from lsviz.core.predictions.outputs import outputs_from
    from lsviz.core.predictions.summary import paired, summarise

    summary = summarise(diagnose(outputs_from({"logits": LOGITS, "labels": LABELS})))
    report = Report("m.npz", "0" * 64, summary, "b.npz", summary, *paired(summary, summary))
    page = as_html(report, catalogue.words("report", "measure"), lambda f: (catalogue.finding_text(f), None))
    card = as_markdown(report, catalogue.words("report", "measure"))
    assert '<html lang="ko">' in page and "신뢰구간" in card
    pieces = [
        piece
        for text in english("report").values()
        for piece in re.split(r"\{\w+\}", text)
        if re.search(r"[A-Za-z]{2,} [a-z]{2,}", piece)
    ]
    for text in (page, card):
        assert [piece for piece in pieces if piece.strip() in text] == []
