"""Wrong labels: what smoothing buys where labels are wrong, why it is label noise without the dice, what it erases of how classes are alike."""

from __future__ import annotations

import streamlit as st

from lsviz import navigation, state
from lsviz.pages.labels.similar_classes import similar_classes
from lsviz.pages.labels.similar_digits_live import alike_live
from lsviz.pages.labels.wrong_labels import by_heart, corrections, epochs, identity, literature, noise_map
from lsviz.pages.labels.wrong_labels_data import counts
from lsviz.pages.labels.wrong_labels_live import wrong_live
from lsviz.texts.catalogue import t
from lsviz.ui import controls
from lsviz.ui.folds import fold
from lsviz.ui.plots import headline
from lsviz.zoo import networks


def render() -> None:
    """Noise is of the nearest N that was trained on wrong labels, the closed forms are of the N asked for."""
    view = controls.view_state()
    asked = networks.snapped(view.num_classes)
    n = state.nearest_count(there, asked) if (there := counts()) else asked
    headline([0.0], [t("bias.labels_head")], [t("bias.labels_sub")])
    noise_map(n, asked, trained=bool(there))
    identity(n, asked)
    similar_classes(asked)
    if there:
        fold("flips", lambda: by_heart(n))
    fold("digits", wrong_live)
    fold("corrections", lambda: corrections(n, asked))
    if there:
        fold("epochs", lambda: epochs(n))
    fold("papers", literature)
    fold("likeness", lambda: alike_live(view))
    st.page_link(navigation.file("costs"), label=t("bias.labels_next"), icon=":material/arrow_forward:")


if __name__ == "__main__":
    render()
