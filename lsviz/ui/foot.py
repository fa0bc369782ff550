"""The same quiet foot under every figure: where its numbers come from, and a menu: how to read it, its data as a table, saving it."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol
from urllib.parse import urlencode

import plotly.graph_objects as go
import streamlit as st

from lsviz.core import turns
from lsviz.core.marked import parts
from lsviz.core.predictions.text import no_formula
from lsviz.figures import numbers
from lsviz.figures.live import Column, LiveFigure
from lsviz.state import ViewState
from lsviz.texts.catalogue import language, t
from lsviz.ui import controls, prose
from lsviz.ui.apart import meet, runs_apart
from lsviz.ui.at_alpha import at_alpha
from lsviz.ui.controls import view_state
from lsviz.ui.plots import image_buttons
from lsviz.ui.saving import save_button
from lsviz.zoo import networks

HEAD_START = 0.6  # seconds that a session's first figure gets before what lies below it is sent
_HERE, _SEEN = "figures_here", "figures_seen"
MOST_ROWS = 3000  # of a table on the page: more would only be bytes
ICONS = {
    "closed": ":material/function:", "measured": ":material/science:", "paper": ":material/menu_book:", "lab": ":material/experiment:",
    "yours": ":material/upload_file:",
}  # fmt: skip


class Savable(Protocol):
    """What a foot asks of a figure: its columns, a sentence, and a figure that stands alone, at an alpha."""

    @property
    def table(self) -> Mapping[str, Column]: ...

    def said(self, alpha: float) -> str: ...

    def resolved(self, alpha: float) -> go.Figure: ...


def csv_text(table: Mapping[str, Column]) -> str:
    """Columns as CSV text, one row an entry, header first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_cell(name) for name in table])
    writer.writerows([_cell(value) for value in row] for row in zip(*table.values(), strict=True))
    return text.getvalue()


def _cell(value: object) -> object:
    """0.84, not 0.8400000000000001; and a name that a spreadsheet would run as a formula behind an apostrophe."""
    if isinstance(value, float):
        return f"{value:.10g}"
    return no_formula(value) if isinstance(value, str) and not _is_number(value) else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def data_json(live: Savable, key: str, badge: str, source: str, state: ViewState) -> str:
    """The figure's data with where it comes from: the view's link, the badge, and every stored network of this N if it was measured."""
    runs = [
        {"id": run.id, "device": run.device, "torch": run.torch, "trained_at": run.trained_at, "sha256": run.sha256}
        for run in networks.store().runs
        if source == "measured" and run.config.num_classes == networks.snapped(state.num_classes)
    ]
    said = {"figure": key, "finding": live.said(state.alpha), "numbers": badge, "view": state.to_query(), "networks": runs}
    return json.dumps(said | {"data": {name: list(column) for name, column in live.table.items()}}, indent=1, default=_plain)


def _plain(value: object) -> object:
    """A number or a text; numpy's own types as Python's."""
    if hasattr(value, "item"):
        value = value.item()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def page_html(live: Savable, alpha: float) -> str:
    """The figure at `alpha` as one self-contained page that opens offline."""
    return live.resolved(alpha).to_html(include_plotlyjs=True, full_html=True, config={"displaylogo": False})


def view_html(title: str, sentence: str, lives: Sequence[LiveFigure], state: ViewState) -> str:
    """A whole view as one page that opens offline: its finding, then every figure at the view's alpha with its alternative text."""
    head, sub = (html.escape("".join(text for text, _ in parts(marked))) for marked in (title, sentence))
    body = [f"<h1>{head}</h1><p>{sub}</p>"]
    for i, live in enumerate(lives):
        figure = live.resolved(state.alpha).to_html(include_plotlyjs=i == 0, full_html=False, config={"displaylogo": False})
        body.append(f"{figure}<p>{html.escape(live.said(state.alpha))}</p>")
    body.append(f"<footer>{html.escape(t('common.page_note', query='?' + urlencode(state.to_query())))}</footer>")
    style = "body{font-family:system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1e24}h1{font-family:Georgia,serif}p,footer{color:#5b616b}"
    meta = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{head}</title><style>{style}</style>'
    return f'<!doctype html><html lang="{language()}"><head>{meta}</head><body>{"".join(body)}</body></html>'


def save_view(name: str, make: Callable[[], tuple[str, str, Sequence[LiveFigure]]]) -> None:
    """A button that saves the page: `make` gives its headline, its sentence and its figures, and is called on the click alone."""
    if not controls.offers("save"):
        return
    state = view_state()
    save_button(t("common.page"), lambda: view_html(*make(), state), f"lsviz-{name}.html", "text/html", key=f"page_{name}")


def _table(live: Savable) -> None:
    """The columns of the CSV for whoever cannot see the figure, scrolling inside a frame of ten rows."""
    rows = len(next(iter(live.table.values()), ()))
    shown = {name: [_plain(value) for value in column[:MOST_ROWS]] for name, column in live.table.items()}
    st.dataframe(shown, hide_index=True, height=36 * min(rows + 1, 11) + 4, alt=live.said(view_state().alpha))
    if rows > MOST_ROWS:
        st.caption(t("common.table_cut", shown=numbers.whole(MOST_ROWS), rows=numbers.whole(rows)))


def _tables(figures: Sequence[Savable]) -> None:
    for figure in figures:
        if len(figures) > 1:
            st.caption(t("common.save_which", name=_said_above(figure)))
        _table(figure)


def begin(page: str) -> None:
    """No figure was drawn yet on this page. Called before it is."""
    st.session_state[_HERE] = st.session_state.setdefault(_SEEN, {})[page] = {}


def figures_here() -> dict[str, str]:
    """Title by key of the figures that this page has drawn, from top to bottom."""
    return st.session_state.get(_HERE, {})


def figures_seen(page: str) -> dict[str, str]:
    """The same of a page when this session had it last."""
    return st.session_state.get(_SEEN, {}).get(page, {})


def figure_foot(
    live: Savable, *, key: str, badge: str, source: str, how: str, others: Sequence[tuple[str, Savable]] = ()
) -> None:  # fmt: skip
    """Badge (`source` is a key of ICONS) and a menu for the figure mounted under `key`, and for `others` that share its foot.

    The menu offers how to read it and its table, which then stand below the figure, and to save it.
    """
    figures = ((key, live), *others)
    if runs_apart():
        return meet(figures, badge)
    figures_here().update({mounted: getattr(figure, "title", "") or mounted for mounted, figure in figures})
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"foot_{key}"):
        st.badge(badge, icon=ICONS[source], color="gray")
        menu = st.popover(t("common.more"), icon=":material/more_horiz:", type="tertiary", key=f"more_{key}", on_change="rerun")
        if menu.open:  # built only when asked for: closed menus would cost a third of a page's rerun
            with menu, st.container(gap=None, key=f"menu_{key}"):
                _menu(figures, badge, source)
    if opened := st.session_state.get(f"below_{key}"):
        with st.container(key=f"below_{key}"):
            if "how" in opened:
                prose.markdown(how)
            if "table" in opened:
                at_alpha(f"table_{key}", lambda _: _tables([figure for _, figure in figures]))
    if controls.first_turn():
        # each new kind of element makes the browser put off showing all of them, this figure too: what lies below it waits once
        with turns.PAGES.aside():
            time.sleep(HEAD_START)


def _menu(figures: Sequence[tuple[str, Savable]], badge: str, source: str) -> None:
    key = figures[0][0]
    opened = st.session_state.get(f"below_{key}", ())
    for what in ("how", "table"):
        label = t(f"common.hide.{what}" if what in opened else f"common.{what}")
        st.button(label, type="tertiary", key=f"{what}_{key}", on_click=_turn, args=(key, what))
    if controls.offers("save"):
        for mounted, figure in figures:
            st.caption(t("common.save_which", name=_said_above(figure)) if len(figures) > 1 else t("common.save"))
            _save_menu(figure, mounted, badge, source)


def _turn(key: str, what: str) -> None:
    """Show below the figure what is not, hide what is, and close the menu (a callback)."""
    opened = st.session_state.get(f"below_{key}", ())
    st.session_state[f"below_{key}"] = tuple(one for one in ("how", "table") if (one in opened) != (one == what))
    st.session_state[f"more_{key}"] = False


def _said_above(live: Savable) -> str:
    """What stands above a figure now: its title, in words alone."""
    figure = live.resolved(view_state().alpha)
    title = figure.layout.title.text or figure.layout.annotations[-1].text
    return html.unescape(re.sub(r"<[^>]*>", "", title))


def _save_menu(live: Savable, key: str, badge: str, source: str) -> None:
    state, name = view_state(), f"lsviz-{key}"
    wide = {"icon": None, "width": "stretch"}
    save_button(t("common.csv"), lambda: csv_text(live.table), f"{name}.csv", "text/csv", key=f"csv_{key}", **wide)
    save_button(
        t("common.json"), lambda: data_json(live, key, badge, source, state), f"{name}.json", "application/json", key=f"json_{key}", **wide
    )  # fmt: skip
    save_button(t("common.html"), lambda: page_html(live, state.alpha), f"{name}.html", "text/html", key=f"html_{key}", **wide)
    image_buttons(key, name)
