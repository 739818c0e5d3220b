"""The choice among the sources' claims: what is sound, what is ambiguous, what agrees, in whose zone it is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from crawler.extraction.dates.headline import around_headline
from crawler.extraction.dates.reading import EARLIEST_YEAR, Reading, at_offset, finer, in_zone, zone_info
from crawler.extraction.dates.settle import settle
from crawler.extraction.dates.sources import (
    MODIFIED,
    MODIFIED_NEAR_HEADLINE,
    PUBLISHED,
    WITNESSES,
    Claim,
    Source,
    View,
    near_headline,
)
from crawler.extraction.dates.words import zone_of_country
from crawler.extraction.declared import Declared
from crawler.items import Confidence, Dated, Page, Site

DAY = dt.timedelta(days=1)
STRONG = frozenset(("json-ld", "meta"))
WEAK = frozenset(("htmldate", "page text"))
NEAR = frozenset(("time", "visible"))  # one family: both are what the reader is shown
SAME_INSTANT = dt.timedelta(minutes=1)  # one source may leave the seconds out
DAY_WITNESSES = frozenset(("time", "visible", "url"))
WESTERNMOST, EASTERNMOST = 12, 14  # hours from Greenwich
QUARTER = dt.timedelta(minutes=15)  # every offset in use is a multiple of it
MAX_OFFSET = dt.timedelta(hours=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The two dates of an article, and what was found wrong with what the page says of them."""

    published: Dated | None
    modified: Dated | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A claim that passed: a possible day, decided where it could be."""

    claim: Claim
    reading: Reading
    settled: bool

    @property
    def source(self) -> str:
        """Where it was read."""
        return self.claim.source


def find_dates(tree: HtmlElement, declared: Declared, page: Page, site: Site) -> Dates:
    """Both dates of a page, as its publisher wrote them; None for what is not stated, never a guess by the clock.

    The tree is only read. ``page.fetched_at`` is the only "now": what lies more than a day after it is no date.
    """
    title = declared.first("og:title", "twitter:title") or _headline(declared)
    language = site.language or declared.html_lang
    view = View(
        tree=tree,
        declared=declared,
        page=page,
        site=site,
        language=(language or "").replace("_", "-") or None,
        lines=cache(lambda: around_headline(tree, title)),
    )
    return _Finder(view).dates()


def _headline(declared: Declared) -> str | None:
    headline = declared.article.get("headline")
    return headline if isinstance(headline, str) else None


class _Finder:
    """One page's claims, each source asked once, and the warnings that came up."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.warnings: dict[str, None] = {}  # in order, each once
        self.asked: dict[Source, tuple[Sound, ...]] = {}
        self.known: tuple[dt.date, ...] = ()
        self.known = tuple(s.reading.day for s in self._witnesses(WITNESSES) if s.settled and not s.claim.reading.others)
        self.asked.clear()  # asked again below with what is known

    def dates(self) -> Dates:
        modified = self._modified()
        published = self._published(modified)
        if published and modified and _is_before(modified, published):
            self._warn(f"modified {modified.value} before published {published.value}")
        return Dates(published=published, modified=modified, warnings=tuple(self.warnings))

    def _published(self, modified: Dated | None) -> Dated | None:
        leader = self._first(PUBLISHED)
        if leader is None:
            return None
        if leader.source in WEAK and modified and leader.reading.day >= modified.day:
            return None  # the search found the date of the last change
        witnesses = self._witnesses(WITNESSES)
        if self._needs_a_look(leader, witnesses):
            witnesses += tuple(s for s in self._near(leader) if not modified or s.reading.day != modified.day)
        chosen = _outvoted(leader, witnesses) or leader
        return self._dated(chosen, witnesses)

    def _modified(self) -> Dated | None:
        leader = self._first(MODIFIED) or self._first(MODIFIED_NEAR_HEADLINE)
        return self._dated(leader, self._witnesses(MODIFIED)) if leader else None

    def _needs_a_look(self, leader: Sound, witnesses: tuple[Sound, ...]) -> bool:
        """Whether the visible date is worth its cost: for an unknown zone, or where sources differ."""
        zone = self._zone()
        reading = leader.reading
        day_shifts = reading.is_utc and (zone is None or in_zone(reading, zone).day != reading.day)
        return day_shifts or any(not _agree(leader, other) for other in witnesses)

    def _near(self, leader: Sound) -> tuple[Sound, ...]:
        """What stands nearest to the headline, and beside it what stands there and is the same instant."""
        near = self._ask(near_headline)
        instant = leader.reading.instant
        return near[:1] + tuple(s for s in near[1:4] if instant and s.reading.instant == instant)

    def _first(self, sources: Iterable[Source]) -> Sound | None:
        return next((sound for source in sources for sound in self._ask(source)), None)

    def _witnesses(self, sources: Iterable[Source]) -> tuple[Sound, ...]:
        return tuple(sound for source in sources for sound in self._ask(source))

    def _ask(self, source: Source) -> tuple[Sound, ...]:
        if source not in self.asked:
            self.asked[source] = tuple(self._sound(source(self.view)))
        return self.asked[source]

    def _sound(self, claims: Iterator[Claim]) -> Iterator[Sound]:
        for claim in claims:
            reading, settled = settle(claim.reading, claim.raw, self.view, self.known)
            if reading.day.year < EARLIEST_YEAR:
                self._warn(f"{claim.source} date ignored, a placeholder: {claim.raw[:60]}")
            elif self._is_future(reading):
                self._warn(f"{claim.source} date ignored, after the fetch: {claim.raw[:60]}")
            else:
                yield Sound(claim=claim, reading=reading, settled=settled)

    def _is_future(self, reading: Reading) -> bool:
        fetched = self.view.page.fetched_at
        if isinstance(fetched, dt.datetime) and (instant := reading.instant):
            return instant > fetched + DAY
        day = fetched.date() if isinstance(fetched, dt.datetime) else fetched
        return (reading.day - day).days > 1

    def _zone(self) -> ZoneInfo | None:
        return zone_info(self.view.site.zone) or zone_info(_zone_of(self.view))

    def _dated(self, chosen: Sound, witnesses: tuple[Sound, ...]) -> Dated:
        reading = _refined(chosen.reading, witnesses)
        if reading.is_midnight and (reading.offset is None or reading.is_utc):
            reading = reading.day_only()
        reading = self._in_own_zone(reading, witnesses)
        if reading.precision == "day" and chosen.reading.is_utc and reading.day != chosen.reading.day:
            told = (chosen.reading.value,)
        else:
            told = ()
        others = [s.reading.value for s in witnesses if not _agree(chosen, s)] if chosen.source in STRONG else []
        alternatives = dict.fromkeys([*told, *(day.isoformat() for day in chosen.reading.others), *others])
        if not chosen.settled:
            self._warn(f"ambiguous date: {chosen.claim.raw[:60]}")
        return Dated(
            value=reading.value,
            source=chosen.source,
            raw=chosen.claim.raw,
            precision=reading.precision,
            confidence=_confidence(chosen, witnesses),
            alternatives=tuple(alternatives),
        )

    def _in_own_zone(self, reading: Reading, witnesses: tuple[Sound, ...]) -> Reading:
        """A UTC time told on the publisher's clock, where the site, its country or the visible date shows it."""
        if not reading.is_utc:
            own = zone_info(self.view.site.zone)
            return in_zone(reading, own) if own else reading
        if own := zone_info(self.view.site.zone):
            return in_zone(reading, own)
        for witness in witnesses:
            if (offset := _offset_shown(reading, witness.reading)) is not None:
                return at_offset(reading, offset)
        zone = self._zone()
        local = in_zone(reading, zone) if zone else reading
        day = next((s.reading.day for s in witnesses if s.source in DAY_WITNESSES), local.day)
        if day == local.day:
            return local
        return reading if day == reading.day else _on_shown_day(reading, day)

    def _warn(self, text: str) -> None:
        self.warnings[text] = None


def _zone_of(view: View) -> str | None:
    top = (urlsplit(view.page.url).hostname or "").rpartition(".")[2]
    return zone_of_country(view.site.country or top)


def _refined(reading: Reading, witnesses: Iterable[Sound]) -> Reading:
    """The same date told in more detail, where a witness does."""
    for witness in witnesses:
        other = witness.reading
        here, there = reading.instant, other.instant
        if here and there:
            reading = finer(reading, other) if abs(here - there) < SAME_INSTANT else reading
        elif other.day == reading.day:
            reading = finer(reading, replace(other, others=reading.others))
    return reading


def _offset_shown(utc: Reading, local: Reading) -> dt.timedelta | None:
    """The distance to UTC that a visible local time without offset shows."""
    if local.time is None or local.offset is not None or utc.time is None:
        return None
    first, second = (dt.datetime.combine(r.day, r.time.replace(second=0)) for r in (local, utc) if r.time)
    shown = first - second
    return shown if abs(shown) <= MAX_OFFSET and not shown % QUARTER else None


def _on_shown_day(utc: Reading, day: dt.date) -> Reading:
    """The day that the page shows for a UTC time, where some zone has that day then; else the time as it is."""
    hour = utc.time.hour if utc.time else 0
    earlier, later = utc.day - DAY, utc.day + DAY
    possible = (day == earlier and hour < WESTERNMOST) or (day == later and hour >= 24 - EASTERNMOST)
    return Reading(day=day) if possible else utc


def _agree(one: Sound, other: Sound) -> bool:
    """Whether two claims can mean one date: a day of difference may be the zone's."""
    return abs(one.reading.day - other.reading.day).days <= 1


def _outvoted(leader: Sound, witnesses: tuple[Sound, ...]) -> Sound | None:
    """The claim that two or more other sources share against a leader that stands alone."""
    own = {_family(leader)}
    if leader.source not in STRONG or {_family(s) for s in witnesses if _agree(leader, s)} - own:
        return None
    for rival in witnesses:
        if not _agree(leader, rival) and len({_family(s) for s in witnesses if _agree(rival, s)} - own) > 1:
            return rival
    return None


def _family(sound: Sound) -> str:
    return "near" if sound.source in NEAR else sound.source


def _confidence(chosen: Sound, witnesses: tuple[Sound, ...]) -> Confidence:
    if not chosen.settled:
        return "low"
    seconded = any(_agree(chosen, s) and s.source != chosen.source for s in witnesses)
    contested = any(not _agree(chosen, s) for s in witnesses)
    if chosen.source in STRONG:
        return "medium" if contested else "high"
    if chosen.source in WEAK or chosen.source == "page state":
        return "medium" if seconded else "low"
    return "high" if seconded and not contested else "medium"


def _is_before(modified: Dated, published: Dated) -> bool:
    first, second = dt.datetime.fromisoformat(modified.value), dt.datetime.fromisoformat(published.value)
    if "day" in (modified.precision, published.precision) or (first.tzinfo is None) != (second.tzinfo is None):
        return modified.day < published.day
    return first < second
