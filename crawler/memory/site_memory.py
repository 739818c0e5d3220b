"""The memory of one site: what its pages have taught so far."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Self

from crawler.memory.furniture import Furniture
from crawler.memory.names import Names
from crawler.memory.pages import LastPages, PastPage, are_twins
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
        self.names = Names()
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
            memory.names = Names.from_json(told["names"])
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
            "names": self.names.as_json(),
        }
        return zlib.compress(json.dumps(told, separators=(",", ":")).encode("utf-8", "surrogatepass"))

    def learn(self, traces: Iterable[Trace]) -> None:
        """Learn from pages, whatever their order; one that tells of an article again teaches nothing."""
        new = self._new(sorted(traces, key=lambda trace: trace.page))
        counts = Counter(sighting.text for trace in new for sighting in trace.sightings)
        shared = {text for text, count in counts.items() if count > 1}
        shared.update(*(page.texts for page in self.last), self.furniture.repeats)
        pages = [_past(trace, self.pages + number, shared) for number, trace in enumerate(new, start=1)]
        self.pages += len(pages)
        self.last.extend(pages)
        for page, trace in zip(pages, new, strict=True):
            self.furniture.learn(page, trace.sightings, self.last, shared)
            self.names.learn(trace.names)
        self.last.trim()
        self.furniture.trim()
        self.names.trim()
        self._known = self.furniture.known(self.pages, self.last)

    def told(self, site: Site) -> Site:
        """A site as it was configured, with what is known beside it."""
        return self.names.told(replace(site, furniture=self._known))

    def _new(self, traces: Iterable[Trace]) -> list[Trace]:
        """The pages among these that tell of an article for the first time."""
        seen = {page.key: page.texts for page in self.last}
        new = []
        for trace in traces:
            texts = frozenset(sighting.text for sighting in trace.sightings)
            if trace.page not in seen and not any(are_twins(texts, other, self._known) for other in seen.values()):
                seen[trace.page] = texts
                new.append(trace)
        return new


def _past(trace: Trace, number: int, shared: Collection[int]) -> PastPage:
    """What is kept of a page; ``shared`` are texts that other pages have, too."""
    own = (s.terms for s in trace.sightings if not s.is_split and s.text not in shared)
    return PastPage(
        number=number,
        key=trace.page,
        author=trace.author,
        section=trace.section,
        terms=frozenset(trace.title).union(*own),
        texts=frozenset(sighting.text for sighting in trace.sightings),
    )
