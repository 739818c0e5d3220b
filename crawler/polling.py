"""When a source is asked again, and what of it: pure rules over what earlier runs have noted."""

from __future__ import annotations

import datetime as dt
import itertools
import statistics
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from crawler.items import Validators

SHORTEST_WAIT = dt.timedelta(minutes=15)
LONGEST_WAIT = dt.timedelta(days=7)
FIRST_FAILURE_WAIT = dt.timedelta(hours=1)  # doubled with each failure in a row
UNKNOWN_WAIT = dt.timedelta(hours=1)  # of a source that has published too little to have a rhythm
SILENCE_SHARE = 0.1  # of a source's silence is waited, so that one that has fallen silent is asked more rarely
EARLY_SHARE = 0.1  # of a wait: cron starts a run a few seconds sooner or later than the one before
MOST_MOMENTS = 20  # of the newest articles of a source
LEAST_MOMENTS = 3
CONDITIONAL_FOR = dt.timedelta(days=1)  # then asked in full, since a server's word that nothing changed may be wrong
PASSED_OVER_FOR = dt.timedelta(days=7)  # likewise for what is not asked at all
RESTING_FOR = dt.timedelta(hours=6)
FILE_KEPT_FOR = dt.timedelta(days=1)  # RFC 9309 §2.4
UNREACHABLE_FOR = dt.timedelta(days=30)  # RFC 9309 §2.3.1.4: "a reasonably long period of time"
_SLACK = dt.timedelta(hours=1)  # a cache may have given what was older than its index


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed, sitemap or page of links of a source, read in full at a time when all that it named had ended."""

    source: str
    url: str
    etag: str | None = None
    last_modified: str | None = None
    lastmod: str | None = None  # what the sitemap index said of it, as written
    since: dt.date | None = None  # addresses that were older than this were left out of it
    digest: bytes  # of what it named
    asked_at: dt.datetime
    full_at: dt.datetime
    fruitless: int = 0  # times in a row that it named nothing new
    lies: bool = False  # it has changed under the same ETag
    said: str = ""  # what else it led to, in the spider's own form


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What earlier runs know of a source, which is called by its first address."""

    url: str
    asked_at: dt.datetime
    moments: tuple[dt.datetime, ...] = ()  # of its newest articles, in order
    failures: int = 0  # in a row
    failing_since: dt.datetime | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFile:
    """A file in which a site tells crawlers its wishes, such as robots.txt, as it was last read."""

    url: str
    status: int  # of HTTP; 0 where there never was an answer
    body: bytes = field(default=b"", repr=False)  # of a good answer
    etag: str | None = None
    last_modified: str | None = None
    read_at: dt.datetime
    unreachable_since: dt.datetime | None = None  # when it could not be read for the first time since


def file_is_kept_for(file: SiteFile | None, now: dt.datetime) -> dt.timedelta:
    """How long a file need not be asked for; nothing where it was read in a future (the clock was set back)."""
    if file is None or file.read_at > now or file.unreachable_since:
        return dt.timedelta(0)
    return max(file.read_at + FILE_KEPT_FOR - now, dt.timedelta(0))


def has_been_unreachable(file: SiteFile, now: dt.datetime) -> bool:
    """Whether a file could not be read for so long that what it said last may be gone by."""
    return file.unreachable_since is not None and now - file.unreachable_since >= UNREACHABLE_FOR


def conditions(document: Document | None, since: dt.date | None, now: dt.datetime) -> dict[str, str]:
    """The headers that ask for a document only if it has changed (RFC 9110 §13.1); empty where it is asked in full."""
    if document is None or document.lies or not _holds(document, since, now, CONDITIONAL_FOR):
        return {}
    return Validators(etag=document.etag, modified=document.last_modified).headers


def is_unchanged(document: Document, latest: dt.datetime, since: dt.date | None, now: dt.datetime) -> bool:
    """Whether a sitemap need not be asked whose last change was, at the latest, well before it was read."""
    return latest + _SLACK < document.asked_at and _holds(document, since, now, PASSED_OVER_FOR)


def is_exhausted(document: Document, since: dt.date | None, now: dt.datetime) -> bool:
    """Whether a document had nothing new when it was last asked, so that it waits while newer ones have nothing."""
    return document.fruitless > 0 and _holds(document, since, now, PASSED_OVER_FOR)


def is_resting(document: Document, since: dt.date | None, now: dt.datetime) -> bool:
    """Likewise of a page of links, for a shorter time: it may name what no feed and no sitemap has."""
    return is_exhausted(document, since, now) and now - document.asked_at < RESTING_FOR


def _holds(document: Document, since: dt.date | None, now: dt.datetime, time: dt.timedelta) -> bool:
    """Whether what was noted is young enough, and left out no more than this run would."""
    is_as_narrow = document.since is None or (since is not None and since >= document.since)
    return is_as_narrow and dt.timedelta(0) <= now - document.full_at < time


def wait_of(polled: Polled, every: dt.timedelta | None, now: dt.datetime) -> dt.timedelta:
    """How long after it was asked a source is to be asked again: by order, by its failures or by its rhythm.

    >>> hours = [dt.datetime(2025, 4, 26, hour, tzinfo=dt.UTC) for hour in range(0, 20, 2)]
    >>> polled = Polled(url="https://example.org/", asked_at=hours[-1], moments=tuple(hours))
    >>> str(wait_of(polled, None, hours[-1])), str(wait_of(replace(polled, failures=3), None, hours[-1]))
    ('2:00:00', '4:00:00')
    """
    if polled.failures:
        doubled: dt.timedelta = FIRST_FAILURE_WAIT * int(2 ** min(polled.failures - 1, 20))
        return max(min(doubled, LONGEST_WAIT), every or SHORTEST_WAIT)
    return every or min(max(_rhythm(polled.moments, now), SHORTEST_WAIT), LONGEST_WAIT)


def due_at(polled: Polled | None, every: dt.timedelta | None, now: dt.datetime) -> dt.datetime:
    """When a source is to be asked; one that is new, or was asked in a future (the clock was set back), now."""
    if polled is None or polled.asked_at > now:
        return now
    return polled.asked_at + wait_of(polled, every, now) * (1 - EARLY_SHARE)


def asked(
    before: Polled | None, url: str, now: dt.datetime, *, moments: Iterable[dt.datetime] = (), new: int = 0
) -> Polled:
    """What is known of a source that was asked and gave something: its failures are over.

    ``moments`` are those of its articles, known ones too; where it tells none, its new articles are taken as having
    come evenly since it was last asked.
    """
    told = {moment for moment in moments if moment <= now} or _spread(before, new, now)
    newest = sorted({*(before.moments if before else ()), *told})[-MOST_MOMENTS:]
    return Polled(url=url, asked_at=now, moments=tuple(newest))


def failed(before: Polled | None, url: str, now: dt.datetime, why: str, *, is_own_line: bool = False) -> Polled:
    """What is known of a source that was asked and gave nothing.

    Where every source of a run failed, and they are most of those there are, it is as likely the fault of our own
    line (``is_own_line``): the failures do not add up, so that all are asked soon again.
    """
    known = before or Polled(url=url, asked_at=now)
    return replace(
        known,
        asked_at=now,
        failures=max(known.failures, 1) if is_own_line else known.failures + 1,
        failing_since=known.failing_since or now,
        why=why,
    )


def _spread(before: Polled | None, new: int, now: dt.datetime) -> set[dt.datetime]:
    new = min(new, MOST_MOMENTS)
    if before is None or before.asked_at >= now:
        return {now} if new else set()
    return {now - (now - before.asked_at) * n / new for n in range(new)}


def _rhythm(moments: tuple[dt.datetime, ...], now: dt.datetime) -> dt.timedelta:
    """The median time between a source's articles, or a share of the time that it has been silent."""
    silence = (now - moments[-1]) * SILENCE_SHARE if moments else dt.timedelta(0)
    if len(moments) < LEAST_MOMENTS:
        return max(silence, UNKNOWN_WAIT)
    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(moments)]
    return max(silence, dt.timedelta(seconds=statistics.median(gaps)))


def answered(headers: Mapping[str, str | None]) -> tuple[str | None, str | None]:
    """ETag and Last-Modified of an answer, by lower-case name, as they are to be sent back; None for what is no such.

    >>> answered({"etag": 'W/"a"', "last-modified": "Sat, 26 Apr 2025 09:05:00 GMT"})
    ('W/"a"', 'Sat, 26 Apr 2025 09:05:00 GMT')
    """
    return _kept(headers.get("etag")), _kept(headers.get("last-modified"))


def _kept(value: str | None) -> str | None:
    text = (value or "").strip()
    return text if text.isascii() and text.isprintable() and 0 < len(text) <= 500 else None
