"""Spread of the stored networks in numbers: the headline, the rows of the dumbbell, the quiet table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsviz.figures import theme
from lsviz.store import RunRecord
from lsviz.ui import zoo
from lsviz.ui.pictures import gallery_runs, mean_cosine, trio_spread
from lsviz.ui.texts import cached_words, t

_SPLIT_METRICS = ("nc1", "plane_scatter", "scatter", "class_separation")
_FACTS = ("features_knn15", "umap_knn15", "pca_knn15", "umap_trust15", "umap_kept15", "umap_components")


def spread_rows(num_classes: int, trio: tuple[int, ...]) -> dict[str, tuple[float, ...]]:
    """Measures of spread over the alphas, by their text key: in the trio's plane, in what the last layer sees, in all dimensions."""
    runs = gallery_runs(num_classes)
    rows: dict[str, tuple[float, ...]] = {}
    if trio:
        spread = trio_spread(zoo.stamp(), num_classes, trio)
        rows |= {"plane_train": spread["train"], "plane_test": spread["test"]}
    else:
        rows |= {f"seen_{split}": tuple(run.metrics[split]["plane_scatter"] for run in runs) for split in ("train", "test")}
    rows["nc1_train"] = tuple(run.metrics["train"]["nc1"] for run in runs)
    rows["scatter_test"] = tuple(run.metrics["test"]["scatter"] for run in runs)
    return rows


@cached_words(max_entries=32)
def findings(stamp: str, num_classes: int, trio: tuple[int, ...]) -> tuple[list[str], list[str]]:
    """The headline and its sentence for every trained alpha: spread with hard targets over spread at alpha."""
    train, test = list(spread_rows(num_classes, trio).values())[:2]
    nc1 = [run.metrics["test"]["nc1"] for run in gallery_runs(num_classes)]
    where = t("embeddings.where_plane" if trio else "embeddings.where_all")
    heads, subs = [], []
    for s, run in enumerate(gallery_runs(num_classes)):
        if run.config.alpha == 0:
            heads.append(t("embeddings.head_hard", spread=theme.percent(round(test[s] ** 0.5, 2))))
            subs.append(t("embeddings.sub_hard", where=where))
            continue
        parts = {}
        for name, values in (("train", train), ("test", test), ("nc1", nc1)):
            factor = values[0] / values[s]
            parts[name] = theme.ratio(factor if factor >= 1 else 1 / factor)
            parts[f"{name}_word"] = t("embeddings.tighter" if factor >= 1 else "embeddings.looser")
        heads.append(t("embeddings.head", alpha=theme.alpha_text(run.config.alpha), **parts))
        subs.append(t("embeddings.sub", where=where, nc1=parts["nc1"], nc1_word=parts["nc1_word"]))
    return heads, subs


def number_table(hard: RunRecord, chosen: RunRecord, split: str, trio: tuple[int, ...]) -> str:
    """Hard beside the chosen alpha, as Markdown; measures a run does not have are left out."""
    runs = [hard] if chosen.id == hard.id else [hard, chosen]
    heads = [t("embeddings.number_hard")] + [t("embeddings.number_soft", alpha=theme.alpha_text(chosen.config.alpha))] * (len(runs) - 1)
    lines = [f"| {t('embeddings.numbers_what')} | {' | '.join(heads)} |", "|---|" + "--:|" * len(runs)]
    if trio:
        spread = dict(zip((run.id for run in gallery_runs(hard.config.num_classes)), trio_spread(zoo.stamp(), hard.config.num_classes, trio)[split]))
        _line(lines, t("embeddings.number.this_plane"), [spread[run.id] for run in runs])
    for metric in _SPLIT_METRICS:
        values = [run.metrics[split].get(metric) for run in runs]
        _line(lines, t(f"embeddings.number.{metric}"), [value and _with_seeds(value, _over_seeds(run, split, metric)) for run, value in zip(runs, values)])
    simplex = f"{-1 / (hard.config.num_classes - 1):.3f}".replace("-", theme.MINUS)
    _line(lines, t("embeddings.number.cosine", simplex=simplex), [mean_cosine(zoo.stamp(), run.id, split) for run in runs])
    for fact in _FACTS:
        _line(lines, t(f"embeddings.number.{fact}"), [run.facts.get(f"{fact}_{split}") for run in runs])
    return "\n".join(lines)


_LAID_OUT = re.compile(r"(?P<neighbours>\d+) neighbours, min_dist (?P<min_dist>[\d.]+), (?P<epochs>\d+) epochs, chained from alpha 0, on (?P<components>\d+) principal components")


def umap_parameters(run: RunRecord) -> str:
    """How the stored UMAP pictures were made, as the run's record tells it; nothing where it has none."""
    told = str(run.facts.get("umap_parameters", ""))
    found = _LAID_OUT.fullmatch(told)
    return t("embeddings.numbers_umap", **found.groupdict()) if found else told


def most_seeds(runs: Sequence[RunRecord]) -> int:
    """The most seeds stored for any of `runs`."""
    return max(len(_over_seeds(run, "test", "nc1")) for run in runs)


def _over_seeds(run: RunRecord, split: str, metric: str) -> list[float]:
    """The metric of every stored network that differs from `run` in its seed alone, itself included."""
    alike = (other for other in zoo.family(run.config.num_classes) if other.config.alpha == run.config.alpha)
    return [other.metrics[split][metric] for other in alike if metric in other.metrics.get(split, {})]


def _with_seeds(value: float, seeds: list[float]) -> str:
    if len(seeds) < 2:
        return f"{value:.3f}"
    return t("embeddings.number_seeds", value=f"{value:.3f}", low=f"{min(seeds):.3f}", high=f"{max(seeds):.3f}")


def _line(lines: list[str], name: str, values: list) -> None:
    if any(value is None for value in values):
        return
    shown = (str(v) if isinstance(v, int | str) else f"{v:.3f}".replace("-", theme.MINUS) for v in values)
    lines.append(f"| {name} | {' | '.join(shown)} |")
