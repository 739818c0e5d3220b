"""The last pages of a site that a memory has learned from, and how they stand to one another."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self

from crawler.site import Trace

WINDOW = 24  # pages that are kept
MANY_PAGES = 6  # from which on a term is judged by the share of pages that come back to it
COMMON_SHARE = 0.75  # of the pages: a term of so many tells no subject
LEAST_SHARED = 3  # terms of two pages that are about one thing
SHARED = 0.2  # of the shorter topic
TWIN_SHARE = 0.6  # of the texts of the page with fewer of them


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPage:
    """What is kept of a page while it is among the last ones."""

    number: int  # in the order of learning
    key: str
    title: int
    author: int
    section: int
    topic: frozenset[int]
    texts: frozenset[int]


class LastPages:
    """The last pages, each article once: its twins and later versions tell nothing new of the site."""

    def __init__(self, pages: Iterable[PastPage] = ()) -> None:
        self._pages: deque[PastPage] = deque(pages)
        self._common: frozenset[int] | None = None

    def as_json(self) -> list[Any]:
        return [[p.number, p.key, p.title, p.author, p.section, sorted(p.topic), sorted(p.texts)] for p in self._pages]

    @classmethod
    def from_json(cls, pages: list[Any]) -> Self:
        return cls(
            PastPage(number=n, key=k, title=t, author=a, section=s, topic=frozenset(topic), texts=frozenset(texts))
            for n, k, t, a, s, topic, texts in pages
        )

    def __iter__(self) -> Iterator[PastPage]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)

    def add(self, page: PastPage) -> None:
        self._pages.append(page)
        self._common = None

    def trim(self) -> None:
        """Let go of what is more than is kept."""
        while len(self._pages) > WINDOW:
            self._pages.popleft()
            self._common = None

    def has_twin(self, trace: Trace, furniture: Collection[int]) -> bool:
        """Whether a page holds an article that was there before: at another address, or in an earlier version."""
        texts = {sighting.text for sighting in trace.sightings if sighting.text not in furniture}
        return any(page.key == trace.page or _is_twin(texts, page.texts.difference(furniture)) for page in self._pages)

    def with_text(self, text: int) -> list[PastPage]:
        return [page for page in self._pages if text in page.texts]

    def are_alike(self, first: frozenset[int], second: frozenset[int]) -> bool:
        """Whether two topics are of one story."""
        least = max(LEAST_SHARED, SHARED * min(len(first), len(second)))
        return len((first & second) - self.common) >= least

    @property
    def common(self) -> frozenset[int]:
        """Terms that so many pages come back to that they tell no subject."""
        if self._common is None:
            counts = Counter(term for page in self._pages for term in page.topic)
            least = COMMON_SHARE * max(len(self._pages), MANY_PAGES)
            self._common = frozenset(term for term, count in counts.items() if count > least)
        return self._common


def _is_twin(first: set[int], second: frozenset[int]) -> bool:
    fewer = min(len(first), len(second))
    return fewer > 1 and len(first & second) >= TWIN_SHARE * fewer
