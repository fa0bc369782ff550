"""One thread a process: two processes run side by side, and bit-identical results need a fixed order of sums. Tests of a script have no browser to wait for."""

from __future__ import annotations

import os

import pytest

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")


@pytest.fixture(autouse=True, scope="session")
def no_head_start():
    from lsviz.ui import foot

    foot.HEAD_START = 0
