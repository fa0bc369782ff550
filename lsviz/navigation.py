"""The one list of pages: their names in links, in the menu's order, what the dock offers on each, what is folded there, and where their files lie."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "pages"
# name, which is the url path -> what the dock offers there: any alpha ("closed"), the trained ones ("stored"), the lab's ("lab"), or no dock
PAGES = {
    "overview": "closed",
    "targets": "closed",
    "loss": "closed",
    "reliability": "stored",
    "embeddings": "stored",
    "bias": "stored",
    "labels": "stored",
    "costs": "stored",
    "lab": "lab",
    "yours": "none",
    "networks": "none",
}
# page -> its folds from top to bottom -> the figures inside, by how their keys begin
FOLDS: dict[str, dict[str, tuple[str, ...]]] = {
    "overview": {"more": ("overview_loss", "overview_claims")},
    "targets": {
        "gap": ("targets_gap", "targets_map"),
        "libraries": (),
        "paste": ("targets_negative",),
        "code": (),
    },
    "loss": {
        "why": ("loss_force", "loss_probability"),
        "triangle": ("loss_simplex",),
        "training": ("loss_plateau", "loss_curves"),
        "meaning": (),
        "curves": ("curves_own",),
    },
    "reliability": {
        "numbers": (),
        "two": (),
        "measures": (),
        "images": (),
        "temperature": ("reliability_temperature",),
        "remedies": ("reliability_remedies", "reliability_estimators"),
        "foretold": ("reliability_foretold",),
        "everyn": ("reliability_u",),
    },
    "embeddings": {
        "falls": (),
        "behind": (),
        "geometry": ("embeddings_measure", "embeddings_cosine"),
        "live": ("umap_",),
        "time": ("embeddings_time", "embeddings_collapse"),
    },
    "bias": {
        "agreement": (),
        "nll": ("bias_nll", "bias_paired_nll"),
        "ensemble": ("bias_ensemble",),
        "samples": ("bias_live_parts", "bias_paired_first", "bias_paired_second"),
        "sizes": ("bias_sized", "bias_sizes"),
    },
    "labels": {
        "flips": ("bias_flips",),
        "digits": ("bias_live_map", "bias_live_flips"),
        "corrections": ("bias_corrections",),
        "epochs": ("bias_test_accuracy", "bias_memorised"),
        "papers": (),
        "likeness": ("bias_alike_live",),
    },
    "costs": {
        "force": ("costs_force", "costs_top"),
        "bought": (),
        "price": ("costs_tax", "costs_price"),
        "easy": ("costs_easy",),
        "students": ("costs_students",),
        "probe": ("costs_probe",),
    },
    "lab": {
        "decision": ("lab_map",),
        "claims": ("lab_reliability",),
        "inside": ("lab_inside",),
        "told": ("lab_told",),
        "progress": ("lab_margin", "lab_curve"),
        "losses": ("lab_losses",),
        "unseen": ("lab_far", "lab_unseen"),
    },
    "yours": {
        "get": (),
        "which": (),
        "held": (),
        "all": (),
        "repair": ("yours_temperature", "yours_coverage"),
        "pair": (),
        "stretch": (),
        "groups": ("yours_group",),
        "shape": (),
        "curves": ("curves_own",),
    },
    "networks": {"grid": (), "learning": ("networks_nll", "networks_accuracy"), "recipe": (), "sources": ()},
}
# page -> a control's name in the URL -> the fold it stands in: a link of before says nothing of folds
MEANT = {
    "targets": {"r": "paste"},
    "loss": {"curve": "training"},
    "reliability": {"first": "two", "second": "two", "all": "measures", "bin": "images", "temp": "temperature"},
    "embeddings": {"measure": "geometry", "live": "live", "epoch": "time"},
    "bias": {"few": "samples"},
    "labels": {"alike": "likeness"},
    "costs": {"tax_t": "price", "right": "easy", "easy_t": "easy", "t1": "students"},
    "lab": {"inside": "inside", "labcurve": "progress", "by": "losses"},
    "networks": {"run": "learning"},
}
MOVED = {"bias": ("labels", ("bias_map", "bias_flips", "bias_live_map", "bias_live_flips", "bias_identity", "bias_corrections", "bias_test_accuracy", "bias_memorised", "bias_alike"))}  # fmt: skip
FIRST = next(iter(PAGES))  # Streamlit serves it at "/"
GLOSSARY = "glossary"  # outside the menu: Overview leads to it
WRITE = "write"  # a lecture: Overview and the Share menu lead to it
WARM_UP = "warm"  # a page that is not for readers


def names() -> tuple[str, ...]:
    """Every page a reader can open, in order."""
    return tuple(PAGES)


def file(name: str) -> str:
    """The file of the page `name`, as st.Page, st.page_link and st.switch_page want it, whatever script the app was started from."""
    return str(FOLDER / name / "page.py")


def opened(page: str, named: Collection[str], figure: str = "") -> tuple[str, ...]:
    """The folds of a page that hold the figure, or a control that the URL names, from top to bottom."""
    found = {fold for name, fold in MEANT.get(page, {}).items() if name in named}
    if figure:
        found |= {fold for fold, keys in FOLDS.get(page, {}).items() if figure.startswith(keys)}
    return in_order(found)


def in_order(folds: Iterable[str]) -> tuple[str, ...]:
    """These folds as they follow one another on their page."""
    every = [fold for page in FOLDS.values() for fold in page]
    return tuple(sorted(set(folds), key=lambda fold: (every.index(fold) if fold in every else len(every), fold)))


def page_of(page: str, figure: str) -> str:
    """Where the figure stands now, if it stood on `page` in a lecture of before."""
    there, keys = MOVED.get(page, (page, ()))
    return there if figure and figure.startswith(keys) else page
