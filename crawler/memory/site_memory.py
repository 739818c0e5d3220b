"""The memory of one site: what its pages have taught so far."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import chain
from typing import Self

from crawler.extraction.fingerprints import brief
from crawler.memory.dates import DateHabits
from crawler.memory.furniture import Furniture
from crawler.memory.layouts import Layouts
from crawler.memory.names import Names
from crawler.memory.pages import LastPages, PastPage, are_twins
from crawler.site import Seen, Site, Trace

MAX_TERMS = 300  # of a page, by which its subject is compared
LEARNED = ("furniture", "layouts", "title_starts", "title_ends", "sections", "byline_places")  # fields of Site
PACKED = 1  # zlib's level: a memory is written every few pages, and 6 takes three times as long for a sixth less
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
        self.layouts = Layouts()
        self.dates = DateHabits()
        self.names = Names()
        self._told = Site()
        self._own: set[int] = set()

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
            memory.layouts = Layouts.from_json(told["layouts"])
            memory.dates = DateHabits.from_json(told["dates"])
            memory.names = Names.from_json(told["names"])
        except (zlib.error, ValueError, KeyError, TypeError) as error:
            raise MemoryFormatError(f"the memory of {site} cannot be read: {error}") from error
        memory._settle()
        return memory

    def as_bytes(self) -> bytes:
        """All of it, for a later run."""
        told = {
            "format": FORMAT,
            "pages": self.pages,
            "last": self.last.as_json(),
            "furniture": self.furniture.as_json(),
            "layouts": self.layouts.as_json(),
            "dates": self.dates.as_json(),
            "names": self.names.as_json(),
        }
        return zlib.compress(json.dumps(told, separators=(",", ":")).encode("utf-8", "surrogatepass"), PACKED)

    def learn(self, traces: Iterable[Trace]) -> list[str]:
        """Learn from pages, whatever their order; one that tells of an article again teaches nothing.

        What came out of the ordinary is told in sentences that go on after the site's name.
        """
        new = self._new(sorted(traces, key=lambda trace: (trace.day, trace.page)))
        counts = Counter(sighting.text for trace in new for sighting in trace.sightings)
        shared = {text for text, count in counts.items() if count > 1}
        shared.update(*(page.texts for page in self.last), self.furniture.repeats)
        pages = [_past(trace, self.pages + number, shared) for number, trace in enumerate(new, start=1)]
        self.pages += len(pages)
        self.last.extend(pages)
        news = []
        for page, trace in zip(pages, new, strict=True):
            self.furniture.learn(page, trace.sightings, self.last, shared)
            news.append(self.layouts.learn(trace))
            self.dates.learn(trace.dates)
            self.names.learn(trace.names)
        self.last.trim()
        self.furniture.trim()
        self.names.trim()
        self._settle()
        return [sentence for sentence in news if sentence]

    def told(self, site: Site) -> Site:
        """A site as it was configured, with what is known beside it."""
        dates = self.dates.known(site.country or self.country)
        return replace(site, dates=dates, **{name: getattr(self._told, name) for name in LEARNED})

    def shows(self, text: int, page: str) -> bool:
        """Whether pages other than this one (its key) show a text that is not of their common story."""
        if text in self._told.furniture:
            return True
        own = next((past for past in self.last if past.key == page), None)
        others = [past for past in self.last if past.key != page and text in past.texts]
        return bool(others) and (own is None or self.furniture.are_apart([self.last.alike(own, p) for p in others]))

    def is_own(self, sentence: int) -> bool:
        """Whether a text is, or was for a time, the site's own, by the brief fingerprint of its letters."""
        return sentence in self._own

    def furniture_known(self) -> list[tuple[Seen, str]]:
        """The texts that are cut, with an example of each, the most frequent first."""
        known = ((seen, self.furniture.repeats[text].example) for text, seen in self._told.furniture.items())
        return sorted(known, key=lambda found: (-found[0].pages, found[1]))

    def _settle(self) -> None:
        """Work out what is told until more is learned."""
        furniture = self.furniture.known(self.pages)
        self._told = self.names.told(Site(furniture=furniture, layouts=self.layouts.told()))
        self._own = set(map(brief, self.furniture.ever_known()))

    @property
    def country(self) -> str:
        """What stands last in its name: the code of a country, or a word such as com."""
        return self.site.rpartition(".")[2]

    def _new(self, traces: Iterable[Trace]) -> list[Trace]:
        """The pages among these that tell of an article for the first time."""
        seen, own = {page.key: page.texts for page in self.last}, self._told.furniture
        new = []
        for trace in traces:
            texts = frozenset(sighting.text for sighting in trace.sightings)
            if trace.page not in seen and not any(are_twins(texts, other, own) for other in seen.values()):
                seen[trace.page] = texts
                new.append(trace)
        return new


def _past(trace: Trace, number: int, shared: Collection[int]) -> PastPage:
    """What is kept of a page; ``shared`` are texts that other pages have, too."""
    own = (s.terms for s in trace.sightings if s.text not in shared)
    return PastPage(
        number=number,
        key=trace.page,
        author=trace.author,
        section=trace.section,
        terms=frozenset(sorted({*trace.title, *chain.from_iterable(own)})[:MAX_TERMS]),  # a sample as good as any
        texts=frozenset(sighting.text for sighting in trace.sightings),
    )
