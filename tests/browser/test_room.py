"""A class in a real browser: a lecturer, the second window and three phones, one of them offline in the middle, from the code to the table of votes."""

from __future__ import annotations

import csv
import io
import json
import re
import urllib.request
from pathlib import Path

from playwright.sync_api import expect

from lsviz.lectures import find_lecture
from tests.browser.harness import settle

STAGE = ".lsviz-lecture"
MORE = 2  # devices without a screen: of fewer than five votes nobody is told which


def post(address: str, said: dict) -> None:
    request = urllib.request.Request(address, json.dumps(said).encode(), {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=60).read()


def opened(page, address: str, **context):
    """A page of the classroom's own, which is not Streamlit's."""
    made = page("", fresh=True, width=390, height=844, **context)
    made.goto(address)
    return made


def shown(phone, state: str) -> None:
    expect(phone.locator(f"main[data-state={state}]")).to_be_visible()


def test_a_class_from_the_code_to_the_table_of_votes(app_server, page):
    steps = find_lecture("five", ()).steps
    lecturer = page(f"{app_server}?scene=five&step=3", fresh=True, width=1280, height=720)
    settle(lecturer)
    lecturer.get_by_role("button", name="Open the room").click()
    expect(lecturer.locator(".hall .tiles b")).to_have_count(5)
    code = "".join(lecturer.locator(".hall .tiles b").all_inner_texts())
    assert re.fullmatch("[A-HJKMNP-Z]{5}", code)
    expect(lecturer.locator(".hall")).to_contain_text("Phones cannot reach this address")
    room = f"{app_server}room/{code}"

    phones = [opened(page, f"{app_server}room")]
    phones[0].locator("input.code").fill("AAAAA" if code != "AAAAA" else "BBBBB")
    phones[0].get_by_role("button", name="Join").click()
    expect(phones[0].locator("main")).to_contain_text("There is no room with this code")
    phones[0].locator("input.code").fill(code.lower())
    phones[0].get_by_role("button", name="Join").click()
    phones += [opened(page, room) for _ in range(2)]
    for phone in phones:
        shown(phone, "asking")
        expect(phone.locator("main")).to_contain_text(steps[2].ask.split("?")[0])
    others = [f"{number:032x}" for number in range(MORE)]
    lines = [urllib.request.urlopen(f"{room}/events?device={other}", timeout=60) for other in others]
    expect(lecturer.locator(".hall .in")).to_contain_text("5 are in")
    with lecturer.context.expect_page() as opening:
        lecturer.get_by_role("button", name="Your second window").click()
    desk = opening.value
    expect(desk.locator(".notes")).to_contain_text("Hands up before you look.")
    lecturer.keyboard.press("q")

    phones[0].get_by_role("button", name="More").click()
    shown(phones[0], "waiting")
    phones[1].get_by_role("button", name="Less").click()
    phones[2].context.set_offline(True)
    phones[2].get_by_role("button", name="Less").click()
    expect(phones[2].locator(".line")).to_have_text("Not sent yet. Trying again.")
    for other in others:
        post(f"{room}/vote", {"device": other, "step": 3, "round": 1, "answer": 3})
    expect(lecturer.locator(f"{STAGE} .tally")).to_contain_text("first vote 4 of 5 answered")
    phones[2].context.set_offline(False)
    expect(lecturer.locator(f"{STAGE} .tally")).to_contain_text("5 of 5 answered")
    assert lecturer.locator(f"{STAGE} .bars").count() == 0 and phones[0].locator(".bars").count() == 0, "nobody follows the others"
    expect(desk.locator(".votes .count")).to_have_text(["1", "2", "2"])

    desk.get_by_role("button", name="Ask again").click()
    for phone in phones:
        shown(phone, "asking")
        expect(phone.locator("header")).to_contain_text("second vote")
    for phone in phones:
        phone.get_by_role("button", name="More").click()
    for other in others:
        post(f"{room}/vote", {"device": other, "step": 3, "round": 2, "answer": 1})
    expect(lecturer.locator(f"{STAGE} .tally")).to_contain_text("second vote 5 of 5")
    lecturer.keyboard.press("r")
    expect(lecturer.locator(f"{STAGE} .choice .count")).to_have_text(["1 → 5", "2 → 0", "2 → 0"])
    for phone in phones:
        shown(phone, "revealed")
    expect(phones[1].locator(".reply")).to_contain_text("Right, and you moved here from B.")
    expect(desk.locator(".screen .answer")).to_contain_text("over-confident")
    phones[2].get_by_role("button", name="Your turn").click()
    expect(phones[2].frame_locator("iframe").locator(".lsviz-plot").first).to_be_visible()

    desk.keyboard.press("ArrowRight")  # it moves the stage and the phones
    expect(lecturer.locator(f"{STAGE} .at")).to_have_text("4 / 6")
    shown(phones[2], "asking")
    for watched in (lecturer, *phones):
        assert "Hands up" not in watched.content() or watched is lecturer, "no phone has the notes"
    assert lecturer.locator(f"{STAGE} .notes").is_hidden()

    with desk.expect_download() as saving:
        desk.get_by_role("button", name="Save the votes").click()
    rows = list(csv.DictReader(io.StringIO(Path(saving.value.path()).read_text("utf-8-sig"))))
    assert [(row["step"], row["vote"], row["right"], row["count"]) for row in rows] == [
        ("3", "1", "yes", "1"), ("3", "1", "no", "2"), ("3", "1", "no", "2"),
        ("3", "2", "yes", "5"), ("3", "2", "no", "0"), ("3", "2", "no", "0"),
    ]  # fmt: skip
    with desk.expect_download(timeout=300_000) as saving:
        desk.get_by_role("button", name="Save what was said").click()
    paper = page("")
    paper.set_content(Path(saving.value.path()).read_text("utf-8"))
    expect(paper.locator("section")).to_have_count(1)
    expect(paper.locator("li.right .count")).to_have_text("1 → 5")
    expect(paper.locator("figure .scatterlayer path").first).to_be_visible()
    lecturer.keyboard.press("q")
    lecturer.get_by_role("button", name="End the room").click()
    expect(phones[0].locator("main")).to_contain_text("This room has ended")
    expect(lecturer.get_by_role("button", name="Open the room")).to_be_visible()
    for line in lines:
        line.close()
    for phone in phones:  # what the wrong code and the lost network leave on the console
        phone.watch.errors[:] = [error for error in phone.watch.errors if not re.search("404|ERR_INTERNET_DISCONNECTED", error)]


def test_a_korean_lecture_speaks_korean_on_every_phone(app_server, page):
    request = urllib.request.Request(
        f"{app_server}room",
        json.dumps({"scene": "five", "language": "ko", "step": 3}).encode(),
        {"Content-Type": "application/json"},
    )
    code = json.loads(urllib.request.urlopen(request, timeout=60).read())["code"]
    phone = opened(page, f"{app_server}room/{code}", theme="dark")
    shown(phone, "asking")
    assert phone.locator("html").get_attribute("lang") == "ko"
    phone.locator(".choice").first.click()
    shown(phone, "waiting")
    said = phone.locator("body").inner_text()
    assert "내 답" in said and "명이 답함" in said and not re.search(r"\b(?:you|vote|answer|of)\b", said)
