"""What every answer of the server says to browsers beside its content, and the one address that answers nobody."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.resources import files
from typing import Any

from lsviz.core.once import once

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Server = Callable[[Message, Receive, Send], Awaitable[None]]

CLOSED = (
    "/_stcore/metrics"  # how many sessions, how much memory: for whoever runs the server, and they read it from behind the proxy
)

# Everything comes from this server. Beyond that: `blob:` scripts are the components' own modules, which Streamlit hands over so; plotly
# compiles the programs of its WebGL charts (eval) and draws images from data; emotion writes its styles into the page. Any site may frame it.
POLICY = (
    "default-src 'self'; script-src 'self' blob: 'unsafe-eval' {inline}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self' data: blob:; media-src 'self' data: blob:; worker-src 'self' blob:; frame-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors *"
)


@once(1)
def headers() -> dict[str, str]:
    """Name and value of each header."""
    return {
        "Content-Security-Policy": POLICY.format(inline=" ".join(f"'sha256-{digest}'" for digest in _inline_scripts())),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",  # an address holds a whole view, perhaps a lecture of one's own
    }


def _inline_scripts() -> list[str]:
    """SHA-256, base64, of the scripts that stand in Streamlit's own page."""
    page = (files("streamlit") / "static/index.html").read_text("utf-8")
    return [
        base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        for script in re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    ]


class OwnHeaders:
    """ASGI middleware: adds `headers()` to every answer; CLOSED, below any base path, is not found."""

    def __init__(self, app: Server) -> None:
        self.app = app
        self.added = [(name.lower().encode(), value.encode()) for name, value in headers().items()]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_with(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self.added]
            await send(message)

        if str(scope["path"]).rstrip("/").endswith(CLOSED):
            await send_with({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]})
            return await send({"type": "http.response.body", "body": b"not found"})
        await self.app(scope, receive, send_with)
