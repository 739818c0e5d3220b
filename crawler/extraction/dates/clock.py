"""The time of day beside a written date, with the zone or offset behind it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from crawler.extraction.dates.reading import Reading, in_zone, zone_info
from crawler.extraction.dates.words import label_role, zone_named

GAP_CHARS = 16  # between a date and its time: ", ", " um ", " | ", " a las ", " року о "
MAX_OFFSET = dt.timedelta(hours=14)  # the widest in use is +14:00 (Line Islands)

_TIME = (
    r"(?P<pre>오전|오후|上午|下午|午前|午後|[Kk]lo?\.?\s|alle\s|ore\s|um\s|pukul\s)?\s?"
    r"(?<![\d:.,])(?P<H>\d{1,2})"
    r"(?:\s?(?P<sep>[:hH時时시點点.：])\s?(?P<M>[0-5]\d)(?:\s?[分분])?(?::(?P<S>[0-6]?\d)(?:[.,]\d{1,9})?)?)?"
    r"(?![\d:]|[.,]\d)(?:\s?(?P<ap>[AaPp])\.?\s?[Mm]\b\.?)?(?P<word>\s?(?:Uhr|uhr|Hrs|hrs|uur|WIB))?"
    r"(?:\s{0,2}\(?(?P<zone>[A-Z]{1,5})(?![a-z])\)?)?"
    r"(?:\s?(?P<sign>[+-])(?P<OH>\d{1,2})(?::?(?P<OM>\d{2}))?(?!\d))?"
)
_AFTER = re.compile(rf"(?P<gap>T|[^\d\n]{{0,{GAP_CHARS}}}?){_TIME}")
_BEFORE = re.compile(_TIME + rf"[^\d\n]{{1,{GAP_CHARS}}}$")
_BEFORE_CHARS = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A local time, and its distance to UTC where that was written."""

    time: dt.time
    offset: dt.timedelta | None
    has_seconds: bool

    @classmethod
    def of(cls, hour: str, minute: str, second: str | None, offset: dt.timedelta | None) -> Clock | None:
        """A clock of written figures; None if no clock shows them."""
        try:
            time = dt.time(int(hour), int(minute), min(int(second or 0), 59))
        except ValueError:
            return None
        return cls(time=time, offset=offset, has_seconds=second is not None)


def clock_after(text: str, position: int, day: dt.date) -> tuple[Clock, int] | None:
    """The time that follows a date ending at ``position``, and where it ends."""
    match = _AFTER.match(text, position)
    if not match or label_role(match["gap"]):
        return None
    clock = _clock(match, day)
    return (clock, match.end()) if clock else None


def clock_before(text: str, left: int, position: int, day: dt.date) -> tuple[Clock, int] | None:
    """The time that stands before a date beginning at ``position``, not left of ``left``, and where it begins."""
    start = max(left, position - _BEFORE_CHARS)
    match = _BEFORE.search(text[start:position])
    clock = _clock(match, day) if match else None
    return (clock, start + match.start()) if match and clock else None


def _clock(match: re.Match[str], day: dt.date) -> Clock | None:
    hour = _hour(match)
    if hour is None:
        return None
    clock = Clock.of(str(hour), match["M"] or "0", match["S"], None)
    if clock is None:
        return None
    return Clock(time=clock.time, offset=_offset(match, day, clock.time), has_seconds=clock.has_seconds)


def _hour(match: re.Match[str]) -> int | None:
    """The hour on a 24-hour clock; None where the figures need not be a time at all."""
    marked = match["ap"] or match["word"] or match["pre"]
    if not marked and (match["M"] is None or match["sep"] == "."):
        return None
    hour = int(match["H"])
    half = (match["ap"] or "").lower() or {"오": "", "上": "a", "下": "p"}.get((match["pre"] or " ")[0], "")
    if match["pre"] in ("오후", "午後"):
        half = "p"
    elif match["pre"] in ("오전", "午前"):
        half = "a"
    if half == "p" and hour < 12:
        return hour + 12
    return 0 if half == "a" and hour == 12 else hour


def _offset(match: re.Match[str], day: dt.date, time: dt.time) -> dt.timedelta | None:
    """What was written as +03:00, GMT+3 or EDT; None for an offset that no place on earth has."""
    zone = zone_named(match["zone"]) if match["zone"] else None
    if match["sign"] and (match["zone"] or match["OM"] or not match.string[match.start("sign") - 1].isspace()):
        offset = dt.timedelta(hours=int(match["OH"]), minutes=int(match["OM"] or 0))
        return None if offset > MAX_OFFSET else -offset if match["sign"] == "-" else offset
    if isinstance(zone, str):
        named = zone_info(zone)
        return in_zone(Reading(day=day, time=time), named).offset if named else None
    return None if zone is None else dt.timedelta(minutes=zone)
