"""Entry point on Streamlit Community Cloud: app.py with the limits of a small server. Its requirements file lies beside it."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
os.environ.setdefault(
    "LSVIZ_MEMORY_MB", "690"
)  # what Community Cloud guarantees: beyond it heavy work is put off, not the app ended
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")  # one class, many sessions: threads of one would slow all others

if __name__ == "__main__":
    runpy.run_path(str(ROOT / "app.py"), run_name="__main__")  # a host that only runs scripts
else:
    import streamlit as st

    from lsviz.frame.server import MAIN, beside

    app = st.App(MAIN, **beside())
