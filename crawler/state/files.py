"""The files that lines are appended to: which one takes a line, and how it comes to stand there once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from crawler.delivery import append_lines, repair
from crawler.parts.batch import ALONE, Batch


class Files(Protocol):
    """Where lines go. A logical name is that of the day file that a line belongs to; a real one, of the file it is in.

    OSError where a file cannot be read or written.
    """

    batch: Batch  # how many lines may wait for the others that they are appended with
    collection: str | None  # where many write together; None where the files are this process's alone
    finds_lines: bool  # whether a repair finds a line that is in its file already, so that none is written twice by it

    def name(self, path: Path) -> str:
        """The logical name of a path."""

    def path(self, name: str) -> Path:
        """Where a name leads from the data folder."""

    def real(self, logical: str) -> str:
        """The file that takes the next lines of a logical one."""

    def append(self, name: str, lines: Sequence[bytes]) -> int:
        """Append whole lines, durably; the file's new size in bytes."""

    def repair(self, name: str, committed: int, lines: Sequence[bytes]) -> tuple[int, int]:
        """Bring each line into a file once, which held others up to a size; its new size, and how many were written."""

    def size(self, name: str) -> int | None:
        """A file's size in bytes; None where it is not there."""

    def tell(self, committed: Mapping[str, int]) -> Collection[str]:
        """Tell readers how much of files counts, by their real names; those of which the state need not keep it."""


class DayFiles:
    """The files of a data folder, one a day, that are this process's alone; what other people append to them stays."""

    batch = ALONE
    collection: str | None = None
    finds_lines = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def name(self, path: Path) -> str:
        """Relative inside the folder, so that the folder may be moved."""
        path = path.resolve()
        return path.relative_to(self._folder).as_posix() if path.is_relative_to(self._folder) else str(path)

    def path(self, name: str) -> Path:
        return self._folder / name  # an absolute name stays itself

    def real(self, logical: str) -> str:
        return logical

    def append(self, name: str, lines: Sequence[bytes]) -> int:
        return append_lines(self.path(name), lines)

    def repair(self, name: str, committed: int, lines: Sequence[bytes]) -> tuple[int, int]:
        return repair(self.path(name), committed, lines)

    def size(self, name: str) -> int | None:
        path = self.path(name)
        return path.stat().st_size if path.exists() else None

    def tell(self, committed: Mapping[str, int]) -> Collection[str]:  # noqa: ARG002  all of a day file counts
        return ()
