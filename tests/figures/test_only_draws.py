"""Numbers first, then the picture: no figure module counts, bootstraps, fits or sorts samples. Read from the source; shown to catch."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What takes samples, logits or activations in core; its results are handed to a figure, finished.
CORE_COMPUTES = {
    "assess", "assess_event", "agreements", "aurc_difference", "brier", "brier_variance", "by_seed", "class_separation", "compare", "compare_seeds",
    "completed_by_logits", "confidence_and_correct", "cooled_anew", "cooled_difference", "corp_terms", "cut", "darkest", "crossed_interval", "decompose_brier", "decompose_nll", "diagnose", "diagram", "diagram_numbers", "disagreement",
    "ece_difference", "ece_interval", "ece_noise_floor", "every_diagram", "fit_norm", "fit_temperature",
    "gap_and_ece", "matching_temperature", "mean_interval", "moved_from", "nc1", "nc2", "nc3", "nc4", "nll", "nll_per_example", "off_target", "on_plane", "over_seeds",
    "per_image", "ratio_interval", "reliability_diagram", "risk_coverage", "scatter_ratio", "score_of", "seed_interval",
    "smooth_curve", "smooth_ece", "summarise", "temperature_curve", "template_plane", "template_plane_from_logits",
    "top_logit_numbers", "top_logits", "umap_layout", "wilson",
}  # fmt: skip
LIBRARIES_COMPUTE = {
    "argsort", "bincount", "corrcoef", "digitize", "eig", "eigh", "histogram", "histogram2d", "lstsq", "median", "nanmedian",
    "nanpercentile", "nanquantile", "nanstd", "percentile", "polyfit", "quantile", "softmax", "sort", "std", "svd", "var",
}  # fmt: skip
COMPUTES = CORE_COMPUTES | LIBRARIES_COMPUTE
# Where a name stands clear of its points: a place on the panel, which tells nothing about a network.
PLACES = {"figures/cluster_names.py": {"median", "quantile"}}


def modules() -> list[Path]:
    """Every module of figures, and of the pages those that say "figure" in their name or draw without saying so."""
    pages = (ROOT / "lsviz/pages").rglob("*.py")
    return sorted(
        [*(ROOT / "lsviz/figures").rglob("*.py"), *(p for p in pages if "figure" in p.name or draws(p.read_text("utf-8")))]
    )


def draws(source: str) -> bool:
    return "import plotly.graph_objects" in source or "from plotly" in source


def computing(source: str) -> list[str]:
    """The computing names that `source` calls, by whatever path: reliability_diagram(...), core.assess(...), network.diagram(...)."""
    calls = [node.func for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    names = [
        call.attr if isinstance(call, ast.Attribute) else call.id for call in calls if isinstance(call, (ast.Attribute, ast.Name))
    ]
    imported = [
        alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("lsviz.core", "numpy", "scipy"))
        for alias in node.names
    ]
    return sorted(COMPUTES & {*names, *imported})


def test_every_figure_module_is_read():
    assert len(modules()) >= 33
    assert {"student_map.py", "reliability.py", "reliability_trend.py", "targets.py", "seeds_figures.py", "likeness_figure.py"} <= {
        path.name for path in modules()
    }


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT / "lsviz")))
def test_a_figure_module_only_draws(path):
    allowed = PLACES.get(path.relative_to(ROOT / "lsviz").as_posix(), set())
    assert set(computing(path.read_text("utf-8"))) == allowed  # what is allowed but no longer called is taken off the list


def test_what_is_forbidden_exists():
    """A renamed function would leave the list without a guard for it."""
    core = "\n".join(path.read_text("utf-8") for path in (ROOT / "lsviz/core").rglob("*.py"))
    assert sorted(name for name in CORE_COMPUTES if f"def {name}(" not in core) == []


@pytest.mark.parametrize(
    ("planted", "caught"),
    [
        ("diagrams = {a: network.diagram(15) for a, network in networks.items()}", "diagram"),
        ("from lsviz.core.intervals import seed_interval as ends\nlow, high = ends(values)", "seed_interval"),
        ("from lsviz.core import calibration\ncalibration.ece_interval(diagram)", "ece_interval"),
        ("def build(one):\n    return lambda: np.histogram(one.right, edges)[0]", "histogram"),
        ("order = np.argsort(confidence)", "argsort"),
        ("line = np.polyfit(x, y, 1)", "polyfit"),
        ("from numpy import argsort as order\nranks = order(confidence)", "argsort"),
        ("spread = values.std(ddof=1)", "std"),
        ("low = np.quantile(draws, 0.025, axis=0)", "quantile"),
    ],
)
def test_a_planted_violation_is_caught(planted, caught):
    path = ROOT / "lsviz/figures/reliability.py"
    assert computing(path.read_text("utf-8") + "\n" + planted) == [caught]


BUILDERS = {"reliability.py": "reliability_figure", "reliability_trend.py": "trend_figure", "targets.py": "targets_figure"}


@pytest.mark.parametrize(("file", "name"), BUILDERS.items())
def test_the_big_builders_name_the_parts_they_draw(file, name):
    tree = ast.parse((ROOT / "lsviz/figures" / file).read_text("utf-8"))
    (builder,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name)
    assert builder.end_lineno - builder.lineno + 1 <= 50
