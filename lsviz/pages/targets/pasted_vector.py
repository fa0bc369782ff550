"""The check of a target somebody pasted: which convention, which alpha, which mistake."""

from __future__ import annotations

import re

import numpy as np
import streamlit as st

from lsviz.core.smoothing import pasted_targets
from lsviz.figures import numbers
from lsviz.pages.targets.formula import number
from lsviz.texts.catalogue import t
from lsviz.ui import prose


def pasted(text: str) -> None:
    """Say what the pasted vector is, or what is wrong with it, in one sentence."""
    if not text.strip():
        prose.caption(t("targets.paste_empty"))
        return
    sound, sentence = judge(text)
    (st.success if sound else st.warning)(sentence)


def judge(text: str) -> tuple[bool, str]:
    """Whether the typed vector is sound, and the sentence that says so."""
    row = re.sub(r"(np\.|torch\.)?(array|tensor)\(|\b(dtype|device)=[^,)]*", " ", text)  # as libraries print it
    pieces = [piece for piece in re.split(r"[\s,;\[\](){}|]+", row.replace(numbers.MINUS, "-")) if piece]
    values = []
    for piece in pieces:
        try:
            values.append(float(piece))
        except ValueError:
            return False, t("targets.paste_unread", text=piece[:40].replace("`", "'"))
    found = pasted_targets.diagnose_targets(np.array(values))
    matches = t("targets.match_or").join(
        t("targets.match_item", name=t(f"targets.conv.{match.convention}"), alpha=number(match.alpha)) for match in found.matches
    )
    expected = ", ".join(number(v) for v in found.expected or ()) if found.num_classes <= 12 else "…"
    alpha = found.matches[0].alpha if found.alpha is None and found.matches else found.alpha
    sentence = t(
        f"targets.diagnosis_{found.code}", matches=matches, total=number(found.total), expected=expected,
        alpha="" if alpha is None else number(alpha), position=(found.position or 0) + 1,
    )  # fmt: skip
    return found.sound, sentence
