"""What is usual for a source: how many articles come out on such a weekday."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.report_page.view import WEEK, Numbers

LEAST_DAYS = 14  # of a past; before that nothing is usual
LEAST_WEEKS = 4  # before that all days of the week are taken together
LOW, MIDDLE, HIGH = 0.1, 0.5, 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """By day: four days of five lie between low and high; and what is usual in the last seven days."""

    low: Numbers
    high: Numbers
    week: float


def usual_of(articles: Sequence[int], begins: int, past_of_today: float) -> Usual | None:
    """What is usual for a source by its articles of each day, the last being today; None where its past is too short.

    ``begins`` is the first day on which it was asked: of earlier ones only a part is known.

    >>> usual = usual_of([5, 5, 5, 5, 5, 1, 1] * 5, 0, 0.5)
    >>> usual.low[-7:], usual.week
    ([5, 5, 5, 5, 5, 1, 1], 26.5)
    """
    past = range(begins, len(articles) - 1)
    if len(past) < LEAST_DAYS:
        return None
    if len(past) < LEAST_WEEKS * WEEK:
        bands = [_band([articles[day] for day in past])] * WEEK
    else:
        bands = [_band([articles[day] for day in past if day % WEEK == weekday]) for weekday in range(WEEK)]
    by_day = [bands[day % WEEK] if day >= begins else (None, None, None) for day in range(len(articles))]
    middles = [bands[day % WEEK][1] for day in range(len(articles) - WEEK, len(articles))]
    return Usual(
        low=[low for low, _, _ in by_day],
        high=[high for _, _, high in by_day],
        week=sum(middles[:-1]) + middles[-1] * past_of_today,
    )


def _band(numbers: Sequence[int]) -> tuple[int, int, int]:
    ordered = sorted(numbers)
    low, middle, high = (ordered[round(share * (len(ordered) - 1))] for share in (LOW, MIDDLE, HIGH))
    return low, middle, high
