"""Articles of many files in one order, the newest first, in the memory of a few of them.

Files of days are read from the newest back, and what no older file can come before is handed out, so that whoever takes
twenty reads two or three days. What waits for its turn is a place in a file, in a database that lies on the disk.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from crawler.collection.files import LineFile, read_ahead
from crawler.collection.lines import line_at
from crawler.collection.records import Complain, Record, articles_in, day_of, is_article, read_record, unix_of

AT_ONCE = 200  # places taken from the database in one step
# A later version takes the place of an earlier one, so that it alone is judged; an empty day has been handed out, or
# was not asked for. Lines of packed files, which cannot be read from their middle, and of remote ones, where each place
# would be a request, are kept.
_TABLE = """
    PRAGMA cache_size = -16000;
    PRAGMA journal_mode = OFF;
    CREATE TABLE places (
        number INTEGER PRIMARY KEY, article BLOB UNIQUE, version INTEGER, day TEXT, moment INTEGER, file INTEGER,
        start INTEGER, line BLOB
    );
    CREATE INDEX places_in_order ON places (day DESC, moment DESC, file, start DESC) WHERE day != '';
"""
_ADD = """
    INSERT INTO places (article, version, day, moment, file, start, line) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (article) DO UPDATE SET version = excluded.version, day = excluded.day, moment = excluded.moment,
        file = excluded.file, start = excluded.start, line = excluded.line
    WHERE excluded.version > version
"""
_NEXT = """
    SELECT number, file, start, line FROM places WHERE day != '' AND day > ?
    ORDER BY day DESC, moment DESC, file, start DESC LIMIT ?
"""


def newest_first(
    files: Sequence[LineFile], wanted: Callable[[Record], bool], complain: Complain, *, each_version: bool = False
) -> Iterator[Record]:
    """The articles that are wanted, by day and then by moment of publication, newest first; of each its last version.

    The files are in the order of ``crawler.collection.files.in_order``. Within a day those of an unknown hour come
    last. ``each_version`` gives the earlier ones, too.
    """
    with closing(_Places(files, each_version=each_version)) as places:
        for number, file in enumerate(read_ahead(files)):
            for start, line, record in articles_in(file, complain):
                places.add(number, start, line, record, is_wanted=wanted(record))
            following = files[number + 1].newest if number + 1 < len(files) else None
            if following:
                yield from places.taken(after=following.isoformat())
            elif number + 1 == len(files):
                yield from places.taken()


class _Places:
    """Where articles stand, until their turn comes."""

    def __init__(self, files: Sequence[LineFile], *, each_version: bool) -> None:
        self._files = files
        self._each_version = each_version
        self._db = sqlite3.connect("")  # SQLite's own temporary file, gone with the connection
        self._db.executescript(_TABLE)

    def close(self) -> None:
        self._db.close()

    def add(self, file: int, start: int, line: bytes, record: Record, *, is_wanted: bool) -> None:
        version = record["_dateline"]["version"]
        name = f"{record['id']} {version}" if self._each_version else record["id"]
        kept = zlib.compress(line, 1) if is_wanted and not self._files[file].has_places else None
        day = day_of(record) if is_wanted else ""
        place = (name.encode("utf-8", "surrogatepass"), version, day, unix_of(record), file, start, kept)
        self._db.execute(_ADD, place)

    def taken(self, after: str = "") -> Iterator[Record]:
        """Those of later days than this one, in order."""
        while rows := self._db.execute(_NEXT, (after, AT_ONCE)).fetchall():
            self._db.executemany("UPDATE places SET day = '' WHERE number = ?", [(row[0],) for row in rows])
            for _, file, start, kept in rows:
                line = zlib.decompress(kept) if kept is not None else line_at(self._files[file], start)
                record = read_record(line)
                if record is not None and is_article(record):  # else the file was written anew meanwhile
                    yield record
