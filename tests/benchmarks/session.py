"""A running app and a websocket client that visits it like a browser without a screen: server time and bytes per rerun."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def launch(port: int, script: str = "app.py", *options: str, env: dict[str, str] | None = None, **settings) -> subprocess.Popen:
    """Start `streamlit run script` on `port` and wait until it answers; the caller ends it. `settings` go to Popen."""
    command = [
        sys.executable, "-m", "streamlit", "run", script, "--server.port", str(port), "--server.headless", "true",
        "--browser.gatherUsageStats", "false", *options,
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | (env or {}), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **settings
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1).read()
            break
        except OSError:
            time.sleep(0.02)
    return process


@contextmanager
def running_app(script: str = "app.py", *options: str, env: dict[str, str] | None = None):
    """`streamlit run script` on a free port; yields (port, seconds until it answered, process)."""
    port = free_port()
    started = time.perf_counter()
    process = launch(port, script, *options, env=env)
    try:
        yield port, time.perf_counter() - started, process
    finally:
        process.terminate()
        process.wait(10)


class Visitor:
    """One session. `rerun` returns (seconds until the script finished, bytes received)."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self.socket = connect(
            f"ws://127.0.0.1:{port}/_stcore/stream",
            subprotocols=["streamlit"],
            max_size=None,
            additional_headers=headers,
            proxy=None,
        )
        self.page_hash = ""
        self.query = ""  # the address bar: what the server last wrote there
        self.dock_id = self.courier_id = ""
        self.serial = 0  # of the alpha that was told last
        self.alpha: float | None = None  # as the dock was last told
        self.listens = False  # something shown here was made for one alpha: a release is told
        self.buttons: dict[str, str] = {}  # label -> id
        self.folds: dict[str, bool] = {}  # id -> open
        self.relay = ("", "")  # component and fragment that carry questions to a room
        self.asked, self.answer = 0, None  # how many, and what the last one was told
        self.fragment = ""  # the one that asked to be run again and again
        self.hashes: list[str] = []
        self.errors: list[str] = []

    def rerun(
        self,
        *,
        page: str | None = None,
        query: str | None = None,
        alpha: float | None = None,
        n: int | None = None,
        press: str = "",
        fold: str = "",
        fragment: str = "",
        question: dict | None = None,
        timeout: float = 60,
    ) -> tuple[float, int]:
        """Open `page` (by its path), or run the page or a `fragment` again: with the alpha or N of the dock, the button `press`
        pressed, the `fold` (its id) turned, or a `question` asked."""
        message = BackMsg()
        self.listens = self.listens and bool(fragment)
        if page is not None:
            self.folds = {}
        self.query = self.query if query is None else query
        message.rerun_script.query_string = self.query
        if page is not None:
            message.rerun_script.page_name = page
        else:
            message.rerun_script.page_script_hash = self.page_hash
        message.rerun_script.cached_message_hashes.extend(self.hashes)
        self.serial += alpha is not None
        for element, event, value in (
            (self.courier_id, "told", None if alpha is None else [alpha, self.serial]),
            (self.dock_id, "n", n),
            (self.relay[0], "asked", question),
        ):
            if value is not None:
                state = message.rerun_script.widget_states.widgets.add()
                state.id = _make_trigger_id(element, "events")
                state.json_trigger_value = json.dumps([{"event": event, "value": value}])
        if press:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = self.buttons[press], True
        if fold:
            self.folds[fold] = not self.folds[fold]
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.bool_value = fold, self.folds[fold]
        message.rerun_script.fragment_id = fragment
        started, received = time.perf_counter(), 0
        self.socket.send(message.SerializeToString())
        while True:
            raw = self.socket.recv(timeout=timeout)
            received += len(raw)
            answer = ForwardMsg()
            answer.ParseFromString(raw)
            if answer.hash and answer.metadata.cacheable and answer.hash not in self.hashes:
                self.hashes.append(answer.hash)
            kind = answer.WhichOneof("type")
            if kind == "navigation":
                self.page_hash = answer.navigation.page_script_hash
            elif kind == "auto_rerun":
                self.fragment = answer.auto_rerun.fragment_id
            elif kind == "page_info_changed":
                self.query = answer.page_info_changed.query_string
            elif kind == "delta" and answer.delta.add_block.expandable.id:
                shown = answer.delta.add_block.expandable
                self.folds[shown.id] = shown.expanded
            elif kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                element = answer.delta.new_element
                if element.WhichOneof("type") == "bidi_component":
                    self._mounted(element.bidi_component, answer.delta.fragment_id)
                elif element.WhichOneof("type") == "button":
                    self.buttons[element.button.label] = element.button.id
                elif element.WhichOneof("type") == "exception":
                    self.errors.append(element.exception.message)
            elif kind == "script_finished" and answer.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                if fragment and answer.script_finished != ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY:
                    self.fragment = ""
                return time.perf_counter() - started, received

    def ask(self, question: dict) -> dict:
        """The answer of a room; empty where none came."""
        self.answer = None
        self.asked += 1
        self.rerun(fragment=self.relay[1], question={"id": self.asked, "question": question})
        return self.answer or {}

    def _mounted(self, component, fragment: str) -> None:
        if component.id.endswith("-relay"):
            self.relay, self.answer = (component.id, fragment), json.loads(component.json)[0]["answer"] or self.answer
        elif component.id.endswith("-dock"):
            self.dock_id, self.alpha = component.id, json.loads(component.json)[0]["alpha"]
        elif component.id.endswith("-courier_kept"):
            self.courier_id = component.id
        elif "-courier_" in component.id:
            self.listens = True

    def close(self) -> None:
        self.socket.close()
