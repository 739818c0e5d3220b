"""How numbers are spread, in little room: counts by steps of a tenth, which can be added up over runs and days."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Self

STEP = math.log(1.1)  # a number is told within 5 % of what it was
ZERO = -1000  # the step of all that is not above 1e-41
MOST_STEP = 1000


class Spread(Counter[int]):
    """Numbers from zero up, each counted at its step: that of 1.0 is 0, each next one is a tenth more."""

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Self:
        """The spread of some numbers."""
        spread = cls()
        for number in numbers:
            spread.add(number)
        return spread

    @classmethod
    def from_text(cls, text: str) -> Self:
        """What ``as_text`` wrote."""
        spread, numbers = cls(), iter(text.split())
        spread.update({int(step): int(count) for step, count in zip(numbers, numbers, strict=True)})
        return spread

    def as_text(self) -> str:
        """Steps and counts in turn, which is read faster than JSON."""
        return " ".join(f"{step} {count}" for step, count in self.items() if count)

    def add(self, number: float, count: int = 1) -> None:
        """Count a number; what is below zero counts as zero."""
        self[step_of(number)] += count

    def quantile(self, share: float) -> float | None:
        """The number that this share of all is not above, within 5 %; None of none.

        >>> round(Spread.of(range(1, 100)).quantile(0.5)), Spread().quantile(0.5)
        (50, None)
        """
        left = share * self.total()
        for step, count in sorted(self.items()):
            left -= count
            if left <= 0 and count:
                return number_of(step)
        return None

    def below(self, number: float) -> int:
        """How many are below a number, within 5 % of it."""
        limit = step_of(number)
        return sum(count for step, count in self.items() if step < limit)


def step_of(number: float) -> int:
    """The step at which a number is counted.

    >>> step_of(0), step_of(1), step_of(1000)
    (-1000, 0, 72)
    """
    if not number > 0:
        return ZERO
    return max(ZERO, min(round(math.log(number) / STEP), MOST_STEP))


def number_of(step: int) -> float:
    """The number that a step stands for."""
    return 0.0 if step == ZERO else math.exp(step * STEP)


def told(spread: Mapping[int, int], digits: int = 0) -> dict[str, float] | None:
    """A spread as reports tell it: how many, their median and 90th percentile; None of none."""
    found = Spread(spread)
    median, most = found.quantile(0.5), found.quantile(0.9)
    if median is None or most is None:
        return None
    return {"count": found.total(), "median": round(median, digits), "p90": round(most, digits)}
