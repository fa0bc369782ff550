"""The dock at the bottom of the page: alpha on its rail and N; it owns alpha while a hand moves it."""

from __future__ import annotations

from collections.abc import Callable

from lsviz.ui.assets import served_component

# The height is reserved from the start, so that nothing jumps when the program arrives.
_mount = served_component("lsviz_dock", "dock", waiting_height="3.4rem")


def dock(data: dict, *, key: str = "dock", on_change: Callable[[], None]):
    """Mount the dock (call inside `st.bottom`).

    `data`: group, label (aria), alpha (asked), heard (session, serial of the alpha last told), stops, labels, colors and notes (one per stop), note_asked {text, offer} (shown until
    the first move, a button) or None, ticks [[alpha, text, is_minor]], gradient [[percent, colour]], dots (alphas) or None,
    n {value, options, free, min, max, label}, hide (what of "alpha" and "n" is not shown), embedded (inside another page).

    `on_change` is called with `st.session_state[key]` holding what was changed and nothing else: "n" (int) or "also" (float: an alpha to
    train), the other is None. They are triggers, not state, so that no old value comes back later. Alpha itself: `ui/at_alpha.py`.
    """
    return _mount(key=key, data=data, on_n_change=on_change, on_also_change=on_change)
