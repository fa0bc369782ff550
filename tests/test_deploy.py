"""Deploying: the small server's entry point opens every page, its requirements are the app's, nginx keeps visitors with their replica."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from http.client import HTTPResponse
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from websockets.exceptions import WebSocketException

from lsviz import navigation
from lsviz.frame.headers import headers
from tests.benchmarks.session import Visitor, free_port, launch, running_app
from tests.missing import missing

ROOT = Path(__file__).parents[1]
PAGES = navigation.names()


def test_the_small_servers_entry_point_opens_and_leads_to_every_page(monkeypatch):
    monkeypatch.setenv("LSVIZ_MEMORY_MB", "690")
    app = AppTest.from_file(str(ROOT / ".cloud/app.py"), default_timeout=60).run()
    assert not app.exception
    for page in PAGES:
        app.switch_page(navigation.file(page)).run()
        assert not app.exception, page


def test_the_small_servers_requirements_are_the_apps_with_the_cpu_build_of_torch():
    pinned = re.search(r"^torch==(\S+)$", (ROOT / "requirements.txt").read_text(), re.MULTILINE)[1]
    lines = [line for line in (ROOT / ".cloud/requirements.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "-r ../requirements.txt"
    for line in lines[1:]:
        wheel, tag, python = re.fullmatch(
            r"torch @ https://download\.pytorch\.org/whl/cpu/torch-(\S+)%2Bcpu-(cp\d+)-cp\d+-manylinux_2_28_x86_64\.whl ; python_version == \"([\d.]+)\"",
            line,
        ).groups()
        assert wheel == pinned and tag == "cp" + python.replace(".", "")


def test_every_name_in_the_compose_file_is_known_to_nginx():
    compose, nginx = (ROOT / ".deploy" / name for name in ("compose.yaml", "nginx.conf"))
    assert set(re.findall(r"^  (app\d+):", compose.read_text(), re.MULTILINE)) == set(
        re.findall(r"server (app\d+):8501", nginx.read_text())
    )


def test_nginx_says_the_same_headers_as_the_app_and_closes_the_metrics():
    conf = (ROOT / ".deploy/nginx.conf").read_text()
    for name, value in headers().items():
        assert f'add_header {name} "{value}" always;' in conf and f"proxy_hide_header {name};" in conf
    assert re.search(r"location ~ /_stcore/metrics/\?\$ \{ return 404; \}", conf)


def test_every_answer_carries_the_headers_and_anybody_may_frame_the_app():
    with running_app() as (port, _, _):
        for path in ("/", "/_stcore/health", "/nowhere/at/all"):
            answer = fetch(port, path)
            assert {name: answer.headers[name] for name in headers()} == headers(), path
            assert "X-Frame-Options" not in answer.headers and "frame-ancestors *" in answer.headers["Content-Security-Policy"]
        for path in ("/_stcore/metrics", "/_stcore/metrics/"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5)


# ---- two replicas behind a real nginx --------------------------------------------------------------------------------


@pytest.fixture
def replicas(tmp_path):
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(nginx).exists():
        missing("nginx")
    ports = [free_port(), free_port()]
    front = free_port()
    text = (ROOT / ".deploy/nginx.conf").read_text()
    for number, port in enumerate(ports, start=1):
        text = text.replace(f"app{number}:8501", f"127.0.0.1:{port}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{front};")
    text = text.replace("http {", "\n".join(["http {", "access_log off;", *(f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))]), 1)  # fmt: skip
    text = text.replace(
        "add_header Set-Cookie $new_cookie;", "add_header Set-Cookie $new_cookie; add_header X-Replica $upstream_addr;"
    )
    conf = tmp_path / "nginx.conf"
    conf.write_text(f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/log;\n{text}")
    servers = {port: launch(port) for port in ports}
    proxy = subprocess.Popen([nginx, "-p", str(tmp_path), "-c", str(conf), "-e", str(tmp_path / "log")], stderr=subprocess.DEVNULL)
    try:
        yield front, servers
    finally:
        for process in (proxy, *servers.values()):
            process.terminate()
            process.wait(10)


def fetch(port: int, path: str = "/_stcore/health", cookie: str = "") -> HTTPResponse:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Cookie": cookie} if cookie else {})
    last = None
    for _ in range(50):
        try:
            return urllib.request.urlopen(request, timeout=5)
        except OSError as error:  # nginx is still starting
            last = error
            time.sleep(0.1)
    raise last


def given(answer: HTTPResponse) -> list[str]:
    """The cookies of ours that come with an answer."""
    return [line.partition(";")[0] for line in answer.headers.get_all("Set-Cookie") or () if line.startswith("lsviz=")]


def test_visitors_keep_their_replica_and_come_back_on_another_when_it_ends(replicas):
    front, servers = replicas
    cookies = [given(fetch(front))[0] for _ in range(8)]
    page = fetch(front, "/?scene=" + "~" + "A" * 30_000)  # a link with a lecture in it
    assert {name: page.headers.get_all(name) for name in headers()} == {name: [value] for name, value in headers().items()}, (
        "each once"
    )
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"http://127.0.0.1:{front}/_stcore/metrics", timeout=5)
    assert len(set(cookies)) == 8
    home = {cookie: fetch(front, cookie=cookie).headers["X-Replica"] for cookie in cookies}
    assert set(home.values()) == {f"127.0.0.1:{port}" for port in servers}, "both replicas have visitors"
    for cookie in cookies:
        answers = [fetch(front, cookie=cookie) for _ in range(3)]
        assert {answer.headers["X-Replica"] for answer in answers} == {home[cookie]} and given(answers[0]) == []
    cookie = cookies[0]
    visitor = Visitor(front, {"Cookie": cookie})
    visitor.rerun(page="targets", query="alpha=0.3&n=5")
    visitor.rerun(alpha=0.5)
    assert visitor.alpha == 0.5 and "alpha=0.5" in visitor.query
    ended = servers[int(home[cookie].rpartition(":")[2])]
    ended.kill()
    ended.wait()
    with pytest.raises((WebSocketException, OSError)):
        visitor.rerun()
    again = Visitor(front, {"Cookie": cookie})
    again.rerun(page="targets", query=visitor.query)
    assert again.alpha == 0.5 and not again.errors, "the state came back from the address"
