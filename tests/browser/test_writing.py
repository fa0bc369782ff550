"""A lecture is written in the browser: from an example and from what is seen, tried on the stage, kept over a reload, saved and opened again."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from lsviz import navigation
from lsviz.lectures import read_lecture
from tests.browser.harness import settle


def test_a_lecture_from_an_example_and_from_what_is_seen(app_server, page, tmp_path):
    shown = page(f"{app_server}write", fresh=True)
    steps = shown.locator(".st-key-write_outline [role=radiogroup] label")
    shown.get_by_role("button", name="5 minutes").click()
    expect(steps).to_have_count(6)
    shown.get_by_role("link", name="Loss", exact=True).click()
    shown.wait_for_selector(".st-key-loss_loss [data-ready]")
    shown.get_by_role("button", name="Share").click()
    shown.get_by_role("button", name="Add as step 7").click()
    shown.get_by_role("button", name="Open the lecture (7)").click()
    expect(steps).to_have_count(7)
    expect(shown.get_by_text("Step 7, What you say: it is missing")).to_be_visible()
    shown.get_by_label("What you say").fill('It has "a bottom" \\ 손실')
    shown.get_by_label("What you say").blur()
    expect(steps.filter(has_text="not finished")).to_have_count(0)

    shown.get_by_role("button", name="Try it on the stage").click()
    shown.wait_for_selector(".lsviz-lecture.stage[data-step='7']")
    expect(shown.locator(".lsviz-lecture .say")).to_have_text('It has "a bottom" \\ 손실')
    expect(shown.get_by_role("button", name="Open the room")).to_be_visible()
    settle(shown)
    shown.keyboard.press("Escape")
    expect(steps.nth(6).locator("input")).to_be_checked()
    shown.reload()
    expect(steps).to_have_count(7)

    with shown.expect_download() as loading:
        shown.get_by_role("button", name="Download (TOML)").click()
    file = tmp_path / "lecture.toml"
    loading.value.save_as(file)
    last = read_lecture(Path(file).read_text("utf-8"), navigation.names()).steps[6]
    assert (last.page, last.figure, last.say) == ("loss", "loss_loss", 'It has "a bottom" \\ 손실')
    shown.get_by_role("button", name="Remove").click()
    expect(steps).to_have_count(6)
    shown.get_by_role("button", name="Another one").click()
    shown.locator("input[type=file]").set_input_files(file)
    shown.get_by_role("button", name="Go on with").click()
    expect(steps).to_have_count(7)
