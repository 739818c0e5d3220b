"""A state only read, without its lock, also while runs are writing to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.state.database import Row
from crawler.state.errors import DiskError
from crawler.state.sqlite import FILE_NAME
from crawler.state.url import Place, Url


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One moment of a state, whatever is written meanwhile."""

    version: int
    all: Callable[[str, Sequence[Any]], list[Row]]

    def one(self, question: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of an answer."""
        return next(iter(self.all(question, values)), None)


def rows_of(place: Place, table: str, question: str, values: Sequence[Any] = ()) -> list[Row]:
    """The rows of an answer about a table; none where the state is of an earlier version, without such a table.

    Raises DiskError where there is no state, or it cannot be read.
    """
    with reading(place) as reader:
        known = "SELECT 1 FROM pg_tables WHERE tablename = ?" if isinstance(place, Url) else _IN_SQLITE
        return reader.all(question, values) if reader.one(known, (table,)) else []


_IN_SQLITE = "SELECT 1 FROM sqlite_master WHERE name = ?"


def is_there(place: Place) -> bool:
    """Whether there is a state; DiskError where a server does not say."""
    if isinstance(place, Path):
        return (place / FILE_NAME).exists()
    from crawler.state.postgres import reading_postgres

    with reading_postgres(place) as (version, _):
        return version > 0


@contextmanager
def reading(place: Place) -> Iterator[Reader]:
    """A state as it is now. Raises DiskError where there is none, or it cannot be read."""
    if isinstance(place, Path):
        with _reading_sqlite(place.resolve() / FILE_NAME) as reader:
            yield reader
        return
    from crawler.state.postgres import reading_postgres

    with reading_postgres(place) as (version, rows):
        if not version:
            raise DiskError(f"{place}: there is no state here yet; a crawl with --state makes it")
        yield Reader(version=version, all=rows)


@contextmanager
def _reading_sqlite(file: Path) -> Iterator[Reader]:
    if not file.exists():
        raise DiskError(f"{file}: there is no state here; name the crawl's folder with --data DIR")
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            db.execute("BEGIN")
            ((version,),) = db.execute("PRAGMA user_version")
            yield Reader(version=version, all=lambda question, values: db.execute(question, values).fetchall())
    except sqlite3.DatabaseError as error:
        raise DiskError(f"{file}: {error}") from error
