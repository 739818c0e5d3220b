"""Which files a collection is made of, and what their names say of their articles."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crawler.errors import ConfigError

A_DAY = dt.timedelta(days=1)
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})\.jsonl(?:\.gz)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFile:
    """A file of lines."""

    path: Path
    crawled: dt.date | None = None  # the day (UTC) that its lines were crawled; None where that is not known

    @property
    def newest(self) -> dt.date | None:
        """The latest day that its articles may be of: those of later days count as undated (extraction.dates)."""
        return self.crawled + A_DAY if self.crawled else None


def day_files(data: Path) -> list[LineFile]:
    """The day files of a crawl's folder; ConfigError where there are none."""
    folder = data / "articles"
    files = [LineFile(path=path, crawled=_day(path)) for path in (*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz"))]
    if not files:
        raise ConfigError(f"{folder}: there are no articles yet; name the folder of a crawl with --data, or a FILE")
    return in_order(files)


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


def _day(path: Path) -> dt.date | None:
    if match := _DAY.fullmatch(path.name):
        with suppress(ValueError):
            return dt.date.fromisoformat(match[1])
    return None
