"""What a page shows, as one typed value: every control's name, default and range, and its place in the URL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from math import inf, log
from typing import Any

PLANE_TRIO = (1, 2, 3)  # beaver, dolphin, otter: Müller et al. 2019, fig. 1


@dataclass(frozen=True)
class Control:
    """How one field is written in the URL, and which values are allowed."""

    url: str
    allowed: str  # for people: the table of .github/ADDRESS.md
    meaning: str
    parse: Callable[[str], Any]  # raises ValueError on junk
    format: Callable[[Any], str]
    always: bool = False  # in the URL even at its default
    range: tuple[float, float] = (-inf, inf)  # of numbers
    longest: int = 600  # characters; the longest value that a control writes has 441

    def read(self, text: str) -> Any:
        """The value written as `text`. Raises ValueError on junk, and on what is too long to be anything else before it is looked at."""
        if len(text) > self.longest:
            raise ValueError(text[:60])
        return self.parse(text.strip())


def _number(url: str, default: float, low: float, high: float, meaning: str, *, always: bool = False) -> Any:
    def parse(text: str) -> float:
        value = float(text)
        if not low <= value <= high:  # also refuses nan
            raise ValueError(text)
        return value

    def write(value: object) -> str:
        return f"{value:.6g}"

    return _field(default, Control(url, f"{low:g} to {high:g}", meaning, parse, write, always, (low, high)))


def _whole(url: str, default: int, low: int, high: int, meaning: str, *, always: bool = False) -> Any:
    def parse(text: str) -> int:
        value = int(text)
        if not low <= value <= high:
            raise ValueError(text)
        return value

    return _field(default, Control(url, f"{low} to {high:,}".replace(",", " "), meaning, parse, str, always, (low, high)))


def _choice(url: str, options: tuple[str, ...], meaning: str) -> Any:
    def parse(text: str) -> str:
        if text not in options:
            raise ValueError(text)
        return text

    return _field(options[0], Control(url, ", ".join(options), meaning, parse, str))


def _text(url: str, default: str, pattern: str, allowed: str, meaning: str, *, longest: int = 600) -> Any:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(text)
        return text

    return _field(default, Control(url, allowed, meaning, parse, str, longest=longest))


def _name(url: str, meaning: str) -> Any:
    return _text(url, "", r"[\w.\-]{0,80}", "letters, digits, . and -", meaning)


def _flag(url: str, meaning: str, default: bool = False) -> Any:
    def parse(text: str) -> bool:
        if text.lower() not in ("1", "true", "0", "false"):
            raise ValueError(text)
        return text.lower() in ("1", "true")

    return _field(default, Control(url, "0 or 1", meaning, parse, lambda value: str(int(bool(value)))))


def _three_classes(url: str, meaning: str) -> Any:
    def parse(text: str) -> tuple[int, ...]:
        classes = tuple(int(part) for part in text.split("-"))
        if len(set(classes)) != 3 or len(classes) != 3 or min(classes) < 1 or max(classes) > 100:
            raise ValueError(text)
        return classes

    return _field(PLANE_TRIO, Control(url, "three of 1 to 100, as 1-2-3", meaning, parse, lambda c: "-".join(map(str, c))))


def _some_classes(url: str, meaning: str) -> Any:
    def parse(text: str) -> tuple[int, ...]:
        classes = tuple(sorted({int(part) for part in text.split("-")})) if text else ()
        if classes and not 1 <= classes[0] <= classes[-1] <= 100:
            raise ValueError(text)
        return classes

    return _field((), Control(url, "some of 1 to 100, as 4-10", meaning, parse, lambda c: "-".join(map(str, c))))


def parse_edges(text: str) -> tuple[float, ...]:
    """Inner bin edges, rising and inside (0, 1), from "0.5 0.9" or "0.5, 0.9" or "0.5-0.9". Raises ValueError on anything else."""
    edges = tuple(round(float(part), 6) for part in re.split(r"[\s,;\-]+", text.strip()))
    if not 1 <= len(edges) <= 49 or not all(a < b for a, b in zip((0.0, *edges), (*edges, 1.0))):
        raise ValueError(text)
    return edges


def _edges(url: str, meaning: str) -> Any:
    write = lambda edges: "-".join(f"{edge:.6g}" for edge in edges)
    return _field(EDGES, Control(url, "rising numbers between 0 and 1, as 0.5-0.9", meaning, parse_edges, write))


def _hidden(url: str, meaning: str) -> Any:
    def parse(text: str) -> tuple[str, ...]:
        parts = set(filter(None, text.split("-")))
        if not parts <= set(HIDEABLE):
            raise ValueError(text)
        return tuple(name for name in HIDEABLE if name in parts)

    return _field((), Control(url, f"some of {', '.join(HIDEABLE)}, joined by -", meaning, parse, "-".join))


def _names(url: str, meaning: str) -> Any:
    pattern = re.compile(r"([a-z]{1,20}(-[a-z]{1,20}){0,39})?")

    def parse(text: str) -> tuple[str, ...]:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return tuple(dict.fromkeys(filter(None, text.split("-"))))

    return _field((), Control(url, "names of folds, joined by -", meaning, parse, "-".join))


def _field(default: object, control: Control) -> Any:
    return field(default=default, metadata={"control": control})


EDGES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)  # narrow where a trained network's confidence crowds
ALIKE = "356.386.396.536.596.836.896.936.956.986"  # of the digits 3, 5, 8 and 9, all but 5 and 8 look alike
COLORS = ("class", "superclass", "right", "confidence", "moved", "kept", "intruders")
ONLY_ON_MAPS = ("kept", "intruders")
VIEWS = ("plane", "pca", "umap", "all")
GEOMETRY = (
    "nc1", "nc2", "nc3", "nc4", "this_plane", "plane_scatter", "scatter", "class_separation", "cosine",
    "knn_original", "knn_picture", "trust", "kept", "pieces",
)  # fmt: skip
DATASETS = ("digits", "moons", "circles", "spirals", "blobs", "csv")
LANGUAGES = ("en", "ko")  # the first where a browser asks for none of them
HIDEABLE = (
    "alpha",
    "n",
    "menu",
    "controls",
    "save",
    "notes",
)  # what a link may leave out; a student's always does without the notes
PLAYER = ("lang", "hide", "large", "scene", "step")  # fields that belong to the room, not to what a page shows
CONVENTIONS = ("uniform", "others", "others_no_pad", "binary")


@dataclass(frozen=True)
class ViewState:
    """The whole state of a view. Classes count from 1 here, on screen and in URLs; from 0 in code."""

    alpha: float = _number("alpha", 0.1, 0, 1, "label smoothing strength", always=True)
    num_classes: int = _whole("n", 10, 2, 1000, "number of classes, N", always=True)
    lang: str = _text(
        "lang", "", "|".join(("", *LANGUAGES)), f"{', '.join(LANGUAGES)}, or nothing", "the language; nothing follows the browser's"
    )
    hide: tuple[str, ...] = _hidden(
        "hide", "what a student's link leaves out: the slider, N, the menu, a page's own controls, saving, a lecture's notes"
    )
    open: tuple[str, ...] = _names("open", "the folds that are open on this page")
    large: bool = _flag("large", "larger type, for the back row")
    scene: str = _text(
        "scene", "", r"[\w\-]{0,40}|~[\w\-]{1,80000}", "a lecture's name, or ~ and a packed one", "the lecture that is played",
        longest=80_001,
    )  # fmt: skip
    step: int = _whole("step", 1, 1, 200, "where the lecture stands")
    true_class: int = _whole("class", 1, 1, 1000, "the labelled class on Soft targets")
    convention: str = _choice("conv", CONVENTIONS, "how alpha is spread over the classes")
    axis: str = _choice("axis", ("linear", "log"), "probability axis on Soft targets")
    negative: float = _number("r", 0, -1, 0, "negative smoothing on Soft targets; 0 is off")
    curve: str = _choice("curve", ("nll", "excess", "accuracy"), "training curve on Loss")
    bins: int = _whole("bins", 15, 2, 50, "number of reliability bins")
    binning: str = _choice(
        "binning", ("uniform", "mass", "smooth", "own"), "bins of equal width, of equal count, none, or your own edges"
    )
    edges: tuple[float, ...] = _edges("edges", "your own inner bin edges")
    event: str = _text(
        "about", "top", r"top|(class|first)-[1-9]\d{0,2}", "top, class-1 to class-100, first-2 to first-10",
        "what the reliability diagram is about: the answer, one class, or the first k answers",
    )  # fmt: skip
    first: str = _name("first", "the first of two networks compared on Reliability and Embeddings; empty is the hard one")
    second: str = _name("second", "the second of two; empty is the one at alpha")
    bin: int = _whole("bin", 0, 0, 50, "the bin whose images Reliability lists, counted from 1; 0 is the fullest")
    measures: bool = _flag("all", "every calibration measure with its interval on Reliability")
    temperature: float = _number("temp", 1, 0.25, 8, "temperature the logits are divided by on Reliability")
    score: str = _choice("score", ("probability", "logit", "norm"), "what answers are sorted by on Costs")
    prior_data: str = _choice("prior", ("moons", "blobs"), "data of the five assumptions on Inductive bias")
    few: str = _choice("few", ("50", "150", "400"), "training digits of the live bias and variance on Inductive bias")
    alike: str = _text(
        "alike", ALIKE, r"((\d)(?!\2)\d\d(\.(\d)(?!\4)\d\d){0,89})?", "three digits each, as 386.836",
        "which digits are alike on Wrong labels, where not 1: row, column, weight",
    )  # fmt: skip
    tax_tempered: bool = _flag("tax_t", "NLL after one temperature on Costs")
    easy_right: float = _number("right", 0.97, 0.5, 1, "accuracy expected of easy tasks on Costs")
    easy_tempered: bool = _flag("easy_t", "easy tasks after one temperature on Costs")
    cool_teacher: bool = _flag("t1", "the remedy for a smoothed teacher, T = 1, on Costs")
    split: str = _choice("split", ("test", "train"), "images shown on Embeddings")
    view: str = _choice("view", VIEWS, "projection on Embeddings")
    classes: tuple[int, ...] = _three_classes("classes", "the three classes of the template plane")
    color: str = _choice("color", COLORS, "what colours the images on Embeddings")
    image: int = _whole(
        "image", 0, 0, 60_000, "the image whose neighbours Embeddings lists: its row in the official file, from 1; 0 is none"
    )
    pins: tuple[int, ...] = _some_classes("pins", "the classes pinned on a map on Embeddings")
    lasso: bool = _flag("lasso", "dragging in a picture on Embeddings marks images in all of them, instead of zooming")
    strip: bool = _flag("strip", "every trained alpha side by side on Embeddings")
    same_scale: bool = _flag(
        "same",
        "the same axes for both panels and every alpha on Embeddings, as UMAP always has; 0: classes equally far apart",
        True,
    )
    measure: str = _choice("measure", GEOMETRY, "the measure drawn over alpha on Embeddings")
    epoch: int = _whole("epoch", 0, 0, 400, "the epoch of training shown on Embeddings; 0 is the last")
    live: bool = _flag("live", "UMAP laid out anew on Embeddings, with the settings below")
    neighbors: int = _whole("nn", 15, 2, 60, "UMAP: neighbours")
    min_dist: float = _number("md", 0.1, 0, 0.99, "UMAP: least distance between points")
    spread: float = _number("sp", 1, 0.5, 3, "UMAP: scale of the picture; not below the least distance")
    metric: str = _choice("metric", ("euclidean", "cosine"), "UMAP: how distance is measured")
    seed: int = _whole("seed", 42, 0, 9999, "UMAP: seed")
    three_seeds: bool = _flag("three", "UMAP: three seeds side by side")
    points: int = _whole("points", 1000, 200, 10_000, "UMAP: number of images")
    dims: str = _choice("dims", ("2", "3"), "UMAP: dimensions")
    lab_data: str = _choice("data", DATASETS, "Lab: the data the networks learn")
    lab_examples: int = _whole("examples", 0, 0, 5000, "Lab: training examples; 0 is the data set's usual number")
    lab_noise: float = _number("wrong", 0, 0, 0.9, "Lab: share of wrong training labels")
    lab_flips: str = _choice("flips", ("symmetric", "pair"), "Lab: wrong labels are any other class, or the next one")
    lab_spoiled: float = _number("fnoise", 0, 0, 3, "Lab: noise added to the features")
    lab_overlap: float = _number("overlap", 0.3, 0.05, 1, "Lab: width of the blobs over the distance between them")
    lab_depth: int = _whole("depth", 2, 0, 6, "Lab: hidden layers")
    lab_width: int = _whole("width", 128, 2, 512, "Lab: units of the first hidden layer; the next have half")
    lab_flat: bool = _flag("flat", "Lab: a last hidden layer of two units, drawn as it is")
    lab_epochs: int = _whole("epochs", 40, 1, 400, "Lab: epochs")
    lab_batch: int = _whole("batch", 100, 1, 1000, "Lab: examples in a batch")
    lab_optimizer: str = _choice("opt", ("adam", "sgd"), "Lab: optimiser")
    lab_rate: float = _number("rate", 0.001, 1e-5, 100, "Lab: learning rate")
    lab_decay: float = _number("decay", 0, 0, 1, "Lab: weight decay")
    lab_seed: int = _whole("labseed", 0, 0, 9999, "Lab: seed of data, weights and batches")
    lab_negative: bool = _flag("neg", "Lab: networks with negative smoothing too")
    lab_also: float = _number("also", 0, 0, 1, "Lab: one more alpha to train; 0 is none")
    lab_five: bool = _flag("five", "Lab: five seeds, drawn as a band")
    lab_epoch: int = _whole("at", 0, 0, 400, "Lab: the epoch shown; 0 is the last")
    lab_curve: str = _choice("labcurve", ("nll", "excess", "accuracy"), "Lab: training curve")
    lab_inside: str = _choice("inside", ("plane", "pca"), "Lab: what is drawn of the last hidden layer")
    lab_losses: str = _choice("by", ("aurc", "ece_cooled", "ece", "accuracy", "spread"), "Lab: what five losses are compared by")
    lab_predict: bool = _flag("predict", "Lab: the result stays hidden until a guess is made")
    lab_guess: float = _number("guess", 0.1, 0, 1, "Lab: the alpha at which the reader expects the least calibration error")
    run: str = _name("run", "the network whose learning curves Networks shows")

    @classmethod
    def from_query(cls, query: Mapping[str, str], base: ViewState | None = None) -> ViewState:
        """Read a URL's query. Missing, junk and out-of-range values keep `base` (default: the defaults), one by one."""
        state = base or cls()
        for entry in fields(cls):
            control: Control = entry.metadata["control"]
            if (text := query.get(control.url)) is None:
                continue
            with suppress(ValueError, OverflowError):  # a broken link still opens the page
                state = replace(state, **{entry.name: control.read(text)})
        return state

    def to_query(self) -> dict[str, str]:
        """The query of this view: alpha and n always, the rest where it differs from its default."""
        query = {}
        for entry in fields(self):
            control: Control = entry.metadata["control"]
            value = getattr(self, entry.name)
            if control.always or value != entry.default:
                query[control.url] = control.format(value)
        return query


def control(name: str) -> Control:
    """The declaration of the field `name`."""
    return ViewState.__dataclass_fields__[name].metadata["control"]


def url_table() -> str:
    """The table of URL names in .github/ADDRESS.md, as Markdown."""
    lines = ["| in the URL | values | default | what it sets |", "|---|---|---|---|"]
    for entry in fields(ViewState):
        made: Control = entry.metadata["control"]
        lines.append(f"| `{made.url}` | {made.allowed} | {made.format(entry.default)} | {made.meaning} |")
    return "\n".join(lines)


def closed_form_stops() -> tuple[float, ...]:
    """The dock's 76 stops on closed-form pages: 0 to .1 by .005, to .3 by .01, to 1 by .02."""
    fine = [round(0.005 * i, 3) for i in range(21)]
    middle = [round(0.1 + 0.01 * i, 2) for i in range(1, 21)]
    coarse = [round(0.3 + 0.02 * i, 2) for i in range(1, 36)]
    return tuple(fine + middle + coarse)


if __name__ == "__main__":
    print(url_table())


def nearest_count(available: Sequence[int], asked: int) -> int:
    """The number of classes shown for `asked`: the available one nearest on a log scale."""
    return min(available, key=lambda n: abs(log(n / asked)))
