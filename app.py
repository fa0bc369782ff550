"""lsviz: page configuration, the shared controls, navigation. Runs before every page, so it stays cheap."""

from __future__ import annotations

from pathlib import Path

import pandas  # noqa: F401  before any figure is made: plotly would take it half read while another session, the first with a table, reads it
import streamlit as st

from lsviz.ui import controls, lecture, memory, room, uploads, warming, zoo
from lsviz.ui.lab_settings import counts, stops, uploaded
from lsviz.ui.texts import language, t

HERE = Path(__file__).parent
ICON = str(HERE / "lsviz/ui/icon.svg")
# url path -> what the dock offers there: any alpha ("closed"), the trained ones ("stored"), the lab's ("lab"), or no dock
PAGES = {
    "overview": "closed",
    "targets": "closed",
    "loss": "closed",
    "reliability": "stored",
    "embeddings": "stored",
    "bias": "stored",
    "costs": "stored",
    "lab": "lab",
    "yours": "none",
    "networks": "none",
}

FIRST = next(iter(PAGES))  # Streamlit serves it at "/"
uploads.guard()
controls.speak()
st.set_page_config(page_title=t("app.title"), page_icon=ICON, layout="wide")
st.logo(ICON, size="small")
pages = [
    st.Page(HERE / f"lsviz/views/{name}.py", title=t(f"nav.{name}"), url_path=name, default=name == FIRST) for name in PAGES
]
pages.append(st.Page(HERE / "lsviz/views/warm.py", title=t("warm.title"), url_path=warming.HERE, visibility="hidden"))
page = st.navigation(pages, position=controls.menu_position())
here = page.url_path or FIRST
zoo.look()
lecture.arrive()
controls.turn_page(here)
controls.follow_address(here)
dock = PAGES.get(here, "none")
if dock == "closed":
    controls.draw_dock()
elif dock == "stored":
    controls.draw_dock(*zoo.trained(controls.view_state().num_classes))
elif dock == "lab":
    controls.draw_dock(stops(controls.view_state()), counts(controls.view_state().lab_data, uploaded()))
if lecture.bar(here):
    page.run()
room.furnish()
warming.go_on(here, list(PAGES))
memory.settle(here, controls.view_state().num_classes, language())
