"""The parts that one lease writes, each with no other writer ever, and its entry in the manifest."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from crawler.parts.batch import Batch
from crawler.parts.manifest import entry, entry_name, part_name
from crawler.parts.shelf import Shelf

logger = logging.getLogger(__name__)


class PartFiles:
    """Files (crawler.state.files) of a lease on a shelf: appended to where that can be, else an object a batch.

    Whoever takes the lease next, with another token, has parts of its own: who wakes up late cannot write into them.
    What was written and not committed stays where it is and does not count: nothing is cut, and nothing written anew.
    """

    batch = Batch(lines=500, bytes=4_000_000, seconds=30)
    finds_lines = False

    def __init__(self, shelf: Shelf, lease: str, token: int, folder: Path) -> None:
        self._shelf = shelf
        self._lease, self._token = lease, token
        self._folder = folder
        self.collection: str | None = str(shelf)
        self._own: dict[str, None] = {}  # names of files that this process writes
        self._told: dict[str, dict[str, int]] = {}  # entry → its rows

    def name(self, path: Path) -> str:
        """The day file that a line would be in, had the crawl its folder to itself."""
        return path.resolve().relative_to(self._folder).as_posix()

    def path(self, name: str) -> Path:
        return self._folder / name

    def real(self, logical: str) -> str:
        number = None if self._shelf.can_append else len(self._own) + 1
        name = part_name(logical, self._lease, self._token, number)
        self._own[name] = None
        return name

    def append(self, name: str, lines: Sequence[bytes]) -> int:
        return self._shelf.add(name, lines)

    def repair(self, name: str, committed: int, lines: Sequence[bytes]) -> tuple[int, int]:  # noqa: ARG002
        """What earlier holders owed: their parts are not looked at, as what they hold of it does not count."""
        return self.append(name, lines), len(lines)

    def size(self, name: str) -> int | None:
        return self._shelf.size(name)

    def tell(self, committed: Mapping[str, int]) -> Collection[str]:
        """Write the entries of these files, which are this lease's, under this token or earlier ones; those told."""
        entries: dict[str, dict[str, int]] = defaultdict(dict)
        for name, size in committed.items():
            if name in self._own or self._is_here(name, size):
                entries[entry_name(name)][name] = size
        for name, rows in entries.items():
            if self._told.get(name) != rows:
                self._shelf.replace(name, entry(rows))
                self._told[name] = rows
        return [name for rows in entries.values() for name in rows]

    def _is_here(self, name: str, size: int) -> bool:
        """Whether a former holder's file lies on this shelf; its holder may have been told another place."""
        if (self._shelf.size(name) or 0) >= size:
            return True
        logger.warning(
            "%s: is not there, or has lost some of its %d bytes: they are told nobody",
            self._shelf.path(name),
            size,
        )
        return False
