"""A lecture is written in the form: an example changed, a page taken as it is seen, a step left half done, all of it given back as TOML."""

from __future__ import annotations

from lsviz import navigation
from lsviz.lectures import lecture_text, read_lecture, read_unfinished, unpacked
from lsviz.lectures.draft import written
from lsviz.state import ViewState
from tests.reading import everything, foreign, opened


def draft(app):
    return app.session_state["draft"]


def test_a_lecture_is_written_in_the_form():
    app = opened("write")
    app.button(key="write_five").click().run()
    five = read_lecture(lecture_text("five", "en"))
    assert not app.exception and tuple(step for _, step in draft(app).steps) == five.steps

    app.text_input(key="write_choices_1_1").set_value(" **Hundreds** ").run()
    app.text_input(key="write_choices_3_1").set_value("D").run()
    step = draft(app).step(1)
    assert step.choices[1] == "**Hundreds**" and step.choices[3] == "D" and len(step.replies) == 4
    assert "Step 1, Replies: this must be a list" in everything(app), "a fourth choice has no reply yet"
    assert app.get("radio")[0].options[0].endswith(":gray[(not finished)]")
    app.text_input(key="write_choices_3_1").set_value("").run()
    assert draft(app).step(1).choices[:1] == five.steps[0].choices[:1] and len(draft(app).step(1).replies) == 3

    app.segmented_control(key="write_kind_1").set_value("pick").run()
    assert draft(app).step(1).pick == "alpha" and "Step 1, Right answer: this must be the α" in everything(app)
    app.number_input(key="write_answer_1").set_value(0.2).run()
    assert "not finished)" not in everything(app)
    app.segmented_control(key="write_kind_1").set_value("choices").run()
    assert draft(app).step(1).choices[1] == "**Hundreds**", "trying another way loses nothing"

    app.button(key="write_remove").click().run()
    assert draft(app).names == (2, 3, 4, 5, 6) and drafts_chosen(app) == 2
    app.button(key="write_back").click().run()
    app.button(key="write_down").click().run()
    assert draft(app).names == (2, 1, 3, 4, 5, 6) and drafts_chosen(app) == 1
    app.text_input(key="write_query_1").set_value("http://host/loss?alpha=0.3&n=5&lang=ko").run()
    assert (draft(app).step(1).page, draft(app).step(1).query) == ("loss", "alpha=0.3&n=5")
    app.text_area(key="write_say_1").set_value("").run()
    assert "Step 2, What you say: it is missing" in everything(app)
    half_done = read_unfinished(written(draft(app)))
    assert half_done.steps == tuple(step for _, step in draft(app).steps)

    app.button(key="write_preview").click().run()
    view: ViewState = app.session_state["view_state"]
    played = read_lecture(unpacked(view.scene), navigation.names())
    assert not app.exception and len(played.steps) == 5 and view.step == 1, "the step that is not finished is left out"


def test_an_example_is_in_the_language_shown_and_so_is_the_form():
    app = opened("write", "ko-KR")
    app.button(key="write_five").click().run()
    assert tuple(step for _, step in draft(app).steps) == read_lecture(lecture_text("five", "ko")).steps
    assert foreign(everything(app), "ko") == []


def drafts_chosen(app) -> int:
    return app.session_state["write_steps"]


def test_what_is_seen_on_a_page_becomes_a_step():
    app = opened("reliability", n="5", alpha="0.1", bins="20", open="")
    app.session_state["share_menu"] = True
    app.run()
    there = list(app.session_state["figures_here"])
    assert there[0] == "reliability_diagram" and app.selectbox(key="draft_take_figure").options[0] != there[0], "by its title"
    app.button(key="draft_add").click().run()
    ((_, step),) = draft(app).steps
    assert (step.page, step.query, step.figure) == ("reliability", "alpha=0.1&n=5&bins=20", "reliability_diagram")
