"""A figure of a page without a visitor: the page runs apart from every session until its figure comes, and no further."""

from __future__ import annotations

import importlib
import threading

import streamlit as st
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import ScriptRunContext, StopException, add_script_run_ctx
from streamlit.runtime.state import SafeSessionState, SessionState

from lsviz import navigation
from lsviz.lectures.handout import Drawn
from lsviz.state import ViewState
from lsviz.texts import catalogue
from lsviz.ui import apart, controls


def figure_apart(page: str, view: ViewState, key: str) -> Drawn | None:
    """The figure `key` of a page in this view, or the page's first where that is "", in the language of now. None where it does not come."""
    found: list[Drawn] = []
    spoken = catalogue.language()

    def run() -> None:
        apart.wanted.set(key)
        _visit()
        catalogue.speak(spoken, None)
        controls.begin(view)
        st.navigation(
            [
                st.Page(navigation.file(name), url_path=name)
                for name in (*navigation.names(), navigation.GLOSSARY, navigation.WRITE)
            ],
            position="hidden",
        )
        try:
            importlib.import_module(f"lsviz.pages.{page}.page").render()
        except StopException:
            return  # the page said why
        except apart.Met as met:
            figure, badge = met.args
            found.append(Drawn(figure.resolved(view.alpha).to_json(), figure.said(view.alpha), badge))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0] if found else None


def _visit() -> None:
    """Give this thread what a session's run has, whose words go nowhere."""
    ctx = ScriptRunContext(
        session_id="apart",
        _enqueue=lambda _: None,
        query_string="",
        session_state=SafeSessionState(SessionState(), lambda: None),
        uploaded_file_mgr=MemoryUploadedFileManager("/_stcore/upload_file"),
        main_script_path=str(navigation.FOLDER),
        user_info={},
        fragment_storage=MemoryFragmentStorage(),
        pages_manager=PagesManager(str(navigation.FOLDER)),
    )
    add_script_run_ctx(threading.current_thread(), ctx)
    ctx.reset()
