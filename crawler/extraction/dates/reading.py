"""One date as it was written: its calendar day, and its time and offset where they were written too."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crawler.items import Precision

EARLIEST_YEAR = 1990  # before it a date on a web page is a placeholder (1970-01-01, 0001-01-01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A day in the writer's own zone, with a naive local time and an offset where they are known.

    ``others`` are further days that the same figures can mean (03/04/2025 in the other order).
    """

    day: dt.date
    time: dt.time | None = None
    offset: dt.timedelta | None = None
    has_seconds: bool = False
    others: tuple[dt.date, ...] = ()

    @property
    def precision(self) -> Precision:
        """How finely the date is known."""
        if self.time is None:
            return "day"
        return "second" if self.has_seconds else "minute"

    @property
    def value(self) -> str:
        """RFC 3339; without offset where none is known, the day alone where no time is.

        >>> Reading(day=dt.date(2025, 4, 26), time=dt.time(10, 15), offset=dt.timedelta(hours=3)).value
        '2025-04-26T10:15:00+03:00'
        """
        if self.time is None:
            return self.day.isoformat()
        written = dt.datetime.combine(self.day, self.time).isoformat(timespec="seconds")
        if self.offset is None:
            return written
        return written + written_offset(self.offset)

    @property
    def instant(self) -> dt.datetime | None:
        """The moment in time, where time and offset are known."""
        if self.time is None or self.offset is None:
            return None
        try:
            zone = dt.timezone(self.offset)
            return dt.datetime.combine(self.day, self.time, zone).astimezone(dt.UTC)
        except OverflowError:
            return None

    @property
    def is_utc(self) -> bool:
        """Whether the time is written in UTC, which seldom is the publisher's own clock."""
        return self.time is not None and self.offset == dt.timedelta(0)

    @property
    def is_midnight(self) -> bool:
        """Whether the time is exactly 00:00."""
        return self.time == dt.time(0)

    @property
    def is_made_up_midnight(self) -> bool:
        """Whether it is the 00:00 that a machine writes when it knows only the day."""
        return self.is_midnight and (self.offset is None or self.is_utc)

    def day_only(self) -> Reading:
        """The same day with nothing finer."""
        return Reading(day=self.day, others=self.others)


def written_offset(offset: dt.timedelta) -> str:
    """An offset as RFC 3339 writes it.

    >>> written_offset(dt.timedelta(hours=-3, minutes=-30)), written_offset(dt.timedelta(0))
    ('-03:30', 'Z')
    """
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}" if offset else "Z"


def at_offset(reading: Reading, offset: dt.timedelta) -> Reading:
    """The same instant on a clock that is ``offset`` east of Greenwich; a reading without instant is unchanged."""
    instant = reading.instant
    if instant is None:
        return reading
    try:
        local = instant.astimezone(dt.timezone(offset))
    except OverflowError:
        return reading
    return replace(reading, day=local.date(), time=local.time(), offset=offset)


def in_zone(reading: Reading, zone: ZoneInfo) -> Reading:
    """A UTC instant on the zone's clock; a time without offset given the zone's offset; else unchanged.

    >>> utc = Reading(day=dt.date(2025, 4, 25), time=dt.time(22, 30), offset=dt.timedelta(0))
    >>> in_zone(utc, ZoneInfo("Europe/Kyiv")).value
    '2025-04-26T01:30:00+03:00'
    """
    if reading.is_utc and (instant := reading.instant):
        return at_offset(reading, instant.astimezone(zone).utcoffset() or dt.timedelta(0))
    if reading.time is not None and reading.offset is None:
        local = dt.datetime.combine(reading.day, reading.time, zone)
        return replace(reading, offset=local.utcoffset())
    return reading


def zone_info(name: str | None) -> ZoneInfo | None:
    """The zone of an IANA name; None for unknown or malformed names."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def finer(first: Reading, second: Reading) -> Reading:
    """The one of two readings of the same date that says more; the first where they say as much."""
    return max(first, second, key=_detail)


def _detail(reading: Reading) -> tuple[bool, bool, bool, bool]:
    known = reading.time is not None
    return known, reading.offset is not None, known and not reading.is_utc, reading.has_seconds
