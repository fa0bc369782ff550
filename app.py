"""lsviz as a server: Streamlit's pages, the classroom's addresses beside them, and headers of our own on every answer."""

from __future__ import annotations

import runpy
from pathlib import Path

MAIN = Path(__file__).parent / "lsviz/frame/main.py"

if __name__ == "__main__":
    runpy.run_path(str(MAIN), run_name="__main__")  # a host that only runs scripts
else:
    import sys

    import streamlit as st
    from starlette.middleware import Middleware

    from lsviz.classroom.routes import classroom_routes
    from lsviz.frame.headers import OwnHeaders
    from lsviz.navigation import names

    sys.setswitchinterval(0.0005)  # seconds: a page that computes gives way sooner to the one thread that answers a whole class
    base = st.get_option("server.baseUrlPath").strip("/")
    rooms = classroom_routes(f"/{base}" if base else "", pages=names())
    app = st.App(
        MAIN, routes=rooms, middleware=[Middleware(OwnHeaders)]
    )  # `streamlit run` imports this file, finds it and serves it
