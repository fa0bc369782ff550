"""Uploads: the newest stay, the oldest are let go, and the server holds to it whoever puts files to its address."""

from __future__ import annotations

import asyncio
import http.client
import inspect

import numpy as np
import pytest
from starlette.datastructures import UploadFile
from starlette.requests import Request
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.uploaded_file_manager import UploadedFileRec
from websockets.sync.client import connect

from lsviz.core.errors import LsvizError
from lsviz.jobs.memory import used_mb
from lsviz.ui import uploads
from tests.apart import apart
from tests.benchmarks.session import running_app

MB = 10**6


def record(key: str, size: int) -> UploadedFileRec:
    return UploadedFileRec(key, f"{key}.npz", "x", bytes(size))


@pytest.fixture
def manager() -> uploads.BoundedUploads:
    return uploads.BoundedUploads("/upload")


def sizes(manager: uploads.BoundedUploads, session: str) -> dict[str, int]:
    return {key: len(one.data) for key, one in manager.file_storage[session].items()}


def test_of_one_visitor_the_newest_stay(manager):
    for key in "abcd":
        manager.add_file("me", record(key, 20 * MB))
    assert sizes(manager, "me") == {"a": 0, "b": 0, "c": 20 * MB, "d": 20 * MB}
    assert [one.type == uploads.LET_GO for one in manager.get_files("me", "abcd")] == [True, True, False, False]
    assert manager._total_bytes == 40 * MB and manager._file_count == 4


def test_of_all_visitors_the_newest_stay(manager):
    for session in range(8):
        manager.add_file(str(session), record(f"of {session}", 30 * MB))
    assert manager._total_bytes == 120 * MB
    assert [sum(sizes(manager, str(session)).values()) // MB for session in range(8)] == [0, 0, 0, 0, 30, 30, 30, 30]


def test_records_without_bytes_are_counted_too(manager):
    for key in range(300):
        manager.add_file("me", record(str(key), 0))
    assert list(sizes(manager, "me")) == [str(key) for key in range(300 - uploads.MOST_RECORDS, 300)]
    assert manager._file_count == uploads.MOST_RECORDS
    manager.remove_session_files("me")
    assert manager._file_count == manager._total_bytes == 0


def test_a_file_that_was_let_go_says_so():
    gone = UploadedFileRec("a", "a.npz", uploads.LET_GO, b"")
    with pytest.raises(LsvizError, match="together the files of one visitor may have 48 MB"):
        uploads.content(gone)


def test_few_calls_run_at_a_time():
    running = most = 0

    async def call() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1

    async def all_of_them() -> None:
        bounded = uploads._in_turn(call, 3)
        await asyncio.gather(*(bounded() for _ in range(20)))

    apart(all_of_them())
    assert most == 3


def test_streamlit_still_takes_uploads_this_way():
    """What `guard` changes is what the upload address uses: one reads the body, the other the file in it."""
    from streamlit.web.server.starlette import starlette_routes

    source = inspect.getsource(starlette_routes.create_upload_routes)
    assert ".form()" in source and "await upload.read()" in source and "upload_mgr.add_file(" in source
    assert "self._get_form" in inspect.getsource(Request.form) and inspect.iscoroutinefunction(UploadFile.read)


def put(port: int, session: str, key: str, content: bytes, cookie: str) -> int:
    """The status the server answers with, or 413 where it hangs up on what it does not want to hear."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.npz"\r\n\r\n'
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "multipart/form-data; boundary=x", "Cookie": cookie, "X-Xsrftoken": cookie.partition("=")[2]}
    try:
        connection.request("PUT", f"/_stcore/upload_file/{session}/{key}", head + content + b"\r\n--x--\r\n", headers)
        return connection.getresponse().status
    except (ConnectionError, BrokenPipeError):
        return 413
    finally:
        connection.close()


def test_a_server_holds_to_it_for_whoever_puts_files_to_its_address():
    with running_app("app.py", env={"LSVIZ_MEMORY_MB": "690"}) as (port, _, process):
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/_stcore/health")
        cookie = connection.getresponse().getheader("set-cookie").split(";")[0]
        with connect(f"ws://127.0.0.1:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=None, proxy=None) as socket:
            session, done = "", False
            message = BackMsg()
            message.rerun_script.query_string = ""
            socket.send(message.SerializeToString())
            while not done:
                answer = ForwardMsg()
                answer.ParseFromString(socket.recv(timeout=60))
                if answer.WhichOneof("type") == "new_session":
                    session = answer.new_session.initialize.session_id
                done = answer.WhichOneof("type") == "script_finished"
            before = used_mb(process.pid)
            content = np.random.default_rng(0).bytes(20 * MB)
            assert [put(port, session, str(key), content, cookie) for key in range(8)] == [204] * 8
            assert used_mb(process.pid) - before < uploads.SESSION_MB + 20
            assert put(port, session, "large", bytes(36 * MB), cookie) == 413
            assert put(port, "nobody", "a", content, cookie) == 400
