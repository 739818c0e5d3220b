"""Which files a collection is made of, and what their names say of their articles."""

from __future__ import annotations

import datetime as dt
import errno
import gzip
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from crawler.errors import ConfigError
from crawler.parts.manifest import committed_files
from crawler.parts.remote import AHEAD_BYTES, AHEAD_FILES, BLOCK_BYTES, RemotePath, beginning
from crawler.parts.shelf import Shelf, shelf_at

A_DAY = dt.timedelta(days=1)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.jsonl(?:\.gz)?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFile:
    """A file of lines."""

    path: Path | RemotePath
    size: int | None = None  # the bytes that count, of a part (crawler.parts.manifest); None: all that are there
    crawled: dt.date | None = None  # the day (UTC) that its lines were crawled; None where that is not known

    @property
    def newest(self) -> dt.date | None:
        """The latest day that its articles may be of: those of later days count as undated (extraction.dates)."""
        return self.crawled + A_DAY if self.crawled else None

    @property
    def is_packed(self) -> bool:
        """Whether it is packed with gzip, as its name says."""
        return str(self.path).endswith(".gz")

    @property
    def has_places(self) -> bool:
        """Whether a line is cheap to read from where it begins."""
        return isinstance(self.path, Path) and not self.is_packed

    def length(self) -> int:
        """How many bytes of it there are to read, packed as they are."""
        if self.size is not None:
            return self.size
        return self.path.stat().st_size if isinstance(self.path, Path) else self.path.length()

    def fault(self) -> OSError | None:
        """Why a part on a disk cannot be read to the end of what counts of it; None where it can."""
        if self.size is None or not isinstance(self.path, Path):
            return None
        try:
            there = self.path.stat().st_size
        except OSError as error:
            return error
        if there < self.size:
            return OSError(errno.EIO, f"has {there:,} bytes of the {self.size:,} that its entry counts", str(self.path))
        return None

    def open(self) -> BinaryIO:
        """The bytes that count as a stream, unpacked as it is read. Raises OSError, here and as it is read."""
        if isinstance(self.path, RemotePath):
            stream = self.path.open(self.size)
            return cast(BinaryIO, gzip.open(stream)) if self.is_packed else stream
        if self.is_packed:
            return cast(BinaryIO, gzip.open(self.path))
        if self.size is None:
            return self.path.open("rb")
        if (fault := self.fault()) is not None:
            raise fault
        file = self.path.open("rb", buffering=0)
        fetch = partial(_stretch, file.fileno())
        return beginning(fetch, self.size, io.DEFAULT_BUFFER_SIZE, file.close)


def collection_files(data: str | Path) -> list[LineFile]:
    """The files of the collection at a folder or URL: of days, and what counts of the parts that a cluster has written.

    Raises ConfigError where there are none, or they cannot be looked at.
    """
    shelf = shelf_at(data)
    try:
        days = [LineFile(path=shelf.path(name), crawled=_day(name)) for name in shelf.listed("articles")]
        parts = part_files(shelf)
    except OSError as error:
        raise ConfigError(f"{shelf}: cannot be read: {error.strerror or error}") from None
    if not days and not parts:
        raise ConfigError(
            f"{shelf}/articles: there are no articles yet; name the folder of a crawl with --data, or a FILE"
        )
    return in_order([*days, *parts])


def part_files(shelf: Shelf, complain: Callable[[str, str], None] | None = None) -> list[LineFile]:
    """What counts of the parts that a cluster has written. Raises OSError and ConfigError as committed_files does."""
    return [
        LineFile(path=shelf.path(name), size=size, crawled=_day(str(PurePosixPath(name).parent)))
        for name, size in committed_files(shelf, complain).items()
    ]


def sound_parts(shelf: Shelf) -> tuple[list[LineFile], list[str]]:
    """The parts that can be read, and what is wrong with the others, or with an entry of the manifest."""
    faults: list[str] = []
    parts = part_files(shelf, lambda entry, why: faults.append(f"{entry}: {why}"))
    found = [(part, part.fault()) for part in parts]
    faults += [f"{part.path}: {fault.strerror}" for part, fault in found if fault is not None]
    return [part for part, fault in found if fault is None], faults


def named_files(paths: Iterable[Path]) -> list[LineFile]:
    """Files that somebody names: anyone's, so that a name which is a day promises nothing."""
    return [LineFile(path=path) for path in paths]


def in_order(files: Iterable[LineFile]) -> list[LineFile]:
    """Those of no known day first, then the newest, so that what is read next holds no later articles.

    >>> days = [dt.date(2025, 4, 1), None, dt.date(2025, 4, 2)]
    >>> [file.crawled and file.crawled.day for file in in_order(LineFile(path=Path(), crawled=day) for day in days)]
    [None, 2, 1]
    """
    return sorted(files, key=lambda file: (file.crawled or dt.date.max, str(file.path)), reverse=True)


def not_before(files: Sequence[LineFile], since: dt.date | None) -> list[LineFile]:
    """The files that may hold articles of this day or later."""
    return [file for file in files if since is None or file.newest is None or file.newest >= since]


def read_ahead(files: Iterable[LineFile]) -> Iterator[LineFile]:
    """The files in their order; of remote parts, which may be many and small, several are read at once."""
    waiting: list[LineFile] = []
    for file in files:
        is_small = isinstance(file.path, RemotePath) and file.size is not None and file.size <= BLOCK_BYTES
        if not is_small or len(waiting) == AHEAD_FILES or _bytes_of(waiting) + file.length() > AHEAD_BYTES:
            yield from _held(waiting)
            waiting = []
        if is_small:
            waiting.append(file)
        else:
            yield file
    yield from _held(waiting)


def _bytes_of(files: Sequence[LineFile]) -> int:
    return sum(file.size or 0 for file in files)


def _held(files: Sequence[LineFile]) -> Iterator[LineFile]:
    paths = [file.path for file in files if isinstance(file.path, RemotePath)]
    if not paths:
        return
    found = paths[0].shelf.beginnings([(path.name, file.size or 0) for path, file in zip(paths, files, strict=True)])
    for path, file, content in zip(paths, files, found, strict=True):
        yield replace(file, path=replace(path, held=content))


def _stretch(fd: int, start: int, end: int) -> bytes:
    return os.pread(fd, end - start, start)


def _day(name: str) -> dt.date | None:
    """The day that a file of a day, or the folder of a day's parts, is called after."""
    if match := _DAY.fullmatch(PurePosixPath(name).name):
        with suppress(ValueError):
            return dt.date.fromisoformat(match[1])
    return None
