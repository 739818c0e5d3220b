"""What several claims on one page say together: which agree, which is outvoted, how sure the answer is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from crawler.extraction.dates.claims import Claim
from crawler.extraction.dates.clock import MAX_OFFSET
from crawler.extraction.dates.reading import Reading, at_offset, finer, in_zone
from crawler.items import Confidence

STRONG = frozenset(("json-ld", "meta"))  # the publisher's own word for machines
WEAK = frozenset(("htmldate", "page text", "page state", "sitemap"))  # found by a search, or said of changes
NEAR = frozenset(("time", "visible"))  # one family: both are what the reader is shown
SHOWS_DAY = NEAR | {"url"}
SAME_INSTANT = dt.timedelta(minutes=1)  # one source may leave the seconds out
QUARTER = dt.timedelta(minutes=15)  # every offset in use is a multiple of it
DAY = dt.timedelta(days=1)
WESTERNMOST, EASTERNMOST = 12, 14  # hours from Greenwich


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A claim that passed: a possible day, decided between its readings where the page allows it."""

    claim: Claim
    reading: Reading
    settled: bool
    decided_by: str = ""  # what the site's other pages showed, where that settled it

    @property
    def source(self) -> str:
        """Where it was read."""
        return self.claim.source

    @property
    def family(self) -> str:
        """The sources that speak with one voice."""
        return "near" if self.source in NEAR else self.source

    def agrees_with(self, other: Sound) -> bool:
        """Whether two claims can mean one date: a day of difference may be the zone's, where some zone makes it."""
        here, there = self.reading, other.reading
        if abs(here.day - there.day) != DAY:
            return here.day == there.day
        utc, shown = (here, there) if here.is_utc else (there, here)
        return not utc.is_utc or shown.offset is not None or _has_day(utc, shown.day)


def outvoter(leader: Sound, witnesses: Sequence[Sound]) -> Sound | None:
    """The claim that two or more other families share, against a leader that no other family supports."""
    if leader.source not in STRONG or _others_for(leader, witnesses, leader.family):
        return None
    rivals = (s for s in witnesses if not leader.agrees_with(s))
    return next((s for s in rivals if len(_others_for(s, witnesses, leader.family)) > 1), None)


def confidence(chosen: Sound, witnesses: Sequence[Sound]) -> Confidence:
    """How sure a date is, by its source and by what else the page says.

    Right on the bench's 1,075 dated pages: high 95.6 %, medium 89.3 %, low 78.9 %; of the high ones that are wrong,
    half have an answer that is the page's declared date of change.
    """
    if not chosen.settled:
        return "low"
    seconded = bool(_others_for(chosen, witnesses, chosen.family))
    contested = any(not chosen.agrees_with(s) for s in witnesses)
    if chosen.source in WEAK:
        return "medium" if seconded else "low"
    if chosen.source in STRONG or seconded:
        return "medium" if contested else "high"
    return "medium"


def _others_for(claim: Sound, witnesses: Iterable[Sound], family: str) -> set[str]:
    return {s.family for s in witnesses if s.agrees_with(claim)} - {family}


def refined(reading: Reading, witnesses: Iterable[Sound]) -> Reading:
    """The same date told in more detail, where a witness does: a time, an offset, the publisher's own clock."""
    for witness in witnesses:
        other = replace(witness.reading, others=reading.others)
        here, there = reading.instant, other.instant
        if abs(here - there) < SAME_INSTANT if here and there else other.day == reading.day:
            reading = finer(reading, other)
        elif reading.is_made_up_midnight and other.day == reading.day:
            reading = other
    return reading


def on_own_clock(utc: Reading, witnesses: Sequence[Sound], zones: Sequence[ZoneInfo]) -> Reading:
    """A UTC time as the publisher's readers saw it, by a visible local time, the likely zones or the day shown.

    ``zones`` are only likely; a day shown on the page overrules them. Where no clock fits the day shown, the time
    stays in UTC; where the zone is unknown and the day shown is next to UTC's, that day alone is the answer.
    """
    for witness in witnesses:
        if (offset := _offset_shown(utc, witness.reading)) is not None:
            return at_offset(utc, offset)
    local = _likely_local(utc, zones)
    shown = (s.reading.day for s in witnesses if s.source in SHOWS_DAY and not s.reading.is_utc)
    day = next((day for day in shown if abs(day - utc.day) <= DAY), local.day)  # farther off, it is no matter of zones
    if day == local.day:
        return local
    return Reading(day=day) if day != utc.day and _has_day(utc, day) else utc


def _likely_local(utc: Reading, zones: Sequence[ZoneInfo]) -> Reading:
    """The time on a country's clock; where it keeps several, only if all of them show one day that is not UTC's."""
    told = [in_zone(utc, zone) for zone in zones]
    if len(told) == 1 or (told and {utc.day} != {t.day for t in told} and len({t.day for t in told}) == 1):
        return told[0]
    return utc


def _offset_shown(utc: Reading, local: Reading) -> dt.timedelta | None:
    """The distance to UTC that a visible local time without offset shows."""
    if local.time is None or local.offset is not None or utc.time is None:
        return None
    first, second = (dt.datetime.combine(r.day, t.replace(second=0)) for r, t in ((local, local.time), (utc, utc.time)))
    shown = first - second
    return shown if abs(shown) <= MAX_OFFSET and not shown % QUARTER else None


def _has_day(utc: Reading, day: dt.date) -> bool:
    """Whether some place on earth has that day at a UTC time."""
    hour = utc.time.hour if utc.time else 0
    if day == utc.day - DAY:
        return hour < WESTERNMOST
    return day == utc.day + DAY and hour >= 24 - EASTERNMOST
