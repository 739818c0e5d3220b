"""How many lines wait for their file, so that they go into it together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What may wait at most; what waits is committed already, so that none of it is lost with who writes."""

    lines: int
    bytes: int
    seconds: float


ALONE = Batch(lines=1, bytes=1, seconds=0)  # each line goes into its file at once


class Waiting:
    """The lines that wait, as far as a batch asks.

    >>> waiting = Waiting(Batch(lines=2, bytes=1000, seconds=30), clock=lambda: 0)
    >>> waiting.add("articles/2026-11-26.jsonl", 400)
    >>> waiting.are_due
    False
    >>> waiting.add("articles/2026-11-27.jsonl", 400)
    >>> waiting.are_due, waiting.taken(), waiting.are_due
    (True, ['articles/2026-11-26.jsonl', 'articles/2026-11-27.jsonl'], False)
    """

    def __init__(self, batch: Batch, clock: Callable[[], float] = time.monotonic) -> None:
        self._batch = batch
        self._clock = clock
        self._files: dict[str, None] = {}
        self._lines = self._bytes = 0
        self._since = 0.0

    def add(self, file: str, size: int) -> None:
        """A line of so many bytes waits for a file."""
        if not self._files:
            self._since = self._clock()
        self._files[file] = None
        self._lines += 1
        self._bytes += size

    @property
    def are_due(self) -> bool:
        """Whether they have waited long enough, or are enough."""
        batch = self._batch
        return bool(self._files) and (
            self._lines >= batch.lines or self._bytes >= batch.bytes or self._clock() - self._since >= batch.seconds
        )

    def taken(self) -> list[str]:
        """The files that lines wait for, which they do no more."""
        files = list(self._files)
        self._files = {}
        self._lines = self._bytes = 0
        return files
