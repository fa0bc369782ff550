"""A class in a real browser: a lecturer, the second window and three phones, one of them offline in the middle, from the code to the table of votes."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect

from lsviz.lectures import find_lecture
from lsviz.state import LANGUAGES
from lsviz.texts.catalogue import catalogue
from tests.benchmarks.session import free_port
from tests.browser.harness import settle
from tests.missing import missing

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


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_class_from_the_code_to_the_table_of_votes(app_server, page, language):
    steps = find_lecture("five", (), language).steps
    own, notes = catalogue(language), steps[2].notes.split(". ")[0]
    counted = lambda votes: own["classroom.answered"].format(count=votes, present=5).replace("**", "")
    press = lambda where, key: where.get_by_role("button", name=own[key]).click()
    locale = {"en": "en-US", "ko": "ko-KR"}[language]
    lecturer = page(f"{app_server}?scene=five&step=3", fresh=True, width=1280, height=720, locale=locale)
    settle(lecturer)
    press(lecturer, "classroom.open_room")
    expect(lecturer.locator(".hall .tiles b")).to_have_count(5)
    code = "".join(lecturer.locator(".hall .tiles b").all_inner_texts())
    assert re.fullmatch("[A-HJKMNP-Z]{5}", code)
    expect(lecturer.locator(".hall .here")).to_have_text(own["classroom.localhost"])
    room = f"{app_server}room/{code}"

    phones = [opened(page, f"{app_server}room", locale=locale)]
    phones[0].locator("input.code").fill("AAAAA" if code != "AAAAA" else "BBBBB")
    press(phones[0], "room.join")
    expect(phones[0].locator("main")).to_contain_text(own["room.no_unknown"])
    phones[0].locator("input.code").fill(code.lower())
    press(phones[0], "room.join")
    phones += [opened(page, room) for _ in range(2)]
    for phone in phones:
        shown(phone, "asking")
        expect(phone.locator("main")).to_contain_text(steps[2].ask.split("?")[0])
        assert phone.locator("html").get_attribute("lang") == language
    others = [f"{number:032x}" for number in range(MORE)]
    lines = [urllib.request.urlopen(f"{room}/events?device={other}", timeout=60) for other in others]
    expect(lecturer.locator(".hall .in")).to_contain_text(own["classroom.are_in"].format(count=5).replace("**", ""))
    with lecturer.context.expect_page() as opening:
        press(lecturer, "classroom.second_window")
    desk = opening.value
    expect(desk.locator(".notes")).to_contain_text(notes)
    lecturer.keyboard.press("q")

    phones[0].locator(".choice").nth(0).click()
    shown(phones[0], "waiting")
    phones[1].locator(".choice").nth(1).click()
    phones[2].context.set_offline(True)
    phones[2].locator(".choice").nth(1).click()
    expect(phones[2].locator(".line")).to_have_text(own["room.unsent"])
    for other in others:
        post(f"{room}/vote", {"device": other, "step": 3, "round": 1, "answer": 3})
    expect(lecturer.locator(f"{STAGE} .tally")).to_contain_text(counted(4))
    phones[2].context.set_offline(False)
    expect(lecturer.locator(f"{STAGE} .tally")).to_contain_text(counted(5))
    assert lecturer.locator(f"{STAGE} .bars").count() == 0 and phones[0].locator(".bars").count() == 0, "nobody follows the others"
    expect(desk.locator(".votes .count")).to_have_text(["1", "2", "2"])

    press(desk, "room.do_again")
    for phone in phones:
        shown(phone, "asking")
        expect(phone.locator("header")).to_contain_text(own["question.second_vote"])
    lecturer.keyboard.press("t")
    for watched in (lecturer.locator(STAGE), desk.locator(".votes"), *(phone.locator("header") for phone in phones)):
        expect(watched.locator(".clock")).to_have_text(re.compile(r"0:[0-3]\d"))
    desk.keyboard.press("s")
    expect(phones[0].locator("header .clock")).to_be_hidden()
    with phones[1].expect_request(re.compile("/events")):  # asleep for ten minutes, and nobody has told that the line is dead
        phones[1].evaluate("""() => {
            const now = Date.now;
            Date.now = () => now() + 600_000;
            document.dispatchEvent(new Event('visibilitychange'));
            Date.now = now;
        }""")
    for phone in phones:
        phone.locator(".choice").nth(0).click()
    for other in others:
        post(f"{room}/vote", {"device": other, "step": 3, "round": 2, "answer": 1})
    expect(lecturer.locator(f"{STAGE} .tally")).to_contain_text(counted(5))
    lecturer.keyboard.press("r")
    expect(lecturer.locator(f"{STAGE} .choice .count")).to_have_text(["1 → 5", "2 → 0", "2 → 0"])
    for phone in phones:
        shown(phone, "revealed")
    expect(phones[1].locator(".reply")).to_contain_text(own["room.moved"].format(**{"from": "B"}).replace("\u2060", ""))
    expect(desk.locator(".screen .answer")).to_be_visible()
    press(phones[2], "room.your_turn")
    expect(phones[2].frame_locator("iframe").locator(".lsviz-plot").first).to_be_visible()

    desk.keyboard.press("ArrowRight")  # it moves the stage and the phones
    expect(lecturer.locator(f"{STAGE} .at")).to_have_text("4 / 6")
    shown(phones[2], "asking")
    for watched in (lecturer, *phones):
        assert notes not in watched.content() or watched is lecturer, "no phone has the notes"
    assert lecturer.locator(f"{STAGE} .notes").is_hidden()

    with desk.expect_download() as saving:
        press(desk, "room.save")
    rows = list(csv.DictReader(io.StringIO(Path(saving.value.path()).read_text("utf-8-sig"))))
    assert [(row["step"], row["vote"], row["right"], row["count"]) for row in rows] == [
        ("3", "1", "yes", "1"), ("3", "1", "no", "2"), ("3", "1", "no", "2"),
        ("3", "2", "yes", "5"), ("3", "2", "no", "0"), ("3", "2", "no", "0"),
    ]  # fmt: skip
    with desk.expect_download(timeout=300_000) as saving:
        press(desk, "room.save_summary")
    paper = page("")
    paper.set_content(Path(saving.value.path()).read_text("utf-8"))
    expect(paper.locator("section")).to_have_count(1)
    expect(paper.locator("li.right .count")).to_have_text("1 → 5")
    expect(paper.locator("figure .scatterlayer path").first).to_be_visible()
    lecturer.keyboard.press("q")
    press(lecturer, "classroom.end_room")
    expect(phones[0].locator("main")).to_contain_text(own["room.no_ended"])
    expect(lecturer.get_by_role("button", name=own["classroom.open_room"])).to_be_visible()
    for line in lines:
        line.close()
    for phone in phones:  # what the wrong code and the lost network leave on the console
        phone.watch.errors[:] = [error for error in phone.watch.errors if not re.search("404|ERR_INTERNET_DISCONNECTED", error)]


FRONT = """daemon off; pid {folder}/pid; error_log {folder}/log;
events {{}}
http {{
  access_log off; {temporary}
  map $http_upgrade $connection_upgrade {{ "" close; default upgrade; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{ return 404; }}
    location ~ ^/course/($|_stcore/|static/|component/) {{
      proxy_pass {app}; proxy_http_version 1.1; proxy_set_header Host $http_host; proxy_buffering off;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
    }}
  }}
}}
"""


@pytest.fixture
def narrow(serve, tmp_path):
    """The app below a base path, behind a real nginx that forwards Streamlit's own addresses alone."""
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(nginx).exists():
        missing("nginx")
    port = free_port()
    app = serve("app.py", "--server.baseUrlPath", "course").removesuffix("/course/")
    temporary = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    conf = tmp_path / "nginx.conf"
    conf.write_text(FRONT.format(folder=tmp_path, temporary=temporary, port=port, app=app))
    proxy = subprocess.Popen([nginx, "-p", str(tmp_path), "-c", str(conf), "-e", str(tmp_path / "log")], stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}/course/"
    finally:
        proxy.terminate()
        proxy.wait(10)


def test_where_only_streamlits_addresses_are_forwarded_a_class_goes_through_its_pages(narrow, page):
    lecturer = page(f"{narrow}?scene=five&step=3", fresh=True, width=1280, height=720)
    lecturer.get_by_role("button", name="Open the room").click()
    expect(lecturer.locator(".hall .limit")).to_contain_text("up to 60")
    code = "".join(lecturer.locator(".hall .tiles b").all_inner_texts())
    expect(lecturer.locator(".hall .address")).to_have_text(f"{narrow.removeprefix('http://')}?join={code}")
    lecturer.wait_for_function("document.querySelector('.hall .qr').naturalWidth > 100")
    phone = opened(page, f"{narrow}?join={code}")
    shown(phone, "asking")
    assert phone.locator(".lsviz-plot, [data-testid=stTopNavLink]").count() == 0, "nothing else of the app"
    with lecturer.context.expect_page() as opening:
        lecturer.get_by_role("button", name="Your second window").click()
    desk = opening.value
    expect(desk.locator(".notes")).to_contain_text("Hands up before you look.")
    lecturer.keyboard.press("q")
    lecturer.keyboard.press("t")
    expect(phone.locator("header .clock")).to_have_text(re.compile(r"0:[0-3]\d"))
    phone.get_by_role("button", name="Less").click()
    shown(phone, "waiting")
    expect(lecturer.locator(f"{STAGE} .tally")).to_contain_text("1 of 1 answered")
    phone.reload()
    shown(phone, "waiting")
    desk.get_by_role("button", name="Reveal").click()
    shown(phone, "revealed")
    expect(lecturer.locator(f"{STAGE} .reveal")).to_be_visible()
    phone.get_by_role("button", name="Your turn").click()
    expect(phone.frame_locator("iframe").locator(".lsviz-plot").first).to_be_visible()
    lecturer.keyboard.press("ArrowRight")
    expect(lecturer.locator(f"{STAGE} .at")).to_have_text("4 / 6")
    shown(phone, "asking")
    with desk.expect_download() as saving:
        desk.get_by_role("button", name="Save the votes").click()
    rows = list(csv.DictReader(io.StringIO(Path(saving.value.path()).read_text("utf-8-sig"))))
    assert [(row["step"], row["count"]) for row in rows] == [("3", "0"), ("3", "1"), ("3", "0")]
    lecturer.keyboard.press("q")
    lecturer.get_by_role("button", name="End the room").click()
    expect(phone.locator("main[data-state=door]")).to_contain_text("This room has ended")
    for watched in (lecturer, phone):  # what is not forwarded is not found
        watched.watch.errors[:] = [error for error in watched.watch.errors if "404" not in error]
