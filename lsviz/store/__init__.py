"""checkpoints/ on disk <-> typed records. Arrays are safetensors; nothing is ever unpickled."""

from lsviz.store.manifest import SCHEMA_VERSION, Manifest, read_manifest
from lsviz.store.reader import RunArrays, Store, check_values
from lsviz.store.records import ArraySpec, RunConfig, RunRecord
from lsviz.store.writer import write_run

__all__ = [
    "SCHEMA_VERSION", "ArraySpec", "Manifest", "RunArrays", "RunConfig", "RunRecord", "Store", "check_values",
    "read_manifest", "write_run",
]  # fmt: skip
