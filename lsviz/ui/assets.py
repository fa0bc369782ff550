"""Serves the JavaScript of `ui/js` as plain files, so that a component's message carries two lines instead of the program."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import plotly
import streamlit as st
import streamlit.components.v1 as components_v1
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lsviz.core.once import once
from lsviz.ui.apart import runs_apart

JS = Path(__file__).parent / "js"
ICON = str(Path(__file__).parent / "icon.svg")

# A module that lives in the component's message and fetches the real one, all it imports at once; `js/mount.js` hands over what came.
# `base` is the app's root, whatever the path it is served under.
_STUB = """
const base = document.querySelector('script[src*="static/js/index."]')?.src.replace(/static\\/js\\/.*$/, '') ?? document.baseURI;
const [mount, served] = 'mount %(modules)s'.split(' ').map(name => import(new URL(`%(folder)s${name}.js`, base).href));
export default part => {
  const mounted = mount.then(m => m.mounted(part, served));
  return () => mounted.then(leave => leave());
};
"""


@once(1)
def _version() -> str:
    """Changes when any served file does. It is part of the folder's address, so relative imports carry it too."""
    digest = hashlib.sha256()
    for file in sorted(path for path in JS.rglob("*") if path.is_file()):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


def _needed(module: str) -> list[str]:
    """`module` and all that it imports, directly or not."""
    found, todo = [], [module]
    while todo:
        name = todo.pop(0)
        if name not in found:
            found.append(name)
            todo += re.findall(r"from '\./(\w+)\.js'", (JS / f"{name}.js").read_text("utf-8"))
    return found


def _serve(name: str, folder: Path) -> str:
    """Address, relative to the app, below which the files of `folder` answer."""
    # declare_component is used as a file server only; it listens once declared during a script run, so this is asked for
    # on every mount rather than trusted to have happened at import.
    if get_script_run_ctx(suppress_warning=True) is not None and not runs_apart():
        _declare(name, folder, Runtime.instance())
    return f"component/{__name__}.{name}/"


@once(8)
def _declare(name: str, folder: Path, runtime: Runtime) -> None:
    """Once for each server: a page mounts thirty times."""
    components_v1.declare_component(name, path=folder)


def served_component(name: str, module: str, *, waiting_height: str = "0") -> Callable:
    """A `components.v2` component whose program is `js/<module>.js`, which exports render(component) and remove(root).

    `waiting_height` (CSS) keeps its place free until the first render is done. `data` is a mapping, or bytes that `packed` made.
    """
    program = {"folder": f"component/{__name__}.js-{_version()}/", "modules": " ".join(_needed(module))}
    html = f'<div class="lsviz-waiting" style="height:{waiting_height}"></div>'
    mount = st.components.v2.component(name, html=html, js=_STUB % program, isolate_styles=False)

    def mount_served(*, data: Mapping[str, object] | bytes, **arguments: Any):
        if runs_apart():
            return None
        _serve(f"js-{_version()}", JS)
        # a mapping goes in a list, as Streamlit looks for tables in every value of a dict
        return mount(data=data if isinstance(data, bytes) else [data], **arguments)

    return mount_served


def packed(head: Mapping[str, object], body: bytes) -> bytes:
    """What is small and differs from mount to mount, and what is large and the same for all (JSON, gzipped): as one, for `served_component`."""
    return json.dumps({**head, "digest": hashlib.sha1(body).hexdigest()}).encode() + b"\n" + body


def dress() -> None:
    """Link `js/page.css`, the look that all pages share. Called before anything is drawn, so that nothing is seen without it."""
    st.html(f"<style>@import '{_serve(f'js-{_version()}', JS)}page.css';</style>")


def plotly_sources() -> list[list[str]]:
    """Where the browser finds all of plotly.js, in order: [kind, address relative to the app].

    First Streamlit's own bundle (already cached wherever st.plotly_chart was seen; importing it sets window.Plotly,
    an internal side effect), then the file inside the plotly package.
    """
    own, package = _plotly_files()
    return [["module", f"static/js/{path.name}"] for path in own[:1]] + [["script", _serve("plotlyjs", package) + "plotly.min.js"]]


def plotly_program(kinds: Collection[str]) -> str:
    """plotly.js for a page that opens offline: the small bundle where it draws all these kinds of traces."""
    basic = set(kinds) <= {"bar", "scatter", "scattergl"}
    return ((JS / "vendor/plotly-basic.min.js") if basic else (_plotly_files()[1] / "plotly.min.js")).read_text("utf-8")


@once(1)
def _plotly_files() -> tuple[list[Path], Path]:
    own = sorted(Path(st.__file__).parent.glob("static/static/js/PlotlyChart.*.js"))
    return own, Path(plotly.__file__).parent / "package_data"
