"""The state of one data folder, in a SQLite file: opened under a lock, brought up to date, every error named."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from crawler.state.database import Database, Row
from crawler.state.errors import DiskError
from crawler.state.folder import FolderLock
from crawler.state.lease import Lease
from crawler.state.schema import MIGRATIONS, known_version, migrate

FILE_NAME = "state.sqlite"
UNCOMMITTED = 100  # notes that a kill may take back


class SQLite(Database):
    """One connection, with a transaction that stays open over several notes until it is flushed.

    Raises LockedError when another process holds the folder, DiskError when the folder cannot be used.
    """

    newest = len(MIGRATIONS)

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.place = str(self.folder / FILE_NAME)
        self._uncommitted = 0
        with self.disk_errors():
            self._lock = FolderLock(self.folder)
            self._db = self._connect()
        try:
            with self.disk_errors():
                self._prepare()
        except BaseException:  # whatever it was, an interrupt too: the lock must not outlive it
            self.close()
            raise

    def all(self, question: str, values: Sequence[Any] = ()) -> list[Row]:
        with self.disk_errors():
            return self._db.execute(question, values).fetchall()

    def do(self, command: str, values: Sequence[Any] = ()) -> int:
        return self._db.execute(command, values).rowcount

    @contextmanager
    def together(self) -> Iterator[None]:
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
        self._uncommitted += 1
        if self._uncommitted >= UNCOMMITTED:
            self.flush()

    def flush(self) -> None:
        with self._writing():
            if self._db.in_transaction:
                self._db.execute("COMMIT")
            self._uncommitted = 0

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        with self._writing():
            self._db.execute("PRAGMA synchronous = NORMAL")
            try:
                self._db.execute("BEGIN IMMEDIATE")
                yield
                self._db.execute("COMMIT")
            finally:
                self._db.execute("PRAGMA synchronous = FULL")

    def check(self, lease: Lease) -> None:
        """Nothing is to be checked: the folder has one process, which holds its lock, and the lock is no lease."""

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
        try:
            if not self._is_broken:
                self.flush()
        finally:
            with suppress(sqlite3.Error):
                self._db.close()
            self._lock.close()

    @contextmanager
    def disk_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._is_broken = True
            raise DiskError.of(error, self.folder) from error
        except sqlite3.DatabaseError as error:
            self._is_broken = True
            raise DiskError(f"{self.place}: {error}") from error

    def damage(self) -> str | None:
        ((said,),) = self.all("PRAGMA integrity_check(1)")
        return None if said == "ok" else " ".join(str(said).split())

    def version(self) -> int:
        ((version,),) = self.all("PRAGMA user_version")
        return known_version(version, self.place, self.newest)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.folder / FILE_NAME, isolation_level=None, timeout=5)

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self.version()
        migrate(self._db)


class ReadSQLite(SQLite):
    """A database under its lock, as it stands: only tables of one's own, which are temporary, can be written."""

    def _connect(self) -> sqlite3.Connection:
        file = self.folder / FILE_NAME
        return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5)

    def _prepare(self) -> None:
        self.version()
