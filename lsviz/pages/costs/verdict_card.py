"""The verdict card on Costs: what one alpha bought and cost, over paired seeds or on the same images, copyable as Markdown."""

from __future__ import annotations

import streamlit as st

from lsviz.figures import numbers, tables
from lsviz.pages.costs.measured import changes, seed_changes
from lsviz.texts.catalogue import t, words
from lsviz.ui import prose


def verdict_card(n: int, alpha: float) -> None:
    """The mean of every pair that differs in its seed alone, where there are enough of them; otherwise one pair, image by image."""
    st.subheader(t("costs.verdict_title", alpha=numbers.alpha_text(alpha)) if alpha else t("costs.verdict_none"), anchor=False)
    found = changes(n, alpha) if alpha else None
    if found is None:
        prose.caption(t("costs.verdict_hard"))
        return
    over = seed_changes(n, alpha)
    a = numbers.alpha_text(alpha)
    heads = lambda first: [first, *(t(f"costs.column_{name}", alpha=a) for name in ("hard", "alpha", "difference"))]
    if over.changes:
        table = tables.verdict_table(over.changes, heads(t("costs.column_seeds", count=len(over.seeds))), words("costs"))
        note = t("costs.verdict_seeds", seeds=", ".join(map(str, over.seeds)))
    else:
        table = tables.verdict_table(found.changes, heads(t("costs.column_images")), words("costs"))
        note = t("costs.verdict_note", n=n, seed=found.seed, count=numbers.whole(found.count))
    parts = [table, note]
    if not over.changes and over.nc1:
        parts.append(t("costs.verdict_nc1", hard=f"{over.nc1[0]:.3f}", alpha=a, soft=f"{over.nc1[1]:.3f}"))
    prose.markdown(table)
    prose.caption("\n\n".join(parts[1:]))
    with st.expander(t("costs.verdict_copy"), icon=":material/content_copy:"):
        title = t("costs.verdict_title", alpha=a)
        copy = "\n\n".join([f"## {title}", *parts])
        st.code(copy.replace("\u00a0", " "), language="markdown", wrap_lines=True)
