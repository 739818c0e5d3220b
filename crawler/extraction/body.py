"""Where on a page the article's text stands: the block model's opinion, trafilatura's where that is not sure.

To the latter come the paragraphs of which the model is fairly sure; where trafilatura takes hardly any text, whichever
has more of it is believed.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.around import inside
from crawler.extraction.article import About, Body, Reason
from crawler.extraction.blocks import Block, blocks_in, plain_blocks, read_blocks
from crawler.extraction.boilerplate import clean_body
from crawler.extraction.confidence import ALONE, BY_AGREEMENT, BY_MODEL, OF_DATA, expected_f1
from crawler.extraction.container import WHOLE_PAGE, article_container
from crawler.extraction.declared import Declared
from crawler.extraction.embedded import embedded_blocks
from crawler.extraction.front_matter import HEAD_BLOCKS
from crawler.extraction.model.judge import MAX_BLOCKS, Verdict, judge
from crawler.extraction.model.layout import Known as PageKnown
from crawler.extraction.model.layout import known_of
from crawler.extraction.model.weights import Weights
from crawler.extraction.outsiders import holder_of
from crawler.extraction.second_opinion import blocks_of_lines, trafilatura_lines, with_split_parts
from crawler.extraction.site_places import SURE_PAGE, by_places, votes_of
from crawler.items import BlockKind
from crawler.site import PlaceVote

SURE = 0.95  # confidence from which on the model is not held against a second opinion
FOUND_AGAIN = 0.6  # of the second opinion's text that must be found in the blocks for them to be believed
FAIRLY_SURE = 0.8  # what the model finds likelier joins the second opinion …
AGREED = 0.5  # … where it takes so much of that, too
RULED_OUT = 0.02  # what the model finds less likely is cut from the second opinion
A_PART = 0.3
HARDLY_ANY_CHARS = 200  # less text than this in the mark-up, and what the page holds as data is looked at
MOST_NEAR = 1_000  # blocks; what holds more is hardly less than the page, which might have to be read after it
ENOUGH_CHARS = 900  # of an article; with less the page may be of another kind, which all of it shows
MOST_ELEMENTS = 30_000  # of a page that trafilatura is asked about, whose time grows with their square
FOOT_BLOCKS = 4  # after the last block of an article without an element of its own: corrections, notices


NO_VERDICT = Verdict.none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The page's blocks, the article among them, where it stood, and how sure that is (0…1).

    ``places`` are what the page shows of its site, by the block model alone.
    """

    blocks: Sequence[Block]
    body: Body
    source: str
    confidence: float
    places: tuple[PlaceVote, ...] = ()
    is_sure: bool = False
    unread: int = 0  # blocks of a very large page, its shortest, that were not looked at
    verdict: Verdict = NO_VERDICT  # of the block model on these blocks
    container: HtmlElement | None = None  # where these are not all of the page's: what holds them


def find_near(tree: HtmlElement, declared: Declared, about: About, weights: Weights | None = None) -> Found | None:
    """The article in the element that holds headline and most paragraphs; None where the model is not sure of it."""
    container = article_container(tree, about.title)
    blocks = blocks_in(container) if container is not None else ()
    if not 0 < len(blocks) <= MOST_NEAR:
        return None
    known, alone, verdict = _judged(blocks, declared, about, weights)
    found = _by_model(blocks, verdict, about) if verdict.confidence >= SURE else None
    if found is None or _chars(found.body.kept) < ENOUGH_CHARS:
        return None
    return _teaching(replace(found, container=container), blocks, alone, known, about)


def find_anywhere(
    tree: HtmlElement, url: str, declared: Declared, about: About, weights: Weights | None = None
) -> Found:
    """The article among all blocks of a page.

    Of a page with more elements than any article has, what the block model can judge is read, by it alone.
    """
    blocks: Sequence[Block] = read_blocks(tree)
    is_large = next(islice(tree.iter(), MOST_ELEMENTS, None), None) is not None
    unread = max(len(blocks) - MAX_BLOCKS, 0) if is_large else 0
    blocks = _longest(blocks, MAX_BLOCKS) if unread else blocks
    known, alone, verdict = _judged(blocks, declared, about, weights)
    found = _by_model(blocks, verdict, about) if is_large or verdict.confidence >= SURE else None
    if found is None or (not is_large and _chars(found.body.kept) < HARDLY_ANY_CHARS):
        found = _by_second_opinion(tree, url, blocks, verdict, about)
        if _chars(found.body.kept) < HARDLY_ANY_CHARS:  # it knows no better
            found = max(found, _by_model(blocks, verdict, about), key=lambda found: _chars(found.body.kept))
    if _chars(found.body.kept) < HARDLY_ANY_CHARS:
        found = _by_data(tree, declared, about, found)
    return _teaching(replace(found, unread=unread), blocks, alone, known, about)


def _judged(
    blocks: Sequence[Block], declared: Declared, about: About, weights: Weights | None
) -> tuple[PageKnown, Verdict, Verdict]:
    """What the model is told beside the blocks, its opinion, and that with the doubts settled by the site's layout."""
    known = known_of(declared, about.title)
    alone = judge(blocks, known, weights)
    return known, alone, by_places(alone, blocks, about.site.layouts)


def _teaching(found: Found, blocks: Sequence[Block], alone: Verdict, known: PageKnown, about: About) -> Found:
    """With what the site's memory is to be told of the places of blocks, by the model ``alone``."""
    if not about.teaches:
        return found
    places = votes_of(blocks, alone, known.article_body)
    return replace(found, places=places, is_sure=alone.confidence >= SURE_PAGE)


def _longest(blocks: Sequence[Block], number: int) -> Sequence[Block]:
    """So many of the blocks, in their order: an article's are longer than those that a page is filled up with."""
    chosen = sorted(blocks, key=lambda block: -len(block.text))[:number]
    in_order = sorted(chosen, key=lambda block: block.index)
    return [replace(block, index=index) for index, block in enumerate(in_order)]


def _by_model(blocks: Sequence[Block], verdict: Verdict, about: About) -> Found:
    if not verdict.taken:
        body = clean_body((), about)
        return Found(blocks=blocks, body=body, source="block model", confidence=0.0, verdict=verdict)
    taken = [blocks[i] for i in sorted(verdict.taken)]
    dropped = {block.index: partial(verdict.why, block.index) for block in _in_place(blocks, taken, verdict.headline)}
    body = clean_body([b for b in blocks if b.index in verdict.taken or b.index in dropped], about, dropped)
    confidence = expected_f1(verdict.confidence, BY_MODEL)
    return Found(blocks=blocks, body=body, source="block model", confidence=confidence, verdict=verdict)


def _in_place(blocks: Sequence[Block], taken: Sequence[Block], headline: int) -> list[Block]:
    """The blocks that were not taken and stand in the article's place.

    That is the element that holds nearly all of what was taken, or else all between its first block and its last; and
    what stands between a near headline and the text.
    """
    positions = {block.index for block in taken}
    first, last = taken[0].index, taken[-1].index
    home = holder_of([block for block in taken if block.is_prose])
    is_at_home = inside(home) if home is not None and home.tag not in WHOLE_PAGE else None
    head = range(headline, first) if 0 <= headline < first <= headline + HEAD_BLOCKS else ()

    def is_in_place(block: Block) -> bool:
        return is_at_home(block.element) if is_at_home else first < block.index <= last + FOOT_BLOCKS

    return [b for b in blocks if b.index not in positions and (b.index in head or is_in_place(b))]


def _by_second_opinion(tree: HtmlElement, url: str, blocks: Sequence[Block], verdict: Verdict, about: About) -> Found:
    """By trafilatura's text, laid onto the blocks; how far the model's verdict agrees says how sure that is."""
    lines, opinion, is_found = _laid(blocks, trafilatura_lines(tree, url))
    if not lines or not is_found:
        lines, opinion, is_found = _laid(blocks, trafilatura_lines(tree, url, with_fallbacks=True))
    if not is_found:
        blocks = plain_blocks(lines, tree)
        opinion = {block.index for block in blocks}
        verdict = Verdict.none()
    own = with_split_parts(blocks, opinion)
    joined = _joining(blocks, own, verdict)
    joined |= _headings_over(blocks, own | joined, verdict)
    taken = own | joined
    body = clean_body([blocks[i] for i in sorted(taken)], about, _ruled_out(blocks, taken, verdict))
    if not verdict.likely:
        return Found(blocks=blocks, body=body, source="trafilatura", confidence=ALONE)
    kept = [block for block in body.kept if block.index not in joined]
    agreed = _chars([block for block in kept if block.index in verdict.taken])
    both = _chars(kept) + _chars([blocks[i] for i in verdict.taken])
    confidence = expected_f1(2 * agreed / (both or 1), BY_AGREEMENT)
    return Found(blocks=blocks, body=body, source="trafilatura", confidence=confidence, verdict=verdict)


def _joining(blocks: Sequence[Block], taken: Set[int], verdict: Verdict) -> set[int]:
    """The paragraphs that trafilatura did not take and of which the model is fairly sure: parts of a text it has lost.

    None where the model doubts most of what trafilatura took, or where they are more than that: comments are as long.
    """
    found = {i for i in verdict.taken - taken if verdict.likely[i] >= FAIRLY_SURE and blocks[i].is_prose}
    all_chars, agreed_chars = _chars([blocks[i] for i in taken]), _chars([blocks[i] for i in taken & verdict.taken])
    is_lost = agreed_chars >= AGREED * all_chars and _chars([blocks[i] for i in found]) <= all_chars
    return found if is_lost else set()


def _headings_over(blocks: Sequence[Block], taken: Set[int], verdict: Verdict) -> set[int]:
    """The headings that the model takes and trafilatura does not, right over what was taken of the same element."""
    return {
        i
        for i in verdict.taken - taken
        if blocks[i].kind is BlockKind.HEADING
        and i + 1 in taken
        and blocks[i].element.getparent() is blocks[i + 1].element.getparent()
    }


def _laid(blocks: Sequence[Block], lines: Sequence[str]) -> tuple[Sequence[str], set[int], bool]:
    """Lines, the blocks in which they stand, and whether most of their text is found in these."""
    opinion = blocks_of_lines(blocks, lines)
    return lines, opinion, _chars([blocks[i] for i in opinion]) >= FOUND_AGAIN * sum(map(len, lines))


def _ruled_out(blocks: Sequence[Block], taken: Set[int], verdict: Verdict) -> dict[int, Reason]:
    """The paragraphs that trafilatura took and of which the model is sure that they are not the article's, and why.

    Where they are more than a part of the text, the model knows the page no better than trafilatura does. Short lines
    stay: of ingredients and the minutes of a match it is as sure.
    """
    out = {i for i in taken if verdict.likely and verdict.likely[i] < RULED_OUT and blocks[i].is_prose}
    if _chars([blocks[i] for i in out]) > A_PART * _chars([blocks[i] for i in taken]):
        return {}
    return {i: partial(verdict.why, i) for i in out}


def _by_data(tree: HtmlElement, declared: Declared, about: About, found: Found) -> Found:
    """The article in the page's data, where that has far more of it than the mark-up."""
    held, source = embedded_blocks(tree, declared)
    body = clean_body(held, about)
    if _chars(body.kept) <= 2 * _chars(found.body.kept):
        return found
    return Found(blocks=held, body=body, source=source, confidence=OF_DATA)


def _chars(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)
