"""What is kept of sources: how they were asked, what their documents said, and the validators of article pages."""

from __future__ import annotations

import datetime as dt

from crawler.items import Validators
from crawler.polling import Document, Polled
from crawler.state.codes import digest
from crawler.state.database import Database, storable, upsert
from crawler.state.reading import rows_of
from crawler.state.url import Place

_DOCUMENT = "etag, last_modified, lastmod, since, digest, asked_at, full_at, fruitless, lies, said"
_SOURCE = "asked_at, moments, failures, failing_since, why"


class Sources:
    """The tables of documents, of sources, and of validators."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def document(self, source: str, url: str) -> Document | None:
        """A document of a source as it was when all that it named had ended."""
        row = self._db.one(
            f"SELECT {_DOCUMENT} FROM documents WHERE source = ? AND url = ?",  # noqa: S608  own names
            (storable(source), storable(url)),
        )
        if row is None:
            return None
        etag, last_modified, lastmod, since, named, asked_at, full_at, fruitless, lies, said = row
        return Document(
            source=source,
            url=url,
            etag=etag,
            last_modified=last_modified,
            lastmod=lastmod,
            since=dt.date.fromisoformat(since) if since else None,
            digest=bytes(named),
            asked_at=dt.datetime.fromisoformat(asked_at),
            full_at=dt.datetime.fromisoformat(full_at),
            fruitless=fruitless,
            lies=bool(lies),
            said=said,
        )

    def keep_document(self, document: Document) -> None:
        """Keep a document, in place of what was kept. All that it named must have ended, in this run or before it."""
        with self._db.together():
            self._db.do(
                upsert("documents", "source, url", _DOCUMENT),
                (
                    storable(document.source),
                    storable(document.url),
                    document.etag,
                    document.last_modified,
                    storable(document.lastmod) if document.lastmod else None,
                    document.since.isoformat() if document.since else None,
                    document.digest,
                    document.asked_at.isoformat(),
                    document.full_at.isoformat(),
                    document.fruitless,
                    int(document.lies),
                    storable(document.said),
                ),
            )
        self._db.noted()

    def forget_document(self, source: str, url: str) -> None:
        """The document has named something new, which has not ended yet: it is to be asked in full until it has."""
        with self._db.together():
            self._db.do("DELETE FROM documents WHERE source = ? AND url = ?", (storable(source), storable(url)))
        self._db.noted()

    def polled(self, url: str) -> Polled | None:
        """What is known of how a source was asked."""
        row = self._db.one(f"SELECT {_SOURCE} FROM sources WHERE url = ?", (storable(url),))  # noqa: S608  own names
        return _polled(url, *row) if row else None

    def keep_polled(self, polled: Polled) -> None:
        """Keep what is known of a source, in place of what was kept."""
        with self._db.together():
            self._db.do(
                upsert("sources", "url", _SOURCE),
                (
                    storable(polled.url),
                    polled.asked_at.isoformat(),
                    " ".join(moment.astimezone(dt.UTC).isoformat(timespec="seconds") for moment in polled.moments),
                    polled.failures,
                    polled.failing_since.isoformat() if polled.failing_since else None,
                    storable(polled.why) if polled.why else None,
                ),
            )
        self._db.noted()

    def validators(self, url: str) -> Validators:
        """What to ask an article's page by whether it has changed since it was last read."""
        row = self._db.one("SELECT etag, last_modified FROM validators WHERE key = ?", (_key(url),))
        return Validators(etag=row[0], modified=row[1]) if row else Validators()

    def keep_validators(self, url: str, validators: Validators, day: dt.date) -> None:
        """Keep the validators of an article's page, once its outcome is noted; those of a page without any go."""
        with self._db.together():
            if validators.headers:
                values = (_key(url), validators.etag, validators.modified, day.isoformat())
                self._db.do(upsert("validators", "key", "etag, last_modified, kept_on"), values)
            else:
                self._db.do("DELETE FROM validators WHERE key = ?", (_key(url),))
        self._db.noted()

    def drop_validators(self, before: dt.date) -> int:
        """Drop the validators that were kept before this day; how many they were."""
        with self._db.together():
            return self._db.do("DELETE FROM validators WHERE kept_on < ?", (before.isoformat(),))


def kept_polled(place: Place) -> dict[str, Polled]:
    """What a state knows of how each source was asked, by address; only read, also while a run is using it.

    Raises DiskError where there is no state, or it cannot be read.
    """
    rows = rows_of(place, "sources", f"SELECT url, {_SOURCE} FROM sources ORDER BY url")  # noqa: S608  own names
    return {url: _polled(url, *row) for url, *row in rows}


def _polled(url: str, asked_at: str, moments: str, failures: int, failing_since: str | None, why: str | None) -> Polled:
    return Polled(
        url=url,
        asked_at=dt.datetime.fromisoformat(asked_at),
        moments=tuple(map(dt.datetime.fromisoformat, moments.split())),
        failures=failures,
        failing_since=dt.datetime.fromisoformat(failing_since) if failing_since else None,
        why=why,
    )


def _key(url: str) -> bytes:
    """Of the address as it is asked, not of its canonical key: a validator belongs to one of an article's spellings."""
    return digest(storable(url))
