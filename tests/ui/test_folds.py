"""Folds are closed until a link, a lecture or a reader opens them, and stand in the URL while they are open."""

from __future__ import annotations

from dataclasses import fields

import pytest

from lsviz import navigation
from lsviz.lectures import read_lecture
from lsviz.state import ViewState, control
from lsviz.texts.catalogue import own_texts
from tests.reading import keys, mounted, opened


def test_every_fold_has_its_words_and_every_control_that_means_one_is_a_control():
    folds = [fold for page in navigation.FOLDS.values() for fold in page]
    for language in ("en", "ko"):
        assert {f"fold.{fold}" for fold in folds} == {key for key in own_texts(language) if key.startswith("fold.")}
        assert {f"fold_holds.{fold}" for fold in folds} == {key for key in own_texts(language) if key.startswith("fold_holds.")}
    known = {control(entry.name).url for entry in fields(ViewState)}
    assert {name for of in navigation.MEANT.values() for name in of} <= known
    assert all(fold in navigation.FOLDS[page] for page, of in navigation.MEANT.items() for fold in of.values())


@pytest.mark.parametrize(
    ("page", "query", "shown"),
    [
        ("targets", {"open": ""}, ()),
        ("targets", {"open": "gap"}, ("gap",)),
        ("targets", {"r": "-0.4"}, ("paste",)),  # as in a link of before
        ("reliability", {"temp": "1.3", "all": "1"}, ("measures", "temperature")),
        ("targets", {"open": "gap-nonsense"}, ("gap", "nonsense")),
    ],
)
def test_a_link_opens_what_it_means(page, query, shown):
    state = ViewState.from_query(query)
    assert (state.open if "open" in query else navigation.opened(page, query)) == shown


def test_a_closed_fold_is_not_built_and_a_step_of_a_lecture_opens_its_own():
    app = opened("targets", open="")
    assert "targets_gap" not in keys(app) and not app.code
    app = opened("", scene="fifty", step="3")
    assert app.session_state["view_state"].open == ("gap",) and "targets_gap" in mounted(app)


def test_a_lecture_of_before_finds_a_figure_that_moved_to_another_page():
    text = 'schema = 1\ntitle = "T"\n[[step]]\npage = "bias"\nfigure = "bias_corrections"\nsay = "S"\n'
    (step,) = read_lecture(text, navigation.names()).steps
    assert step.page == "labels" and step.view(ViewState()).open == ("corrections",)
