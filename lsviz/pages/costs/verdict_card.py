"""The verdict card on Costs: what one alpha bought and cost, on the same images and over paired seeds, copyable as Markdown."""

from __future__ import annotations

import streamlit as st

from lsviz.figures import numbers, tables
from lsviz.pages.costs.measured import changes, seed_changes
from lsviz.texts.catalogue import t, words


def verdict_card(n: int, alpha: float) -> None:
    """Left: one pair of networks, image by image. Right: the mean of every pair that differs in its seed alone."""
    st.subheader(t("costs.verdict_title", alpha=numbers.alpha_text(alpha)) if alpha else t("costs.verdict_none"), anchor=False)
    found = changes(n, alpha) if alpha else None
    if found is None:
        st.caption(t("costs.verdict_hard"))
        return
    over = seed_changes(n, alpha)
    a = numbers.alpha_text(alpha)
    heads = lambda first: [first, *(t(f"costs.column_{name}", alpha=a) for name in ("hard", "alpha", "difference"))]
    parts = [
        (
            tables.verdict_table(found.changes, heads(t("costs.column_images")), words("costs")),
            t("costs.verdict_note", n=n, seed=found.seed, count=numbers.whole(found.count)),
        )
    ]
    if over.changes:
        seeds = ", ".join(map(str, over.seeds))
        parts.append(
            (
                tables.verdict_table(over.changes, heads(t("costs.column_seeds", count=len(over.seeds))), words("costs")),
                t("costs.verdict_seeds", seeds=seeds),
            )
        )
    elif over.nc1:
        parts.append(("", t("costs.verdict_nc1", hard=f"{over.nc1[0]:.3f}", alpha=a, soft=f"{over.nc1[1]:.3f}")))
    for column, (table, note) in zip(st.columns(2, gap="large"), parts):
        with column:
            if table:
                st.markdown(table)
            st.caption(note)
    with st.expander(t("costs.verdict_copy"), icon=":material/content_copy:"):
        title = t("costs.verdict_title", alpha=a)
        copy = "\n\n".join([f"## {title}", *(text for part in parts for text in part if text)])
        st.code(copy.replace("\u00a0", " "), language="markdown", wrap_lines=True)
