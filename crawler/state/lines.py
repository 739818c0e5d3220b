"""Lines on their way to their files: committed first, then appended, then struck off."""

from __future__ import annotations

import logging
from pathlib import Path

from crawler.delivery import append_lines, repair
from crawler.state.database import Database

logger = logging.getLogger(__name__)


class Lines:
    """The tables of pending lines and of the files' committed lengths."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def add(self, path: Path, line: bytes) -> None:
        """A line that is owed to a file; inside ``together``."""
        self._db.do("INSERT INTO pending (path, line) VALUES (?, ?)", (self._name(path), line))

    def deliver(self, path: Path, line: bytes) -> None:
        """Append a line that was added and committed, and strike it off."""
        name = self._name(path)
        with self._db.disk_errors():
            self._warn_if_cut(path, name)
            self._settle(name, append_lines(path, [line]))

    def repair(self) -> dict[Path, int]:
        """Bring every file to where each pending line stands in it once; how many were written, by file."""
        recovered = {}
        for (name,) in self._db.all("SELECT DISTINCT path FROM pending"):
            rows = self._db.all("SELECT line FROM pending WHERE path = ? ORDER BY number", (name,))
            path = self._db.folder / name  # an absolute name stays itself
            with self._db.disk_errors():
                self._warn_if_cut(path, name)
                size, written = repair(path, self._committed(name), [line for (line,) in rows])
                self._settle(name, size)
            if written:
                recovered[path] = written
        return recovered

    def pending(self) -> dict[Path, int]:
        """How many lines are committed and not struck off, by file."""
        rows = self._db.all("SELECT path, count(*) FROM pending GROUP BY path ORDER BY path")
        return {self._db.folder / name: number for name, number in rows}

    def committed(self) -> dict[Path, int]:
        """Each file that lines were written to, and its length in bytes after the last of them."""
        rows = self._db.all("SELECT path, committed FROM files ORDER BY path")
        return {self._db.folder / name: size for name, size in rows}

    def accept(self, path: Path, size: int) -> None:
        """Take a file's length for the one that lines were written to; inside ``together``."""
        self._db.do("INSERT OR REPLACE INTO files VALUES (?, ?)", (self._name(path), size))

    def _settle(self, name: str, size: int) -> None:
        """Strike off the lines that are in their file; the repair finds them in place where this is taken back."""
        with self._db.unhurried():
            self._db.do("DELETE FROM pending WHERE path = ?", (name,))
            self._db.do("INSERT OR REPLACE INTO files VALUES (?, ?)", (name, size))

    def _committed(self, name: str) -> int:
        row = self._db.one("SELECT committed FROM files WHERE path = ?", (name,))
        return int(row[0]) if row else 0

    def _warn_if_cut(self, path: Path, name: str) -> None:
        size = path.stat().st_size if path.exists() else 0
        if size < self._committed(name):
            logger.warning("%s is shorter than what was written to it: going on after what is there", path)
            self._db.do("DELETE FROM files WHERE path = ?", (name,))

    def _name(self, path: Path) -> str:
        """How a file is called in the state: relative inside the folder, so that the folder may be moved."""
        path, folder = path.resolve(), self._db.folder
        return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
