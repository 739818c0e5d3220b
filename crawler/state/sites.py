"""What is kept of sites: their memories, and the pages that wait until their site is known."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.state.database import Database, key_of, upsert
from crawler.state.reading import rows_of
from crawler.state.url import Place


class Sites:
    """The tables of memories and of waiting pages."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def memory(self, site: str) -> bytes | None:
        """What was kept of a site."""
        row = self._db.one("SELECT memory FROM memories WHERE site = ?", (site,))
        return bytes(row[0]) if row else None

    def remember(self, site: str, memory: bytes) -> None:
        """Keep what is known of a site, in place of what was kept; on the disk with the next flush."""
        with self._db.together():
            self._db.do(upsert("memories", "site", "memory"), (site, memory))

    def forget(self, site: str) -> bool:
        """Drop what is known of a site; whether anything was."""
        with self._db.durably():
            return self._db.do("DELETE FROM memories WHERE site = ?", (site,)) > 0

    def keep_waiting(self, url: str, site: str, page: bytes) -> None:
        """Keep a page until its address has ended: it is on the disk when this returns."""
        with self._db.durably():
            self._db.do(upsert("waiting", "key", "owner, site, page"), (key_of(url), self._db.owner, site, page))

    def waits(self, url: str) -> bool:
        """Whether the page of an address is kept."""
        return self._db.one("SELECT 1 FROM waiting WHERE key = ?", (key_of(url),)) is not None

    def waiting(self, site: str | None = None) -> Iterator[bytes]:
        """Our own pages that wait, those of a site or all, in the order of their addresses, one at a time."""
        question = "SELECT key FROM waiting WHERE owner = ? AND ? IN (site, '') ORDER BY key"
        for (key,) in self._db.all(question, (self._db.owner, site or "")):
            if row := self._db.one("SELECT page FROM waiting WHERE key = ?", (key,)):
                yield bytes(row[0])

    def end_waiting(self, url: str) -> None:
        """The address has ended; inside ``together``."""
        self._db.do("DELETE FROM waiting WHERE key = ?", (key_of(url),))


def kept_memories(place: Place) -> dict[str, bytes]:
    """What a state keeps of each site; only read, also while a run is using it.

    Raises DiskError where there is no state, or it cannot be read.
    """
    rows = rows_of(place, "memories", "SELECT site, memory FROM memories ORDER BY site")
    return {site: bytes(memory) for site, memory in rows}
