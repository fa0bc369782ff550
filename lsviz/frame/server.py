"""What stands beside Streamlit's pages, whichever file names the app: the classroom's addresses, and headers of our own on every answer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from lsviz.classroom.here import at_home, rooms_here
from lsviz.classroom.routes import classroom_routes
from lsviz.frame import guest, lecture_bar, share, trouble, warm_up  # noqa: F401  what main.py imports is read before anybody comes
from lsviz.frame.handouts import of_class
from lsviz.frame.headers import OwnHeaders
from lsviz.navigation import names
from lsviz.state import LANGUAGES
from lsviz.texts.catalogue import catalogue

MAIN = Path(__file__).parent / "main.py"  # what runs before every page


def beside() -> dict[str, Any]:
    """Routes, the rooms' life and middleware for `st.App`, below the configured base path; the process is set to give way to them, and ready for a hall at once."""
    sys.setswitchinterval(0.0005)  # seconds: a page that computes gives way sooner to the one thread that answers a whole class
    for language in LANGUAGES:
        catalogue(language)  # read before anybody comes, too
    base = st.get_option("server.baseUrlPath").strip("/")
    return {
        "routes": classroom_routes(rooms_here(tuple(names())), f"/{base}" if base else "", summary=of_class),
        "lifespan": at_home,
        "middleware": [Middleware(OwnHeaders)],
    }
