"""The choice among the sources' claims: the first sound one leads, and the evidence of the others refines it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from zoneinfo import ZoneInfo

from lxml.html import HtmlElement

from crawler.extraction.dates.claims import Claim, Source, View
from crawler.extraction.dates.evidence import DAY, STRONG, WEAK, Sound, confidence, on_own_clock, outvoter, refined
from crawler.extraction.dates.headline import around_headline
from crawler.extraction.dates.near import near_headline
from crawler.extraction.dates.reading import EARLIEST_YEAR, Reading, in_zone, written_offset, zone_info
from crawler.extraction.dates.settle import is_future, settle
from crawler.extraction.dates.sources import (
    LAST,
    MODIFIED,
    MODIFIED_NEAR_HEADLINE,
    MODIFIED_WITNESSES,
    PUBLISHED,
    WITNESSES,
    hinted,
    lastmod,
)
from crawler.extraction.dates.stated import marked_dates, meta_weak
from crawler.extraction.dates.trace import date_trace
from crawler.extraction.dates.zones import country_zones, stated_zone
from crawler.extraction.declared import Declared
from crawler.items import Dated, Page
from crawler.site import DateTrace

RAW_CHARS = 80  # of what was written that a record or a warning quotes
READ = frozenset(("visible", "page text"))  # what stands there for readers is on their clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """The two dates of an article, and what was found wrong with what the page says of them."""

    published: Dated | None
    modified: Dated | None
    warnings: tuple[str, ...]
    trace: DateTrace  # what they show of the site


def find_dates(tree: HtmlElement, declared: Declared, page: Page, language: str | None) -> Dates:
    """Both dates of a page, as its publisher wrote them; None for what is not stated, never a guess by the clock.

    The tree is only read. ``language`` is the text's own (BCP 47), which templates may declare wrongly.
    ``page.fetched_at`` is the only "now": what lies more than a day after it is no date.
    """
    return Finder(view_of(tree, declared, page, language)).dates()


def view_of(tree: HtmlElement, declared: Declared, page: Page, language: str | None) -> View:
    """What the sources of dates look at."""
    headline = declared.article.get("headline")
    title = declared.first("og:title", "twitter:title") or (headline if isinstance(headline, str) else None)
    return View(
        tree=tree,
        declared=declared,
        page=page,
        language=language,
        lines=cache(lambda: around_headline(tree, title)),
        marked=cache(lambda: marked_dates(tree)),
    )


class Finder:
    """One page's claims, each source asked once, and the warnings that came up."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.warnings: dict[str, None] = {}  # in order, each once
        self.asked: dict[Source, tuple[Sound, ...]] = {}
        self.known = (*(c.reading.day for s in WITNESSES for c in s(view) if not c.reading.others), *_changed(view))
        self.country_zones = country_zones(view)

    def dates(self) -> Dates:
        modified = self._modified()
        published = self._published(modified)
        if published and modified and _is_before(modified, published):
            self._warn(f"modified {modified.value} before published {published.value}")
        trace = date_trace(self.view, self.asked, self.known, self._leader(modified))
        return Dates(published=published, modified=modified, warnings=tuple(self.warnings), trace=trace)

    def _published(self, modified: Dated | None) -> Dated | None:
        leader = self._leader(modified)
        if leader is None or is_of_change(leader, modified):
            return None
        witnesses = self._all(WITNESSES)
        if self._needs_a_look(leader, witnesses):
            witnesses += tuple(s for s in self._near(leader) if not modified or s.reading.day != modified.day)
        dated = self._dated(outvoter(leader, witnesses) or leader, witnesses)
        is_doubtful = modified is not None and dated.day > modified.day and dated.confidence == "high"
        return replace(dated, confidence="medium") if is_doubtful else dated

    def _leader(self, modified: Dated | None) -> Sound | None:
        """The first sound claim.

        Where the day of the last change is known, a date that does not say what it dates may not lie after it, and no
        search is made: of two days on a page it cannot tell the first.
        """
        for source in PUBLISHED if modified else (*PUBLISHED, *LAST):
            for sound in self._ask(source):
                if not self.why_not(source, sound, modified):
                    return sound
        return None

    def why_not(self, source: Source, sound: Sound, modified: Dated | None) -> str:
        """Why a sound claim may not lead; "" for one that may."""
        if source is meta_weak and modified and sound.reading.day > modified.day:
            return "does not say what it dates, and lies after the last change"
        is_another = sound.claim.is_in_text and self._is_told_otherwise(sound)
        return "may be of something in the text: the feed gives another day" if is_another else ""

    def _is_told_otherwise(self, sound: Sound) -> bool:
        """Whether a feed or a news sitemap dates the page, and gives another day."""
        told = self._ask(hinted)
        return bool(told) and not any(abs(other.reading.day - sound.reading.day) <= DAY for other in told)

    def _modified(self) -> Dated | None:
        leader = self._first(MODIFIED) or self._first(MODIFIED_NEAR_HEADLINE)
        if leader is None:
            return None
        has_clock = not leader.reading.is_utc or len(self._likely_zones(leader.reading)) == 1
        return self._dated(leader, self._all(MODIFIED_WITNESSES if has_clock else MODIFIED))

    def _likely_zones(self, reading: Reading) -> tuple[ZoneInfo, ...]:
        """The one zone that is told or stated, else those of the country."""
        stated = stated_zone(self.view.page.site, reading)
        return (stated,) if stated else self.country_zones

    def _needs_a_look(self, leader: Sound, witnesses: tuple[Sound, ...]) -> bool:
        """Whether the visible date is worth its cost: not where the address names the day, and all is settled."""
        reading, zones = leader.reading, self._likely_zones(leader.reading)
        day_is_open = reading.is_utc and (not zones or any(in_zone(reading, z).day != reading.day for z in zones))
        is_seconded = any(s.source == "url" and s.reading.day == reading.day for s in witnesses)
        return day_is_open or not is_seconded or any(not leader.agrees_with(other) for other in witnesses)

    def _near(self, leader: Sound) -> tuple[Sound, ...]:
        """What stands nearest to the headline, the day shown for a UTC time, and what is the leader's instant."""
        near, instant = self._ask(near_headline), leader.reading.instant
        is_utc = bool(near) and near[0].reading.is_utc
        beside = (
            s for s in near[1:4] if (instant and s.reading.instant == instant) or (is_utc and near[0].agrees_with(s))
        )
        return near[:1] + tuple(beside)

    def _first(self, sources: Iterable[Source]) -> Sound | None:
        return next((sound for source in sources for sound in self._ask(source)), None)

    def _all(self, sources: Iterable[Source]) -> tuple[Sound, ...]:
        return tuple(sound for source in sources for sound in self._ask(source))

    def _ask(self, source: Source) -> tuple[Sound, ...]:
        if source not in self.asked:
            self.asked[source] = tuple(self._sound(source(self.view)))
        return self.asked[source]

    def _sound(self, claims: Iterator[Claim]) -> Iterator[Sound]:
        for claim in claims:
            settled = settle(claim, self.view, self.known)
            reading = settled.reading
            if unsound := self.unsound(reading):
                self._warn(f"{claim.source} date ignored, {unsound}: {claim.raw[:RAW_CHARS]}")
            else:
                yield Sound(claim=claim, reading=reading, settled=not settled.is_open, decided_by=settled.decided_by)

    def unsound(self, reading: Reading) -> str:
        """Why a day cannot be an article's; "" for one that can."""
        if reading.day.year < EARLIEST_YEAR:
            return "a placeholder"
        return "after the fetch" if self._is_future(reading) else ""

    def _is_future(self, reading: Reading) -> bool:
        fetched = self.view.page.fetched_at
        if isinstance(fetched, dt.datetime) and (instant := reading.instant) and instant > fetched + DAY:
            return True
        return is_future(reading.day, self.view)

    def _dated(self, chosen: Sound, witnesses: tuple[Sound, ...]) -> Dated:
        found = refined(chosen.reading, witnesses)
        reading, by_zone = self._told(found, chosen.source, witnesses)
        if not chosen.settled:
            self._warn(f"ambiguous date: {chosen.claim.raw[:RAW_CHARS]}")
        pages = self.view.page.site.dates.lastmod_pages if chosen.source == "sitemap" else 0
        by_sitemap = f"the sitemap has the day of publication of {pages:,} pages of the site" if pages else ""
        return Dated(
            value=reading.value,
            source=chosen.source,
            raw=chosen.claim.raw[:RAW_CHARS],
            precision=reading.precision,
            confidence=confidence(chosen, witnesses),
            alternatives=_alternatives(chosen, reading, witnesses),
            decided_by=tuple(reason for reason in (chosen.decided_by, by_zone, by_sitemap) if reason),
        )

    def _told(self, reading: Reading, source: str, witnesses: tuple[Sound, ...]) -> tuple[Reading, str]:
        """The date on the publisher's clock, and why, where the site's other pages told that."""
        stated = stated_zone(self.view.page.site, reading)
        told = self._on_clock(reading, source, witnesses, stated)
        if stated is None or told == self._on_clock(reading, source, witnesses, None):
            return told, ""
        offset, pages = in_zone(reading, stated).offset or dt.timedelta(0), self.view.page.site.dates.zone_pages
        return told, f"{written_offset(offset)}, the zone stated on {pages:,} pages of the site"

    def _on_clock(
        self, reading: Reading, source: str, witnesses: tuple[Sound, ...], stated: ZoneInfo | None
    ) -> Reading:
        """A date on the clock that is configured, shown or likely; a midnight that nobody meant is a day."""
        if reading.is_made_up_midnight:
            return reading.day_only()
        if own := zone_info(self.view.page.site.zone):
            told = in_zone(reading, own)
        elif reading.is_utc:
            told = on_own_clock(reading, witnesses, (stated,) if stated else self.country_zones)
        else:
            told = in_zone(reading, stated) if stated and source in READ else reading
        is_day = source == "sitemap" or (reading.is_utc and told.is_midnight)
        return told.day_only() if is_day else told

    def _warn(self, text: str) -> None:
        self.warnings[text] = None


def is_of_change(sound: Sound, modified: Dated | None) -> bool:
    """Whether a search has found the day of the last change, and not the first."""
    return sound.source in WEAK and modified is not None and sound.reading.day >= modified.day


def _alternatives(chosen: Sound, reading: Reading, witnesses: tuple[Sound, ...]) -> tuple[str, ...]:
    """Other readings of an ambiguous date, the UTC time behind a mere day, and what contradicts a declared date."""
    values = [day.isoformat() for day in chosen.reading.others]
    if chosen.reading.is_utc and reading.day != chosen.reading.day and reading.time is None:
        values.append(chosen.reading.value)
    if chosen.source in STRONG:
        values += [s.reading.value for s in witnesses if not chosen.agrees_with(s)]
    return tuple(dict.fromkeys(value for value in values if value != reading.value))


def _changed(view: View) -> Iterator[dt.date]:
    """The day in the sitemap, unless it is near that of the fetch, which it has where sitemaps are written anew."""
    days = (claim.reading.day for claim in lastmod(view) if not claim.reading.others)
    return (day for day in days if view.fetched_day - day > DAY)


def _is_before(modified: Dated, published: Dated) -> bool:
    first, second = dt.datetime.fromisoformat(modified.value), dt.datetime.fromisoformat(published.value)
    if "day" in (modified.precision, published.precision) or (first.tzinfo is None) != (second.tzinfo is None):
        return modified.day < published.day
    return first < second
