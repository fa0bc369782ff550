"""Two languages in a real browser: the locale opens one, the switch changes it and keeps the rest, the link carries it; a lecture in Korean to its end."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from lsviz.lectures import find_lecture
from tests.browser.harness import settle
from tests.browser.test_access import PATHS, grave

KOREAN = {"locale": "ko-KR"}
BAR = ".lsviz-lecture"
SEEN = """() => {  // what a reader meets first on every page: menu, headline, captions, figure titles and axes, alternative texts, the dock
    const all = (selector, of) => [...document.querySelectorAll(selector)].map(of);
    const text = e => e.textContent;
    return [
        ...all('h1, h2, h3, .lsviz-finding p, [data-testid=stCaptionContainer], [data-testid=stTopNavLink]', text),
        ...all('.lsviz-plot .gtitle, .lsviz-plot .annotation-text, .lsviz-plot .xtitle, .lsviz-plot .ytitle, .lsviz-plot .xtick text', text),
        ...all('.lsviz-plot [aria-label]', e => e.getAttribute('aria-label')), ...all('.lsviz-dock', text),
    ].filter(Boolean);
}"""


@pytest.mark.parametrize("path", PATHS)
def test_a_korean_browser_gets_a_korean_page_that_fits_a_phone(app_server, page, path):
    shown = page(f"{app_server}{path}?alpha=0.1&n=10", width=390, height=844, **KOREAN)
    assert shown.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth") <= 1
    shown.set_viewport_size({"width": 1280, "height": 800})
    settle(shown)
    assert shown.evaluate("document.documentElement.lang") == "ko"
    said = shown.evaluate(SEEN)
    assert re.search("[가-힣]", shown.locator("h1").first.inner_text())
    bare = [re.sub(r"\([^)]*\)|http\S+|python [^가-힣]*|\bet al\b\.?", "", text) for text in said]
    assert [text for text in bare if re.search(r"\b[a-z]{2,} [a-z]{2,}\b", text)] == []
    assert sum(bool(re.search("[가-힣]", text)) for text in said) > 3
    if path in ("targets", "reliability"):
        assert grave(shown) == []


def test_the_switch_keeps_the_state_and_the_link_carries_the_language(app_server, page):
    shown = page(f"{app_server}targets?alpha=0.3&n=5&conv=others", **KOREAN)
    expect(shown.locator("h1")).to_contain_text("타깃")
    assert "lang" not in shown.url
    shown.get_by_role("button", name="English", exact=True).click()
    expect(shown.locator("h1")).to_contain_text("the target asks for")
    expect(shown.get_by_role("link", name="Loss", exact=True)).to_be_visible()
    settle(shown)
    assert shown.evaluate("document.documentElement.lang") == "en"
    for part in ("lang=en", "alpha=0.3", "n=5", "conv=others"):
        assert part in shown.url
    again = page(shown.url, **KOREAN)  # the link is stronger than the browser
    expect(again.locator("h1")).to_contain_text("the target asks for")
    shown.get_by_role("button", name="한국어", exact=True).click()
    expect(shown.locator("h1")).to_contain_text("타깃")
    expect(shown).to_have_url(re.compile("lang=ko"))
    shown.get_by_role("link", name="손실", exact=True).click()
    expect(shown).to_have_url(re.compile(r"/loss\?.*lang=ko"))
    shown.go_back()
    expect(shown).to_have_url(re.compile(r"/targets\?.*lang=ko"))
    expect(shown.locator("h1")).to_contain_text("타깃")
    other = page(shown.url)  # an English browser, the same link
    expect(other.locator("h1")).to_contain_text("타깃")


def test_streamlits_own_words_are_in_the_language_of_the_page(app_server, page):
    shown = page(f"{app_server}yours", **KOREAN)
    field = shown.get_by_test_id("stFileUploader").first
    expect(field).to_contain_text("파일당 32MB")
    expect(shown.get_by_text("본문으로 건너뛰기")).to_have_count(1)
    shown.get_by_role("button", name="English", exact=True).click()
    expect(field).to_contain_text("32MB per file")
    expect(shown.get_by_text("Skip to main content")).to_have_count(1)
    shown.get_by_role("link", name="Networks", exact=True).click()
    shown.get_by_role("button", name="한국어", exact=True).click()
    shown.get_by_test_id("stDataFrame").first.hover()
    expect(shown.get_by_role("button", name="CSV로 내려받기").first).to_be_visible()  # drawn after the page was translated


def test_back_over_the_switch_changes_all_words(app_server, page):
    shown = page(f"{app_server}targets?alpha=0.3&n=5", **KOREAN)
    shown.get_by_role("button", name="English", exact=True).click()
    expect(shown.locator("h1")).to_contain_text("the target asks for")
    settle(shown)
    shown.go_back()
    expect(shown.locator("h1")).to_contain_text("타깃")
    expect(shown.get_by_role("link", name="손실", exact=True)).to_be_visible()
    assert shown.title() == "lsviz: 눈으로 보는 레이블 스무딩"


def test_dragging_speaks_korean_at_every_stop(app_server, page):
    shown = page(f"{app_server}reliability?alpha=0&n=10", **KOREAN)
    expect(shown.locator("h1")).to_contain_text("하드")
    rail = shown.locator(".st-key-dockrow input[type=range]")
    for _ in range(3):
        rail.press("ArrowRight")
    expect(shown.locator("h1")).to_contain_text("α = 0.10")
    assert not re.search("[a-z]{3,}", re.sub(r"\([^)]*\)", "", shown.locator("h1").inner_text()))


def test_a_lecture_is_played_to_its_end_in_korean(app_server, page):
    lecture = find_lecture("five", (), "ko")
    shown = page(app_server, **KOREAN)
    shown.get_by_role("button", name="5분", exact=True).click()
    for number, step in enumerate(lecture.steps, start=1):
        expect(shown.locator(f"{BAR} .at")).to_have_text(f"{number} / {len(lecture.steps)}")
        settle(shown)
        assert re.search(rf"/{'' if step.page == 'overview' else step.page}\?", shown.url), f"step {number} opens {step.page}"
        if step.ask:
            expect(shown.locator(f"{BAR} .ask")).to_contain_text(re.split("[:%]", step.ask)[0])
        if number == 1:
            assert grave(shown) == []
        if step.reveal:
            shown.get_by_role("button", name="답 보기").click()
            expect(shown.locator(f"{BAR} .reveal")).to_be_visible()
            settle(shown)
        said = shown.locator(BAR).inner_text()
        assert not re.search(r"\b[a-z]{2,} [a-z]{2,}\b", re.sub(r"\([^)]*\)", "", said)), said
        if number < len(lecture.steps):
            shown.get_by_role("button", name="다음 단계").click()
    assert shown.get_by_role("button", name="다음 단계").is_disabled()
