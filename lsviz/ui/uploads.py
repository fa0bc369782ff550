"""What uploads may hold in the server's memory: so much a visitor, so much all together, a few on their way at a time.

Streamlit keeps whatever is put to its upload address until the session ends, also files that no page asks for. Here the newest
stay: the oldest are let go, and a page that still lists one says so. The limit on one file is `server.maxUploadSize`.
"""

from __future__ import annotations

import asyncio

import streamlit as st
from starlette.datastructures import UploadFile
from starlette.requests import Request
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from lsviz.core.errors import LsvizError
from lsviz.core.gate import PAGE

FILE_MB = PAGE.file // 10**6  # of one file: `server.maxUploadSize`
SESSION_MB, SERVER_MB = 48, 128  # of one visitor's files and of everybody's, as they came
MOST_RECORDS = 40  # of one visitor: more than any page asks for
ON_THEIR_WAY, SECONDS = 3, 60  # requests whose bodies are taken at a time, and for how long each
LET_GO = "application/x-let-go"  # the type of a record whose bytes are gone


class BoundedUploads(MemoryUploadedFileManager):
    """Streamlit's own, which lets the oldest files go when newer ones need their room."""

    def add_file(self, session_id: str, file: UploadedFileRec) -> None:
        super().add_file(session_id, file)
        with self._lock:
            mine = self.file_storage[session_id]
            while len(mine) > MOST_RECORDS:
                oldest = next(iter(mine))
                self._total_bytes -= len(mine.pop(oldest).data)
                self._file_count -= 1
            for key in list(mine):
                if sum(len(record.data) for record in mine.values()) <= SESSION_MB * 10**6:
                    break
                self._empty(session_id, key)
            for session, key in [(session, key) for session, records in self.file_storage.items() for key in records]:
                if self._total_bytes <= SERVER_MB * 10**6:
                    break
                if key != file.file_id:
                    self._empty(session, key)

    def let_go(self, session_id: str, file_id: str) -> None:
        """Drop the bytes of a file that was read; its name stays, as the page still lists it."""
        with self._lock:
            if file_id in self.file_storage.get(session_id, {}):
                self._empty(session_id, file_id)

    def _empty(self, session_id: str, file_id: str) -> None:
        records = self.file_storage[session_id]
        record = records[file_id]
        self._total_bytes -= len(record.data)
        records[file_id] = UploadedFileRec(record.file_id, record.name, LET_GO, b"")


def guard() -> None:
    """Bound the uploads of this server; saying it again changes nothing. A test fails where Streamlit keeps uploads in another way."""
    context = get_script_run_ctx()
    manager = context.uploaded_file_mgr if context else None
    if type(manager) is MemoryUploadedFileManager:
        manager.__class__ = BoundedUploads
    if Request._get_form.__module__ != __name__:
        for owner, name, most in ((Request, "_get_form", ON_THEIR_WAY), (UploadFile, "read", 1)):
            setattr(owner, name, _in_turn(getattr(owner, name), most))


def content(uploaded) -> bytes:
    """The bytes of an uploaded file. Raises LsvizError "page.uploads" where they were let go."""
    if getattr(uploaded, "type", "") == LET_GO:
        raise LsvizError("page.uploads", limit=SESSION_MB)
    return uploaded.getvalue()


def release(uploaded, key: str) -> None:
    """Drop the bytes of a file that was read or refused, here and in what the session keeps for the uploader `key`."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, BoundedUploads):
        context.uploaded_file_mgr.let_go(context.session_id, uploaded.file_id)
        kept = st.session_state.get(key) or ()
        for one in (uploaded, *(kept if isinstance(kept, list) else (kept,))):
            if getattr(one, "file_id", "") == uploaded.file_id:
                one.seek(0)
                one.truncate()


def _in_turn(call, most: int):
    """An asynchronous method of which `most` calls run at a time, each for `SECONDS` at most: a body on its way lies in memory."""
    free = asyncio.Semaphore(most)

    async def bounded(*args, **kwargs):
        async with free, asyncio.timeout(SECONDS):
            return await call(*args, **kwargs)

    return bounded
