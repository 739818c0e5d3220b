"""How improbable a count is, where days differ more than chance alone would have them."""

from __future__ import annotations

import math

LEAST_RHO, MOST_RHO = 0.02, 0.6  # of how alike the articles of one day are: a day's batch may share its oddity


def upper_tail(k: int, n: int, share: float, rho: float) -> float:
    """The chance of k or more of n where the share is this on the whole and its days are alike by rho (beta-binomial).

    >>> round(upper_tail(2, 2, 0.5, 1e-9), 3), upper_tail(0, 5, 0.1, 0.1)
    (0.25, 1.0)
    """
    if k <= 0:
        return 1.0
    a, b = share * (1 / rho - 1), (1 - share) * (1 / rho - 1)
    base = math.lgamma(n + 1) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) - math.lgamma(n + a + b)
    tail = 0.0
    for i in range(k, n + 1):
        log = base - math.lgamma(i + 1) - math.lgamma(n - i + 1) + math.lgamma(i + a) + math.lgamma(n - i + b)
        tail += math.exp(log)
        if math.exp(log) < tail * 1e-6:
            break
    return min(tail, 1.0)


def likeness(counts: list[tuple[int, int]], share: float) -> float:
    """How alike the articles of one day are: rho, by how much more the days' shares differ than chance has them.

    >>> likeness([(5, 10)] * 8, 0.5), likeness([(0, 10), (10, 10)] * 4, 0.5)
    (0.02, 0.6)
    """
    days = [(k, n) for k, n in counts if n > 1]
    if len(days) < 2 or not 0 < share < 1:
        return LEAST_RHO
    spread = sum((k - n * share) ** 2 / (n * share * (1 - share)) for k, n in days) / (len(days) - 1)
    mean = sum(n for _, n in days) / len(days)
    return min(max((spread - 1) / (mean - 1), LEAST_RHO), MOST_RHO)


def median(values: list[float]) -> float:
    """The middle of some numbers, of which there is one at least."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def deviation(values: list[float], middle: float) -> float:
    """Their standard deviation as the median has it, which a few odd ones do not move (MAD)."""
    return 1.4826 * median([abs(value - middle) for value in values])
