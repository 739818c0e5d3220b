"""A page laid out for the model: its blocks, how much each says, where each stands, and what is known beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crawler.extraction.blocks import LINKED_SHARE, Block
from crawler.extraction.declared import Declared
from crawler.extraction.model.places import Place, Places
from crawler.extraction.text import says_title, text_key
from crawler.items import BlockKind

COMMON_WORDS = 40  # of a page's prose: its function words, whatever its language
UNSPACED_WEIGHT = 1.5  # a letter of a script without spaces says about as much as two and a half of an alphabet
LINK_CHARS = 60  # a longer link may be a sentence
LABEL_CHARS = 25
MENU_TAGS = frozenset(("nav", "footer"))
MAX_DECLARED = 200_000  # characters of a declared text that are held against the blocks
FAR = 20  # levels, where two places meet nowhere near

_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the page says of its article beside the blocks; empty where it says nothing."""

    title: str = ""
    description: str = ""
    article_body: str = ""  # declared in JSON-LD


def known_of(declared: Declared, title: str) -> Known:
    """What the model is told of a page beside its blocks."""
    body = declared.article.get("articleBody")
    description = declared.article.get("description") or declared.first("og:description")
    return Known(
        title=title,
        description=description if isinstance(description, str) else "",
        article_body=body[:MAX_DECLARED] if isinstance(body, str) else "",
    )


class Where(NamedTuple):  # a dataclass that is frozen takes three times as long to make
    """A block's place beside the best container: levels up to where they meet, and from the container out to there."""

    up: int
    out: int

    @property
    def is_inside(self) -> bool:
        return self.out == 0


@dataclass(slots=True)
class Group:
    """All blocks whose elements and their two next outer ones have the same tags and classes."""

    blocks: int = 0
    size: float = 0.0
    linked: float = 0.0
    prose: float = 0.0
    inside: int = 0  # blocks in the best container


class Layout:
    """Everything that the model's questions rest on, worked out once a page; ``wanted`` are the blocks to be judged."""

    def __init__(self, blocks: Sequence[Block], known: Known) -> None:
        self.blocks = blocks
        self.known = known
        self.sizes = [size_of(block.text) for block in blocks]
        self.places = Places(blocks, self.sizes)
        self.best = self.places.best()
        self.where = _beside(self.places, self.best)
        self.wanted = [i for i, block in enumerate(blocks) if not self._is_menu_like(block)]
        self.keys = {i: text_key(blocks[i].text) for i in self.wanted}
        self.words = {i: words_of(blocks[i].text) for i in self.wanted}
        self.marks = [frozenset(mark for w in block.wrappers for mark in w.marks) for block in blocks]
        self.total = sum(self.sizes) or 1.0
        self.total_prose = sum(s for s, b in zip(self.sizes, blocks, strict=True) if b.is_prose) or 1.0
        numbers: dict[tuple[Hashable, ...], int] = {}
        self.groups = [numbers.setdefault(_group(place), len(numbers)) for place in self.places.of]
        self.group_sums = self._sum_groups()
        self.common = self._common_words()
        self.headline = self._headline()

    def _is_menu_like(self, block: Block) -> bool:
        """Whether a block is so plainly a menu's that it need not be judged: more than half of a page's are."""
        i = block.index
        in_menu = not MENU_TAGS.isdisjoint(self.places.of[i].tags)
        is_link = block.link_share >= LINKED_SHARE and self.sizes[i] < LINK_CHARS
        return (is_link and (in_menu or not self.where[i].is_inside)) or (in_menu and self.sizes[i] < LABEL_CHARS)

    def _sum_groups(self) -> dict[int, Group]:
        sums: dict[int, Group] = {}
        for block, size, key, where in zip(self.blocks, self.sizes, self.groups, self.where, strict=True):
            if (group := sums.get(key)) is None:
                group = sums[key] = Group()
            group.blocks += 1
            group.size += size
            group.linked += size * block.link_share
            group.prose += size if block.is_prose else 0.0
            group.inside += where.is_inside
        return sums

    def _common_words(self) -> frozenset[str]:
        prose = (words for i, words in self.words.items() if self.blocks[i].is_prose)
        counted = Counter(word for words in prose for word in words if word.isalpha())
        return frozenset(word for word, _ in counted.most_common(COMMON_WORDS))

    def _headline(self) -> int:
        """The position of the heading that says the title, else of the first h1; -1 where there is none."""
        title = text_key(self.known.title)
        headings = [(i, text_key(b.text)) for i, b in enumerate(self.blocks) if title and b.kind is BlockKind.HEADING]
        for i, key in headings:
            if says_title(key, title):
                return i
        return next((i for i, block in enumerate(self.blocks) if block.element.tag == "h1"), -1)


def size_of(text: str) -> float:
    """How much a text says, in characters of an alphabet.

    >>> size_of("abcd"), size_of("東京")
    (4, 5.0)
    """
    return len(text) if text.isascii() else len(text) + UNSPACED_WEIGHT * len(_UNSPACED.findall(text))


def words_of(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORD.findall(text.lower())


def _group(place: Place) -> tuple[Hashable, ...]:
    outer = place.outer
    further = outer.outer if outer is not None else None
    return (place.path, outer.path if outer is not None else None, further.path if further is not None else None)


def _beside(places: Places, best: Place | None) -> list[Where]:
    """Each block's way to the best container."""
    known = {place: Where(0, out) for out, place in enumerate(best.around() if best is not None else ())}
    for place in places.all:
        if place not in known:
            met = known[place.outer] if place.outer is not None else Where(0, FAR)
            known[place] = Where(met.up + 1, met.out)
    return [known[place] for place in places.of]
