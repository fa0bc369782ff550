"""A run for other tools: a TensorBoard projector folder as a zip, and one parquet file with everything a row has."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lsviz.core.classes import CLASS_ORDER
from lsviz.core.temperature import apply_temperature
from lsviz.store import RunRecord
from lsviz.texts.catalogue import class_name, t
from lsviz.ui import prose
from lsviz.ui.embedding_files import atlas_table, projector_folder
from lsviz.ui.saving import save_button
from lsviz.zoo import networks
from lsviz.zoo.pictures import feature_rows, features


def projector(run: RunRecord, split: str) -> None:
    """Two download buttons for the shown images of `run`; nothing is made before a click."""
    with st.container(horizontal=True, gap="small"):
        zipped, table = f"lsviz-{run.id}-{split}.zip", f"lsviz-{run.id}-{split}.parquet"
        save_button(t("embeddings.save_projector"), lambda: projector_zip(run.id, split), zipped, "application/zip")
        save_button(t("embeddings.save_parquet"), lambda: run_parquet(run.id, split), table, "application/vnd.apache.parquet")
    prose.caption(t("embeddings.save_note"))


def columns(run_id: str, split: str) -> tuple[dict[str, object], np.ndarray]:
    """What is known of every image shown, as columns, and its penultimate features (n, d) float32."""
    arrays = networks.arrays(run_id)
    rows = feature_rows(arrays, split)
    labels = arrays[f"{split}_labels"][rows].astype(int)
    probs = apply_temperature(arrays[f"{split}_logits"][rows], 1.0)
    top = probs.argmax(axis=1)
    name = lambda k: class_name(CLASS_ORDER, int(k))
    made: dict[str, object] = {
        "image": arrays[f"{split}_index"][rows], "class": [name(k) for k in labels], "predicted": [name(k) for k in top],
        "right": top == labels, "confidence": probs.max(axis=1).astype(np.float32),
    }  # fmt: skip
    if f"map_{split}_layout" in arrays:
        x, y = (arrays[f"map_{split}_layout"][rows] * np.float32(networks.store().record(run_id).facts[f"map_{split}_unit"])).T
        made |= {"umap_x": x, "umap_y": y}
    for view in ("pca", "plane"):
        if f"layout_{view}_{split}" in arrays:
            x, y = arrays[f"layout_{view}_{split}"].astype(np.float32).T
            made |= {f"{view}_x": x, f"{view}_y": y}
    return made, features(arrays, split).astype(np.float32)


def projector_zip(run_id: str, split: str) -> bytes:
    return projector_folder(*columns(run_id, split), provenance(run_id, split))


def run_parquet(run_id: str, split: str) -> bytes:
    known, vectors = columns(run_id, split)
    return atlas_table(known, vectors, provenance(run_id, split))


def provenance(run_id: str, split: str) -> dict[str, object]:
    """Where the numbers come from: run, images, device, torch, date and the hash of its file."""
    run = networks.store().record(run_id)
    return {
        "run": run.id,
        "images": split,
        "device": run.device,
        "torch": run.torch,
        "trained_at": run.trained_at,
        "sha256": run.sha256,
    }
