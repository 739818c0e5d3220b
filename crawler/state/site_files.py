"""What is kept of the files in which sites tell crawlers their wishes: robots.txt and tdmrep.json, as last read."""

from __future__ import annotations

import datetime as dt

from crawler.polling import SiteFile
from crawler.state.database import Database, storable, upsert

_COLUMNS = "status, body, etag, last_modified, read_at, unreachable_since"


class SiteFiles:
    """The table of such files."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def file(self, url: str) -> SiteFile | None:
        """A file as it was last read."""
        row = self._db.one(f"SELECT {_COLUMNS} FROM site_files WHERE url = ?", (storable(url),))  # noqa: S608  own names
        if row is None:
            return None
        status, body, etag, last_modified, read_at, unreachable_since = row
        return SiteFile(
            url=url,
            status=status,
            body=bytes(body),
            etag=etag,
            last_modified=last_modified,
            read_at=dt.datetime.fromisoformat(read_at),
            unreachable_since=dt.datetime.fromisoformat(unreachable_since) if unreachable_since else None,
        )

    def keep_file(self, file: SiteFile) -> None:
        """Keep a file as it was read, in place of what was kept."""
        values = (
            storable(file.url),
            file.status,
            file.body,
            file.etag,
            file.last_modified,
            file.read_at.isoformat(),
            file.unreachable_since.isoformat() if file.unreachable_since else None,
        )
        with self._db.together():
            self._db.do(upsert("site_files", "url", _COLUMNS), values)
        self._db.noted()

    def drop(self, before: dt.date) -> int:
        """Drop the files that were last read before this day; how many they were."""
        with self._db.durably():
            return self._db.do("DELETE FROM site_files WHERE read_at < ?", (before.isoformat(),))
