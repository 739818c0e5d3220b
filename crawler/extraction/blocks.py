"""A page as a sequence of text blocks: what a reader sees as one paragraph, heading, item, cell or line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from lxml.html import HtmlElement

from crawler.extraction.structure import NO_WORDS, initial_of, is_break, is_hidden, marks_of, text_of_picture
from crawler.extraction.tags import BREAKS, CELLS, HEADINGS, INLINE, SWALLOWERS, TEXT_HOLDERS, UNSEEN
from crawler.extraction.text import clean_line
from crawler.items import BlockKind

OPENING, CLOSING = "“”"  # round a quotation that has no marks but those that the browser draws
QUOTE_MARKS = tuple("\"'“”„«»‹›‘’‚「『")
CELL_GAP = " | "  # between the cells of a data row
PROSE_CHARS = 80  # from this length on a block is prose rather than a label
LINKED_SHARE = 0.8  # from here on a block is a link, not a sentence with links in it
MAX_WRAPPERS = 40  # of the marked elements around a block those nearest to it; strangers choose the depth

_WORD = re.compile(r"\w")
_SENTENCE_END = re.compile(r"[.!?…:。！？][\"'”’»)\]]*$")


@dataclass(slots=True, frozen=True, eq=False)
class Wrapper:
    """An element whose name says something of the text inside it; compared by identity."""

    element: HtmlElement
    marks: frozenset[str]


@dataclass(slots=True, kw_only=True)
class Block:
    """One block of text and where it stands."""

    index: int
    text: str
    element: HtmlElement = field(repr=False)  # the nearest element that is not inline
    wrappers: tuple[Wrapper, ...]  # marked elements around it, outermost first
    kind: BlockKind
    link_chars: int  # characters inside links
    strong_chars: int  # characters in bold
    follows_br: bool  # parted from the block before it by one line break only
    link_share: float = field(init=False)  # of its characters, of those that stand inside links
    is_prose: bool = field(init=False)  # a paragraph of the text rather than a label or a link

    def __post_init__(self) -> None:  # once, for each step of the extraction asks
        self.link_share = min(1.0, self.link_chars / len(self.text))
        self.is_prose = len(self.text) >= PROSE_CHARS and self.link_share < 0.5

    @property
    def ends_sentence(self) -> bool:
        """Whether it ends as a sentence does."""
        return bool(_SENTENCE_END.search(self.text))

    def with_text(self, text: str) -> Block:
        """The same block with a part of its text cut."""
        return replace(self, text=text)


@dataclass(slots=True, eq=False)  # not frozen: there is one for every element, and it would take twice as long to make
class _Place:
    """Where text stands: the nearest element that is not inline, the marks around it, and what it is."""

    element: HtmlElement
    wrappers: tuple[Wrapper, ...] = ()
    kind: BlockKind = BlockKind.PARAGRAPH

    def inside(self, child: HtmlElement, marks: frozenset[str]) -> _Place:
        wrappers = (*self.wrappers[1 - MAX_WRAPPERS :], Wrapper(child, marks)) if marks else self.wrappers
        return _Place(child, wrappers, _kind_inside(child.tag, self.kind))


# an element that is open, its children left, where its text stands, and how many links and bold elements it is in
_Frame = tuple[HtmlElement, Iterator[HtmlElement], _Place, int, int]


class _Walk:
    """One depth-first pass over the tree, without recursion: strangers choose the depth."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.parts: list[str] = []
        self.initial = ""  # a large first letter that waits for its text
        self.is_split = False  # after a first letter that is no word: the space behind it parts a word
        self.link_chars = self.strong_chars = self.breaks = 0
        self.plain_rows: dict[HtmlElement, bool] = {}

    def read(self, root: HtmlElement) -> list[Block]:
        """The blocks below an element."""
        place = _Place(root)
        for outer in reversed([e for e in (root, *root.iterancestors()) if e.getparent() is not None]):
            if outer.tag != "body":
                place = place.inside(outer, marks_of(outer))
        self.add(root.text, 0, 0)
        stack: list[_Frame] = [(root, iter(root), place, 0, 0)]
        while stack:
            frame = stack[-1]
            child = next(frame[1], None)
            if child is None:
                stack.pop()
                self.leave(frame, stack[-1] if stack else None)
            elif (inner := self.enter(child, frame)) is not None:
                stack.append(inner)
        return self.blocks

    def enter(self, child: HtmlElement, frame: _Frame) -> _Frame | None:
        """Read what stands before a child's own children; None where they are not looked at."""
        element, _, place, links, bold = frame
        tag = child.tag
        if tag in BREAKS or (tag == "span" and is_break(child)):
            self.flush(place)
            self.breaks += 1 if tag in ("br", "span") else 2
        elif tag == "img" and (shown := text_of_picture(child)):
            self.parts.append(shown)
        elif isinstance(tag, str) and (tag not in UNSEEN or _swallowed_text(child)):
            marks = marks_of(child)
            if not self.is_inline(child, element):
                return self.begin(child, place.inside(child, marks), frame)
            if "hidden" not in marks or _is_read_though_hidden(child):
                links, bold = links + (tag == "a"), bold + (tag in ("b", "strong"))
                if tag == "q" and _is_unmarked(child):
                    self.parts.append(OPENING)
                elif tag == "a" and _follows_other_link(child):
                    self.parts.append(" ")
                self.add(child.text, links, bold)
                return child, iter(child), place, links, bold
        self.add(child.tail, links, bold)
        return None

    def begin(self, child: HtmlElement, place: _Place, frame: _Frame) -> _Frame:
        """End the block that was read, and begin another."""
        _, _, before, links, bold = frame
        self.flush(before)
        self.breaks = 0
        self.add(child.text, links, bold)
        return child, iter(child), place, links, bold

    def leave(self, frame: _Frame, outer: _Frame | None) -> None:
        """Read what stands after an element's children."""
        element, place = frame[0], frame[2]
        tail = element.tail
        letter = initial_of(element) if self.parts and len(self.parts[-1].strip()) == 1 else ""
        if element is place.element:
            if letter:  # a block of its own beside the text
                self.initial = letter
                self.parts.clear()
            self.flush(place)
            self.breaks = 0
        elif element.tag in CELLS:
            self.add(CELL_GAP, 0, 0)
        elif element.tag == "q" and _is_unmarked(element):
            self.parts.append(CLOSING)
        elif letter in NO_WORDS:
            self.is_split = True
        if outer is not None:
            self.add(tail, outer[3], outer[4])

    def flush(self, place: _Place) -> None:
        """Make a block of the text read since the last one."""
        read = "".join(self.parts)
        text = clean_line(read).strip(CELL_GAP) if read and not read.isspace() else ""
        if text:
            self.blocks.append(
                Block(
                    index=len(self.blocks),
                    text=self.initial + text,
                    element=place.element,
                    wrappers=place.wrappers,
                    kind=place.kind,
                    link_chars=self.link_chars,
                    strong_chars=self.strong_chars,
                    follows_br=self.breaks == 1,
                )
            )
            self.breaks = 0
            self.initial = ""
        self.parts.clear()
        self.link_chars = self.strong_chars = 0
        self.is_split = False

    def add(self, text: str | None, in_link: int, in_strong: int) -> None:
        """Take text in, and count it."""
        if text and self.is_split:
            text = text.lstrip()
            self.is_split = not text
        if text:
            self.parts.append(text)
            self.link_chars += len(text.strip()) if in_link else 0
            self.strong_chars += len(text.strip()) if in_strong else 0

    def is_inline(self, element: HtmlElement, parent: HtmlElement) -> bool:
        """Whether an element runs on in its block: phrasing content, a plain table's cell, an own tag inside a text."""
        tag = element.tag
        if tag in INLINE:
            return True
        if tag in CELLS:
            if parent not in self.plain_rows:  # asked for each cell of the row
                self.plain_rows[parent] = _is_plain_row(parent)
            return self.plain_rows[parent]
        return "-" in tag and (parent.tag in TEXT_HOLDERS or parent.tag in INLINE)


def plain_blocks(lines: Sequence[str], root: HtmlElement) -> list[Block]:
    """Lines of text of which the place in the page is not known, as paragraphs."""
    walk, place = _Walk(), _Place(root)
    for line in lines:
        walk.add(line, 0, 0)
        walk.flush(place)
    return walk.blocks


def read_blocks(tree: HtmlElement) -> list[Block]:
    """All blocks of text of a page in document order, those of menus and asides included."""
    body = tree.find("body")
    return blocks_in(tree if body is None else body)


def blocks_in(element: HtmlElement) -> list[Block]:
    """The blocks of text inside an element, as they are among those of the whole page."""
    return _Walk().read(element)


def _swallowed_text(control: HtmlElement) -> bool:
    """Whether a form control holds paragraphs: one that was never closed takes in the page that follows it."""
    return control.tag in SWALLOWERS and control.find(".//p") is not None


def _is_read_though_hidden(element: HtmlElement) -> bool:
    """Whether an element named after hidden text is a mark between words, or the seen word that has a tooltip."""
    if is_hidden(element):
        return False
    is_mark = not len(element) and not _WORD.search(element.text or "")
    return is_mark or any("hidden" in marks_of(child) for child in element)


def _follows_other_link(link: HtmlElement) -> bool:
    """Whether a link's word stands right behind a link to another place, so that only the page's style parts them."""
    before = link.getprevious()
    if before is None or before.tag != "a" or before.tail or not (link.text or "")[:1].isalnum():
        return False
    return bool(before.get("href") != link.get("href"))


def _is_unmarked(quotation: HtmlElement) -> bool:
    """Whether a ``q`` has no quotation marks typed round it, as a page's style draws none where they are."""
    before = quotation.getprevious()
    lead = before.tail if before is not None else quotation.getparent().text
    return not (lead or "").rstrip().endswith(QUOTE_MARKS) and not (quotation.text or "").lstrip().startswith(
        QUOTE_MARKS
    )


def _is_plain_row(row: HtmlElement) -> bool:
    """Whether a table row holds data: at least two cells, and in them no block, so no layout."""
    cells = [cell for cell in row if cell.tag in CELLS]
    if row.tag != "tr" or len(cells) < 2:
        return False
    return all(e.tag in INLINE or e.tag in UNSEEN for cell in cells for e in cell.iterdescendants())


def _kind_inside(tag: str, outer: BlockKind) -> BlockKind:
    if tag in HEADINGS:
        return BlockKind.HEADING
    if tag == "blockquote":
        return BlockKind.QUOTE
    if tag in ("li", "dd", "dt"):
        return BlockKind.ITEM
    if tag == "tr":
        return BlockKind.TABLE
    if tag in ("td", "th", "table", "ul", "ol"):
        return BlockKind.PARAGRAPH
    return outer
