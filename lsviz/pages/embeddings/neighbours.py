"""The nearest neighbours, in the original space, of an image that was clicked: hard beside smoothed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from lsviz.core.classes import CLASS_ORDER
from lsviz.core.errors import LsvizError
from lsviz.figures import numbers
from lsviz.state import ViewState
from lsviz.store import RunRecord
from lsviz.texts.catalogue import class_name, error_text, t
from lsviz.ui import controls, prose
from lsviz.ui.thumbnails import data_folder, thumbnails
from lsviz.zoo import networks
from lsviz.zoo.kept import of_store
from lsviz.zoo.pictures import feature_rows, features, run_name

NEAREST = 8


def pick_image(index: int) -> None:
    """An image was clicked: `index` is its row in the official file, from 0; -1 where it was closed."""
    controls.update(image=index + 1)


def neighbours(state: ViewState, run_ids: Sequence[str]) -> None:
    """A short table for each network shown that has features."""
    st.subheader(t("embeddings.near_title"), anchor=False)
    both = [run for run in map(networks.store().record, run_ids) if f"{state.split}_features" in run.arrays]
    for column, run in zip(st.columns(max(1, len(both)), gap="large"), both):
        with column:
            _table(run, state.split, state.image - 1)
    prose.caption(t("embeddings.near_note"))


def panel_title(run: RunRecord) -> str:
    """What stands above a picture of this network."""
    alpha = run.config.alpha
    return run_name(run) or t("embeddings.panel_hard" if alpha == 0 else "embeddings.panel_soft", alpha=numbers.alpha_text(alpha))


def _table(run: RunRecord, split: str, image: int) -> None:
    found = _nearest(run.id, split, image)
    if found is None:
        prose.caption(t("embeddings.near_gone", image=image + 1))
        return
    label, index, classes, distances = found
    name = lambda k: class_name(CLASS_ORDER, int(k))
    prose.markdown(f"**{panel_title(run)}** · {t('embeddings.near_of', image=image + 1, name=name(label))}")
    table: dict[str, list] = {"index": [i + 1 for i in index], "class": [name(k) for k in classes], "distance": distances}
    config = {"index": st.column_config.NumberColumn(t("embeddings.near_col_index"), format="%d")}
    config["class"] = st.column_config.TextColumn(t("embeddings.near_col_class"))
    config["distance"] = st.column_config.NumberColumn(t("embeddings.near_col_distance"), format="%.3f")
    if folder := data_folder():
        try:
            table = {"picture": thumbnails(folder, split, index)} | table
            config["picture"] = st.column_config.ImageColumn(t("embeddings.near_col_picture"))
        except (LsvizError, IndexError) as error:
            st.text(error_text(error) if isinstance(error, LsvizError) else str(error))
    st.dataframe(table, column_config=config, hide_index=True, height=36 * (len(index) + 1) + 4)


@of_store(max_entries=64)
def _nearest(run_id: str, split: str, image: int) -> tuple[int, list[int], list[int], list[float]] | None:
    arrays = networks.arrays(run_id)
    rows = feature_rows(arrays, split)
    index, labels = arrays[f"{split}_index"][rows], arrays[f"{split}_labels"][rows].astype(int)
    at = np.flatnonzero(index == image)
    if not len(at):
        return None
    x = features(arrays, split)
    away = np.linalg.norm(x - x[at[0]], axis=1)
    near = np.argsort(away, kind="stable")[: NEAREST + 1]
    near = near[near != at[0]][:NEAREST]
    typical = np.sqrt(2 * ((x - x.mean(axis=0)) ** 2).sum(axis=1).mean())  # root mean squared distance between two images
    return int(labels[at[0]]), index[near].tolist(), labels[near].tolist(), (away[near] / typical).tolist()
