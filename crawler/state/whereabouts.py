"""What the state knows of one address, for a person who asks: only read, also while a run is using the folder."""

from __future__ import annotations

import datetime as dt
import json
import mmap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.identity import address_digest, site_of
from crawler.items import Outcome, Reason
from crawler.report import reports_in
from crawler.state.codes import OUTCOMES, REASONS, day_of, digest, id_text
from crawler.state.database import key_of
from crawler.state.reading import Reader, reading
from crawler.state.schema import PACKED
from crawler.state.url import Place, Url
from crawler.verdict import stamp_of

SOURCES_TOLD = 20
REPORTS_READ = 50  # the newest; reports list a thousand addresses at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an address ended when it was last asked for."""

    outcome: Outcome
    at: str
    tries: int
    named_on: dt.date  # when a source last named it, within a month
    reason: Reason | None = None
    status: int | None = None
    day: dt.date | None = None  # of publication, for a page that was too old


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The newest written version of the article that an address leads to."""

    id: str
    version: int
    content_hash: str
    first_seen: str
    looked: str | None  # when it was last looked at
    next_look: str | None  # None where it is settled
    is_from_here: bool  # whether it was written from this very address
    url: str | None = None  # where it was written from, while it is looked at again


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceKnown:
    """A source on the address's site, as it was last asked."""

    url: str
    asked_at: str
    failures: int
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingLine:
    """The newest line of an article in the files of a crawl."""

    path: Path
    number: int  # from 1
    record: Mapping[str, Any]

    @property
    def about(self) -> Mapping[str, Any]:
        """What the record says of itself rather than of the article."""
        about = self.record.get("_dateline")
        return about if isinstance(about, dict) else {}

    @property
    def version(self) -> int | None:
        """The version of the article that it holds."""
        return self.about.get("version")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the newest report that lists an address says of it."""

    run: str
    outcome: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """All that is known of an address; nothing of one that no run has asked for."""

    ending: Ending | None = None
    article: Written | None = None
    waiting: bytes | None = field(default=None, repr=False)  # its page, packed, while its site is not known
    memory: bytes | None = field(default=None, repr=False)  # of its site
    sources: tuple[SourceKnown, ...] = ()
    line: StandingLine | None = None
    told: Told | None = None
    is_older: bool = False  # the state is of an earlier version, which only a run brings up


def whereabouts(folder: Path, url: str, place: Place | None = None) -> Whereabouts:
    """What is known of an address, and written of it in a data folder, whose own state it is unless a place is named.

    Raises DiskError where there is no state, or it cannot be read.
    """
    with reading(place or folder) as db:
        if db.version < PACKED and not isinstance(place, Url):
            return Whereabouts(is_older=True)
        return _read(db, folder, url)


def _read(db: Reader, folder: Path, url: str) -> Whereabouts:
    row = db.one(
        "SELECT outcome, reason, status, day, tries, article, ended_at, named_on FROM addresses WHERE key = ?",
        (digest(key_of(url)),),
    )
    article = _article(db, row[5], url) if row and row[5] is not None else None
    (waiting,) = db.one("SELECT page FROM waiting WHERE key = ?", (key_of(url),)) or (None,)
    (memory,) = db.one("SELECT memory FROM memories WHERE site = ?", (site_of(url),)) or (None,)
    return Whereabouts(
        ending=_ending(row) if row else None,
        article=article,
        waiting=waiting,
        memory=memory,
        sources=tuple(_sources(db, site_of(url)))[:SOURCES_TOLD],
        line=_line(db, folder.resolve(), article) if article else None,
        told=_told(folder, url) if row and not (article and article.is_from_here) else None,
    )


def _ending(row: tuple[Any, ...]) -> Ending:
    outcome, reason, status, day, tries, _, ended_at, named_on = row
    return Ending(
        outcome=OUTCOMES[outcome],
        at=stamp_of(ended_at),
        tries=tries,
        named_on=day_of(named_on),
        reason=REASONS[reason] if reason else None,
        status=status,
        day=None if day is None else day_of(day),
    )


def _article(db: Reader, packed: bytes | str, url: str) -> Written | None:
    row = db.one(
        "SELECT version, content_hash, first_seen, looked, next_look, address, url FROM articles WHERE id = ?",
        (packed,),
    )
    if row is None:
        return None
    version, content_hash, first_seen, looked, next_look, address, at = row
    return Written(
        id=id_text(packed),
        version=version,
        content_hash=id_text(content_hash),
        first_seen=stamp_of(first_seen),
        looked=None if looked is None else stamp_of(looked),
        next_look=None if next_look is None else stamp_of(next_look),
        is_from_here=address == address_digest(url),
        url=at,
    )


def _sources(db: Reader, site: str) -> Iterator[SourceKnown]:
    for url, asked_at, failures, why in db.all("SELECT url, asked_at, failures, why FROM sources ORDER BY url", ()):
        if site_of(url) == site:
            yield SourceKnown(url=url, asked_at=asked_at, failures=failures, why=why)


def _line(db: Reader, folder: Path, article: Written) -> StandingLine | None:
    """The line of an article's newest version, from the newest file backwards; else the first that is met."""
    names = [name for (name,) in db.all("SELECT DISTINCT path FROM files ORDER BY path DESC", ())]
    other = None
    for name in names:
        line = _line_in(folder / name, article.id)
        if line and line.version == article.version:
            return line
        other = other or line
    return other


def _line_in(path: Path, article_id: str) -> StandingLine | None:
    """The last line of a file that holds an article's record; None where none does, or the file has gone."""
    try:
        with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
            end = len(content)
            while (found := content.rfind(article_id.encode("utf-8", "replace"), 0, end)) >= 0:
                start, stop = content.rfind(b"\n", 0, found) + 1, content.find(b"\n", found)
                if stop > 0 and (record := _record(content[start:stop])).get("id") == article_id:
                    return StandingLine(path=path, number=_newlines(content, start) + 1, record=record)
                end = start
    except (OSError, ValueError):  # not there, not to be read, or empty
        return None
    return None


def _told(folder: Path, url: str) -> Told | None:
    """What a report of one of the last runs says of an address that gave no line."""
    key = address_digest(url)
    for path in reports_in(folder)[:REPORTS_READ]:
        with suppress(OSError, TypeError, KeyError):  # gone meanwhile, or no report of ours
            for listed in _record(path.read_bytes())["not_saved"]:
                if address_digest(str(listed["url"])) == key:
                    return Told(run=path.stem, outcome=listed["outcome"], why=listed["why"])
    return None


def _record(line: bytes) -> Mapping[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _newlines(content: mmap.mmap, end: int) -> int:
    step = 1 << 20
    return sum(content[start : min(start + step, end)].count(b"\n") for start in range(0, end, step))
