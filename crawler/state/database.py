"""What the rooms of the state need of a database; SQLite in a data folder and PostgreSQL both give it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any

from crawler.identity import canonical_key
from crawler.state.errors import DiskError
from crawler.state.lease import Lease

Row = tuple[Any, ...]


class Database(ABC):
    """One connection. SQL is written so that both understand it, with ``?`` for values.

    After one refused write nothing more is written: the next run repairs and goes on.

    ``place`` is where it is, as messages say it; ``owner`` whose lines and waiting pages are this state's own, where
    several share the database.
    """

    place: str
    newest: int  # the version of the schema that this program knows
    owner: str = ""
    _is_broken = False

    @property
    def is_broken(self) -> bool:
        """Whether an earlier write was refused."""
        return self._is_broken

    @abstractmethod
    def all(self, question: str, values: Sequence[Any] = ()) -> list[Row]:
        """Every row of an answer, which must be small."""

    def one(self, question: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of an answer."""
        return next(iter(self.all(question, values)), None)

    @abstractmethod
    def do(self, command: str, values: Sequence[Any] = ()) -> int:
        """Write inside ``together``; the number of rows that it concerned."""

    @abstractmethod
    def together(self) -> AbstractContextManager[None]:
        """What is written inside is written whole or not at all; what was written before it stays.

        LeaseLostError, with nothing written, where the state is under a lease that another holder has taken.
        """

    @contextmanager
    def durably(self) -> Iterator[None]:
        """As ``together``, and on the disk, with all that was written before it, when this ends."""
        with self.together():
            yield
        self.flush()

    @abstractmethod
    def unhurried(self) -> AbstractContextManager[None]:
        """A transaction of its own that need not wait for the disk: a power cut may take it back without harm."""

    @abstractmethod
    def check(self, lease: Lease) -> None:
        """Inside ``together``: LeaseLostError unless a lease is its site's newest, which it stays until that ends."""

    def noted(self) -> None:  # noqa: B027  where each note is committed there is nothing to do
        """One more note that a kill may take back: on the disk with the next commit, or at the latest after some."""

    @abstractmethod
    def flush(self) -> None:
        """Put everything written so far on the disk."""

    @abstractmethod
    def close(self) -> None:
        """Put everything on the disk and let the state go; what the disk refuses stays for the next run's repair."""

    @abstractmethod
    def disk_errors(self) -> AbstractContextManager[None]:
        """Errors of the disk, or of the database, as DiskError with the place."""

    @abstractmethod
    def version(self) -> int:
        """The version of the schema; DiskError where this program does not know it."""

    @abstractmethod
    def damage(self) -> str | None:
        """What the database finds wrong with its file, of which it reads all; None where that is a server's to know."""

    @abstractmethod
    def shrink(self) -> None:
        """Let empty room be used again, by others where that is possible."""

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._is_broken:
            raise DiskError(f"{self.place}: the disk refused an earlier write")
        with self.disk_errors():
            yield


@cache
def upsert(table: str, keys: str, others: str) -> str:
    """A statement that writes a row in place of what a table has by the same keys; values are the keys' first.

    >>> upsert("memories", "site", "memory")
    'INSERT INTO memories (site, memory) VALUES (?, ?) ON CONFLICT (site) DO UPDATE SET memory = excluded.memory'
    """
    names = f"{keys}, {others}"
    values = ", ".join("?" for _ in names.split(","))
    replaced = ", ".join(f"{name} = excluded.{name}" for name in others.split(", "))
    return f"INSERT INTO {table} ({names}) VALUES ({values}) ON CONFLICT ({keys}) DO UPDATE SET {replaced}"  # noqa: S608


def key_of(url: str) -> str:
    """The canonical key of an address as the state holds it.

    >>> key_of("no address \\ud800")
    'no address \\\\ud800'
    """
    return storable(canonical_key(url))


def storable(text: str) -> str:
    """A text as a database can hold it: lone surrogates, which only broken pages and addresses have, are spelt out."""
    return text.encode("utf-8", "backslashreplace").decode()
