"""Lectures are read key by key; whatever is wrong with a file is said in one sentence with its line and key."""

from __future__ import annotations

import pytest

from lsviz.core.errors import LsvizError
from lsviz.lectures import Step, find_lecture, packed, read_lecture, shipped, unpacked
from lsviz.state import ViewState

GOOD = """schema = 1
title = "Mine"

[[step]]
page = "targets"
query = "alpha=0.3&n=5"
say = "First."
ask = "Why?"
reveal = '''
page = "no key"
[[step]]
Because.'''

[[step]]
page = "loss"
say = "Second."
"""
PAGES = ("targets", "loss")


def test_a_lecture_is_read_as_written():
    lecture = read_lecture(GOOD, PAGES)
    assert lecture.title == "Mine" and len(lecture.steps) == 2
    assert lecture.steps[0].query == "alpha=0.3&n=5" and lecture.steps[0].reveal.endswith("Because.")
    assert lecture.steps[1] == Step("loss", "Second.")


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ("schema = 1", "schema = 2", 1, "schema"),
        ("schema = 1", "", 1, "schema"),
        ('title = "Mine"', "", 1, "title"),
        ('title = "Mine"', "title = 3", 2, "title"),
        ('title = "Mine"', 'title = "Mine"\ncolour = "red"', 3, "colour"),
        ('title = "Mine"', "title = Mine", 2, "title"),
        ('page = "loss"', 'page = "lass"', 15, "page"),
        ('page = "loss"', "", 14, "page"),
        ('say = "Second."', 'say = " "', 16, "say"),
        ('say = "Second."', 'say = "Second."\nsaid = "Third."', 17, "said"),
        ('say = "Second."', 'say = "Second."\nreveal = "No."', 17, "reveal"),
        ('say = "Second."', 'say = "Second."\nblank = true', 17, "blank"),
        ('say = "Second."', 'say = "Second."\nblank = "yes"', 17, "blank"),
        ('say = "Second."', 'say = "Second', 16, "say"),
        ('say = "Second."', 'say = "Second."\nnotes = 7', 17, "notes"),
        ("alpha=0.3&n=5", "alpha=3&n=5", 6, "query"),
        ("alpha=0.3&n=5", "alpha=0.3&m=5", 6, "query"),
        ("alpha=0.3&n=5", "alpha=0.3&step=5", 6, "query"),
        ("alpha=0.3&n=5", "alpha", 6, "query"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_line_and_key(old, new, line, key):
    assert old in GOOD
    with pytest.raises(LsvizError, match=rf"^Line {line}, {key}: .+\.$"):
        read_lecture(GOOD.replace(old, new), PAGES)


CHOOSE = """schema = 1
title = "Mine"
[[step]]
page = "loss"
say = "Choose."
ask = "Which?"
choices = ["This", ":orange[That]"]
answer = 2
replies = ["No.", "Yes."]
[[step]]
page = "loss"
say = "Set."
ask = "How much?"
pick = "alpha"
answer = 0.1
within = 0.02
replies = ["Less.", "Yes.", "More."]
[[step]]
page = "loss"
say = "Sort."
ask = "Which first?"
order = ["One", "Two", "Three"]
[[step]]
page = "loss"
say = "Seen"
learned = ["One.", "Two."]
"""


def test_questions_are_read_as_written():
    choose, pick, sort, seen = read_lecture(CHOOSE, PAGES).steps
    assert choose.choices == ("This", ":orange[That]") and choose.answer == 2 and choose.replies == ("No.", "Yes.")
    assert pick.pick == "alpha" and (pick.answer, pick.within) == (0.1, 0.02) and len(pick.replies) == 3
    assert sort.order == ("One", "Two", "Three") and sort.has_answer
    assert sorted(sort.mixed) == [0, 1, 2] and sort.mixed != (0, 1, 2), "asked in another order"
    assert seen.learned == ("One.", "Two.") and not seen.has_answer and choose.has_answer


@pytest.mark.parametrize(
    ("old", "new", "line", "key"),
    [
        ('choices = ["This", ":orange[That]"]', 'choices = ["This"]', 7, "choices"),
        ('choices = ["This", ":orange[That]"]', 'choices = ["1", "2", "3", "4", "5"]', 7, "choices"),
        ('choices = ["This", ":orange[That]"]', 'choices = ["This", " "]', 7, "choices"),
        ('choices = ["This", ":orange[That]"]', 'choices = "This"', 7, "choices"),
        ('choices = ["This", ":orange[That]"]', "choices = [1, 2]", 7, "choices"),
        ('choices = ["This", ":orange[That]"]\n', "", 7, "answer"),
        ("answer = 2", "answer = 3", 8, "answer"),
        ("answer = 2", "answer = 0", 8, "answer"),
        ("answer = 2", "answer = 1.5", 8, "answer"),
        ("answer = 2", 'answer = "That"', 8, "answer"),
        ("answer = 2", "answer = true", 8, "answer"),
        ("answer = 2\n", "", 3, "answer"),
        ('replies = ["No.", "Yes."]', 'replies = ["No."]', 9, "replies"),
        ('ask = "Which?"\n', "", 6, "choices"),
        ('ask = "How much?"\n', "", 13, "pick"),
        ('pick = "alpha"', 'pick = "n"', 14, "pick"),
        ('order = ["One", "Two", "Three"]', 'order = ["One", "Two"]', 22, "order"),
        ('order = ["One", "Two", "Three"]', 'order = ["One", "Two", "One"]', 22, "order"),
        ('order = ["One", "Two", "Three"]', 'draw = "accuracy"', 22, "draw"),
        ('pick = "alpha"', 'pick = "alpha"\ndraw = "loss"', 15, "draw"),
        ('order = ["One", "Two", "Three"]', 'order = "One, two"', 22, "order"),
        ('order = ["One", "Two", "Three"]', 'order = ["One", "Two", "Three"]\npick = "alpha"', 22, "order"),
        ('order = ["One", "Two", "Three"]', 'order = ["One", "Two", "Three"]\nreplies = ["a"]', 23, "replies"),
        ('pick = "alpha"', 'pick = "alpha"\nchoices = ["a", "b"]', 14, "pick"),
        ("answer = 0.1", "answer = nan", 15, "answer"),
        ("answer = 0.1", "answer = 1.1", 15, "answer"),
        ("within = 0.02", "within = 0", 16, "within"),
        ('replies = ["Less.", "Yes.", "More."]', 'replies = ["Less.", "More."]', 17, "replies"),
        ('learned = ["One.", "Two."]', f"learned = {['x'] * 6}", 26, "learned"),
        ('learned = ["One.", "Two."]', f"learned = {['x' * 900] * 5}", 26, "learned"),
        ('learned = ["One.", "Two."]', 'replies = ["x"]', 26, "replies"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_question_is_named_with_line_and_key(old, new, line, key):
    assert old in CHOOSE
    with pytest.raises(LsvizError, match=rf"^Line {line}, {key}: .+\.$"):
        read_lecture(CHOOSE.replace(old, new, 1), PAGES)


def test_a_file_without_steps_and_one_with_too_many():
    with pytest.raises(LsvizError, match="step: there is no step"):
        read_lecture('schema = 1\ntitle = "Mine"\n')
    with pytest.raises(LsvizError, match=r"Line 603, step: these are too many"):
        read_lecture('schema = 1\ntitle = "Mine"\n' + '[[step]]\npage = "loss"\nsay = "x"\n' * 201)
    with pytest.raises(LsvizError, match="too long"):
        read_lecture("#" * 60_001)


def test_what_is_not_toml_at_all():
    for text in ("", "<html>", "\x00", 'schema = 1\ntitle = "Mine"\nstep = 3\n', 'schema = 1\ntitle = "M"\nstep = [3]\n'):
        with pytest.raises(LsvizError, match=r"^Line \d"):
            read_lecture(text)


def test_a_packed_lecture_comes_back_from_its_link():
    scene = packed(GOOD)
    assert unpacked(scene) == GOOD and find_lecture(scene, PAGES) == read_lecture(GOOD, PAGES)
    assert ViewState.from_query({"scene": scene}).scene == scene


@pytest.mark.parametrize(
    "harm", [lambda s: s[:-9], lambda s: s[:20] + "A" + s[21:], lambda s: "~", lambda s: "~AAAA", lambda s: "~é"]
)
def test_a_harmed_link_is_one_sentence(harm):
    with pytest.raises(LsvizError, match="incomplete"):
        find_lecture(harm(packed(GOOD)), PAGES)


def test_a_link_cannot_unpack_without_end():
    with pytest.raises(LsvizError, match="too long"):
        find_lecture(packed("#" * 10_000_000), PAGES)


@pytest.mark.parametrize("name", ["six", "", "../reader", "/etc/passwd", "five.toml"])
def test_an_unknown_name_lists_the_known(name):
    with pytest.raises(LsvizError, match="five, twenty, fifty"):
        find_lecture(name, PAGES)


def test_a_step_sets_the_whole_view_and_leaves_the_room_alone():
    before = ViewState(alpha=0.9, num_classes=5, bins=30, scene="five", step=2, hide=("n",), large=True)
    step = Step("reliability", "x", "alpha=0.05&split=train")
    assert step.view(before) == ViewState(alpha=0.05, split="train", scene="five", step=2, hide=("n",), large=True)


def test_three_lectures_ship():
    assert shipped() == ("five", "twenty", "fifty")
