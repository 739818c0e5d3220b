"""What stands round the text: the lines between headline and first paragraph, and those after the last one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from crawler.extraction.article import About, Body
from crawler.extraction.blocks import PROSE_CHARS, Block
from crawler.extraction.visible import STANDFIRST_WORDS, words_of
from crawler.items import BlockKind, Kind

HEAD_BLOCKS = 25  # where the head of an article ends at the latest
MIN_PARAGRAPHS = 3
# what is only found round a headline: where such a line stands, the article has not begun
HEAD_KINDS = frozenset((Kind.HEADLINE, Kind.BYLINE, Kind.DATE_LINE, Kind.READING_TIME))
REGIONS = ("article", "main")
NAME_WORDS = 3  # of an element's name, at most
_STANDFIRST_WORDS = STANDFIRST_WORDS - {"abstract"}  # of a paper or press release it is the text's own


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A block as it was judged so far: kept, or cut as what."""

    index: int
    block: Block | None = None
    kind: Kind | None = None


def cut_region_label(body: Body, _: About) -> None:
    """The line that is the name of the article's own element, which screen readers say: “Article”.

    Source: aria-labelledby, WAI-ARIA 1.2, section 6.7. The parts of a live blog have their headings as names.
    """
    lines = [
        block for block in body.kept[:HEAD_BLOCKS] if block.element.get("id") and block.text.count(" ") < NAME_WORDS
    ]
    body.cut(
        [line for line in lines if _names_the_article(line, body)], Kind.OTHER, "the name of the article's element"
    )


def _names_the_article(line: Block, body: Body) -> bool:
    regions = [
        region
        for region in line.element.iterancestors(*REGIONS)
        if line.element.get("id") in (region.get("aria-labelledby") or "").split()
    ]
    prose = [block for block in body.kept if block.is_prose]
    return any(2 * sum(region in block.element.iterancestors() for block in prose) > len(prose) for region in regions)


def cut_front_matter(body: Body, _: About) -> None:
    """Labels and captions among headline, byline and date; the one paragraph there is the standfirst."""
    if _has_few_paragraphs(body):
        return
    lines = _lines(body)[:HEAD_BLOCKS]
    prose = [position for position, line in enumerate(lines) if line.block and line.block.is_prose]
    # with more than the standfirst before it, a line belongs to the end of the text, or to another one
    end = prose[1] if len(prose) > 1 else len(lines)
    heads = [position for position, line in enumerate(lines[:end]) if line.kind in HEAD_KINDS]
    if not heads:
        return
    before = [line.block for line in lines[: heads[-1]] if line.block]
    labels = [b for b in before if not b.is_prose and (_is_label(b) or b.kind is BlockKind.HEADING)]
    body.cut(labels, Kind.OTHER, "a line among headline, byline and date")
    standfirst = [line.block for line in lines[heads[0] : heads[-1]] if line.block and line.block.is_prose]
    body.cut(standfirst, Kind.STANDFIRST, "between the headline and the byline")


def cut_named_standfirst(body: Body, _: About) -> None:
    """A text before the first paragraph that the page's own mark-up calls the standfirst."""
    if _has_few_paragraphs(body):
        return
    before = takewhile(lambda block: not block.is_prose or _is_named_standfirst(block), body.kept)
    body.cut([b for b in before if _is_named_standfirst(b)], Kind.STANDFIRST, "named a standfirst, before the text")


def _is_named_standfirst(block: Block) -> bool:
    outer = block.element.getparent()
    around = (block.element, outer) if outer is not None else (block.element,)
    return any(words_of(element) & _STANDFIRST_WORDS for element in around)


def cut_end_matter(body: Body, about: About) -> None:
    """Labels after the last paragraph, once notices have begun there; and the outlet's own name."""
    if _has_few_paragraphs(body):
        return
    lines = _lines(body)
    last = max((i for i, line in enumerate(lines) if line.block and _is_text(line.block)), default=len(lines))
    after = lines[last + 1 :]
    begun = next((i for i, line in enumerate(after) if line.kind is not None), len(after))
    outlet = (about.publisher or "").casefold()
    gone = [
        line.block
        for position, line in enumerate(after)
        if line.block and ((position >= begun and _is_label(line.block)) or line.block.text.casefold() == outlet)
    ]
    body.cut(gone, Kind.OTHER, "a line among the notices after the text")


def _has_few_paragraphs(body: Body) -> bool:
    """Whether the text is all short lines, of which none can be told to be a label."""
    return sum(block.is_prose for block in body.core) < MIN_PARAGRAPHS


def _lines(body: Body) -> Sequence[_Line]:
    kept = [_Line(index=block.index, block=block) for block in body.kept]
    cut = [_Line(index=index, kind=removed.kind) for index, removed in body.removed]
    return sorted(kept + cut, key=lambda line: line.index)


def _is_text(block: Block) -> bool:
    """Whether a block is the article's own: prose, a sentence, or a part of a list, table or quotation."""
    return block.kind is not BlockKind.PARAGRAPH or block.is_prose or block.ends_sentence


def _is_label(block: Block) -> bool:
    return block.kind is BlockKind.PARAGRAPH and not block.ends_sentence and len(block.text) < PROSE_CHARS
