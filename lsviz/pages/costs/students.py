"""A smoothed teacher on Costs: the map of students, stored and live, three papers as three readings of it, and T = 1 as a switch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from lsviz import state
from lsviz.core.errors import LsvizError
from lsviz.core.intervals import chance_of, crossed_interval, holm, side
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.lab.trials.students import Taught, TaughtTrial
from lsviz.pages.costs.student_map import Student, student_map_figure
from lsviz.store.published import published
from lsviz.texts.catalogue import cached_words, t, words
from lsviz.ui import controls, notices, prose
from lsviz.ui.live_experiment import result
from lsviz.ui.shown import figure
from lsviz.zoo import networks
from lsviz.zoo.calibration import right_answers
from lsviz.zoo.kept import of_store

LIVE = TaughtTrial()
SMOOTHED = 0.1  # the teacher all three papers smooth with
Right = Mapping[int, np.ndarray]  # seed -> which test images were answered right, (n,) of 0 and 1
Teacher = tuple[float, float]  # its alpha, and the temperature its student learnt at


@dataclass(frozen=True)
class Students:
    """Students of one N: which answers were right by teacher, or by their own alpha alone; and accuracy on validation images."""

    taught: Mapping[Teacher, Right]
    alone: Mapping[float, Right]
    validation: Mapping[Teacher, float]


def teachers(asked: int, cool: bool) -> None:
    """The map of the nearest N that has students, and beside it what each paper says and what these students say; then the same on digits, live."""
    controls.toggle("cool_teacher", t("costs.distil_switch"))
    if there := _counts():
        n = state.nearest_count(there, asked)
        if n != asked:
            prose.caption(t("costs.distil_nearest", asked=asked, shown=n))
        found = students(n)
        seeds = max(map(len, found.taught.values()))
        _beside(
            _map(n, cool),
            found,
            cool,
            "students",
            t("badge.measured_one") if seeds == 1 else t("badge.measured_seeds", seeds=seeds),
        )
    else:
        notices.to_train(t("costs.distil_missing"), "distil")
    prose.markdown(t("costs.distil_live", examples=LIVE.examples, width=LIVE.width, seeds=LIVE.seeds))
    taught = result(LIVE, "taught", t("costs.distil_go", count=LIVE.seeds * (len(LIVE.teachers) * (2 + len(LIVE.temperatures)))))
    if taught is not None:
        live = _live_map(LIVE.key, cool, taught)
        _beside(
            live,
            _as_students(taught),
            cool,
            "students_live",
            t("costs.distil_badge", seeds=LIVE.seeds, images=taught.images),
            "lab",
        )


def _beside(live: LiveFigure, found: Students, cool: bool, key: str, badge: str, source: str = "measured") -> None:
    """The map; at its side the papers' readings, or what the remedy does."""
    left, right = st.columns(2, gap="large")
    with left:
        figure(live, f"costs_{key}", badge=badge, source=source)
    with right:
        if cool:
            prose.markdown(_remedy(found))
        else:
            for paper in ("mueller", "shen", "chandrasegaran"):
                prose.markdown(_reading(paper, found))


def _remedy(found: Students) -> str:
    """T = 1 against every other temperature behind smoothed teachers, with its interval."""
    said = []
    for alpha, temperature in sorted(found.taught):
        apart = (
            difference(found.taught[alpha, temperature], found.taught.get((alpha, 1.0))) if alpha > 0 and temperature > 1 else None
        )
        if apart is not None:
            mean, low, high = apart
            verdict = t(f"costs.remedy_{('equal', 'gain', 'loss')[side(low, high)]}")
            said.append(
                t(
                    "costs.remedy_part",
                    alpha=numbers.alpha_text(alpha),
                    temperature=f"{temperature:g}",
                    difference=numbers.points(mean),
                    low=numbers.points(low),
                    high=numbers.points(high),
                    verdict=verdict,
                )
            )
    return t("costs.remedy_teacher", said="\n".join(said)) if said else t("costs.reading_missing")


def _as_students(taught: Taught) -> Students:
    """What was trained live, in the shape of the stored students."""
    by_seed = lambda rows: dict(enumerate(rows))
    return Students(
        {key: by_seed(rows) for key, rows in taught.students.items()},
        {alpha: by_seed(rows) for alpha, rows in taught.alone.items()},
        taught.validation,
    )


@of_store(max_entries=2)
def _counts() -> tuple[int, ...]:
    """The N with students of a teacher."""
    return tuple(
        sorted(
            {
                run.config.num_classes
                for run in networks.store().runs
                if run.config.teacher_alpha is not None and students(run.config.num_classes).taught
            }
        )
    )


@of_store(max_entries=8)
def students(n: int) -> Students:
    taught: dict[Teacher, dict[int, np.ndarray]] = {}
    alone: dict[float, dict[int, np.ndarray]] = {}
    validation: dict[Teacher, list[float]] = {}
    for run in networks.store().runs:
        c = run.config
        if c.num_classes != n or not c.is_student or c.noise or c.size != 100:
            continue
        try:
            right = right_answers(run)
        except LsvizError:
            continue
        if c.teacher_alpha is None:
            alone.setdefault(c.alpha, {})[c.seed] = right
        elif c.distil_weight == 1 and c.alpha == 0:
            key = (c.teacher_alpha, c.teacher_temperature)
            taught.setdefault(key, {})[c.seed] = right
            validation.setdefault(key, []).append(run.metrics["validation"]["accuracy"])
    return Students(taught, alone, {key: float(np.mean(values)) for key, values in validation.items()})


def difference(first: Right | None, second: Right | None) -> tuple[float, float, float] | None:
    """Second minus first over the seeds both have and the images; None where they share none."""
    return crossed_interval(apart) if (apart := _apart(first, second)) else None


def _apart(first: Right | None, second: Right | None) -> list[np.ndarray]:
    """The same image by image, (n,) for every seed both have."""
    first, second = first or {}, second or {}
    return [second[seed] - first[seed] for seed in sorted(first.keys() & second.keys())]


@of_store(max_entries=8, words=True)
def _map(n: int, cool: bool) -> LiveFigure:
    return _figure(students(n), cool)


@cached_words(max_entries=2)
def _live_map(key: str, cool: bool, _taught: Taught) -> LiveFigure:
    return _figure(_as_students(_taught), cool)


def _figure(found: Students, cool: bool) -> LiveFigure:
    accuracy = lambda right: float(np.mean(list(right.values())))
    alone = found.alone.get(0.0)
    apart = {key: pairs for key, right in found.taught.items() if (pairs := _apart(alone, right))}
    kept = holm({key: chance_of(partial(crossed_interval, pairs)) for key, pairs in apart.items()})
    made = {key: Student(accuracy(right), len(right), difference(alone, right), key in kept) for key, right in found.taught.items()}
    return student_map_figure(made, {alpha: accuracy(right) for alpha, right in found.alone.items()}, words("costs"), cool=cool)


def _reading(paper: str, found: Students) -> str:
    """The paper's claim with its numbers, and the same comparison between stored students with its interval."""
    hard, soft, sign, known = {"mueller": _mueller, "shen": _shen, "chandrasegaran": _chandrasegaran}[paper](found)
    apart = difference(found.taught.get(hard), found.taught.get(soft))
    said = t(f"costs.reading_{paper}", **known)
    if apart is None:
        return said + " " + t("costs.reading_missing")
    mean, low, high = apart
    verdict = ("equal", "agrees", "against")[side(low, high) * sign]
    where = dict(
        hard=f"{hard[1]:g}",
        soft=f"{soft[1]:g}",
        alpha=numbers.alpha_text(SMOOTHED),
        chosen=t("costs.reading_chosen") if paper == "mueller" else "",
    )
    return (
        said
        + " "
        + t(
            "costs.reading_here",
            **where,
            difference=numbers.points(mean),
            low=numbers.points(low),
            high=numbers.points(high),
            verdict=t(f"costs.reading_{verdict}"),
        )
    )


def _mueller(found: Students) -> tuple[Teacher, Teacher, int, dict[str, str]]:
    """A hard teacher at its best temperature, chosen on validation images, against a smoothed one at T = 1."""
    best = max((key for key in found.validation if key[0] == 0), key=lambda key: found.validation[key], default=(0.0, 1.0))
    error = {entry.setting: entry.value for entry in published(paper="mueller2019", metric="error", model="student")}
    return (
        best,
        (SMOOTHED, 1.0),
        -1,
        dict(hard=numbers.percent(error["hard teacher with dropout"]), soft=numbers.percent(error["smoothed teacher"])),
    )


def _shen(found: Students) -> tuple[Teacher, Teacher, int, dict[str, str]]:
    share = {entry.setting: entry.value for entry in published(paper="shen2021", model="ResNet-50 to ResNet-18, T = 1")}
    return (
        (0.0, 1.0),
        (SMOOTHED, 1.0),
        1,
        dict(hard=numbers.percent(share["hard teacher"], 1), soft=numbers.percent(share["smoothed teacher"], 1)),
    )


def _chandrasegaran(found: Students) -> tuple[Teacher, Teacher, int, dict[str, str]]:
    at = lambda teacher: {
        entry.setting: entry.value
        for entry in published(paper="chandrasegaran2022", model=f"ResNet-50 to ResNet-18, {teacher} teacher")
    }
    hard, soft = at("hard"), at("smoothed")
    known = {
        f"{name}{temperature}": numbers.percent(share[temperature], 1)
        for name, share in (("hard", hard), ("soft", soft))
        for temperature in (1, 2)
    }
    return (0.0, 2.0), (SMOOTHED, 2.0), -1, known
