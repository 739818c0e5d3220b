"""Lines on their way to their files: committed first, then appended, then struck off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from crawler.parts.batch import Waiting
from crawler.state.database import Database, upsert
from crawler.state.files import Files

logger = logging.getLogger(__name__)


class Lines:
    """The tables of pending lines, by the file that they belong to, and of the committed lengths of files.

    Where several states share a database, those that are this one's own: of its data folder, or of its lease's site,
    whoever held that before. What stands in a file beyond its committed length does not count.
    """

    def __init__(self, db: Database, files: Files) -> None:
        self._db = db
        self._files = files
        self._waiting = Waiting(files.batch)
        self._written: dict[str, int] = {}  # real name of a file that this process has written → committed length
        self._told: Collection[str] = ()

    def add(self, path: Path, line: bytes) -> None:
        """A line that is owed to a file; inside ``together``."""
        self._db.do(
            "INSERT INTO pending (owner, path, line) VALUES (?, ?, ?)", (self._db.owner, self._files.name(path), line)
        )

    def deliver(self, path: Path, line: bytes) -> None:
        """Bring a line that was added and committed into its file, or let it wait for others to go with."""
        self._waiting.add(self._files.name(path), len(line))
        self.deliver_due()

    def deliver_due(self) -> None:
        """Append the lines that have waited long enough, or are enough, and strike them off."""
        if self._waiting.are_due:
            self._deliver_all()

    def close(self) -> None:
        """Append all that waits. What readers are told of files that are finished with it need not be kept here."""
        self._deliver_all()
        self._forget(self._told)

    def repair(self) -> dict[Path, int]:
        """Bring every file to where each pending line stands in it once; how many were written, by file."""
        recovered = {}
        with self._db.disk_errors():
            self._forget(self._files.tell(self._lengths()))
            for (logical,) in self._db.all("SELECT DISTINCT path FROM pending WHERE owner = ?", (self._db.owner,)):
                if written := self._write(logical, self._files.repair):
                    recovered[self._files.path(logical)] = written
            self._tell()
        return recovered

    def pending(self) -> dict[Path, int]:
        """How many lines are committed and not struck off, by file."""
        rows = self._db.all(
            "SELECT path, count(*) FROM pending WHERE owner = ? GROUP BY path ORDER BY path", (self._db.owner,)
        )
        return {self._files.path(name): number for name, number in rows}

    def committed(self) -> dict[Path, int]:
        """Each file that lines were written to, and its length in bytes after the last of them."""
        return {self._files.path(name): size for name, size in self._lengths().items()}

    def others(self) -> int:
        """How many states beside this one have written files."""
        ((number,),) = self._db.all("SELECT count(DISTINCT owner) FROM files WHERE owner <> ?", (self._db.owner,))
        return int(number)

    def accept(self, path: Path, size: int) -> None:
        """Take a file's length for the one that lines were written to; inside ``together``."""
        self._keep(self._files.name(path), size)

    def _deliver_all(self) -> None:
        def append(name: str, _: int, lines: Sequence[bytes]) -> tuple[int, int]:
            return self._files.append(name, lines), len(lines)

        with self._db.disk_errors():
            for logical in self._waiting.taken():
                self._write(logical, append)
            self._tell()

    def _write(self, logical: str, write: Callable[[str, int, Sequence[bytes]], tuple[int, int]]) -> int:
        """Bring the pending lines of a file into it; how many were not there."""
        rows = self._db.all(
            "SELECT number, line FROM pending WHERE owner = ? AND path = ? ORDER BY number", (self._db.owner, logical)
        )
        if not rows:
            return 0  # the lease is another's meanwhile, who has written them
        real = self._files.real(logical)
        committed = self._checked_length(real)
        size, written = write(real, committed, [bytes(line) for _, line in rows])
        self._settle(logical, rows[-1][0], real, size)
        return written

    def _settle(self, logical: str, last: int, real: str, size: int) -> None:
        """Strike off the lines that are in their file.

        Where a repair would find them in place this may be taken back; elsewhere it must not, once readers are told.
        """
        with self._db.unhurried() if self._files.finds_lines else self._db.durably():
            self._db.do(
                "DELETE FROM pending WHERE owner = ? AND path = ? AND number <= ?", (self._db.owner, logical, last)
            )
            self._keep(real, size)
        self._written[real] = size

    def _tell(self) -> None:
        if self._written:
            self._told = self._files.tell(self._written)

    def _keep(self, name: str, size: int) -> None:
        self._db.do(upsert("files", "owner, path", "committed"), (self._db.owner, name, size))

    def _forget(self, names: Collection[str]) -> None:
        if names:
            with self._db.durably():
                for name in names:
                    self._db.do("DELETE FROM files WHERE owner = ? AND path = ?", (self._db.owner, name))

    def _lengths(self) -> dict[str, int]:
        rows = self._db.all("SELECT path, committed FROM files WHERE owner = ? ORDER BY path", (self._db.owner,))
        return {name: int(size) for name, size in rows}

    def _checked_length(self, name: str) -> int:
        """The committed length of a file; 0 where it is shorter, as somebody has cut it."""
        row = self._db.one("SELECT committed FROM files WHERE owner = ? AND path = ?", (self._db.owner, name))
        if row is None or (self._files.size(name) or 0) >= row[0]:
            return int(row[0]) if row else 0
        logger.warning(
            "%s is shorter than what was written to it: going on after what is there", self._files.path(name)
        )
        with self._db.unhurried():
            self._db.do("DELETE FROM files WHERE owner = ? AND path = ?", (self._db.owner, name))
        return 0
