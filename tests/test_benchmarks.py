"""What the benchmarks make of two runs: what is compared, which way is worse, and what is only noise."""

import pytest

from tests.benchmarks.__main__ import measured, value, worse

SPEED = lambda ratio: ("layout", "CPU 3.2 s", "UMAP(): 13.7 s", ratio, ">= 2x")
BYTES = lambda size: ("bytes of a page", f"{size:,} KB", "", None, "150 KB")


def test_the_ratio_is_compared_else_the_first_number():
    assert value(SPEED(4.3)) == 4.3 and value(BYTES(1234)) == 1234 and value(("name", "none", "", None, "")) is None


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        ([SPEED(4.0), SPEED(4.2)], [SPEED(3.0), SPEED(3.1)], 1),  # more is better
        ([SPEED(3.0), SPEED(3.1)], [SPEED(4.0), SPEED(4.2)], 0),
        ([SPEED(4.0), SPEED(5.0)], [SPEED(3.7), SPEED(4.0)], 0),  # within the spread
        ([BYTES(100)], [BYTES(101)], 1),  # the same every time: any more is worse
        ([BYTES(101)], [BYTES(100)], 0),
        ([BYTES(100)], [SPEED(1.0)], 0),  # measured for the first time
    ],
)
def test_worse_is_what_changed_for_the_worse_by_more_than_the_spread(before, now, told):
    assert len(worse(measured([before]), measured([now]))) == told
