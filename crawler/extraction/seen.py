"""What the judgement of a page's type rests on once its text is found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.article import Body
from crawler.extraction.blocks import Block
from crawler.extraction.dates import Dates
from crawler.extraction.listing import Teasers, teasers_among
from crawler.extraction.metadata import Metadata
from crawler.extraction.stand_ins import MAX_TEXT_CHARS
from crawler.extraction.text import text_key
from crawler.items import BlockKind, Kind

SMALL_CHARS = 900  # error, block and consent pages say less than this
GUESSES = ("url", "htmldate", "sitemap")  # sources of dates that error pages have as well

_BEFORE_SITE = re.compile(r"\s[|–—·-]\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the judgement of a page rests on once its text is found."""

    title: str
    headings: Sequence[str]  # the first of them, the document's own title before them
    chars: int  # of the article's text
    text: str  # its beginning
    rest: str  # where the text is small, the page from its beginning on, with all that was cut
    longest: int  # characters of its longest paragraph
    tables: int  # characters in rows of tables
    captions: int  # characters in labels of pictures that were cut
    consent: float  # of the whole page's text, the share of cookie notices
    teasers: Teasers
    is_dated: bool  # whether any date of publication was found
    is_signed: bool  # whether it names an author, or a date that is no guess
    answers: int  # buttons of which one is to be chosen, as polls have; counted where the text is small


def seen_of(tree: HtmlElement, metadata: Metadata, dates: Dates, blocks: Sequence[Block], body: Body) -> Seen:
    """What is seen of a page once its text, its dates and its names are read."""
    kept = [block for block in body.kept if not any("cookies" in wrapper.marks for wrapper in block.wrappers)]
    title, chars = metadata.title, _chars(kept)
    cut = [removed for _, removed in body.removed]
    is_small = chars < SMALL_CHARS
    return Seen(
        title=title,
        headings=[_document_title(tree), *islice((b.text for b in blocks if b.kind is BlockKind.HEADING), 3)],
        chars=chars,
        text=" ".join(b.text for b in kept[:12])[:MAX_TEXT_CHARS],
        rest=" ".join(_from_title(blocks, title))[:MAX_TEXT_CHARS] if is_small else "",
        longest=max((len(b.text) for b in kept), default=0),
        tables=_chars([b for b in kept if b.kind is BlockKind.TABLE]),
        captions=sum(len(removed.text) for removed in cut if removed.kind is Kind.CAPTION),
        consent=(_chars(body.kept) - chars + sum(len(r.text) for r in cut if r.kind is Kind.COOKIES))
        / (_chars(blocks) or 1),
        teasers=teasers_among(blocks, kept, title),
        is_dated=dates.published is not None,
        is_signed=bool(metadata.authors) or (dates.published is not None and dates.published.source not in GUESSES),
        answers=sum(choice.get("type") == "radio" for choice in tree.iter("input")) if is_small else 0,
    )


def _document_title(tree: HtmlElement) -> str:
    """The title of the window, without the site's name behind it."""
    return _BEFORE_SITE.split(" ".join((tree.findtext(".//title") or "").split()), maxsplit=1)[0]


def _from_title(blocks: Sequence[Block], title: str) -> list[str]:
    """The page's texts from its headline on."""
    key = text_key(title)
    start = next(
        (i for i, block in enumerate(blocks) if block.kind is BlockKind.HEADING and text_key(block.text) == key), 0
    )
    return [block.text for block in blocks[start : start + 30]]


def _chars(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)
