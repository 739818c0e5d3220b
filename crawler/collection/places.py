"""Where articles stand in their files, in an order, in a database that lies on the disk and goes with its owner.

A later version takes the place of an earlier one, so that it alone is judged. Lines of packed files, which cannot be
read from their middle, and of remote ones, where each place would be a request, are kept. Of two lines of one version
the first is taken, or where they have marks, the one of the lesser, which their order has no part in.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Sequence

from crawler.collection.files import LineFile
from crawler.collection.lines import line_at
from crawler.collection.records import Record, is_article, read_record, unix_of

AT_ONCE = 200  # places taken from the database in one step
NEWEST_FIRST = "day DESC, moment DESC, file, start DESC"
BY_DAY_AND_SITE = "day, site, moment, article"
# An empty day has been handed out, or was not asked for
_TABLE = """
    PRAGMA cache_size = -16000;
    PRAGMA journal_mode = OFF;
    CREATE TABLE places (
        number INTEGER PRIMARY KEY, article BLOB UNIQUE, version INTEGER, day TEXT, site TEXT, moment INTEGER,
        file INTEGER, start INTEGER, line BLOB, mark BLOB
    );
"""
_ADD = """
    INSERT INTO places (article, version, day, site, moment, file, start, line, mark) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (article) DO UPDATE SET version = excluded.version, day = excluded.day, site = excluded.site,
        moment = excluded.moment, file = excluded.file, start = excluded.start, line = excluded.line,
        mark = excluded.mark
    WHERE excluded.version > version OR (excluded.version = version AND excluded.mark < mark)
"""


class Places:
    """The places of articles, each once, or each version of them once."""

    def __init__(self, files: Sequence[LineFile], order: str, *, each_version: bool) -> None:
        self.db = sqlite3.connect("")  # SQLite's own temporary file, gone with the connection
        self.db.executescript(_TABLE)
        self.db.execute(f"CREATE INDEX places_in_order ON places ({order}) WHERE day != ''")
        self._files = files
        self._each_version = each_version
        self._next = (
            "SELECT number, file, start, line FROM places WHERE day != '' AND day > ?"  # noqa: S608  our own orders
            f" ORDER BY {order} LIMIT ?"
        )

    def close(self) -> None:
        self.db.close()

    def add(
        self, file: int, start: int, line: bytes, record: Record, *, day: str, site: str = "", mark: bytes | None = None
    ) -> None:
        """An article under a day; it stands for its versions, but is not handed out, where the day is empty."""
        version = record["_dateline"]["version"]
        name = f"{record['id']} {version:07}" if self._each_version else record["id"]
        kept = zlib.compress(line, 1) if day and not self._files[file].has_places else None
        article = name.encode("utf-8", "surrogatepass")
        self.db.execute(_ADD, (article, version, day, site, unix_of(record), file, start, kept, mark))

    def taken(self, after: str = "") -> Iterator[Record]:
        """Those of later days than this one, in order, each handed out once."""
        while rows := self.db.execute(self._next, (after, AT_ONCE)).fetchall():
            self.db.executemany("UPDATE places SET day = '' WHERE number = ?", [(row[0],) for row in rows])
            for _, file, start, line in rows:
                record = read_record(self.line(file, start, line))
                if record is not None and is_article(record):  # else the file was written anew meanwhile
                    yield record

    def line(self, file: int, start: int, kept: bytes | None) -> bytes:
        """The line that is at a place now."""
        return zlib.decompress(kept) if kept is not None else line_at(self._files[file], start)
