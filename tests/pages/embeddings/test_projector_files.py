"""A run for other tools: the folder TensorBoard reads, and the parquet, hold what the store holds."""

from __future__ import annotations

import io
import json
import zipfile

import numpy as np
import pyarrow.parquet as parquet
import pytest

from lsviz.pages.embeddings.projector_files import projector_zip, run_parquet
from lsviz.zoo import networks, pictures


@pytest.fixture(scope="module")
def run():
    return next(run for run in pictures.gallery_runs(10) if run.config.alpha == 0.1)


@pytest.mark.parametrize("split", ["test", "train"])
def test_the_projector_folder(run, split):
    with zipfile.ZipFile(io.BytesIO(projector_zip(run.id, split))) as folder:
        assert set(folder.namelist()) == {"vectors.tsv", "metadata.tsv", "projector_config.pbtxt", "provenance.json"}
        vectors = np.loadtxt(io.StringIO(folder.read("vectors.tsv").decode()), delimiter="\t")
        head, *rows = folder.read("metadata.tsv").decode().splitlines()
        told = json.loads(folder.read("provenance.json"))
    np.testing.assert_allclose(vectors, pictures.features(networks.arrays(run.id), split), rtol=1e-3, atol=1e-3)
    assert len(rows) == len(vectors) and all(
        row.count("\t") == head.count("\t") for row in rows
    )  # a header, since there are columns
    assert told["sha256"] == run.sha256 and told["device"] == run.device


def test_the_parquet_reads_back(run):
    table = parquet.read_table(io.BytesIO(run_parquet(run.id, "test")))
    frame, arrays = table.to_pandas(), networks.arrays(run.id)
    assert frame["right"].mean() == pytest.approx(run.metrics["test"]["accuracy"], abs=0.02)
    np.testing.assert_array_equal(frame["image"], arrays["test_index"][arrays["test_feature_rows"]])
    x = arrays["map_test_layout"][arrays["test_feature_rows"], 0] * run.facts["map_test_unit"]
    np.testing.assert_allclose(frame["umap_x"], x, rtol=1e-5)
    assert json.loads(table.schema.metadata[b"lsviz"])["run"] == run.id
    assert frame.filter(regex=r"^f\d+$").shape[1] == arrays["head_weight"].shape[1]
