"""Spread of the stored networks in numbers: the headline, the rows of the dumbbell, the quiet table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from lsviz.core import projection
from lsviz.figures import numbers
from lsviz.figures.tables import markdown_table
from lsviz.store import RunRecord
from lsviz.texts.catalogue import t
from lsviz.ui import prose
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store
from lsviz.zoo.pictures import feature_rows, features, gallery_runs, mean_cosine, run_name
from lsviz.zoo.spread import plane_spread, plane_spreads, spread_rows

_METRICS = ("nc1", "nc2", "nc3", "nc4", "plane_scatter", "scatter", "class_separation")


@of_store(max_entries=32, words=True)
def findings(num_classes: int, trio: tuple[int, ...]) -> tuple[list[str], list[str]]:
    """The headline and its sentence for every trained alpha: spread with hard targets over spread at alpha."""
    train, test = list(spread_rows(num_classes, trio).values())[:2]
    nc1 = [run.metrics["test"]["nc1"] for run in gallery_runs(num_classes)]
    where = t("embeddings.where_plane" if trio else "embeddings.where_all")
    heads, subs = [], []
    for s, run in enumerate(gallery_runs(num_classes)):
        if run.config.alpha == 0:
            heads.append(t("embeddings.head_hard", spread=numbers.percent(round(test[s] ** 0.5, 2))))
            subs.append(t("embeddings.sub_hard", where=where))
            continue
        parts = {}
        for name, values in (("train", train), ("test", test), ("nc1", nc1)):
            factor = values[0] / values[s]
            parts[name] = numbers.ratio(factor if factor >= 1 else 1 / factor)
            parts[f"{name}_word"] = t("embeddings.tighter" if factor >= 1 else "embeddings.looser")
        heads.append(t("embeddings.head", alpha=numbers.alpha_text(run.config.alpha), **parts))
        subs.append(t("embeddings.sub", where=where, nc1=parts["nc1"], nc1_word=parts["nc1_word"]))
    return heads, subs


# ---- the table ------------------------------------------------------------------------------------------------------


@of_store(max_entries=64, words=True)
def number_rows(run_ids: tuple[str, ...], split: str, trio: tuple[int, ...]) -> list[list[str]]:
    """The original space of these networks, a column each, the heads first; measures that none of them has are left out."""
    runs = [networks.store().record(run_id) for run_id in run_ids]
    lines = [[t("embeddings.numbers_what"), *map(_head, runs)]]
    for name in (*(("this_plane",) if trio else ()), *_METRICS):
        _line(lines, t(f"embeddings.number.{name}"), [in_seeds(run, split, name, trio) for run in runs])
    simplex = number(-1 / (runs[0].config.num_classes - 1))
    known = [f"{split}_features" in run.arrays for run in runs]
    cosine = [number(mean_cosine(run.id, split)) if has else "" for run, has in zip(runs, known)]
    _line(lines, t("embeddings.number.cosine", simplex=simplex), cosine)
    votes = [original(run.id, split) if has else None for run, has in zip(runs, known)]
    dims = networks.arrays(runs[0].id)["head_weight"].shape[1]
    _line(lines, t("embeddings.number.knn_original", d=dims), [number(found[0]) if found else "" for found in votes])
    _line(lines, t("embeddings.number.pieces"), [str(found[1]) if found else "" for found in votes])
    return lines


def number_table(rows: list[list[str]]) -> None:
    """Draw them: two networks fit any screen, more stand in a table that scrolls in itself."""
    heads, *lines = rows
    if len(heads) > 3:
        st.table([dict(zip(heads, line)) for line in lines], border="horizontal")
    else:
        prose.markdown(markdown_table(heads, lines))


_LAID_OUT = re.compile(
    r"(?P<neighbours>\d+) neighbours, min_dist (?P<min_dist>[\d.]+), (?P<epochs>\d+) epochs, chained from alpha 0, on (?:(?P<components>\d+) principal components|the last layer's directions)"
)


def umap_parameters(run: RunRecord) -> str:
    """How the stored UMAP pictures were made, as the run's record tells it; nothing where it has none."""
    told = str(run.facts.get("umap_parameters", ""))
    found = _LAID_OUT.fullmatch(told)
    if not found:
        return told
    return t("embeddings.numbers_umap" if found["components"] else "embeddings.numbers_umap_last", **found.groupdict())


def _head(run: RunRecord) -> str:
    hard = (
        t("embeddings.number_hard")
        if run.config.alpha == 0
        else t("embeddings.number_soft", alpha=numbers.alpha_text(run.config.alpha))
    )
    return run_name(run) or hard


@of_store(max_entries=128)
def original(run_id: str, split: str) -> tuple[float, int]:
    """Accuracy of a vote of the 15 nearest images in all dimensions, and the pieces of their graph."""
    arrays = networks.arrays(run_id)
    labels = arrays[f"{split}_labels"][feature_rows(arrays, split)].astype(int)
    near, _ = projection.knn_exact(features(arrays, split), 16)
    return projection.vote(near[:, 1:], labels), projection.graph_components(near[:, :15])


def most_seeds(runs: Sequence[RunRecord]) -> int:
    """The most seeds stored for any of `runs`."""
    return max(len(all_seeds(run.id)) for run in runs)


@of_store(max_entries=128)
def all_seeds(run_id: str) -> tuple[RunRecord, ...]:
    """The stored runs that differ from this one in their seed alone, itself included."""
    runs = networks.store()
    config = runs.record(run_id).config
    return tuple(
        run for run in runs.runs if run.config.num_classes == config.num_classes and replace(run.config, seed=config.seed) == config
    )


def in_seeds(run: RunRecord, split: str, name: str, trio: tuple[int, ...] = ()) -> str:
    """A measure of `run`, and its least and most over the seeds where there are several; nothing where it was not measured."""
    runs = all_seeds(run.id)
    if name == "this_plane":
        of = plane_spreads(run.config.num_classes, trio)[split]
        of = of if run.id in of else {run.id: plane_spread(run.id, split, trio)}
    else:
        of = {other.id: other.metrics[split][name] for other in runs if name in other.metrics.get(split, {})}
    if run.id not in of:
        return ""
    seeds = [of[other.id] for other in runs if other.id in of]
    if len(seeds) < 2:
        return number(of[run.id])
    return t("embeddings.number_seeds", value=number(of[run.id]), low=number(min(seeds)), high=number(max(seeds)))


def number(value: float) -> str:
    """Three digits, the sign a minus: -0.111 -> '−0.111'."""
    return f"{value:.3f}".replace("-", numbers.MINUS)


def _line(lines: list[list[str]], name: str, values: Sequence[str]) -> None:
    if any(values):
        lines.append([name, *(value or "·" for value in values)])
