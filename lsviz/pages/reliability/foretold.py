"""The mean gap over alpha, foretold from the hard network alone, against what the smoothed networks came to."""

from __future__ import annotations

import numpy as np

from lsviz.core.calibration.foretold import foretold_against, foretold_closing, foretold_gaps, measured_closing
from lsviz.figures import numbers
from lsviz.figures.live import LiveFigure
from lsviz.pages.reliability.foretold_figure import foretold_figure, foretold_in_words
from lsviz.texts.catalogue import t, words
from lsviz.ui import prose
from lsviz.ui.shown import figure
from lsviz.zoo.calibration import measured
from lsviz.zoo.kept import of_store


def foretold(num_classes: int) -> None:
    """Nothing where the hard network is missing or not over-confident: then there is no gap to close."""
    live = foretold_live(num_classes)
    if live is None:
        return
    images = numbers.whole(len(measured(num_classes).networks[0.0].confidence))
    figure(live, "reliability_foretold", badge=t("reliability.badge_diagram", images=images))
    prose.caption(foretold_said(num_classes))


@of_store(max_entries=8, words=True)
def foretold_live(num_classes: int) -> LiveFigure | None:
    found = measured(num_classes).networks
    closing = foretold_closing(found[0.0], num_classes) if 0.0 in found else None
    if closing is None or len(found) < 2:
        return None
    alphas = sorted({*np.linspace(0, max(found), 41).round(4).tolist(), *found})
    gaps = foretold_gaps(found[0.0], num_classes, alphas)
    crossing = measured_closing({alpha: one.signed_gap for alpha, one in found.items()})
    return foretold_figure(found, gaps, closing, crossing, words("reliability"))


@of_store(max_entries=8, words=True)
def foretold_said(num_classes: int) -> str:
    """The smoothed network nearest to where the gap is foretold to close, against what is foretold there."""
    found = measured(num_classes).networks
    closing = foretold_closing(found[0.0], num_classes)
    assert closing  # drawn only where there is a gap to close
    alpha = min((alpha for alpha in found if alpha > 0), key=lambda alpha: abs(alpha - closing.alpha))
    return foretold_in_words(alpha, foretold_against(found[0.0], found[alpha], num_classes, alpha), words("reliability"))
