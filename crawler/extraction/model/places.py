"""Where a page's blocks stand: what their elements are called, what is around them, how much text each holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.blocks import Block
from crawler.extraction.structure import MAX_NAME_CHARS, words_of_name

NAMED_BY = frozenset(("class", "id", "itemprop", "role", "data-testid", "data-component", "data-type", "aria-label"))
MAX_NAME_WORDS = 24  # of one attribute; utility classes go on for ever
LONGEST_NAME_WORD = 24
LEVELS_LIFTED = 5  # prose speaks for so many elements around it, for each less than for the one inside
LIFTED_SHARE = 0.6
# ancestors that say something by their tag
TOLD_TAGS = (
    "article", "main", "section", "aside", "nav", "footer", "header", "form", "figure", "ul", "ol", "table", "li",
    "blockquote", "a", "details",
)  # fmt: skip
_TOLD = frozenset(TOLD_TAGS)


@dataclass(slots=True, eq=False, kw_only=True)
class Place:
    """One element with text below it; the sums are over the blocks below, in characters. Compared by identity."""

    outer: Place | None
    depth: int
    names: tuple[str, ...]  # words of its names, and its tag as "<div>"
    tags: dict[str, int]  # told tag around it, itself too → depth of the innermost
    path: tuple[str | None, str | None]  # tag and class
    blocks: int = 0
    chars: float = 0.0
    linked: float = 0.0
    prose: float = 0.0
    lifted: float = 0.0  # prose near below it, the nearer the more: how well it would hold the article

    def around(self) -> Iterator[Place]:
        """Itself and the places around it, inside out."""
        place: Place | None = self
        while place is not None:
            yield place
            place = place.outer


class Places:
    """The places of all blocks of a page: ``of`` has one for each block, ``all`` each one after those around it."""

    def __init__(self, blocks: Sequence[Block], sizes: Sequence[float]) -> None:
        self._known: dict[HtmlElement, Place] = {}
        self.of = [self._place(block.element) for block in blocks]
        self.all = list(self._known.values())
        self._count(blocks, sizes)

    def best(self) -> Place | None:
        """The place that most likely holds the article: the nearest to most prose."""
        best = max(self.all, key=lambda place: place.lifted, default=None)
        return best if best is not None and best.lifted else None

    def sums(self, numbers: Sequence[float]) -> dict[Place, float]:
        """The sum of a number of each block, over the blocks below each place."""
        held = dict.fromkeys(self.all, 0.0)
        for place, number in zip(self.of, numbers, strict=True):
            held[place] += number
        for place in reversed(self.all):
            if place.outer is not None:
                held[place.outer] += held[place]
        return held

    def _place(self, innermost: HtmlElement) -> Place:
        """The element's place; those around it are made on the way, without recursion: strangers choose the depth."""
        new: list[HtmlElement] = []
        element: HtmlElement | None = innermost
        while element is not None and element not in self._known:
            new.append(element)
            element = element.getparent()
        outer = self._known[element] if element is not None else None
        for inner in reversed(new):
            outer = self._known[inner] = _inside(outer, inner)
        return self._known[innermost]

    def _count(self, blocks: Sequence[Block], sizes: Sequence[float]) -> None:
        for place, block, size in zip(self.of, blocks, sizes, strict=True):
            place.blocks += 1
            place.chars += size
            place.linked += size * block.link_share
            if block.is_prose:
                place.prose += size
                lifted = size
                for outer in islice(place.around(), 1, LEVELS_LIFTED + 1):
                    outer.lifted += lifted
                    lifted *= LIFTED_SHARE
        for place in reversed(self.all):
            if place.outer is not None:
                place.outer.blocks += place.blocks
                place.outer.chars += place.chars
                place.outer.linked += place.linked
                place.outer.prose += place.prose


def _inside(outer: Place | None, element: HtmlElement) -> Place:
    tag = element.tag
    depth = outer.depth + 1 if outer is not None else 0
    tags = outer.tags if outer is not None else {}
    return Place(
        outer=outer,
        depth=depth,
        names=_names(element),
        tags={**tags, tag: depth} if tag in _TOLD else tags,
        path=(tag, element.get("class")),
    )


def _names(element: HtmlElement) -> tuple[str, ...]:
    named = tuple([value[:MAX_NAME_CHARS] for name, value in element.items() if name in NAMED_BY])
    return _names_of(element.tag, named)


@lru_cache(maxsize=4096)  # most elements of a page are called as others are
def _names_of(tag: str, named: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([f"<{tag}>", *(word for name in named for word in name_words(name))]))


@lru_cache(maxsize=8192)  # strangers write the names
def name_words(name: str) -> tuple[str, ...]:
    """The words of a class, an id or a label that may mean something: no numbers, no hashes.

    >>> name_words("ArticleBody__read-more js-x2 12")
    ('article', 'body', 'read', 'more', 'js')
    """
    words = words_of_name(name).split()[:MAX_NAME_WORDS]
    return tuple(word for word in words if word.isalpha() and 1 < len(word) <= LONGEST_NAME_WORD)
