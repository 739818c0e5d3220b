"""What stands outside the element that holds the article: lines round it, and texts far behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise

from lxml.html import HtmlElement

from crawler.extraction.around import Known, inside, is_within
from crawler.extraction.article import About, Body
from crawler.extraction.blocks import PROSE_CHARS, Block
from crawler.items import Kind

HOLDER_SHARE = 0.9
FAR_BLOCKS = 25  # that were not taken, between the article and what stands far behind it
ENOUGH_CHARS = 600  # of paragraphs, for them to be the article or its beginning
FEW_CHARS = 200  # … for what is far behind to be no part of it
MOST_GAPS = 8  # that are looked at


def cut_outsiders(body: Body, _: About) -> None:
    """Labels and lines that stand outside the element that holds nearly all of the article."""
    home = holder_of([block for block in body.core if block.is_prose])
    if home is None:
        return
    is_at_home = inside(home)
    gone = [block for block in body.kept if len(block.text) < PROSE_CHARS and not is_at_home(block.element)]
    body.cut(gone, Kind.OTHER, "a line outside the element that holds the article")


def cut_far_off(body: Body, _: About) -> None:
    """What stands far behind the article, outside the element that holds it: labels, and texts that are set otherwise.

    Notices of deaths, small ads and the like are as long as an article, and written as one is.
    """
    core, near_chars, gaps = body.core, 0, 0
    for position, (before, block) in enumerate(pairwise(core), start=1):
        near_chars += len(before.text) if before.is_prose else 0
        if block.index - before.index <= FAR_BLOCKS or near_chars < ENOUGH_CHARS:
            continue
        gaps += 1
        if _is_apart(core[:position], core[position:]):
            body.cut(core[position:], Kind.OTHER, "far behind the article")
            return
        if gaps == MOST_GAPS:  # strangers make as many as they like
            return


def holder_of(prose: Sequence[Block]) -> HtmlElement | None:
    """The smallest element that holds nearly all of the prose; None where the article has hardly any."""
    if len(prose) < 3:
        return None
    inside_out = [prose[0].element, *prose[0].element.iterancestors()]
    levels = {element: level for level, element in enumerate(inside_out)}
    joining: Counter[int] = Counter()  # level of the first block's ancestors → characters that it holds first
    for block in prose:
        joining[_level(block.element, levels)] += len(block.text)
    total = sum(joining.values())
    held = accumulate(joining[level] for level in range(len(inside_out)))
    return next((e for e, chars in zip(inside_out, held, strict=True) if chars >= HOLDER_SHARE * total), None)


def _is_apart(near: Sequence[Block], far: Sequence[Block]) -> bool:
    """Whether what is far behind an article is none of it, by where it stands and how it is set."""
    prose, far_prose = ([block for block in blocks if block.is_prose] for blocks in (near, far))
    home = holder_of(prose)
    if home is None or any(map(inside(home), (block.element for block in far))):
        return False
    if sum(len(block.text) for block in far_prose) < FEW_CHARS:
        return sum(len(block.text) for block in far) < sum(len(block.text) for block in near) / 2
    known: Known = {}
    if not _is_in_article(home, known) or any(_is_in_article(block.element, known) for block in far):
        return False
    paragraph, _ = Counter(block.element.tag for block in prose).most_common(1)[0]
    return all(block.element.tag != paragraph for block in far_prose)


def _is_in_article(element: HtmlElement, known: Known) -> bool:
    return is_within(element, lambda around: around.tag == "article" or None, known)


def _level(element: HtmlElement, levels: dict[HtmlElement, int]) -> int:
    """The level of the nearest element, from this one outwards, that has one; it is written down on the way."""
    passed = []
    while element not in levels:
        passed.append(element)
        element = element.getparent()
    levels.update(dict.fromkeys(passed, levels[element]))
    return levels[element]
