"""How right a text is expected to be: the F1 of its words that pages of like signs have reached.

Measured on the bench's pages by cross-validation (benchmarks.quality prints the table); each pair is a sign and the
mean F1 that was reached there, and between two pairs a straight line is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

Knots = Sequence[tuple[float, float]]

# by the F1 that the block model itself expects
BY_MODEL: Knots = ((0.0, 0.5), (0.95, 0.91), (0.96, 0.93), (0.97, 0.955), (0.987, 0.975), (0.994, 0.988), (1.0, 0.997))
# by how far trafilatura and the block model agree, where the model is not sure
BY_AGREEMENT: Knots = ((0.0, 0.5), (0.3, 0.75), (0.75, 0.82), (0.88, 0.9), (1.0, 0.93))
ALONE = 0.9  # trafilatura's text where the model has no opinion: what trafilatura reaches by page
OF_DATA = 0.81  # text that only the page's data holds
UNSURE = 0.85  # below it a record carries a warning: of such pages two in five have an F1 below .8


def expected_f1(sign: float, knots: Knots) -> float:
    """The F1 that pages with this sign have reached, 0…1.

    >>> expected_f1(0.94, ((0.93, 0.88), (0.95, 0.9)))
    0.89
    >>> expected_f1(2.0, ((0.93, 0.88), (0.95, 0.9)))
    0.9
    """
    for (low, low_f1), (high, high_f1) in pairwise(knots):
        if sign <= high:
            share = max(0.0, sign - low) / (high - low)
            return round(low_f1 + share * (high_f1 - low_f1), 3)
    return knots[-1][1]
