"""The database of one data folder: opened under a lock, brought up to date, every error of the disk named."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from crawler.delivery import make_folder
from crawler.identity import canonical_key
from crawler.state.errors import DiskError, LockedError
from crawler.state.schema import MIGRATIONS, migrate

FILE_NAME = "state.sqlite"
LOCK_NAME = "lock"
UNCOMMITTED = 100  # notes that a kill may take back

Row = tuple[Any, ...]


class Database:
    """One connection, with a transaction that stays open over several notes until it is flushed.

    Raises LockedError when another process holds the folder, DiskError when the folder cannot be used. After one
    refused write nothing more is written: the next run repairs and goes on.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._uncommitted = 0
        self._is_broken = False
        with self.disk_errors():
            make_folder(self.folder)
            self._lock = _lock(self.folder / LOCK_NAME)
            self._db = self._connect()
        try:
            with self.disk_errors():
                self._prepare()
        except BaseException:  # whatever it was, an interrupt too: the lock must not outlive it
            self.close()
            raise

    def one(self, question: str, values: Sequence[Any] = ()) -> Row | None:
        """The first row of an answer."""
        with self.disk_errors():
            row: Row | None = self._db.execute(question, values).fetchone()
        return row

    def all(self, question: str, values: Sequence[Any] = ()) -> list[Row]:
        """Every row of an answer, which must be small."""
        with self.disk_errors():
            return self._db.execute(question, values).fetchall()

    def do(self, command: str, values: Sequence[Any] = ()) -> int:
        """Write inside ``together``; the number of rows that it concerned."""
        return self._db.execute(command, values).rowcount

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is written inside is written whole or not at all; what was written before it stays."""
        with self._writing():
            if not self._db.in_transaction:
                self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("SAVEPOINT together")
            try:
                yield
            except BaseException:  # whatever it was, an interrupt too: no half may stay
                with suppress(sqlite3.Error):  # SQLite may have taken back the whole transaction by itself
                    self._db.execute("ROLLBACK TO together")
                    self._db.execute("RELEASE together")
                raise
            self._db.execute("RELEASE together")

    def noted(self) -> None:
        """One more note that a kill may take back: on the disk with the next commit, or at the latest after some."""
        self._uncommitted += 1
        if self._uncommitted >= UNCOMMITTED:
            self.flush()

    def flush(self) -> None:
        """Put everything written so far on the disk."""
        with self._writing():
            if self._db.in_transaction:
                self._db.execute("COMMIT")
            self._uncommitted = 0

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """A transaction of its own that need not wait for the disk: a power cut may take it back without harm."""
        with self._writing():
            self._db.execute("PRAGMA synchronous = NORMAL")
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            finally:
                self._db.execute("PRAGMA synchronous = FULL")

    def used_bytes(self) -> int:
        """How large the file would be without the room that is empty in it."""
        pages, empty, size = (
            self.all(f"PRAGMA {name}")[0][0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - empty) * size)

    def shrink(self) -> None:
        """Give empty room back to the disk; the copy that is made for it stands in the folder and ends with us."""
        self.flush()
        with self._writing():
            place = str(self.folder).replace("'", "''")
            self._db.execute(f"PRAGMA temp_store_directory = '{place}'")  # /tmp may be small, or memory
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Put everything on the disk and let the folder go; what the disk refuses stays for the next run's repair."""
        try:
            if not self._is_broken:
                self.flush()
        finally:
            with suppress(sqlite3.Error):
                self._db.close()
            self._lock.close()

    @contextmanager
    def disk_errors(self) -> Iterator[None]:
        """Errors of the disk, or of the database on it, as DiskError with the place."""
        try:
            yield
        except OSError as error:
            self._is_broken = True
            raise DiskError(f"{error.filename or self.folder}: {error.strerror or error}") from error
        except sqlite3.DatabaseError as error:
            self._is_broken = True
            raise DiskError(f"{self.folder / FILE_NAME}: {error}") from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if self._is_broken:
            raise DiskError(f"{self.folder}: the disk refused an earlier write")
        with self.disk_errors():
            yield

    def damage(self) -> str | None:
        """What SQLite finds wrong with the file, of which it reads all."""
        ((said,),) = self.all("PRAGMA integrity_check(1)")
        return None if said == "ok" else " ".join(str(said).split())

    def version(self) -> int:
        """The version of the schema; DiskError where this program does not know it."""
        ((version,),) = self.all("PRAGMA user_version")
        if version > len(MIGRATIONS):
            raise DiskError(f"{self.folder / FILE_NAME}: written by a newer version of dateline; update dateline")
        return int(version)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / FILE_NAME, isolation_level=None, timeout=5)

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self.version()
        migrate(self._db)


class ReadDatabase(Database):
    """A database under its lock, as it stands: only tables of one's own, which are temporary, can be written."""

    def _connect(self) -> sqlite3.Connection:
        file = self.folder / FILE_NAME
        return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5)

    def _prepare(self) -> None:
        self.version()


def rows_of(folder: Path, table: str, question: str, values: Sequence[Any] = ()) -> list[Row]:
    """The rows of an answer about a table, without the lock and only read, also while a run is using the folder.

    There are none where the state is of an earlier version, without such a table. Raises DiskError where there is no
    state, or it cannot be read.
    """
    file = folder.resolve() / FILE_NAME
    if not file.exists():
        raise DiskError(f"{file}: there is no state here; name the crawl's folder with --data DIR")
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=5)) as db:
            if db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchone() is None:
                return []
            return db.execute(question, values).fetchall()
    except sqlite3.DatabaseError as error:
        raise DiskError(f"{file}: {error}") from error


def key_of(url: str) -> str:
    """The canonical key of an address as the state holds it.

    >>> key_of("no address \\ud800")
    'no address \\\\ud800'
    """
    return storable(canonical_key(url))


def storable(text: str) -> str:
    """A text as SQLite can hold it: lone surrogates, which only broken pages and addresses have, are spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _lock(path: Path) -> IO[bytes]:
    """The lock of a data folder, held while the returned file is open; the kernel frees it when the process ends."""
    file = path.open("a+b")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        owner = file.read(20).decode("ascii", "replace").strip()
        file.close()
        raise LockedError(f"{path.parent}: another run (process {owner or 'unknown'}) is using this folder") from None
    file.truncate(0)
    file.write(f"{os.getpid()}\n".encode())
    file.flush()
    return file
