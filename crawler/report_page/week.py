"""A source's last seven days in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from crawler.items import Outcome
from crawler.report_page.series import FITTING, STRANGE, UNDATED, Series
from crawler.report_page.view import WEEK

# What says nothing against an address: its article was known, or it came too early or too late, or is not ours to keep
NEUTRAL = frozenset({Outcome.UNCHANGED, Outcome.DUPLICATE, Outcome.TOO_OLD, Outcome.DEFERRED, Outcome.RESERVED})
GOOD = frozenset({Outcome.SAVED, Outcome.UPDATED})
REFUSALS = frozenset(set(Outcome) - NEUTRAL - GOOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What was counted; a share is None where there is nothing to share."""

    refused: int  # addresses that ended in one of REFUSALS
    ended: int  # these, and those with an article
    written: int  # articles
    dated: int  # articles, and pages that were refused for want of a date
    undated: int  # of these
    unsure: int  # articles whose text is of low confidence
    removed: int  # texts
    fitting: int  # pages that stand where the memory of their site has them
    strange: int  # pages that do not

    @classmethod
    def of(cls, series: Series) -> Self:
        """The last week of a series."""
        ended = {kind: sum(numbers[-WEEK:]) for kind, numbers in series.by_day["outcomes"].items()}
        refused = sum(number for kind, number in ended.items() if kind in REFUSALS)
        good = sum(number for kind, number in ended.items() if kind in GOOD)
        without = ended.get(Outcome.UNDATED, 0)
        return cls(
            refused=refused,
            ended=refused + good,
            written=series.written[-1],
            dated=series.written[-1] + without,
            undated=series.week_of("dates", UNDATED) + without,
            unsure=series.unsure[-1],
            removed=sum(numbers[-1] for numbers in series.by_week["removals"].values()),
            fitting=series.week_of("places", FITTING),
            strange=series.week_of("places", STRANGE),
        )
