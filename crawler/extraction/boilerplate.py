"""What stands among an article's blocks and is not the article: found by kind, cut, and kept in a trail."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, takewhile

from lxml.html import HtmlElement

from crawler.extraction.appeals import cut_appeals_with_a_button
from crawler.extraction.article import About, Body, Reason
from crawler.extraction.blocks import PROSE_CHARS, Block, Wrapper
from crawler.extraction.front_matter import (
    HEAD_BLOCKS,
    cut_end_matter,
    cut_front_matter,
    cut_named_standfirst,
    cut_region_label,
)
from crawler.extraction.furniture import cut_furniture, cut_furniture_sentences
from crawler.extraction.notices import block_notice, cut_notices
from crawler.extraction.outsiders import cut_far_off, cut_outsiders
from crawler.extraction.related import cut_link_labels, cut_link_lines, cut_link_lists, cut_other_articles
from crawler.extraction.structure import kind_of_mark, words_of_name
from crawler.extraction.text import text_key
from crawler.items import BlockKind, Kind

# a mark around more of the text than this is a misleading name, not boilerplate: measured on real pages, of the
# paragraphs that a name would cut wrongly nearly all stand in wrappers that hold most of the article
MISLEADING_SHARE = 0.35
PART_OF_TITLE = 0.5  # of a title that a line must hold, or be, to be the title again
BYLINE_WORDS = 14
MOSTLY_NAME = 0.6  # of a byline's letters
REPEAT_LETTERS = 80  # shorter lines may come back: refrains, questions of an interview
TAKEN_ROWS = 0.5  # of a table's rows, for it to be the article's with all others
COLONS = (":", "：")
LABEL_WORDS, LABEL_CHARS = 6, 60  # of a label over what is no part of the text: sources, links
LABEL_LETTERS = 16  # … of one without spaces
LITTLE_LINKED = 0.3  # of an item of a list that is text
DATE_LINE_CHARS = 60
DASHES = ("-", "–", "—")
DATE_LINE_DIGITS = 0.3  # of its letters and digits

# no year ends a telephone number: 158-23-2012
_DATE = re.compile(
    r"\b(?:[01]?\d|2[0-3])[:h][0-5]\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|(?<!\d-)\b(?:19|20)\d\d\b|\d{1,2}月"
)


Step = Callable[[Body, About], None]


def cut_headline(body: Body, about: About) -> None:
    """The headline printed again: as a heading, also with its kicker, or as one of the first lines of the text."""
    title = text_key(about.title)
    is_text = [block.is_prose and block.kind is not BlockKind.HEADING for block in body.kept]
    prose = next((i for i, found in enumerate(is_text) if found), len(body.kept))
    gone = []
    is_shown = False  # some systems set every heading of a text as h1
    for position, block in enumerate(body.kept):
        key = text_key(block.text)
        is_top = block.element.tag == "h1" and position < 3 and not is_shown
        is_alike = block.kind is BlockKind.HEADING or position < 6 or block.text == about.title
        is_title = key == title and position < HEAD_BLOCKS and is_alike
        is_part = len(key) >= PART_OF_TITLE * len(title) and (key in title or title in key)
        if is_top or is_title or (is_part and position < prose and len(key) < 2 * len(title)):
            gone.append(block)
            is_shown = is_shown or block.kind is BlockKind.HEADING
    body.cut(gone, Kind.HEADLINE, "the title again")


def cut_date_lines(body: Body, _: About) -> None:
    """Lines that are hardly more than a date or a time."""
    gone = []
    for block in body.kept:
        digits = sum(map(str.isdigit, block.text))
        is_line = len(block.text) <= DATE_LINE_CHARS and block.kind is BlockKind.PARAGRAPH
        is_line = is_line and not block.text.endswith(DASHES)  # “LONDON, 3 May 2025 (AP) —” begins the text
        if is_line and _DATE.search(block.text) and digits >= DATE_LINE_DIGITS * len(text_key(block.text)):
            gone.append(block)
    body.cut(gone, Kind.DATE_LINE, "hardly more than a date")


def cut_marked(body: Body, _: About) -> None:
    """What stands in elements whose tag or name says that it is something else."""
    share = _share_of_marks(body.core)
    opening = next((block for block in body.core if block.is_prose), None)
    gone = []
    for block in body.kept:
        for mark, wrapper in _marks(block):
            is_content = mark == "figure" and block.kind in (BlockKind.TABLE, BlockKind.QUOTE)
            is_content = is_content or (mark == "related" and block is opening and _is_own_teaser(block, wrapper))
            if share.get(mark, 0.0) <= MISLEADING_SHARE and not is_content:
                named = wrapper.element.get("class") or wrapper.element.get("id") or wrapper.element.tag
                gone.append((block, kind_of_mark(mark), f"inside {wrapper.element.tag} “{named[:60]}” ({mark})"))
                break
    body.cut_each(gone)


def cut_notice_blocks(body: Body, about: About) -> None:
    """Blocks that a rule of the page's languages knows as a notice; with a related-links heading go its links."""
    gone = []
    for block in body.kept:
        if notice := block_notice(block.text, languages=about.languages, link_share=block.link_share):
            gone.append((block, notice.kind, notice.reason))
    body.cut_each(gone)


def cut_notice_sentences(body: Body, about: About) -> None:
    """Sentences inside a paragraph of the article that a rule knows as a notice."""
    for position, block in enumerate(body.kept):
        text, removed = cut_notices(block.text, languages=about.languages)
        if removed and text:
            body.cut_parts(position, text, removed)


def cut_bylines(body: Body, about: About) -> None:
    """Short lines with an author's name before the first paragraph or after the last."""
    names = [text_key(author.name) for author in about.authors if len(author.name) > 4]
    core = {block.index for block in body.core}
    prose = [i for i, block in enumerate(body.kept) if len(block.text) >= PROSE_CHARS and block.index in core]
    first, last = (prose[0], prose[-1]) if prose else (0, len(body.kept))
    second = prose[1] if len(prose) > 1 else first
    gone = []
    for position, block in enumerate(body.kept):
        key = text_key(block.text)
        named = max((len(name) for name in names if name in key), default=0)
        is_outside = position < first or position > last
        # below a standfirst it is told by the name alone
        is_bare = position < second and named >= MOSTLY_NAME * len(key)
        is_short = len(block.text.split()) <= BYLINE_WORDS and not block.ends_sentence
        if named and is_short and (is_outside or is_bare):
            gone.append(block)
    body.cut(gone, Kind.BYLINE, "an author's name on a line of its own")


def cut_repeats(body: Body, _: About) -> None:
    """A text that was there before: pages print a part twice, for narrow and for wide screens."""
    seen: set[str] = set()
    gone = []
    for block in body.kept:
        key = text_key(block.text)
        is_text = block.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTE)
        if is_text and len(key) >= REPEAT_LETTERS and key in seen:
            gone.append(block)
        seen.add(key)
    body.cut(gone, Kind.OTHER, "the same text again")


def take_back_headings(body: Body, _: About) -> None:
    """Headings that stand directly between two taken blocks of the same container: they part the article's text."""
    back = []
    for before, block, after in zip(body.kept, body.kept[1:], body.kept[2:], strict=False):
        around = block.element.getparent()
        is_among = before.element.getparent() is around is after.element.getparent()
        is_taken = before.index not in body.unlikely and after.index not in body.unlikely
        if block.index in body.unlikely and block.kind is BlockKind.HEADING and is_among and is_taken:
            back.append(block)
    body.take_back(back)


def take_back_lists(body: Body, _: About) -> None:
    """Unordered lists without links that stand right between two taken blocks."""
    runs = [(around, list(blocks)) for around, blocks in groupby(body.kept, key=_list_of)]
    back: list[Block] = []
    for before, (around, items), after in zip(runs, runs[1:], runs[2:], strict=False):
        is_among = before[1][-1].index not in body.unlikely and after[1][0].index not in body.unlikely
        if around is not None and is_among and all(item.link_share < LITTLE_LINKED for item in items):
            back += items
    body.take_back(back)


def take_back_rows(body: Body, _: About) -> None:
    """Rows of a table of which most rows were taken: a table of data is the article's or is not."""
    tables: dict[HtmlElement | None, list[Block]] = {}
    for block in body.kept:
        if block.kind is BlockKind.TABLE:
            tables.setdefault(next(block.element.iterancestors("table"), None), []).append(block)
    back: list[Block] = []
    for rows in tables.values():
        left = [row for row in rows if row.index in body.unlikely]
        if 0 < len(left) < TAKEN_ROWS * len(rows):
            back += left
    body.take_back(back)


def cut_unlikely(body: Body, _: About) -> None:
    """What the block model did not take for the article, and no rule has told what it is."""
    body.cut_each([(b, Kind.OTHER, body.unlikely[b.index]()) for b in body.kept if b.index in body.unlikely])


def cut_author_bio(body: Body, about: About) -> None:
    """The last lines when they begin with the author's own name: nobody reports on oneself there."""
    names = [author.name for author in about.authors if " " in author.name]
    last = takewhile(lambda block: any(map(block.text.startswith, names)), reversed(body.kept[3:]))
    body.cut(list(last), Kind.AUTHOR_BIO, "ends the text and begins with the author's name")


def cut_empty_headings(body: Body, _: About) -> None:
    """Headings and labels at the end, with nothing of the article under them; not in a text that is all headings."""
    if all(block.kind is BlockKind.HEADING for block in body.kept):
        return
    last = list(takewhile(lambda block: block.kind is BlockKind.HEADING or _announces(block), reversed(body.kept)))
    body.cut_each([(block, Kind.OTHER, "a heading or label with no text under it") for block in last])


def _announces(block: Block) -> bool:
    """Whether a paragraph is no more than a few words and a colon; a text without spaces has no few words."""
    most = LABEL_CHARS if " " in block.text or block.text.isascii() else LABEL_LETTERS
    is_label = block.kind is BlockKind.PARAGRAPH and len(block.text) <= most
    return is_label and block.text.endswith(COLONS) and len(block.text.split()) <= LABEL_WORDS


# in this order: each step sees what the one before has left
STEPS: tuple[Step, ...] = (
    cut_other_articles,
    cut_headline,
    cut_region_label,
    cut_marked,
    cut_outsiders,
    cut_date_lines,
    cut_notice_blocks,
    cut_link_lists,
    cut_link_lines,
    cut_link_labels,
    cut_bylines,
    cut_furniture,
    cut_front_matter,
    cut_named_standfirst,
    take_back_headings,
    take_back_lists,
    take_back_rows,
    cut_far_off,
    cut_unlikely,
    cut_author_bio,
    cut_repeats,
    cut_appeals_with_a_button,
    cut_notice_sentences,
    cut_furniture_sentences,
    cut_end_matter,
    cut_empty_headings,
)


def clean_body(blocks: Sequence[Block], about: About, unlikely: Mapping[int, Reason] | None = None) -> Body:
    """The article among ``blocks``, which were taken for it, and the trail of what was cut.

    ``unlikely`` names those among them, by position, that stand in the article's place and were not taken: they are
    looked at so that it can be told what they are, and cut unless their place speaks for them.
    """
    body = Body(kept=list(blocks), unlikely=unlikely or {})
    for step in STEPS:
        step(body, about)
    body.removed.sort(key=lambda placed: placed[0])
    return body


def _is_own_teaser(block: Block, wrapper: Wrapper) -> bool:
    """Whether a wrapper named a teaser holds the article's opening: nothing in it leads to another page."""
    named = words_of_name(f"{wrapper.element.get('class') or ''} {wrapper.element.get('id') or ''}")
    is_teaser = " teaser " in named and " image " not in named
    return is_teaser and block.link_chars == 0 and wrapper.element.find(".//a[@href]") is None


def _list_of(block: Block) -> HtmlElement | None:
    """The unordered list that an item stands in."""
    around = block.element.getparent() if block.kind is BlockKind.ITEM else None
    return around if around is not None and around.tag == "ul" else None


def _marks(block: Block) -> Iterator[tuple[str, Wrapper]]:
    return ((mark, wrapper) for wrapper in block.wrappers for mark in sorted(wrapper.marks))


def _share_of_marks(blocks: Sequence[Block]) -> dict[str, float]:
    """How much of all the text stands under each mark, as a share of its characters."""
    held: Counter[str] = Counter()
    for block in blocks:
        held.update({mark: len(block.text) for mark in {mark for mark, _ in _marks(block)}})
    total = sum(len(block.text) for block in blocks) or 1
    return {mark: chars / total for mark, chars in held.items()}
