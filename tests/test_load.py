"""What the load program makes of its measurements."""

import argparse
from math import inf

import pytest

from tests.load.__main__ import capacity, counts


def test_capacity_is_where_the_line_between_two_steps_passes_a_second():
    assert capacity([(10, 0.1), (20, 0.2), (40, 2.2)]) == pytest.approx(28)
    assert capacity([(10, 2.0)]) == pytest.approx(5)  # from nobody at no time
    assert capacity([(10, 0.1), (20, 1.0)]) == inf


@pytest.mark.parametrize("odd", ["", "10,10", "20,10", "0,5", "ten"])
def test_a_ramp_rises(odd):
    with pytest.raises((argparse.ArgumentTypeError, ValueError)):
        counts(odd)
    assert counts("10,20") == (10, 20)
