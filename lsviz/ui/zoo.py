"""The stored networks as pages see them: one cached store, and which alphas and N it can show."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from lsviz.store import Store

DEFAULT = Path(__file__).parents[2] / "checkpoints"


def folder() -> Path:
    """Where the networks lie: `checkpoints/`, or the folder named by LSVIZ_CHECKPOINTS."""
    return Path(os.environ.get("LSVIZ_CHECKPOINTS", DEFAULT))


def stamp() -> str:
    """Changes whenever the manifest does: the cache key of everything drawn from the store."""
    manifest = folder() / "manifest.json"
    try:
        status = manifest.stat()
    except OSError:
        return f"{folder()}:none"
    return f"{folder()}:{status.st_mtime_ns}:{status.st_size}"
