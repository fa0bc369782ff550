"""The shipped lectures: every step opens, every number on a slide is worked out or published, every claim is what is stored."""

from __future__ import annotations

import math
import re
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest

from lsviz import navigation
from lsviz.core import intervals, smoothing
from lsviz.core.calibration.assessment import assess
from lsviz.core.calibration.foretold import foretold_against
from lsviz.core.comparing import agreement
from lsviz.lectures import find_lecture, shipped
from lsviz.state import ViewState
from lsviz.store import Store
from lsviz.zoo import pictures
from tests.missing import missing
from tests.reading import keys, opened

ROOT = Path(__file__).parents[2]
PAGES = navigation.names()
LECTURES = {name: find_lecture(name, PAGES) for name in shipped()}
STEPS = [(name, number, step) for name, lecture in LECTURES.items() for number, step in enumerate(lecture.steps, start=1)]


@pytest.mark.parametrize(("name", "number", "step"), STEPS, ids=[f"{name}-{number}" for name, number, _ in STEPS])
def test_every_step_opens_a_page_that_exists_in_the_state_it_names(name, number, step):
    assert step.page in PAGES
    query = dict(parse_qsl(step.query))
    assert ViewState.from_query(query).to_query() == {"alpha": "0.1", "n": "10"} | query, (
        "a value is a default or written otherwise"
    )
    assert step.notes and len(step.say) <= 120
    if step is LECTURES[name].steps[-1]:
        assert step.learned and not step.ask, "the last step says what was learned"
        return
    assert step.ask.endswith("?") and step.reveal and step.figure, "a question, its answer, one figure"
    assert len(step.replies) == (len(step.choices) or 3 * bool(step.pick)), "a reply to every answer"
    assert len({*step.choices, *step.replies}) == len(step.choices) + len(step.replies)


@pytest.mark.parametrize(("name", "number", "step"), STEPS, ids=[f"{name}-{number}" for name, number, _ in STEPS])
def test_every_step_leads_to_its_page_and_its_figure(name, number, step):
    app = opened("", scene=name, step=str(number))
    assert app.session_state["view_page"] == step.page and (not step.figure or step.figure in keys(app))


def test_lengths_fit_the_clock():
    assert [len(lecture.steps) for lecture in LECTURES.values()] == [6, 13, 26]  # a minute to two a step, and the last


# ---- numbers --------------------------------------------------------------------------------------------------------

gap = lambda n, alpha: f"{smoothing.optimal_logit_margin(n, alpha):.2f}"
nines = lambda p: f"{smoothing.margin_for_probability(p, 10):.2f}"
WORKED_OUT = {
    "4.51": gap(10, 0.1), "3.19": gap(10, 0.3), "9.11": gap(1000, 0.1), "2.3": f"{math.log(10):.1f}",
    "6.79": nines(0.99), "9.10": nines(0.999), "11.41": nines(0.9999),
    "11.51": f"{smoothing.free_logit_descent(10, [0.0], [10_000])[0, 0]:.2f}",
    "0.125": f"{smoothing.equivalent_alpha('others', 5, 0.1):.3f}", "0.222": f"{smoothing.noise_rate_to_alpha(0.2, 10):.3f}",
    "0.50": f"{smoothing.loss_floor(10, 0.1):.2f}", "0.31": f"{-math.log(smoothing.target_probabilities(10, 0.3)[0]):.2f}",
    "2.5": f"{100 * smoothing.target_probabilities(5, 0.1, 'others')[1]:.1f}", ".90": f"{smoothing.target_probabilities(5, 0.1, 'others')[0]:.2f}"[1:],
    "0.08": f"{0.1 * 4 / 5:.2f}", ".025": f"{smoothing.target_probabilities(5, 0.1, 'others')[1]:.3f}"[1:],
}  # fmt: skip
SETTINGS = {"0.10", "0.20", "0.30", ".02", ".92", "99.9", "99.99"}  # an alpha, a target to paste, a confidence
PUBLISHED = {  # as printed by the papers the same text names
    "4.9", "16.5", "0.6", "0.1", "0.2", "28.1", "15.0", "2.1", "2.4", "25.3", "25.8", "4.67", "4.92", "71.5", "71.7", "71.4", "68.9",
}  # fmt: skip


def test_every_decimal_on_a_slide_is_worked_out_or_published():
    for name, number, step in STEPS:
        for text in (step.say, step.ask, step.reveal, step.notes, *step.choices, *step.order, *step.replies, *step.learned):
            for said in re.findall(r"(?<![\d.])\d*\.\d+", text):
                if said in WORKED_OUT:
                    assert WORKED_OUT[said] == said, f"{name} {number}: {said} is {WORKED_OUT[said]}"
                else:
                    assert said in SETTINGS or said in PUBLISHED and "et al." in text, (
                        f"{name} {number}: where does {said} come from?"
                    )


def test_the_right_choice_is_right():
    """Those that a formula settles, word for word as they stand on the stage."""
    share = lambda n, alpha, convention="uniform": f"{100 * smoothing.target_probabilities(n, alpha, convention)[0]:.0f} %"
    right = lambda name, number: LECTURES[name].steps[number - 1].choices[int(LECTURES[name].steps[number - 1].answer) - 1]
    assert right("twenty", 2) == share(10, 0.1) == "91 %" and right("fifty", 2).startswith(share(10, 0.1))
    assert right("twenty", 3) == share(5, 0.1, "others") and share(5, 0.1) == "92 %"
    assert share(10, 0.1 / 9) == "99 %" and share(5, 0.2, "others") == "80 %", "what their replies say of the wrong ones"
    assert right("fifty", 4) == WORKED_OUT["0.125"] and right("fifty", 21) == f"α = {WORKED_OUT['0.222']}"
    assert right("fifty", 6).startswith(WORKED_OUT["0.50"]) and right("fifty", 7) == share(3, 0.3) == "80 %"
    gaps = [smoothing.optimal_logit_margin(n, alpha) for n, alpha in ((10, 0.3), (10, 0.1), (1000, 0.1), (10, 0))]
    assert gaps == sorted(gaps) and len(LECTURES["fifty"].steps[2].order) == 4
    assert smoothing.optimal_logit_margin(10, 0.3) < smoothing.optimal_logit_margin(10, 0.1), "twenty 5"


# ---- what the stored networks say -----------------------------------------------------------------------------------

STORE = Store(ROOT / "checkpoints")
RUNS = {
    run.config.alpha: run for run in STORE.runs if run.config.num_classes == 10 and run.config.seed == 0 and not run.config.variant
}
if not {0.0, 0.05, 0.1, 0.3, 0.5} <= set(RUNS):
    missing("the stored networks that the lectures speak of")


@pytest.fixture(scope="module")
def test_split() -> dict[float, tuple]:
    return {alpha: (STORE.load(run.id)["test_logits"], STORE.load(run.id)["test_labels"]) for alpha, run in RUNS.items()}


def test_calibration_claims(test_split):
    found = {alpha: assess(*split) for alpha, split in test_split.items()}
    assert found[0.0].signed_gap > 0.05, "hard targets: over-confident"
    assert abs(found[0.1].signed_gap) < found[0.0].signed_gap / 2, "this much helped"
    asked = [step for _, _, step in STEPS if step.pick]
    assert len(asked) == 2 and {step.answer for step in asked} == {min(found, key=lambda alpha: abs(found[alpha].signed_gap))}
    assert found[0.1].verdict == "uneven", "a mean gap of zero alone is not calibration"
    assert found[0.5].signed_gap < -0.2, "far too little at 0.50"
    assert foretold_against(found[0.0], found[0.3], 10, 0.3).moved == "less", "more confidence than it asks for"
    ece = {alpha: found[alpha].ece.ece for alpha in sorted(found)}
    least = min(ece, key=ece.get)
    assert 0 < least < 0.5 and ece[0.0] > ece[least] < ece[0.5], "a U"
    tempered = [
        run.metrics["test"]["ece15_at_temperature"]
        for run in STORE.runs
        if run.config.num_classes == 10 and run.config.alpha == 0 and not run.config.variant
    ]
    assert np.mean(tempered) < ece[least] + 0.01, "a temperature does about as well as the best alpha"


def test_geometry_claims():
    metric = lambda alpha, split, name: RUNS[alpha].metrics[split][name]
    for alpha in (0.1, 0.3):
        assert metric(alpha, "train", "plane_scatter") < metric(0.0, "train", "plane_scatter"), "tighter on training images"
        assert metric(alpha, "test", "plane_scatter") > metric(0.0, "test", "plane_scatter"), "not on new ones, in the plane"
        assert metric(alpha, "test", "nc1") < metric(0.0, "test", "nc1"), "NC1 does fall on new images"


def test_clouds_gather_towards_their_corners_not_at_them():
    away, side = pictures.single(10, RUNS[0.3].id, "plane", "train", (0, 1, 2)).from_corners
    assert away > side > 0


def test_margin_claims():
    margin = lambda alpha: RUNS[alpha].facts["margin_train"]
    assert abs(margin(0.1) - smoothing.optimal_logit_margin(10, 0.1)) < 0.3 and margin(0.0) > 2 * margin(0.1)


def test_cost_claims(test_split):
    few = {alpha: _errors_among_surest_fifth(*test_split[alpha]) for alpha in (0.0, 0.1)}
    assert few[0.1] > few[0.0], "among its surest answers the smoothed network errs more often"


def _errors_among_surest_fifth(logits, labels) -> float:
    confidence = np.asarray(assess(logits, labels).confidence)
    surest = np.argsort(-confidence)[: len(labels) // 5]
    return float((logits[surest].argmax(axis=1) != labels[surest]).mean())


def test_seed_claims():
    seeds = {
        a: [r for r in STORE.runs if r.config.num_classes == 10 and r.config.alpha == a and not r.config.variant]
        for a in (0.0, 0.1, 0.3)
    }
    assert all(len(runs) == 3 for runs in seeds.values()), "three networks that differ in their seed alone"
    stored = {a: [STORE.load(r.id) for r in sorted(runs, key=lambda r: r.config.seed)] for a, runs in seeds.items()}
    logits = {a: np.stack([arrays["test_logits"] for arrays in of]).astype(np.float32) for a, of in stored.items()}
    labels = stored[0.0][0]["test_labels"].astype(int)
    found, _ = agreement.agreements(logits, labels, 0.0)
    for alpha in (0.1, 0.3):
        changes = found[alpha].changes
        assert found[alpha].values["disagreement"] == pytest.approx(1 / 9, abs=0.01) and changes["disagreement"].moved == "equal"
        assert changes["variance"].difference < 0 < changes["matched"].difference, "they lie closer because they shrink"
    moved = {name: change.moved for name, change in found[0.3].changes.items()}
    assert (moved["variance"], moved["matched"]) == ("less", "more"), "closer because they shrink, further apart when equally sure"
    assert moved["common"] == "more", "at a large alpha what they get wrong together grows"
    right = {a: (of.argmax(axis=2) == labels).astype(float) for a, of in logits.items()}
    assert intervals.crossed_interval(right[0.1] - right[0.0])[1] < 0, "no gain in accuracy is confirmed"


def test_noise_claims():
    learnt = {
        r.config.alpha: r.history["memorised_flips"][-1]
        for r in STORE.runs
        if r.config.noise == 0.2 and r.config.num_classes == 10 and "memorised_flips" in r.history
    }
    assert learnt[0.1] < learnt[0.0], "the smoothed network learns fewer wrong labels by heart"
