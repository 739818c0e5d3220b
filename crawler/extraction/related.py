"""What leads from an article to other pages: their teasers, lines and lists of links to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lxml.html import HtmlElement

from crawler.extraction.around import Known, is_within
from crawler.extraction.article import About, Body
from crawler.extraction.blocks import LINKED_SHARE, Block
from crawler.extraction.text import text_key
from crawler.items import BlockKind, Kind

LINK_LINE_WORDS = 30
LABEL_WORDS = 6  # of a line over links that says what they are
EACH_LINKED = 0.4  # the least share of links in an item of a list of links, and the mean of all items
ALL_LINKED = 0.6
MOSTLY = 0.7  # of a list's items that must be links for the list to be one of links
LEFT_CHARS = 300  # what must be left of an article when others are cut from its page


def cut_other_articles(body: Body, about: About) -> None:
    """What stands in an ``article`` element with a headline of its own: the next story, a teaser with its text."""
    own = _articles_with_title(body.kept, about.title)
    if own is None:
        return

    def judge(element: HtmlElement) -> bool | None:
        is_other = element.tag == "article" and element not in own and _has_other_headline(element, about.title)
        return is_other or None

    known: Known = {}
    gone = [b for b in body.kept if is_within(b.element.getparent(), judge, known)]
    away = {block.index for block in gone}
    left = sum(len(block.text) for block in body.core if block.index not in away)
    if left >= LEFT_CHARS:
        body.cut(gone, Kind.RELATED, "inside another article on the page")


def cut_link_lines(body: Body, _: About) -> None:
    """Lines that are nothing but a link to another page: not those of a list or section that has text of its own."""
    lists = Counter((b.element.getparent(), _is_link_line(b)) for b in body.kept if b.kind is BlockKind.ITEM)
    after = [*body.kept, None][1:]
    gone = []
    for block, following in zip(body.kept, after, strict=True):
        if not _is_link_line(block):
            continue
        around = block.element.getparent()
        is_listed = block.kind is BlockKind.ITEM and lists[around, True] < MOSTLY * (
            lists[around, True] + lists[around, False]
        )
        heads_text = block.kind is BlockKind.HEADING and following is not None and not _is_link_line(following)
        if not is_listed and not heads_text:
            gone.append(block)
    body.cut(gone, Kind.RELATED, "a line that is a link to another page")


def cut_link_labels(body: Body, _: About) -> None:
    """Short lines over two or more links to other pages, which say what these are."""
    gone = {index for index, removed in body.removed if removed.kind is Kind.RELATED}
    labels = [block for block in body.kept if _is_label(block) and {block.index + 1, block.index + 2} <= gone]
    body.cut(labels, Kind.RELATED, "a label over links to other pages")


def cut_link_lists(body: Body, _: About) -> None:
    """Lists of which each item is a label with a link to another page."""
    lists: dict[HtmlElement | None, list[Block]] = {}
    for block in body.kept:
        if block.kind is BlockKind.ITEM:
            lists.setdefault(block.element.getparent(), []).append(block)
    gone: list[tuple[Block, Kind, str]] = []
    for items in lists.values():
        shares = [item.link_share for item in items]
        is_short = max(len(item.text.split()) for item in items) <= LINK_LINE_WORDS
        if len(items) >= 2 and is_short and min(shares) >= EACH_LINKED and sum(shares) >= ALL_LINKED * len(shares):
            gone += [(item, Kind.RELATED, f"a list of links ({len(items)} items)") for item in items]
    body.cut_each(gone)


def _is_label(block: Block) -> bool:
    """Whether a line is too short to be the text's own and ends as no sentence does."""
    is_short = block.kind is BlockKind.PARAGRAPH and len(block.text.split()) <= LABEL_WORDS
    return is_short and not block.ends_sentence and not _is_link_line(block)


def _is_link_line(block: Block) -> bool:
    is_line = len(block.text.split()) <= LINK_LINE_WORDS and block.kind is not BlockKind.TABLE
    return is_line and block.link_share >= LINKED_SHARE


def _has_other_headline(article: HtmlElement, title: str) -> bool:
    """Whether an article element begins with another title than the page's: a first-level or a linked heading."""
    first = next(article.iter("h1", "h2", "h3"), None)
    if first is None or not (first.tag == "h1" or first.find(".//a[@href]") is not None):
        return False
    heading, wanted = text_key("".join(first.itertext())), text_key(title)
    return bool(heading) and heading not in wanted and wanted not in heading


def _articles_with_title(blocks: Sequence[Block], title: str) -> frozenset[HtmlElement] | None:
    """The article elements in which a page shows its own title; None where it shows it nowhere."""
    wanted = text_key(title)
    headings = blocks[0].element.getroottree().iter("h1", "h2") if blocks and wanted else ()
    shown = [heading for heading in headings if wanted in text_key("".join(heading.itertext()))]
    return frozenset(e for heading in shown for e in heading.iterancestors("article")) if shown else None
