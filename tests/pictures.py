"""The README's picture of a class: `python -m tests.pictures` plays one step of a lecture to devices and a phone, and writes .github/classroom.png."""

from __future__ import annotations

import io
import json
import urllib.request
from contextlib import ExitStack

from PIL import Image

from tests.browser import harness

FILE = harness.ROOT / ".github/classroom.png"
STEP = 3  # of the shortest lecture
ANSWERS = (9 * (1,) + 13 * (2,) + 8 * (3,), 23 * (1,) + 5 * (2,) + 2 * (3,))  # of the devices, before and after their talk
TALL, GAP = 720, 24


def vote(room: str, device: str, round_: int, answer: int) -> None:
    said = json.dumps({"device": device, "step": STEP, "round": round_, "answer": answer}).encode()
    request = urllib.request.Request(f"{room}/vote", said, {"Content-Type": "application/json"})
    urllib.request.urlopen(request, timeout=60).read()


def main() -> None:
    with ExitStack() as stack:
        url, browser = stack.enter_context(harness.running()), stack.enter_context(harness.browser())
        stage = harness.new_page(browser, f"{url}?scene=five&step={STEP}", width=1280, height=TALL)
        stage.get_by_role("button", name="Open the room").click()
        stage.wait_for_selector(".hall .tiles b")
        room = f"{url}room/{''.join(stage.locator('.hall .tiles b').all_inner_texts())}"
        phone = harness.new_page(browser, "", width=390, height=844, device_scale_factor=2)
        phone.goto(room)
        phone.wait_for_selector("main[data-state=asking]")
        devices = [f"{number:032x}" for number in range(len(ANSWERS[0]))]
        for device in devices:
            stack.callback(urllib.request.urlopen(f"{room}/events?device={device}", timeout=60).close)
        stage.keyboard.press("q")
        for round_, answers in enumerate(ANSWERS, start=1):
            if round_ > 1:
                stage.keyboard.press("2")
            phone.get_by_role("button", name="Less" if round_ == 1 else "More").click()
            for device, answer in zip(devices, answers, strict=True):
                vote(room, device, round_, answer)
            stage.wait_for_function(f"document.querySelector('.tally').textContent.includes('{len(devices) + 1} of')")
        stage.keyboard.press("r")
        phone.wait_for_selector("main[data-state=revealed]")
        stage.wait_for_selector(".choice .bars")
        for watched in (stage, phone):
            watched.wait_for_timeout(1_000)  # bars have grown
        pictures = [Image.open(io.BytesIO(watched.screenshot())).convert("RGB") for watched in (stage, phone)]
    pictures[1] = pictures[1].resize((round(TALL * 390 / 844), TALL), Image.Resampling.LANCZOS)
    whole = Image.new("RGB", (pictures[0].width + GAP + pictures[1].width, TALL), "#dcdfe3")
    whole.paste(pictures[0], (0, 0))
    whole.paste(pictures[1], (pictures[0].width + GAP, 0))
    whole.quantize(128).save(FILE, optimize=True)


if __name__ == "__main__":
    main()
