"""The player on a page: links open steps, steps set the view, blank holds the page back, own lectures play from their link."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lsviz import navigation
from lsviz.frame import relay
from lsviz.frame.share import qr_code, student_view
from lsviz.lectures import find_lecture, packed
from lsviz.state import HIDEABLE, LANGUAGES, ViewState
from tests.reading import everything, mounted, sent
from tests.reading import opened as opened_page

OWN = 'schema = 1\ntitle = "Mine"\n[[step]]\npage = "overview"\nquery = "alpha=0.3&n=5"\nsay = "Only <b>this</b>."\nask = "So?"\nreveal = "So."\nblank = true\n'


def opened(**query: str) -> AppTest:
    return opened_page("", **query)


def component(app: AppTest, **holds: object) -> dict | None:
    """The data of the mounted component that has these keys."""
    return next((data for data in sent(app) if all(data.get(key) == value for key, value in holds.items())), None)


def bar(app: AppTest, title: str) -> dict | None:
    return component(app, title=title)


def view(app: AppTest) -> ViewState:
    return app.session_state["view_state"]


def test_no_bar_without_a_lecture():
    app = opened(alpha="0.1", n="10")
    assert not app.exception and component(app, steps=6) is None
    assert [button.label for button in app.button if button.key and button.key.startswith("play_")] == [
        "5 minutes",
        "20 minutes",
        "50 minutes",
    ]


def test_a_link_that_names_a_lecture_and_nothing_else_opens_its_step_in_its_state():
    app = opened(scene="five", step="3")
    step = find_lecture("five", ()).steps[2]
    assert not app.exception
    assert view(app) == step.view(ViewState(scene="five", step=3))
    shown = bar(app, "Label smoothing in five minutes")
    assert shown["step"] == 3 and shown["steps"] == 6 and not shown["away"]


def test_a_button_starts_a_lecture_and_a_step_beyond_the_end_is_the_last():
    app = opened(alpha="0.4", n="5", bins="30")
    app.button(key="play_twenty").click().run()
    assert not app.exception and view(app).scene == "twenty" and view(app).step == 1 and view(app).bins == 15
    app = opened(scene="five", step="200")
    assert view(app).step == 6


def test_a_step_brings_its_question_and_the_page_is_drawn_behind_it():
    app = opened(scene=packed(OWN))
    shown = bar(app, "Mine")
    assert shown["blank"] and shown["choices"] == [] and shown["answer"] is None
    assert len(app.subheader) > 0, "the answer is shown without asking the server"
    shown = bar(opened(scene="five", step="1"), "Label smoothing in five minutes")
    step = find_lecture("five", ()).steps[0]
    assert len(shown["choices"]) == len(shown["replies"]) == len(step.choices) == 3
    assert (shown["answer"], shown["figure"]) == (2, "targets_bars")


def test_an_own_lecture_plays_from_its_link_as_text_alone():
    app = opened(scene=packed(OWN))
    assert view(app).alpha == 0.3 and view(app).num_classes == 5
    assert bar(app, "Mine")["say"] == [[["Only <b>this</b>.", ""]]], "pieces of text, which the browser sets as text"


def test_wandering_off_is_noticed():
    app = opened(alpha="0.7", n="10", scene="five", step="1")
    assert bar(app, "Label smoothing in five minutes")["away"]


@pytest.mark.parametrize("scene", ["six", packed(OWN)[:-8], packed(OWN.replace("overview", "lass"))])
def test_a_lecture_that_cannot_be_read_is_one_sentence_and_the_page_stays(scene):
    app = opened(alpha="0.1", n="10", scene=scene)
    assert not app.exception and len(app.subheader) > 0
    said = [text.value for text in app.text]
    assert any(word in " ".join(said) for word in ("There is no lecture", "incomplete", "Line 4, page"))
    app.button(key="lecture_leave").click().run()
    assert view(app).scene == ""


@pytest.mark.parametrize("what", ["menu", "save", "controls", "alpha", "n"])
def test_what_a_students_link_leaves_out_is_gone(what):
    everything, less = opened(alpha="0.1", n="10"), opened(alpha="0.1", n="10", hide=what)
    for app in (everything, less):
        app.switch_page(navigation.file("targets")).run()
        assert not app.exception
    kinds = lambda app: (len(app.get("button_group")), len(app.selectbox), len(app.get("popover")))
    dock = component(less, group="alpha")
    if what in ("alpha", "n"):
        assert dock["hide"] == [what] and component(everything, group="alpha")["hide"] == []
    if what == "controls":
        assert kinds(less)[:2] == (0, 0) < kinds(everything)[:2]
    assert component(less, large=False) is not None


def test_a_students_view_keeps_the_state_and_drops_the_lecture():
    state = ViewState(alpha=0.3, bins=30, scene="five", step=2, large=True)
    assert student_view(state, ("save", "n"), False) == ViewState(alpha=0.3, bins=30, hide=("n", "save", "notes"))
    assert student_view(state, (), True) == ViewState(alpha=0.3, bins=30, scene="five", step=2, hide=("notes",))


@pytest.mark.parametrize("hide", [(), *((name,) for name in HIDEABLE), HIDEABLE])
def test_no_link_for_students_brings_the_lecturers_notes(hide):
    shared = student_view(ViewState(scene="five", step=3), hide, True).to_query()
    assert shared["scene"] == "five" and "step" in shared, "the lecture is kept"
    by_hand = {"scene": "five", "step": "3", "hide": "-".join(hide or ("menu",))}
    notes = find_lecture("five", ()).steps[2].notes
    for query in (shared, by_hand):
        app = opened(**query)
        assert "notes" not in bar(app, "Label smoothing in five minutes") and notes[:40] not in everything(app)
    assert bar(opened(scene="five", step="3"), "Label smoothing in five minutes")["notes"], "the lecturer's own link has them"


def test_the_qr_code_is_svg_and_a_link_too_long_has_none():
    assert qr_code("https://example.org/?alpha=0.1").startswith("<svg") and qr_code("x" * 5000) is None


def test_a_phones_page_is_nothing_else_of_the_app_and_asks_the_rooms_of_this_process():
    app = opened(join="kvrtm")
    guest, carrier = sent(app)
    assert guest["code"] == "KVRTM" and set(guest["words"]) == set(LANGUAGES) and carrier == {"answer": None}
    assert not (app.button or app.title or app.subheader or app.markdown) and "view_state" not in app.session_state
    assert relay.answered({"ask": "look", "code": "KVRTM", "device": "0" * 32}) == {"refused": "unknown"}
    room = relay.answered({"ask": "open", "scene": "five", "language": "en", "step": 1})
    told = relay.answered({"ask": "desk", **room})["told"]
    assert told["step"] == 1 and told["notes"]


def test_a_page_has_an_address_at_the_root_too():
    app = opened(visit="loss", alpha="0.3", n="5", hide="menu")
    assert view(app).alpha == 0.3 and view(app).num_classes == 5 and app.query_params.get("visit") is None
    assert any(key.startswith("loss_") for key in mounted(app))
