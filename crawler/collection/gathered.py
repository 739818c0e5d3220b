"""All articles that somebody asks for, in one order that their files have no part in, and by day and site.

They are read twice, once to know what there is and once to hand it out, so that the memory is that of a few of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from crawler.collection.files import LineFile, read_ahead
from crawler.collection.places import BY_DAY_AND_SITE, Places
from crawler.collection.records import Complain, Record, articles_in, calendar_day_of, read_record, whole_text
from crawler.state import DiskError

NO_DAY = "0000-00-00"
_IN_PART = "day = ? AND site = ? AND day != ''"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The articles of a day and a site."""

    day: str | None  # None where their records name no day that there is
    site: str
    count: int
    digest: str  # the same as long as its lines are


class Gathered:
    """Articles, each in its last version, or in each; by day, site and moment of publication, oldest first."""

    def __init__(self, files: Sequence[LineFile], *, each_version: bool = False) -> None:
        self.count = 0
        self._files = files
        self._places = Places(files, BY_DAY_AND_SITE, each_version=each_version)

    def close(self) -> None:
        self._places.close()

    def read(self, wanted: Callable[[Record], bool], complain: Complain, progress: Callable[[int], None]) -> None:
        """Take note of all that is wanted; ``progress`` is told of bytes as they are read."""
        for number, file in enumerate(read_ahead(self._files)):
            told, size = 0, file.length()
            for start, line, record in articles_in(file, complain):
                day = (calendar_day_of(record) or NO_DAY) if wanted(record) else ""
                self._places.add(
                    number, start, line, record, day=day, site=whole_text(record["site"]), mark=_mark(line)
                )
                if not file.is_packed:
                    progress(start + len(line) - told)
                    told = start + len(line)
            progress(max(size - told, 0))
        self.count = self._places.db.execute("SELECT count(*) FROM places WHERE day != ''").fetchone()[0]

    def parts(self) -> Iterator[Part]:
        """The articles by day and site, in order."""
        groups = "SELECT day, site, count(*) FROM places WHERE day != '' GROUP BY day, site ORDER BY day, site"
        marks = f"SELECT mark FROM places WHERE {_IN_PART} ORDER BY {BY_DAY_AND_SITE}"  # noqa: S608  our own texts
        for day, site, count in self._places.db.execute(groups):
            digest = blake2b(digest_size=16)
            for (mark,) in self._places.db.execute(marks, (day, site)):
                digest.update(mark)
            yield Part(day=None if day == NO_DAY else day, site=site, count=count, digest=digest.hexdigest())

    def records(self, part: Part | None = None) -> Iterator[Record]:
        """The records of a part, or of all; DiskError where a file has become another since it was read."""
        which, values = (_IN_PART, (part.day or NO_DAY, part.site)) if part else ("day != ''", ())
        asked = f"SELECT file, start, line, mark FROM places WHERE {which} ORDER BY {BY_DAY_AND_SITE}"  # noqa: S608  our own texts
        for file, start, kept, mark in self._places.db.execute(asked, values):
            line = self._places.line(file, start, kept)
            record = read_record(line)
            if record is None or _mark(line) != mark:
                raise DiskError(f"{self._files[file].path}: was written anew while it was read; run it once more")
            yield record


def _mark(line: bytes) -> bytes:
    return blake2b(line.rstrip(b"\r\n"), digest_size=16).digest()
