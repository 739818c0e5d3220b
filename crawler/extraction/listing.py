"""A sign that a page lists articles: how much of its text is teasers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.blocks import LINKED_SHARE, Block
from crawler.extraction.text import text_key
from crawler.items import BlockKind

TITLE_CHARS = 15  # a shorter linked line is a label, such as a section's name
SHORT_TITLE_CHARS = 10  # likewise, of words over a text that is the article's
UNSPACED_TITLE_CHARS = 8  # likewise, in scripts without spaces between words
UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]")
TEASER_CHARS = 500  # the longest text under a linked heading that is still a teaser
CARD_DEPTH = 4  # elements between a card and the text in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Teasers:
    """How much of a page's text leads to other pages."""

    headings: int  # different linked headings, or linked lines in cards of their own, with text under them
    cards: int  # those of them that share an element with their text, and with no other heading
    share: float  # of the article's characters that stand under them, or are links themselves
    own: int  # the article's other characters
    lead: int  # those of them above the first that leads elsewhere
    lines: int  # linked lines of a headline's length on the whole page
    lines_share: float  # of the whole page's characters in them


@dataclass(slots=True, kw_only=True)
class _Teaser:
    """A linked line and the text of the article that follows it."""

    line: Block
    card: HtmlElement | None = None  # the smallest element around both
    chars: int = 0

    @property
    def is_under_heading(self) -> bool:
        return self.line.kind is BlockKind.HEADING

    def take(self, text: Block) -> None:
        """Count a text that follows: all of it under a heading, what is in the same card under another line."""
        card = _around(self.line, text)
        self.card = self.card if self.card is not None else card
        if self.is_under_heading or (card is not None and card is self.card):
            self.chars += len(text.text)


def teasers_among(blocks: Sequence[Block], kept: Sequence[Block], title: str) -> Teasers:
    """The teasers among ``kept``, the blocks taken for an article, by the linked lines of the whole page.

    A line that says the page's own title is the article's link to itself, not a teaser's.
    """
    lines = [block for block in blocks if _is_linked(block)]
    found = _teasers(blocks, {block.index for block in kept}, text_key(title))
    owners = Counter(teaser.card for teaser in found)
    # a linked line among the paragraphs of an article shares their element with the other such lines
    teased = [t for t in found if t.is_under_heading or owners[t.card] == 1]
    titles = {t.line.index for t in teased} | {block.index for block in kept if _is_alone(block)}
    led = sum(t.chars for t in teased) + _chars([block for block in kept if block.index in titles])
    whole, first = _chars(kept), min(titles, default=0)
    return Teasers(
        headings=len({t.line.text for t in teased}),
        cards=len({t.line.text for t in teased if owners[t.card] == 1}),
        share=min(1.0, led / (whole or 1)),
        own=max(0, whole - led),
        lead=_chars([block for block in kept if block.index < first]),
        lines=len({block.text for block in lines}),
        lines_share=_chars(lines) / (_chars(blocks) or 1),
    )


def _teasers(blocks: Sequence[Block], taken: set[int], title: str) -> list[_Teaser]:
    """Each linked line with the text of the article that stands under it, where that is short enough for a teaser."""
    found: list[_Teaser] = []
    last: _Teaser | None = None
    for block in blocks:
        if _leads_away(block, title):
            found.append(last := _Teaser(line=block))
        elif block.kind is BlockKind.HEADING:
            last = None
        elif _is_linked(block):
            continue
        elif last is not None and block.index in taken:
            last.take(block)
    return [teaser for teaser in found if 0 < teaser.chars <= TEASER_CHARS]


def _around(line: Block, text: Block) -> HtmlElement | None:
    """The smallest element around both, where it is near."""
    outer = [line.element, *islice(line.element.iterancestors(), CARD_DEPTH)]
    inner = [text.element, *islice(text.element.iterancestors(), CARD_DEPTH)]
    return next((element for element in inner if element in outer), None)


def _is_linked(block: Block) -> bool:
    if not block.link_chars or len(block.text) < UNSPACED_TITLE_CHARS or block.link_share < LINKED_SHARE:
        return False
    return len(block.text) >= TITLE_CHARS or UNSPACED.search(block.text) is not None


def _is_alone(block: Block) -> bool:
    """Whether a text of the article is a link by itself, and no heading over another."""
    return _is_linked(block) and block.kind is not BlockKind.HEADING


def _leads_away(line: Block, title: str) -> bool:
    if not line.link_chars:
        return False
    is_short = line.link_share >= LINKED_SHARE and len(line.text) >= SHORT_TITLE_CHARS and " " in line.text
    if not (is_short or _is_linked(line)):
        return False
    own = text_key(line.text)
    return not title or (own not in title and title not in own)


def _chars(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)
