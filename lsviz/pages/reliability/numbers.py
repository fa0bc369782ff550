"""Below the diagram on Reliability: the numbers side by side, and the temperature."""

from __future__ import annotations

from collections.abc import Mapping

from lsviz.core.calibration.assessment import Assessment
from lsviz.figures import numbers
from lsviz.figures import reliability_words as say
from lsviz.figures.tables import markdown_table
from lsviz.texts.catalogue import t, words
from lsviz.ui import prose
from lsviz.zoo.calibration import scaled


def numbers_table(networks: Mapping[float, Assessment], num_classes: int, alpha: float) -> None:
    """Hard against chosen, as a table."""
    cooled = scaled(num_classes)
    chosen = [a for a in dict.fromkeys((0.0, alpha)) if a in networks]
    columns = [(networks[a], cooled[a].after, cooled[a].curve.fitted) if a in cooled else (networks[a], None, None) for a in chosen]
    heads = [t("reliability.column_hard") if a == 0 else t("reliability.column_chosen", a=numbers.alpha_text(a)) for a in chosen]
    rows = say.number_rows(columns, words("reliability"))
    prose.markdown(markdown_table([t("reliability.column_what"), *heads], rows))
    prose.caption(t("reliability.table_note"))
