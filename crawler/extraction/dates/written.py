"""Dates as people and machines write them: found in a text with regular expressions whose work is bounded."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.extraction.dates.clock import Clock, clock_after, clock_before
from crawler.extraction.dates.reading import Reading
from crawler.extraction.dates.words import month_number

MAX_CHARS = 4000  # of a text; a longer one is cut
_WORD = r"[^\W\d_]{3,15}"
_PATTERNS = (
    # 2025-04-26, 2025/4/26, 2025. 04. 26.
    r"(?<![\d.,])(?P<y0>\d{4})(?P<s0>[-/.])\s?(?P<m0>\d{1,2})(?P=s0)\s?(?P<d0>\d{1,2})(?![\d]|[.,]\d{3})",
    # 2025年4月26日, 2025년 4월 26일
    r"(?<!\d)(?P<y1>\d{4})\s?[年년]\s?(?P<m1>\d{1,2})\s?[月월]\s?(?P<d1>\d{1,2})\s?[日일]",
    # 26/04/2025, 26. 4. 2025, 26-04-25
    r"(?<![\d.,:/-])(?P<a2>\d{1,2})(?P<s2>[./-])\s?(?P<b2>\d{1,2})(?P=s2)\s?(?P<y2>\d{4}|\d{2})(?![\d%]|[.,/-]\d)",
    # Sat Apr 26 10:15:00 UTC 2025
    rf"(?<!\w)(?P<w3>{_WORD})\s(?P<d3>\d{{1,2}})\s(?P<c3>\d{{2}}:\d{{2}}:\d{{2}}\s(?:[A-Z]{{1,5}}|[+-]\d{{4}}))\s(?P<y3>\d{{4}})(?!\d)",
    # 26 April 2025, 26. April 2025, 26-Apr-2025, 26 de abril de 2025, 26 d'abril
    (
        r"(?<![\d:])(?P<d4>\d{1,2})(?:\s?(?:st|nd|rd|th|er|ος|[ºª°])(?!\w))?[\s.,/-]{0,3}(?:(?:de|of)\s{1,2}|d['’])?"
        rf"(?P<w4>{_WORD})[\s.,/-]{{0,3}}(?:(?:de|del|do)\s)?['’]?(?P<y4>\d{{4}})(?!\d)"
    ),
    # April 26, 2025; Apr. 26th 2025
    rf"(?<!\w)(?P<w5>{_WORD})[.\s-]{{1,3}}(?P<d5>\d{{1,2}})(?:st|nd|rd|th)?[\s.,-]{{1,3}}(?P<y5>\d{{4}})(?!\d)",
    # 2025. április 26., 2025 m. balandžio 26 d., 2025-Apr-26
    rf"(?<!\d)(?P<y6>\d{{4}})[.\s-]{{1,2}}(?:m\.\s|gada\s)?(?P<w6>{_WORD})[\s-](?P<d6>\d{{1,2}})(?!\d)",
    # 26 Apr 25, 26-Apr-25, 26 April '25: two figures at the end of what they stand in, where no hour can be meant
    rf"(?<![\d:])(?P<d7>\d{{1,2}})[\s.-]{{1,2}}(?P<w7>{_WORD})[\s.-]{{1,2}}['’]?(?P<y7>\d{{2}})(?=\s?(?:[)\]|,;]|$))",
)
_DATE = re.compile("|".join(_PATTERNS))
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})(\d{2})?(Z)?)?")
_YEAR_FIRST = ("ja", "ko", "zh")  # 25.04.26 is 26 April there


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A date in a text: what it says and where it stands."""

    reading: Reading
    start: int
    end: int  # past the time, where one follows the date
    raw: str


def dates_in(text: str, language: str | None = None) -> Iterator[Written]:
    """The dates of a text in order; year-only, month-only and relative ones are none.

    An ambiguous order (03/04/2025) is read with the day first, the other reading beside it.

    >>> [w.reading.value for w in dates_in("Kyiv, 26 April 2025, 3:14 pm EEST; updated 27.04.2025")]
    ['2025-04-26T15:14:00+03:00', '2025-04-27']
    """
    text = text[:MAX_CHARS]
    position, left = 0, 0  # of the search; end of the date before
    while match := _DATE.search(text, position):
        days = _days(match, language)
        if not days:
            position = match.start() + 1
            continue
        clock, start, end = _clock(text, match, left, days[0])
        yield Written(reading=_reading(days, clock), start=start, end=end, raw=text[start:end].strip())
        position = left = end


def read_date(text: str, language: str | None = None) -> Reading | None:
    """The one date that a declared value holds: ISO 8601, RFC 2822, epoch seconds or milliseconds, or in words.

    >>> read_date("Sat, 26 Apr 2025 10:15:00 GMT").value, read_date("20250426").value
    ('2025-04-26T10:15:00Z', '2025-04-26')
    >>> read_date("April 2025") is None
    True
    """
    text = text.strip()[:200]
    if text.isdecimal() and text.isascii() and len(text) in (10, 13):
        return _from_epoch(int(text[:10]))
    if match := _COMPACT.fullmatch(text):
        return _from_compact(match)
    return next((written.reading for written in dates_in(text, language)), None)


def _from_epoch(seconds: int) -> Reading:
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return Reading(day=moment.date(), time=moment.time(), offset=dt.timedelta(0), has_seconds=True)


def _from_compact(match: re.Match[str]) -> Reading | None:
    year, month, day, hour, minute, second, utc = match.groups()
    days = _valid(int(year), int(month), int(day))
    if not days:
        return None
    clock = Clock.of(hour, minute, second, dt.timedelta(0) if utc else None) if hour else None
    return _reading(days, clock)


def _clock(text: str, match: re.Match[str], left: int, day: dt.date) -> tuple[Clock | None, int, int]:
    """The time beside a date, and the span of both."""
    if match["c3"]:
        found = clock_after(f" {match['c3']}", 0, day)
        return (found[0] if found else None), match.start(), match.end()
    if after := clock_after(text, match.end(), day):
        return after[0], match.start(), after[1]
    if before := clock_before(text, left, match.start(), day):
        return before[0], before[1], match.end()
    return None, match.start(), match.end()


def _reading(days: tuple[dt.date, ...], clock: Clock | None) -> Reading:
    if clock is None:
        return Reading(day=days[0], others=days[1:])
    return Reading(day=days[0], time=clock.time, offset=clock.offset, has_seconds=clock.has_seconds, others=days[1:])


def _days(match: re.Match[str], language: str | None) -> tuple[dt.date, ...]:
    """The calendar days that a match can mean, day first before month first; none if there is no such day."""
    for n in ("0", "1"):
        if match[f"y{n}"]:
            return _valid(int(match[f"y{n}"]), int(match[f"m{n}"]), int(match[f"d{n}"]))
    if match["y2"]:
        return _numeric(int(match["a2"]), int(match["b2"]), match["y2"], language)
    n = next(n for n in ("3", "4", "5", "6", "7") if match[f"y{n}"])
    month = month_number(match[f"w{n}"], language)
    return _valid(_full(match[f"y{n}"]), month, int(match[f"d{n}"])) if month else ()


def _numeric(first: int, second: int, year: str, language: str | None) -> tuple[dt.date, ...]:
    if len(year) == 2 and (language or "")[:2] in _YEAR_FIRST:
        return _valid(2000 + first, second, int(year))
    full = _full(year)
    return tuple(dict.fromkeys(_valid(full, second, first) + _valid(full, first, second)))


def _full(year: str) -> int:
    return int(year) + (2000 if len(year) == 2 else 0)


def _valid(year: int, month: int, day: int) -> tuple[dt.date, ...]:
    try:
        return (dt.date(year, month, day),)
    except ValueError:
        return ()
