"""The pages: page configuration, the shared controls, navigation. Streamlit runs this before every page, so it stays cheap."""

from __future__ import annotations

import pandas  # noqa: F401  before any figure is made: plotly would take it half read while another session, the first with a table, reads it
import streamlit as st

from lsviz.core import turns
from lsviz.frame import drafts, guest, lecture_bar, share, trouble, warm_up
from lsviz.jobs import memory
from lsviz.navigation import FIRST, GLOSSARY, PAGES, WARM_UP, WRITE, file
from lsviz.pages.lab.settings import counts, stops, uploaded
from lsviz.texts.catalogue import language, t
from lsviz.ui import assets, at_alpha, controls, foot, prose, uploads
from lsviz.ui.assets import ICON
from lsviz.zoo import kept, networks

if guest.comes():
    guest.page()
    st.stop()
with turns.PAGES.one():
    uploads.guard()
    controls.speak()
    st.set_page_config(page_title=t("app.title"), page_icon=ICON, layout="wide")
    st.logo(ICON, size="small")
    assets.dress()
    pages = [st.Page(file(name), title=t(f"nav.{name}"), url_path=name, default=name == FIRST) for name in PAGES]
    pages.append(st.Page(file(GLOSSARY), title=t("glossary.title"), url_path=GLOSSARY, visibility="hidden"))
    pages.append(st.Page(file(WRITE), title=t("write.title"), url_path=WRITE, visibility="hidden"))
    pages.append(st.Page(file(WARM_UP), title=t("warm.title"), url_path=WARM_UP, visibility="hidden"))
    page = st.navigation(pages, position=controls.menu_position())
    here = page.url_path or FIRST
    kept.look()
    lecture_bar.arrive()
    guest.lead()
    controls.turn_page(here)
    controls.follow_address(here)
    dock = PAGES.get(here, "none")
    if dock == "closed":
        controls.draw_dock()
    elif dock == "stored":
        controls.draw_dock(*networks.trained(controls.view_state().num_classes))
    elif dock == "lab":
        controls.draw_dock(stops(controls.view_state()), counts(controls.view_state().lab_data, uploaded()))
    prose.begin()
    foot.begin(here)
    with trouble.told():
        lecture_bar.bar(here)
        finding = drafts.place(here)
        page.run()
    drafts.bar(finding, here)
    share.furnish(here)
    at_alpha.keep_alpha()
    warm_up.go_on(here, list(PAGES))
    memory.settle(here, controls.view_state().num_classes, language())
    memory.sweeper().drawn()
