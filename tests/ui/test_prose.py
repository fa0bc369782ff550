"""Running text: what stays on one line."""

from lsviz.ui.prose import _kept


def test_the_ends_of_an_interval_stay_together_in_sentences_but_not_in_tables():
    assert _kept("less (−0.1 … +0.3)") == "less (−0.1\u00a0…\u00a0+0.3)"
    assert _kept("작음 (−0.1 ~ +0.3)") == "작음 (−0.1\u00a0~\u00a0+0.3)"
    assert _kept("| a | −0.1 … +0.3 |") == "| a | −0.1 … +0.3 |"
