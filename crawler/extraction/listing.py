"""A sign that a page lists articles: how much of its text is teasers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extraction.blocks import LINKED_SHARE, Block
from crawler.extraction.text import text_key
from crawler.items import BlockKind

TITLE_CHARS = 15  # a shorter linked line is a label, such as a section's name
TEASER_CHARS = 500  # the longest text under a linked heading that is still a teaser


@dataclass(frozen=True, slots=True, kw_only=True)
class Teasers:
    """How much of a page's text stands under headings that lead to other pages."""

    headings: int  # different linked headings with text under them
    share: float  # of the text's characters


def teasers_among(blocks: Sequence[Block], kept: Sequence[Block], title: str) -> Teasers:
    """The teasers among ``kept``, the blocks taken for an article, by the headings of the whole page.

    A heading that says the page's own title is the article's link to itself, not a teaser's.
    """
    wanted, taken = text_key(title), {block.index for block in kept}
    heading: Block | None = None
    under: dict[str, int] = {}
    for block in blocks:
        if block.kind is BlockKind.HEADING:
            heading = block if _leads_away(block, wanted) else None
        elif heading is not None and block.index in taken:
            under[heading.text] = under.get(heading.text, 0) + len(block.text)
    teased = [chars for chars in under.values() if chars <= TEASER_CHARS]
    return Teasers(headings=len(teased), share=sum(teased) / (sum(len(b.text) for b in kept) or 1))


def _leads_away(heading: Block, title: str) -> bool:
    if heading.link_share < LINKED_SHARE or len(heading.text) < TITLE_CHARS:
        return False
    own = text_key(heading.text)
    return not title or (own not in title and title not in own)
