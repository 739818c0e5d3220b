"""Documents that were read and dealt with whole: what to ask by whether they have changed since."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.items import Validators
from crawler.state.codes import digest
from crawler.state.database import Database, key_of, storable


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """A feed, a sitemap or an article's page, all that it named or held being settled."""

    validators: Validators
    read_at: int  # Unix time


class Documents:
    """The table of documents, by the digest of their canonical key."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def get(self, url: str) -> ReadDocument | None:
        """What is kept of a document."""
        row = self._db.one("SELECT etag, modified, read_at FROM documents WHERE key = ?", (digest(key_of(url)),))
        return ReadDocument(validators=Validators(etag=row[0], modified=row[1]), read_at=row[2]) if row else None

    def keep(self, url: str, validators: Validators, read_at: int) -> None:
        """A document was read and dealt with whole; on the disk with the next flush."""
        etag, modified = (storable(value) if value else None for value in (validators.etag, validators.modified))
        with self._db.together():
            self._db.do(
                "INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)", (digest(key_of(url)), etag, modified, read_at)
            )
        self._db.noted()

    def drop(self, url: str) -> None:
        """A document is to be asked for whole the next time."""
        with self._db.together():
            self._db.do("DELETE FROM documents WHERE key = ?", (digest(key_of(url)),))
        self._db.noted()
