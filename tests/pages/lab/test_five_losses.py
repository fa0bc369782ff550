"""Five losses in the Lab: a fold that trains at a press; its sentence and its figure say what the intervals say."""

from __future__ import annotations

from dataclasses import replace

from lsviz.jobs import queue
from lsviz.lab.trials.five_losses import LossesTrial
from lsviz.pages.lab import five_losses_live
from lsviz.pages.lab.five_losses_figure import losses_figure
from lsviz.texts.catalogue import words
from tests.pages.test_every_page import said
from tests.pages.test_live_evidence import pressed
from tests.reading import mounted, opened


def test_a_press_in_the_fold_trains_them_and_every_sentence_goes_by_its_interval(monkeypatch):
    small = lambda alpha: LossesTrial(alpha=alpha, seeds=2, examples=60, epochs=2)
    monkeypatch.setattr(five_losses_live, "LossesTrial", small)
    app = opened("lab", alpha="0.2", by="ece")
    assert "Train 100 networks, smoothing at α = 0.20" in {button.label for button in app.button}
    pressed(app, "losses", "lab_losses")
    found = queue.shared().find(small(0.2).key).result
    alt = mounted(app)["lab_losses"]["alt"][0]
    mean, low, high = (f"{100 * v:+.1f}".replace("-", "−") for v in found.each["focal"].against["ece"])
    assert f"focal loss {mean} ({low} … {high})" in alt
    assert "one of 25 comparisons" in said(app)

    moved = {"penalty": 1, "margin": -1, "focal": 0, "maxsup": 0, "hard": 1, "smoothing": 0}
    each = {name: replace(one, moved=dict.fromkeys(one.moved, moved[name])) for name, one in found.each.items()}
    of = five_losses_live.standing(replace(found, each=each), "aurc")
    assert of == {1: ("penalty",), 0: ("focal", "maxsup"), -1: ("margin",)}
    live = losses_figure(each, "aurc", words("lab"))
    assert [note.text.endswith("◆") for note in live.figure.layout.annotations[:5]] == [True, True, False, True, False]
