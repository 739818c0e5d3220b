"""The dates of feeds and sitemaps, read for two purposes only: to pass them on unharmed and to put the newest first."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from email.utils import parsedate_tz

from crawler.extraction.dates.address import date_in_url
from crawler.items import Hint

DAY_CHARS = len("2025-04-26")
# entries of a document that were changed in one minute, and their share, from which on that is when it was built
BUILT_ENTRIES = 20
BUILT_SHARE = 0.5

_DATED_FOLDERS = re.compile(r"/((?:19|20)\d\d)/([01]?\d)(?:/([0-3]?\d))?(?:/|$)")
_W3C = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d:?\d\d)?)?", re.IGNORECASE
)
# names that RFC 822 does not have and feeds do, in minutes from UTC; those with two meanings (IST, BST) are left out
_ZONES = {
    "CET": 60,
    "CEST": 120,
    "EET": 120,
    "EEST": 180,
    "WET": 0,
    "WEST": 60,
    "MSK": 180,
    "JST": 540,
    "KST": 540,
    "AEST": 600,
    "AEDT": 660,
}
_RFC822_ZONES = frozenset("UT UTC GMT Z EST EDT CST CDT MST MDT PST PDT".split())
_CLOCK = re.compile(r"(?P<time>\d\d?:\d\d(?::\d\d(?:\.\d+)?)?) ?(?P<zone>[A-Z]|[+-]\d\d)?", re.IGNORECASE)
_DAY = re.compile(r"^\s*\d{4}-\d\d-\d\d")
_ZONE = re.compile(r"\s([+-]\d{4}|[A-Za-z]{1,5})\s*(?:\([^)]*\)\s*)?$")


def rfc3339(text: str) -> str:
    """An RFC 822 date as RFC 3339 in its own offset; without an offset where its zone is unknown; else as written.

    >>> rfc3339("Sat, 26 Apr 2025 09:05:00 +0300"), rfc3339("26 Apr 2025 09:05 XYZT"), rfc3339("yesterday")
    ('2025-04-26T09:05:00+03:00', '2025-04-26T09:05:00', 'yesterday')
    """
    moment = _rfc822(text)
    return moment.isoformat() if moment else text.strip()


def moment_of(text: str | None) -> dt.datetime | None:
    """The moment that a feed's or sitemap's date means, for comparing; without an offset it is taken as UTC.

    >>> moment_of("2025-04")
    datetime.datetime(2025, 4, 1, 0, 0, tzinfo=datetime.timezone.utc)
    """
    if not text:
        return None
    moment = _w3c(text) or _rfc822(text)
    if moment is None or moment.tzinfo:
        return moment
    return moment.replace(tzinfo=dt.UTC)


def latest_of(text: str | None) -> dt.datetime | None:
    """The latest moment that a sitemap's date can mean: a day without an offset ends last in the west of the Pacific.

    >>> str(latest_of("2025-04-26T10:00:00Z")), str(latest_of("2025-04-26")), latest_of("2025-04")
    ('2025-04-26 10:00:00+00:00', '2025-04-27 12:00:00+00:00', None)
    """
    moment, clock = moment_of(text), _CLOCK.search(text or "")
    if moment is None or (clock is None and not _DAY.search(text or "")):
        return None
    if clock and clock["zone"]:
        return moment
    try:
        return moment + dt.timedelta(hours=12) + (dt.timedelta(0) if clock else dt.timedelta(days=1))
    except OverflowError:  # the last day of the calendar
        return dt.datetime.max.replace(tzinfo=dt.UTC)


def has_clock(text: str | None) -> bool:
    """Whether a feed's or sitemap's date says more than the day.

    >>> has_clock("2025-04-26"), has_clock("2025-04-26T10:00Z"), has_clock("2025-04-26T00:00:00+02:00")
    (False, True, False)
    """
    clock = _CLOCK.search(text or "")
    return clock is not None and not clock["time"].startswith("00:00")


def day_in(url: str) -> dt.date | None:
    """The day that an address names anywhere in its path: good for the order of fetching, not for leaving out.

    >>> day_in("https://example.org/2025/04/26/a"), day_in("https://example.org/a?from=2025-04-26")
    (datetime.date(2025, 4, 26), None)
    """
    found = date_in_url(url)
    return found[1].day if found else None


def latest_day_in(url: str) -> dt.date | None:
    """The last day that the folders of an address can mean, as /2025/04/26/ or /2025/04/; a headline's words are none.

    >>> latest_day_in("https://example.org/2025/02/a"), latest_day_in("https://example.org/the-war-of-1939-09-01")
    (datetime.date(2025, 2, 28), None)
    """
    match = _DATED_FOLDERS.search(url.partition("?")[0].partition("#")[0])
    if match is None:
        return None
    year, month, day = int(match[1]), int(match[2]), match[3]
    try:
        return dt.date(year, month, int(day) if day else calendar.monthrange(year, month)[1])
    except ValueError:  # calendar's own error for a month is one too
        return None


def _w3c(text: str) -> dt.datetime | None:
    match = _W3C.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, clock, zone = match.groups()
    try:
        return dt.datetime.fromisoformat(f"{year}-{month or '01'}-{day or '01'}T{clock or '00:00'}{zone or ''}".upper())
    except ValueError:
        return None


def _rfc822(text: str) -> dt.datetime | None:
    try:
        parts = parsedate_tz(text)
    except (ValueError, IndexError, TypeError):  # the standard library's parser stumbles over some garbage
        return None
    if parts is None or parts[0] < 1900:
        return None
    try:
        moment = dt.datetime(*parts[:6])  # noqa: DTZ001 (its zone, where known, comes next)
        offset_s = _offset_s(text, parts[9])
        return moment if offset_s is None else moment.replace(tzinfo=dt.timezone(dt.timedelta(seconds=offset_s)))
    except (ValueError, OverflowError):
        return None


def _offset_s(text: str, parsed_s: int | None) -> int | None:
    """Seconds from UTC; None where no zone is written, its name is unknown, or it is -0000 (RFC 2822 §3.3)."""
    zone = _ZONE.search(text)
    if zone is None or zone[1] == "-0000":
        return None
    name = zone[1].upper()
    if name in _ZONES:
        return _ZONES[name] * 60
    return parsed_s if name[0] in "+-" or name in _RFC822_ZONES else None


def believable(hints: Sequence[Hint]) -> Sequence[Hint]:
    """What a document says of its entries, less the dates of change that are the document's own: one for most of them.

    >>> from crawler.items import FoundBy
    >>> named = [Hint(url=f"/{n}", found_by=FoundBy.SITEMAP, modified="2025-04-26T10:00:00Z") for n in range(30)]
    >>> {hint.modified for hint in believable(named)}, {hint.modified for hint in believable(named[:9])}
    ({None}, {'2025-04-26T10:00:00Z'})
    """
    minutes = Counter(hint.modified[:16] for hint in hints if hint.modified and len(hint.modified) > DAY_CHARS)
    minute, count = next(iter(minutes.most_common(1)), ("", 0))
    if count < BUILT_ENTRIES or count < BUILT_SHARE * len(hints):
        return hints
    return [replace(hint, modified=None) if (hint.modified or "").startswith(minute) else hint for hint in hints]
