"""Trafilatura's opinion of where the article's text stands: the only place that calls it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

import trafilatura
from lxml.html import HtmlElement

from crawler.extraction.around import Known, is_within
from crawler.extraction.blocks import PROSE_CHARS, Block
from crawler.extraction.text import text_key

_WORD = re.compile(r"\w+")
GRAM_WORDS = 3
MOVED_CHARS = 60  # a text this long is told by its words alone, wherever it stands
MOST_TWINS = 50  # blocks of one text that are told by order; of more it is told by what stands between other texts
CONTAINED_SHARE = 0.75  # of a block's word triples that must stand in trafilatura's text for the block to be meant


def trafilatura_lines(tree: HtmlElement, url: str, *, with_fallbacks: bool = False) -> list[str]:
    """The lines that trafilatura takes for the article, in its order; none where it finds nothing.

    By its own rules alone, unless asked: what its fallbacks (readability, jusText) add is no better than the block
    model's word, where its rules find something.
    """
    document = trafilatura.bare_extraction(
        tree, url=url, include_comments=False, with_metadata=False, fast=not with_fallbacks
    )
    text = getattr(document, "text", None) or ""
    return [line for line in text.split("\n") if text_key(line)]


def blocks_of_lines(blocks: Sequence[Block], lines: Sequence[str]) -> set[int]:
    """The positions in ``blocks`` whose text stands in ``lines``, told by order where a text occurs twice."""
    block_keys, line_keys = [text_key(b.text) for b in blocks], [text_key(line) for line in lines]
    found: set[int] = set()
    next_block = next_line = 0
    # the matcher's time grows with the square of a text's repeats: those of too many are made unlike each other
    often = {key for key, count in Counter(block_keys).items() if count > MOST_TWINS}
    own = [i if key in often else key for i, key in enumerate(block_keys)]
    other = [~i if key in often else key for i, key in enumerate(line_keys)]
    matcher: SequenceMatcher[int | str] = SequenceMatcher(None, own, other, autojunk=False)
    for block, line, size in matcher.get_matching_blocks():
        gap = _grams("\n".join(lines[next_line:line]))
        if gap:
            found.update(i for i in range(next_block, block) if _is_contained(blocks[i].text, gap))
        found.update(range(block, block + size))
        next_block, next_line = block + size, line + size
    matched = {block_keys[i] for i in found}
    unmatched = [line for line, key in zip(lines, line_keys, strict=True) if key not in matched]
    rest = [block for block, key in zip(blocks, block_keys, strict=True) if key not in matched]
    return found | _moved(rest, unmatched)


def _moved(blocks: Sequence[Block], lines: Sequence[str]) -> set[int]:
    """Long blocks whose text stands in a line out of order, as layout tables and pulled quotes bring about."""
    grams = _grams("\n".join(lines))
    if not grams:
        return set()
    return {block.index for block in blocks if len(block.text) >= MOVED_CHARS and _is_contained(block.text, grams)}


def _grams(text: str) -> set[tuple[str, ...]]:
    """The runs of up to three words of a text; a text of fewer words is one run."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    size = min(GRAM_WORDS, len(words))
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)} if words else set()


def _is_contained(text: str, grams: set[tuple[str, ...]]) -> bool:
    own = _grams(text)
    return bool(own) and len(own & grams) >= CONTAINED_SHARE * len(own)


def with_split_parts(blocks: Sequence[Block], opinion: set[int]) -> set[int]:
    """The opinion and what it lost of a body that is split over containers: prose that stands in just such elements.

    Two blocks stand alike when their element and its parent have the same tags and classes. What is alike must lie
    inside the smallest element that holds most of the opinion, so that another article's text is not taken in.
    """
    prose = [blocks[i] for i in opinion if len(blocks[i].text) >= PROSE_CHARS]
    alike = Counter(_place(block) for block in prose)
    held = {place for place, count in alike.items() if count >= 2}
    home = _home(prose)
    if home is None or not held:
        return opinion

    def judge(element: HtmlElement) -> bool | None:
        """Whether what is inside belongs to the article's own element, or to another article in that."""
        return True if element is home else False if element.tag == "article" else None

    known: Known = {}
    lost = {
        block.index
        for block in blocks
        if block.index not in opinion
        and _is_lost_prose(block)
        and _place(block) in held
        and is_within(block.element.getparent(), judge, known)
    }
    return opinion | lost


def _place(block: Block) -> tuple[str | None, ...]:
    """Tag and class of a block's element and of its parent."""
    parent = block.element.getparent()
    around = (parent.tag, parent.get("class")) if parent is not None else (None, None)
    return (block.element.tag, block.element.get("class"), *around)


def _is_lost_prose(block: Block) -> bool:
    return block.link_share < 0.5 and len(block.text) >= 20


def _home(prose: Sequence[Block]) -> HtmlElement | None:
    """The element around the article: the first ``article`` or ``main`` above most of its prose, or its grandparent."""
    parents = Counter(block.element.getparent() for block in prose)
    if not parents:
        return None
    holder = parents.most_common(1)[0][0]
    if holder is None:
        return None
    around = [holder, *holder.iterancestors()]
    return next((e for e in around if e.tag in ("article", "main")), around[min(2, len(around) - 1)])
