"""What a page shows while it runs apart from every session: nothing, until the one figure comes that is wanted of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Protocol

import plotly.graph_objects as go


class Drawable(Protocol):
    """What is asked of a figure: to stand alone at an alpha, and a sentence."""

    def resolved(self, alpha: float) -> go.Figure: ...

    def said(self, alpha: float) -> str: ...


class Met(BaseException):
    """The figure has come, with its badge: no page may catch this."""


wanted: ContextVar[str | None] = ContextVar("wanted", default=None)  # its key, "" for the page's first; None in every session


def runs_apart() -> bool:
    """Whether nobody looks at what this run shows."""
    return wanted.get() is not None


def meet(figures: Sequence[tuple[str, Drawable]], badge: str) -> None:
    """Called with what stands above every foot: ends a run apart with the figure that is wanted of it."""
    for key, figure in figures:
        if wanted.get() in ("", key):
            raise Met(figure, badge)
