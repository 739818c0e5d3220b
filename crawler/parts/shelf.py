"""Where a collection lies: a folder of this machine (or of NFS), or any place that fsspec reaches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from crawler.delivery import append_lines, make_folder, write_whole
from crawler.parts.remote import ENDS, RemotePath, RemoteShelf


class Shelf(Protocol):
    """A folder of files, which are named from it on, with slashes. What it refuses is an OSError with the place."""

    can_append: bool  # else a file is written once, in whole

    def add(self, name: str, lines: Sequence[bytes]) -> int:
        """Write whole lines at the end of a file, or as a new one; durable when it returns. Its size in bytes."""

    def replace(self, name: str, content: bytes) -> None:
        """Write a file that stands there whole or as it was, whoever reads or writes it meanwhile."""

    def listed(self, folder: str) -> dict[str, int]:
        """The files of lines in a folder, not below it, by name, with their sizes; none where there is no folder."""

    def size(self, name: str) -> int | None:
        """A file's size in bytes; None where it is not there."""

    def read(self, names: Sequence[str]) -> list[bytes]:
        """What stands in small files."""

    def path(self, name: str) -> Path | RemotePath:
        """A file to be read from."""


class LocalShelf:
    """A folder of a file system that appends."""

    can_append = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def add(self, name: str, lines: Sequence[bytes]) -> int:
        return append_lines(self._folder / name, lines)

    def replace(self, name: str, content: bytes) -> None:
        path = self._folder / name
        make_folder(path.parent)
        write_whole(path, content)

    def listed(self, folder: str) -> dict[str, int]:
        paths = (path for end in ENDS for path in (self._folder / folder).glob(f"*{end}"))
        return {f"{folder}/{path.name}": path.stat().st_size for path in paths}

    def size(self, name: str) -> int | None:
        path = self._folder / name
        return path.stat().st_size if path.exists() else None

    def read(self, names: Sequence[str]) -> list[bytes]:
        return [(self._folder / name).read_bytes() for name in names]

    def path(self, name: str) -> Path:
        return self._folder / name


def shelf_at(place: str | Path) -> Shelf:
    """The shelf at a folder or URL; ConfigError for a URL that nothing which is installed reaches."""
    if isinstance(place, Path) or "://" not in place:
        return LocalShelf(Path(place))
    if place.startswith("file://"):
        return LocalShelf(Path(place.removeprefix("file://")))
    return RemoteShelf.at(place)
