"""Lines on their way to their files: committed first, then appended, then struck off."""

from __future__ import annotations

import logging
from pathlib import Path

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

    def add(self, path: Path, line: bytes) -> None:
        """A line that is owed to a file; inside ``together``."""
        self._db.do(
            "INSERT INTO pending (owner, path, line) VALUES (?, ?, ?)", (self._db.owner, self._files.name(path), line)
        )

    def deliver(self, path: Path, line: bytes) -> None:
        """Append a line that was added and committed, and strike it off."""
        logical = self._files.name(path)
        real = self._files.real(logical)
        with self._db.disk_errors():
            self._warn_if_cut(real)
            self._settle(logical, real, self._files.append(real, [line]))

    def repair(self) -> dict[Path, int]:
        """Bring every file to where each pending line stands in it once; how many were written, by file."""
        recovered = {}
        for (logical,) in self._db.all("SELECT DISTINCT path FROM pending WHERE owner = ?", (self._db.owner,)):
            rows = self._db.all(
                "SELECT line FROM pending WHERE owner = ? AND path = ? ORDER BY number", (self._db.owner, logical)
            )
            real = self._files.real(logical)
            with self._db.disk_errors():
                self._warn_if_cut(real)
                size, written = self._files.repair(real, self._committed(real), [line for (line,) in rows])
                self._settle(logical, real, size)
            if written:
                recovered[self._files.path(real)] = written
        return recovered

    def pending(self) -> dict[Path, int]:
        """How many lines are committed and not struck off, by file."""
        rows = self._db.all(
            "SELECT path, count(*) FROM pending WHERE owner = ? GROUP BY path ORDER BY path", (self._db.owner,)
        )
        return {self._files.path(name): number for name, number in rows}

    def committed(self) -> dict[Path, int]:
        """Each file that lines were written to, and its length in bytes after the last of them."""
        rows = self._db.all("SELECT path, committed FROM files WHERE owner = ? ORDER BY path", (self._db.owner,))
        return {self._files.path(name): size for name, size in rows}

    def others(self) -> int:
        """How many states beside this one have written files."""
        ((number,),) = self._db.all("SELECT count(DISTINCT owner) FROM files WHERE owner <> ?", (self._db.owner,))
        return int(number)

    def accept(self, path: Path, size: int) -> None:
        """Take a file's length for the one that lines were written to; inside ``together``."""
        self._keep(self._files.name(path), size)

    def _settle(self, logical: str, real: str, size: int) -> None:
        """Strike off the lines that are in their file; the repair finds them in place where this is taken back."""
        with self._db.unhurried():
            self._db.do("DELETE FROM pending WHERE owner = ? AND path = ?", (self._db.owner, logical))
            self._keep(real, size)

    def _keep(self, name: str, size: int) -> None:
        self._db.do(upsert("files", "owner, path", "committed"), (self._db.owner, name, size))

    def _committed(self, name: str) -> int:
        row = self._db.one("SELECT committed FROM files WHERE owner = ? AND path = ?", (self._db.owner, name))
        return int(row[0]) if row else 0

    def _warn_if_cut(self, name: str) -> None:
        if (self._files.size(name) or 0) < self._committed(name):
            logger.warning(
                "%s is shorter than what was written to it: going on after what is there", self._files.path(name)
            )
            with self._db.unhurried():
                self._db.do("DELETE FROM files WHERE owner = ? AND path = ?", (self._db.owner, name))
