"""For test_jobs: `?ask=1` starts work that ends only when nobody waits for it; every session sees how it stands, as a button's label."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[2]))

from lsviz.jobs import queue  # noqa: E402


def endless(tell) -> None:
    for _ in range(2000):
        tell("working", 0.5, None)
        time.sleep(0.03)


if "ask" in st.query_params:
    queue.shared().ask("endless", queue.this_session(), endless)
job = queue.shared().find("endless")
st.button(job.state if job else "nothing")
