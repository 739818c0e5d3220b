"""What a page's dates show of its site: the order of day and month, the offset of its clock, what lastmod means."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping

from crawler.extraction.dates.claims import Claim, Source, View
from crawler.extraction.dates.clock import MAX_OFFSET
from crawler.extraction.dates.evidence import QUARTER, Sound
from crawler.extraction.dates.near import near_headline, near_headline_modified
from crawler.extraction.dates.reading import Reading, at_offset
from crawler.extraction.dates.settle import day_near, day_not_after_fetch
from crawler.extraction.dates.sources import MODIFIED, PUBLISHED, lastmod
from crawler.extraction.dates.stated import (
    json_ld,
    json_ld_modified,
    meta,
    meta_modified,
    microdata,
    microdata_modified,
)
from crawler.site import DateTrace

DECLARED = (json_ld, meta, microdata, json_ld_modified, meta_modified, microdata_modified)
ORDERED = frozenset(("json-ld", "meta", "microdata", "time", "visible", "page text", "page state", "feed"))
STATES_DAY = frozenset(("json-ld", "meta", "microdata", "time", "visible"))  # the page itself, near its headline
FRESH = dt.timedelta(days=62)  # a day that only the fetch tells from its other reading is no older
OLD_ENOUGH = dt.timedelta(days=3)  # for a page to have been changed, or its sitemap written anew
_FIGURES = re.compile(r"(?<![\d./-])(\d{1,2})([./-])\s?(\d{1,2})\2\s?(?:\d{4}|\d{2})(?!\d)")


def date_trace(
    view: View, asked: Mapping[Source, tuple[Sound, ...]], known: Collection[dt.date], published: Sound | None
) -> DateTrace:
    """What the claims show that the sources were ``asked`` for; ``known`` are the days that were told unambiguously."""
    return DateTrace(
        orders=tuple(sorted(_orders(view, asked, known))),
        offsets=tuple(sorted(set(_offsets(asked)))),
        lastmod=_lastmod_is_published(view, published) if published else None,
    )


def _orders(
    view: View, asked: Mapping[Source, tuple[Sound, ...]], known: Collection[dt.date]
) -> Iterator[tuple[str, bool]]:
    """The order of each source that shows one and no other."""
    shown: defaultdict[str, set[bool]] = defaultdict(set)
    for source in (*PUBLISHED, *MODIFIED, near_headline_modified):
        for number, sound in enumerate(asked.get(source, ())):
            reading = sound.claim.reading
            day = _own_day(view, reading, known) if number == 0 or not reading.others else None
            if sound.source in ORDERED and day and (order := order_of_figures(sound.claim.raw, day)) is not None:
                shown["visible" if sound.source == "page text" else sound.source].add(order)
    return ((source, orders.pop()) for source, orders in shown.items() if len(orders) == 1)


def order_of_figures(raw: str, day: dt.date) -> bool | None:
    """True where a date of figures alone has its day first, False where it has its month first.

    >>> order_of_figures("10:15, 03/04/2025", dt.date(2025, 4, 3)), order_of_figures("4/3/25", dt.date(2025, 4, 3))
    (True, False)
    >>> order_of_figures("04/04/2025", dt.date(2025, 4, 4)), order_of_figures("2025-04-26", dt.date(2025, 4, 26))
    (None, None)
    """
    match = _FIGURES.search(raw)
    if not match or day.day == day.month:
        return None
    figures = (int(match[1]), int(match[3]))
    return {(day.day, day.month): True, (day.month, day.day): False}.get(figures)


def _own_day(view: View, reading: Reading, known: Collection[dt.date]) -> dt.date | None:
    """The day of an ambiguous date by what the page itself tells."""
    if not reading.others:
        return reading.day
    if day := day_near(reading, known):
        return day
    day = day_not_after_fetch(reading, view)
    return day if day and view.fetched_day - day <= FRESH else None


def _offsets(asked: Mapping[Source, tuple[Sound, ...]]) -> Iterator[tuple[int, int]]:
    """The offsets that the page's own declared dates state; that of UTC is what a machine writes that knows none."""
    for claim in _declared(asked):
        instant, offset = claim.reading.instant, claim.reading.offset
        if instant and offset and abs(offset) <= MAX_OFFSET and not offset % QUARTER:
            yield instant.toordinal(), offset // dt.timedelta(minutes=1)


def _declared(asked: Mapping[Source, tuple[Sound, ...]]) -> Iterator[Claim]:
    sounds: Iterable[Sound] = (sound for source in DECLARED for sound in asked.get(source, ()))
    nearest = asked.get(near_headline, ())[:1]
    yield from (sound.claim for sound in (*sounds, *(near for near in nearest if near.source == "time")))


def _lastmod_is_published(view: View, published: Sound) -> bool | None:
    """Whether the sitemap has the day of publication; None where either is not stated, or the page is too new."""
    said, stated = next(lastmod(view), None), published.claim.reading
    if said is None or stated.others or published.source not in STATES_DAY:
        return None
    if view.fetched_day - stated.day < OLD_ENOUGH:
        return None
    there = said.reading if stated.offset is None else at_offset(said.reading, stated.offset)
    return there.day == stated.day
