"""A lecture on its stage: one figure, one question; no answer before it is shown, nothing moves when it is, everything fits."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from lsviz.lectures import find_lecture, packed, shipped
from tests.browser.harness import settle

BAR = ".lsviz-lecture"
RAIL = ".st-key-dockrow input[type=range]"
# Every text that can be seen: of the page, of figures, of the dock; hidden, transparent and clipped ones are not.
SEEN = """() => {
    const seen = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim(), at = walker.currentNode.parentElement;
        if (!text || !at.checkVisibility({ opacityProperty: true, visibilityProperty: true }) || at.closest('defs, style, script, option')) continue;
        const box = at.getBoundingClientRect();
        if (box.width && box.height && box.bottom > 0 && box.top < innerHeight) seen.push([text, at.closest('.ask, .question, .say') !== null]);
    }
    return seen;
}"""
BOXES = """() => Object.fromEntries(['.say', '.ask', '.question', '.choice .letter', '.choice .words', '.room', '.finding'].map(name =>
    [name, [...document.querySelectorAll(`.lsviz-lecture ${name}`)].map(e => Object.values(e.getBoundingClientRect().toJSON()).map(Math.round))]))"""
AXES = """() => ['.lsviz-staged', '.lsviz-staged .xtick text', '.lsviz-staged .ytick text'].map(name => {
    const box = document.querySelector(name)?.getBoundingClientRect().toJSON();
    return box && Object.values(box).map(Math.round);
})"""
# What does not fit: words wider or higher than their room, a figure outside its own or over the dock.
TOO_LARGE = """() => {
    const over = e => e && e.clientHeight && (e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2);
    const wrong = ['.say', '.ask', '.question', '.reveal', '.strip', '.text'].filter(name => over(document.querySelector(`.lsviz-lecture ${name}`)));
    for (const row of document.querySelectorAll('.lsviz-lecture .choice')) if (over(row)) wrong.push(row.textContent);
    const figure = document.querySelector('.lsviz-staged')?.getBoundingClientRect(), room = document.querySelector('.lsviz-lecture .room').getBoundingClientRect();
    if (figure && (figure.left < room.left - 2 || figure.right > room.right + 2 || figure.top < room.top - 2 || figure.bottom > room.bottom + 2)) wrong.push(`figure ${JSON.stringify([figure, room])}`);
    if (room.bottom > (document.querySelector('.st-key-dockrow')?.getBoundingClientRect().top ?? innerHeight) + 1) wrong.push('dock');
    if (document.querySelector('[data-testid=stMain]').scrollWidth > innerWidth + 1) wrong.push('page');
    return wrong;
}"""


def on_stage(shown, step) -> None:
    shown.wait_for_function("title => document.querySelector('.lsviz-lecture.stage')?.dataset.step === title", arg=str(step))
    if shown.locator(f"{BAR}.closing").count() == 0:
        shown.wait_for_selector(".lsviz-staged[data-ready]")
    settle(shown)


def numbers(text: str) -> set[str]:
    return set(re.findall(r"\d+(?:\.\d+)?", text.replace("\u00a0", " ")))


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{4,}", re.sub(r":\w+\[|\]", " ", text).lower()))


@pytest.mark.parametrize("name", shipped())
def test_no_step_tells_its_answer_and_nothing_moves_when_it_is_shown(app_server, page, name):
    """The numbers of the answer, and the words of the right choice that no other has, are nowhere but in the question until then."""
    steps = find_lecture(name, ()).steps
    shown = page(f"{app_server}?scene={name}", height=720)
    for number, step in enumerate(steps, start=1):
        on_stage(shown, number)
        assert shown.evaluate(TOO_LARGE) == [], f"step {number}"
        if step.learned:
            break
        seen = shown.evaluate(SEEN)
        asked = " ".join(text for text, is_question in seen if is_question)
        told = " ".join(text for text, is_question in seen if not is_question and text != f"{number} / {len(steps)}")
        ticks = " ".join(
            shown.locator(".lsviz-staged :is(.xtick, .ytick) text, .lsviz-dock :is(.ticks i, output, .count)").all_text_contents()
        )
        answers = numbers(step.reveal) - numbers(asked) - numbers(ticks)
        assert not answers & numbers(told), f"step {number} tells {answers & numbers(told)}: {told}"
        if step.choices:
            others = [choice for place, choice in enumerate(step.choices, start=1) if place != step.answer]
            telling = words(step.choices[int(step.answer) - 1]) - words(" ".join((*others, step.say, step.ask, ticks)))
            if len(telling) > 0 and step.blank:
                assert not telling & words(told), f"step {number} tells {telling & words(told)}"
        before, axes = shown.evaluate(BOXES), shown.evaluate(AXES)
        shown.keyboard.press("PageDown")
        expect(shown.locator(f"{BAR} .reveal")).to_be_visible()
        if step.choices:
            expect(shown.locator(f"{BAR} .choice.right")).to_have_count(1)
        if not step.pick:
            assert shown.evaluate(BOXES) == before and shown.evaluate(AXES) == axes, f"step {number}: something moved"
        assert shown.evaluate(TOO_LARGE) == [], f"step {number} with its answer"
        size = lambda which: float(shown.locator(f"{BAR} {which}").evaluate("e => parseFloat(getComputedStyle(e).fontSize)"))
        assert min(size(".ask"), size(".reveal")) >= 30, f"step {number}: too small for the back row"
        shown.keyboard.press("PageDown")
    expect(shown.locator(f"{BAR} .learned li")).to_have_count(len(steps[-1].learned))


@pytest.mark.parametrize("name", shipped())
def test_every_step_fits_in_korean(app_server, page, name):
    steps = find_lecture(name, (), "ko").steps
    shown = page(f"{app_server}?scene={name}&lang=ko", height=720)
    for number, step in enumerate(steps, start=1):
        on_stage(shown, number)
        for _ in range(1 if step.learned else 2):
            assert shown.evaluate(TOO_LARGE) == [], f"step {number}"
            shown.keyboard.press("PageDown")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1024, 768), (640, 360), (390, 844), (360, 640), (768, 1024)])
def test_the_stage_fits_every_screen(app_server, page, width, height):
    shown = page(f"{app_server}?scene=twenty&step=6", width=width, height=height)
    on_stage(shown, 6)
    figure = shown.locator(".lsviz-staged").bounding_box()
    assert figure["y"] + figure["height"] <= height, "the figure is on the first screen"
    upright = width < height
    shown.keyboard.press("PageDown")
    wrong = shown.evaluate(TOO_LARGE)
    assert [name for name in wrong if not (upright and name == ".text")] == [], "upright, the words may be scrolled"
    dock = shown.locator(".lsviz-dock").bounding_box()
    assert dock["y"] + dock["height"] <= height + 1 and shown.locator(RAIL).is_enabled()


def test_a_chart_on_stage_is_large_enough_to_read(app_server, page):
    shown = page(f"{app_server}?scene=five&step=2", height=720)
    on_stage(shown, 2)
    sizes = shown.evaluate("""() => [...document.querySelectorAll('.lsviz-staged text')].filter(e => e.textContent.trim()).map(e =>
        parseFloat(getComputedStyle(e).fontSize) * document.querySelector('.lsviz-staged').lsviz.stage.scale)""")
    assert sizes and min(sizes) >= 18


def test_an_order_and_a_curve_are_laid_by_hand_and_by_keys(app_server, page):
    shown = page(f"{app_server}?scene=fifty&step=3", height=720)
    on_stage(shown, 3)
    rows = shown.locator(f"{BAR} .ordering .words")
    hard = re.compile("any N")
    expect(rows.nth(1)).to_have_text(hard)
    shown.locator(f"{BAR} .ordering li").nth(1).locator(".up").press("Enter")
    expect(rows.nth(0)).to_have_text(hard)
    top, low = (shown.locator(f"{BAR} .ordering li").nth(place).bounding_box() for place in (0, 2))
    shown.mouse.move(top["x"] + 200, top["y"] + 10)
    shown.mouse.down()
    shown.mouse.move(low["x"] + 200, low["y"] + 10, steps=5)
    shown.mouse.up()
    expect(rows.nth(2)).to_have_text(hard)
    shown.get_by_role("button", name="Answer", exact=True).click()
    expect(shown.locator(f"{BAR} .placed .words").nth(3)).to_have_text(hard)
    shown.goto(f"{app_server}?scene=twenty&step=5")
    on_stage(shown, 5)
    dots = shown.get_by_role("slider", name="logit gap")
    expect(dots).to_have_count(7)
    assert shown.get_by_role("button", name="Answer", exact=True).is_disabled(), "nothing is drawn yet"
    dots.nth(6).press("ArrowUp")
    expect(dots.nth(6)).to_have_attribute("aria-valuenow", "1.65")
    box = shown.locator(f"{BAR} .drawing .box").bounding_box()
    shown.mouse.move(box["x"], box["y"] + 1)
    shown.mouse.down()
    shown.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 1)
    shown.mouse.up()
    assert [float(dot.get_attribute("aria-valuenow")) for dot in dots.all()[1:3]] == pytest.approx([2, 1], abs=0.1), (
        "what a stroke passes by"
    )
    shown.get_by_role("button", name="Answer", exact=True).click()
    expect(shown.locator(f"{BAR} .drawing .true")).to_be_visible()


def test_choosing_answers_and_going_back_brings_it_as_it_was(app_server, page):
    shown = page(f"{app_server}?scene=five", height=720)
    on_stage(shown, 1)
    assert shown.locator(RAIL).is_disabled(), "alpha is the step's while it asks"
    shown.get_by_role("button", name="It depends on the picture").click()
    rows = shown.locator(f"{BAR} .choice")
    expect(rows.nth(1)).to_have_class(re.compile("right"))
    expect(rows.nth(2).locator(".reply")).to_have_text("The target is the same for every beaver.")
    expect(rows.nth(1).locator(".reply")).to_be_visible()
    expect(rows.nth(0).locator(".reply")).to_have_count(0)
    assert shown.locator(RAIL).is_enabled()
    shown.keyboard.press("a")  # another reply, for the discussion
    expect(rows.nth(0).locator(".reply")).to_be_visible()
    shown.keyboard.press(" ")
    on_stage(shown, 2)
    expect(shown.locator(f"{BAR} .reveal")).to_be_hidden()
    shown.keyboard.press("ArrowLeft")
    on_stage(shown, 1)
    expect(shown.locator(f"{BAR} .reveal")).to_be_visible()


def test_an_alpha_is_set_by_hand_and_judged_within_its_tolerance(app_server, page):
    shown = page(f"{app_server}?scene=twenty&step=7", height=720)
    on_stage(shown, 7)
    take = shown.locator(f"{BAR} .take")
    expect(take).to_have_text("Answer α = 0.30")
    expect(shown.locator(f"{BAR} .reveal")).to_be_hidden()
    rail = shown.locator(RAIL)
    rail.press("ArrowLeft")
    expect(take).not_to_have_text("Answer α = 0.30")
    before = shown.locator(".lsviz-staged").bounding_box()
    take.click()
    expect(shown.locator(f"{BAR} .question .right")).to_have_text("Right: α = 0.10")
    expect(shown.locator(f"{BAR} .question .reply")).to_contain_text("Too much")
    expect(shown.locator(f"{BAR} .reveal")).to_be_visible()
    assert shown.locator(".lsviz-staged").bounding_box() == before


def test_the_whole_page_is_a_key_away_and_large_type_is_for_outside(app_server, page):
    shown = page(f"{app_server}?scene=five&step=3&large=1", height=720)
    on_stage(shown, 3)
    expect(shown.locator("h1")).to_be_hidden()
    expect(shown.get_by_role("link", name="Costs", exact=True)).to_be_hidden()
    staged = shown.locator(".lsviz-staged").bounding_box()
    shown.keyboard.press("p")
    expect(shown.locator("h1")).to_be_visible()
    settle(shown, 2)
    assert shown.locator(".lsviz-staged").count() == 0
    shown.get_by_role("button", name="Back to the stage").click()
    on_stage(shown, 3)
    assert shown.locator(".lsviz-staged").bounding_box() == staged
    shown.keyboard.press("b")
    expect(shown.locator(f"{BAR} .black")).to_be_visible()
    shown.keyboard.press(" ")
    expect(shown.locator(f"{BAR} .black")).to_be_hidden()
    expect(shown.locator(f"{BAR} .reveal")).to_be_hidden()
    shown.keyboard.press("Escape")
    expect(shown.locator(BAR)).to_have_count(0)
    expect(shown.locator("h1")).to_be_visible()


def test_a_choice_is_text_and_a_figure_that_is_not_there_is_named(app_server, page):
    own = (
        'schema = 1\ntitle = "Mine"\n[[step]]\npage = "loss"\nfigure = "loss_lost"\nsay = "One."\nask = "Which <i>one</i>?"\n'
        'choices = ["<img src=x onerror=alert(1)>", "A choice of so many words that no single line of any stage would ever hold all of them"]\nanswer = 1\n'
    )
    shown = page(f"{app_server}?scene={packed(own)}", height=720)
    expect(shown.locator(f"{BAR} .missed")).to_contain_text("loss_lost")
    on_stage(shown, 1)
    expect(shown.locator(f"{BAR} .choice").first).to_contain_text("<img src=x")
    assert shown.locator(f"{BAR} img").count() == 0 and shown.evaluate(TOO_LARGE) == []
