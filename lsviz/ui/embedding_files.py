"""Embeddings for other tools: a folder that TensorBoard's projector reads, and a parquet file that embedding-atlas reads."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Known = Mapping[str, Any]  # columns of metadata, a sequence with one value a row


def projector_folder(known: Known, vectors: NDArray, provenance: Mapping[str, object]) -> bytes:
    """vectors.tsv (n, d), metadata.tsv and projector_config.pbtxt, as projector.tensorflow.org and TensorBoard read them, with provenance: a zip."""
    plain = lambda value: " ".join(str(value).split())  # a tab in a name would be another column
    lines = ["\t".join(known)] + ["\t".join(map(plain, row)) for row in zip(*known.values(), strict=True)]
    config = 'embeddings {\n  tensor_name: "penultimate"\n  tensor_path: "vectors.tsv"\n  metadata_path: "metadata.tsv"\n}\n'
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("vectors.tsv", "\n".join("\t".join(f"{v:.5g}" for v in row) for row in vectors) + "\n")
        folder.writestr("metadata.tsv", "\n".join(lines) + "\n")
        folder.writestr("projector_config.pbtxt", config)
        folder.writestr("provenance.json", json.dumps(provenance, indent=1))
    return stream.getvalue()


def atlas_table(
    known: Known, vectors: NDArray | None, provenance: Mapping[str, object], near: tuple[NDArray, NDArray] | None = None
) -> bytes:
    """All columns, vectors as f0, f1 ... as parquet, the provenance in its schema's metadata.

    `near` gives rows (n, k) of this table and distances (n, k): a column `neighbors`, as `embedding-atlas --neighbors` takes it.
    """
    import pyarrow as pa
    import pyarrow.parquet as parquet

    columns = dict(known)
    if near is not None:
        columns["neighbors"] = [{"ids": rows.tolist(), "distances": far.tolist()} for rows, far in zip(*near)]
    if vectors is not None:
        columns |= {f"f{i}": vectors[:, i] for i in range(vectors.shape[1])}
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns).replace_schema_metadata({"lsviz": json.dumps(provenance)}), stream)
    return stream.getvalue()


def distances(x: NDArray, near: NDArray) -> NDArray[np.float32]:
    """How far each row of x (n, d) is from those `near` it (n, k)."""
    return np.stack([np.linalg.norm(x - x[column], axis=1) for column in near.T], axis=1).astype(np.float32)
