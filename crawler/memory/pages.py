"""The last pages of a site that a memory has learned from, and how alike their subjects are."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from math import log, sqrt
from typing import Any, Self

WINDOW = 24  # pages that are kept
TWIN_SHARE = 0.6  # of the texts of the page with fewer of them


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPage:
    """What is kept of a page while it is among the last ones."""

    number: int  # in the order of learning
    key: str
    author: int
    section: int
    terms: frozenset[int]  # of its title, and of the texts that it shared with no page before it
    texts: frozenset[int]


class LastPages:
    """The last pages, each article once: its twins and later versions tell nothing new of the site."""

    def __init__(self, pages: Iterable[PastPage] = ()) -> None:
        self._pages: deque[PastPage] = deque()
        self._counts: Counter[int] = Counter()  # pages that hold a term
        self.extend(pages)

    def __iter__(self) -> Iterator[PastPage]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)

    def as_json(self) -> list[Any]:
        return [[p.number, p.key, p.author, p.section, sorted(p.terms), sorted(p.texts)] for p in self._pages]

    @classmethod
    def from_json(cls, pages: list[Any]) -> Self:
        return cls(
            PastPage(number=n, key=k, author=a, section=s, terms=frozenset(terms), texts=frozenset(texts))
            for n, k, a, s, terms, texts in pages
        )

    def extend(self, pages: Iterable[PastPage]) -> None:
        """Take in pages, in the order of their numbers."""
        for page in pages:
            self._pages.append(page)
            self._counts.update(page.terms)

    def trim(self) -> None:
        """Let go of what is more than is kept."""
        while len(self._pages) > WINDOW:
            for term in self._pages.popleft().terms:
                self._counts[term] -= 1
                if not self._counts[term]:
                    del self._counts[term]

    def before(self, page: PastPage) -> list[PastPage]:
        """The pages that were learned from before this one."""
        return [past for past in self._pages if past.number < page.number]

    def alike(self, first: PastPage, second: PastPage) -> float:
        """How much two pages speak of one subject: the terms that they share, rare ones weighing more, per term."""
        counts, weights = self._counts, _weights(len(self._pages))
        shared = sum([weights[counts[term]] for term in first.terms & second.terms])
        return shared / sqrt(len(first.terms) * len(second.terms)) if shared else 0.0


@cache
def _weights(pages: int) -> tuple[float, ...]:
    """What a term weighs that so many of the pages hold, and one more: by that number."""
    return (0.0, *(log((pages + 1) / holding) for holding in range(1, pages + 2)))


def are_twins(first: Collection[int], second: Collection[int], furniture: Collection[int]) -> bool:
    """Whether two pages show one article, by their texts: at two addresses, or in two versions."""
    one, other = set(first).difference(furniture), set(second).difference(furniture)
    fewer = min(len(one), len(other))
    return fewer > 1 and len(one & other) >= TWIN_SHARE * fewer
