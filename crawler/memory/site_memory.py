"""The memory of one site: what its pages have taught so far."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Self

from crawler.memory.furniture import Furniture
from crawler.memory.pages import LastPages, PastPage
from crawler.site import Seen, Site, Trace

FORMAT = 1  # of what is kept; memories of other formats are learned anew


class MemoryFormatError(Exception):
    """Bytes that are no memory, or one of another version."""


class SiteMemory:
    """What is known of a site, and how many of its pages taught it."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.pages = 0
        self.last = LastPages()
        self.furniture = Furniture()
        self._known: Mapping[int, Seen] = {}

    @classmethod
    def from_bytes(cls, site: str, kept: bytes) -> Self:
        """The memory that ``as_bytes`` was written of. Raises MemoryFormatError for other bytes."""
        try:
            told = json.loads(zlib.decompress(kept))
            if told["format"] != FORMAT:
                raise MemoryFormatError(f"the memory of {site} has format {told['format']}, not {FORMAT}")
            memory = cls(site)
            memory.pages = int(told["pages"])
            memory.last = LastPages.from_json(told["last"])
            memory.furniture = Furniture.from_json(told["furniture"])
        except (zlib.error, ValueError, KeyError, TypeError) as error:
            raise MemoryFormatError(f"the memory of {site} cannot be read: {error}") from error
        memory._known = memory.furniture.known(memory.pages, memory.last)
        return memory

    def as_bytes(self) -> bytes:
        """All of it, for a later run."""
        told = {
            "format": FORMAT,
            "pages": self.pages,
            "last": self.last.as_json(),
            "furniture": self.furniture.as_json(),
        }
        return zlib.compress(json.dumps(told, separators=(",", ":")).encode("utf-8", "surrogatepass"))

    def learn(self, traces: Iterable[Trace]) -> None:
        """Learn from pages, whatever their order; one that tells of an article again teaches nothing."""
        new: list[tuple[PastPage, Trace]] = []
        for trace in sorted(traces, key=lambda trace: trace.page):
            if not self.last.has_twin(trace, self._known):
                self.pages += 1
                page = _past(trace, self.pages)
                self.last.add(page)
                new.append((page, trace))
        for page, trace in new:
            self.furniture.learn(page, trace.sightings, self.last)
        self.last.trim()
        self.furniture.trim()
        self._known = self.furniture.known(self.pages, self.last)

    def told(self, site: Site) -> Site:
        """A site as it was configured, with what is known beside it."""
        return replace(site, furniture=self._known)


def _past(trace: Trace, number: int) -> PastPage:
    return PastPage(
        number=number,
        key=trace.page,
        title=trace.title,
        author=trace.author,
        section=trace.section,
        topic=frozenset(trace.topic),
        texts=frozenset(sighting.text for sighting in trace.sightings),
    )
