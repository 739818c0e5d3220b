"""The files that lines are appended to: which one takes a line, and how it comes to stand there once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from crawler.delivery import append_lines, repair
from crawler.state.lease import Lease


class Files(Protocol):
    """Where lines go. A logical name is that of the day file that a line belongs to; a real one, of the file it is in.

    OSError where a file cannot be read or written.
    """

    def name(self, path: Path) -> str:
        """The logical name of a path."""

    def path(self, name: str) -> Path:
        """Where a name leads."""

    def real(self, logical: str) -> str:
        """The file that takes the lines of a logical one."""

    def append(self, name: str, lines: Sequence[bytes]) -> int:
        """Append whole lines, durably; the file's new size in bytes."""

    def repair(self, name: str, committed: int, lines: Sequence[bytes]) -> tuple[int, int]:
        """Bring each line into a file once, which held others up to a size; its new size, and how many were written."""

    def size(self, name: str) -> int | None:
        """A file's size in bytes; None where it is not there."""


class DayFiles:
    """The files of a data folder: one a day; under a lease one a day and token, so that none has two writers."""

    def __init__(self, folder: Path, lease: Lease | None = None) -> None:
        self._folder = folder
        self._lease = lease

    def name(self, path: Path) -> str:
        """Relative inside the folder, so that the folder may be moved."""
        path = path.resolve()
        return path.relative_to(self._folder).as_posix() if path.is_relative_to(self._folder) else str(path)

    def path(self, name: str) -> Path:
        return self._folder / name  # an absolute name stays itself

    def real(self, logical: str) -> str:
        if self._lease is None:
            return logical
        stem, dot, suffix = logical.rpartition(".")
        return f"{stem}.{quote(self._lease.site, safe='')}-{self._lease.token}{dot}{suffix}"

    def append(self, name: str, lines: Sequence[bytes]) -> int:
        return append_lines(self.path(name), lines)

    def repair(self, name: str, committed: int, lines: Sequence[bytes]) -> tuple[int, int]:
        return repair(self.path(name), committed, lines)

    def size(self, name: str) -> int | None:
        path = self.path(name)
        return path.stat().st_size if path.exists() else None
