"""checkpoints/ on disk <-> typed records. Arrays are safetensors; nothing is ever unpickled."""

from lsviz.store.manifest import SCHEMA_VERSION, Manifest, read_manifest
from lsviz.store.precision import check_precision, on_bfloat16_grid
from lsviz.store.reader import RunArrays, Store, check_values
from lsviz.store.records import MEMORISED, ArraySpec, FailedRun, RunConfig, RunRecord
from lsviz.store.writer import locked, write_failure, write_run

__all__ = [
    "MEMORISED", "SCHEMA_VERSION", "ArraySpec", "FailedRun", "Manifest", "RunArrays", "RunConfig", "RunRecord", "Store", "check_precision",
    "check_values", "locked", "on_bfloat16_grid", "read_manifest", "write_failure", "write_run",
]  # fmt: skip
