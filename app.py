"""lsviz as a server: Streamlit's pages, the classroom's addresses beside them, and headers of our own on every answer."""

from __future__ import annotations

import runpy
from pathlib import Path

MAIN = Path(__file__).parent / "lsviz/frame/main.py"

if __name__ == "__main__":
    runpy.run_path(str(MAIN), run_name="__main__")  # a host that only runs scripts
else:
    import streamlit as st

    from lsviz.frame.server import beside

    app = st.App(MAIN, **beside())  # `streamlit run` reads this line, imports the file and serves `app`
