"""How a site writes its dates: the order of day and month, its time zone, what its sitemap dates."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Self
from zoneinfo import ZoneInfo

from crawler.extraction.dates.reading import written_offset, zone_info
from crawler.extraction.dates.words import all_zones, all_zones_of_country
from crawler.site import DateTrace, Order, SiteDates

OVERWHELMING = 20  # pages that must show a thing for each that shows another
ZONE_PAGES = 3  # that must state an offset
LASTMOD_PAGES = 5  # that must have their day of publication in the sitemap


class DateHabits:
    """What a site's pages have shown of its dates, counted."""

    def __init__(self) -> None:
        self.orders: defaultdict[str, Counter[bool]] = defaultdict(Counter)  # source → day first → pages
        self.offsets: Counter[int] = Counter()  # minutes east of Greenwich → pages that state them
        self.zones: Counter[str] = Counter()  # IANA name → pages that it agrees with, of those that state an offset
        self.stating = 0
        self.lastmods: Counter[bool] = Counter()  # whether lastmod had the day of publication → pages

    def as_json(self) -> dict[str, Any]:
        return {
            "orders": {source: [counts[True], counts[False]] for source, counts in sorted(self.orders.items())},
            "offsets": sorted(self.offsets.items()),
            "zones": dict(sorted(self.zones.items())),
            "stating": self.stating,
            "lastmods": [self.lastmods[True], self.lastmods[False]],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        habits = cls()
        for source, counts in told["orders"].items():
            habits.orders[source] = _counter(counts)
        habits.offsets.update({int(minutes): int(pages) for minutes, pages in told["offsets"]})
        habits.zones.update({zone: int(pages) for zone, pages in told["zones"].items()})
        habits.stating = int(told["stating"])
        habits.lastmods = _counter(told["lastmods"])
        return habits

    def learn(self, trace: DateTrace) -> None:
        """Count what a page shows."""
        for source, day_first in trace.orders:
            self.orders[source][day_first] += 1
        if trace.lastmod is not None:
            self.lastmods[trace.lastmod] += 1
        if trace.offsets:
            self.stating += 1
            self.offsets.update({minutes for _, minutes in trace.offsets})
            self.zones.update(frozenset.intersection(*(_zones_with(*offset) for offset in trace.offsets)))

    def known(self, country: str) -> SiteDates:
        """What is sure by now; ``country`` is a code, or whatever stands last in the site's name."""
        zones = self._zones(country)
        is_dated = self.lastmods[True] >= LASTMOD_PAGES and _is_sure(self.lastmods[True], self.lastmods[False])
        return SiteDates(
            orders=self._orders(),
            zones=zones,
            zone_pages=self.stating if zones else 0,
            lastmod_pages=self.lastmods[True] if is_dated else 0,
        )

    def described(self, country: str) -> list[str]:
        """What a person may want to know of it, in lines."""
        lines = [f"order of all-figure dates ({source}): {_both(counts)}" for source, counts in self.orders.items()]
        if self.stating:
            offsets = ", ".join(
                f"{written_offset(dt.timedelta(minutes=m))} on {pages:,}" for m, pages in sorted(self.offsets.items())
            )
            zones = ", ".join(self._zones(country)) or "not known"
            lines.append(f"time zone: {zones}; stated on {self.stating:,} pages: {offsets}")
        if self.lastmods:
            lines.append(
                f"sitemap: the day of publication on {self.lastmods[True]:,} of {self.lastmods.total():,} pages"
            )
        return sorted(lines)

    def _orders(self) -> dict[str, Order]:
        """By source; under "" the one that all sources have, if they do."""
        decided = {source: order for source, counts in self.orders.items() if (order := _order(counts))}
        both = sum(self.orders.values(), Counter[bool]())
        overall = _order(both)
        if overall and len(decided) == len(self.orders) and len({o.day_first for o in decided.values()}) == 1:
            decided[""] = overall
        return decided

    def _zones(self, country: str) -> tuple[str, ...]:
        """Those that agree with what is stated: of the country, else of the world."""
        if self.stating < ZONE_PAGES:
            return ()
        sure = {zone for zone, pages in self.zones.items() if _is_sure(pages, self.stating - pages)}
        own = tuple(zone for zone in all_zones_of_country(country) if zone in sure)
        return own or tuple(zone for zone in all_zones() if zone in sure)


@lru_cache(maxsize=1024)  # the pages of a run are of few days
def _zones_with(day: int, minutes: int) -> frozenset[str]:
    """The zones that have an offset on a day in UTC, at its beginning or at its end."""
    offset = dt.timedelta(minutes=minutes)
    first = dt.datetime.fromordinal(day) + offset
    last = first + dt.timedelta(hours=23)
    return frozenset(name for name, zone in _clocks() if offset in (zone.utcoffset(first), zone.utcoffset(last)))


@cache
def _clocks() -> tuple[tuple[str, ZoneInfo], ...]:
    return tuple((name, zone) for name in all_zones() if (zone := zone_info(name)))


def _order(counts: Counter[bool]) -> Order | None:
    for day_first in (True, False):
        if counts[day_first] and _is_sure(counts[day_first], counts[not day_first]):
            return Order(day_first=day_first, pages=counts[day_first], of=counts.total())
    return None


def _is_sure(pages: int, others: int) -> bool:
    return pages >= OVERWHELMING * others


def _counter(counts: list[int]) -> Counter[bool]:
    return Counter({True: int(counts[0]), False: int(counts[1])})


def _both(counts: Counter[bool]) -> str:
    return f"day first on {counts[True]:,} pages, month first on {counts[False]:,}"
