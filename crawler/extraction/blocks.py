"""A page as a sequence of text blocks: what a reader sees as one paragraph, heading, item, cell or line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from lxml.html import HtmlElement

from crawler.extraction.structure import is_small_picture, is_split_initial, marks_of
from crawler.extraction.text import clean_line
from crawler.items import BlockKind

# phrasing content that never ends a block (HTML Living Standard); everything else does
INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby s samp small
    span strike strong sub sup time tt u var wbr""".split()
)
UNSEEN = frozenset(
    """audio base button canvas embed head iframe input link map math meta noembed noframes noscript object option
    picture progress script select source style svg template textarea title track video""".split()
)
SWALLOWERS = frozenset(("button", "select", "label", "object", "video", "audio", "canvas"))
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
CELLS = frozenset(("td", "th"))
CELL_GAP = " | "  # between the cells of a data row
TEXT_HOLDERS = HEADINGS | {"p", "li", "blockquote", "dd", "td"}
NO_WRAPPERS: tuple[()] = ()


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

    @property
    def link_share(self) -> float:
        """The share of its characters that stand inside links."""
        return min(1.0, self.link_chars / len(self.text))

    def with_text(self, text: str) -> Block:
        """The same block with a part of its text cut."""
        return replace(self, text=text)


class _Walk:
    """One depth-first pass over the tree, without recursion: strangers choose the depth."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.parts: list[str] = []
        self.link_chars = self.strong_chars = self.breaks = 0

    def flush(self, element: HtmlElement, wrappers: tuple[Wrapper, ...], kind: BlockKind) -> None:
        text = clean_line("".join(self.parts)).strip(CELL_GAP) if self.parts else ""
        if text:
            self.blocks.append(
                Block(
                    index=len(self.blocks),
                    text=text,
                    element=element,
                    wrappers=wrappers,
                    kind=kind,
                    link_chars=self.link_chars,
                    strong_chars=self.strong_chars,
                    follows_br=self.breaks == 1,
                )
            )
            self.breaks = 0
        self.parts.clear()
        self.link_chars = self.strong_chars = 0

    def add(self, text: str | None, in_link: int, in_strong: int) -> None:
        if text:
            self.parts.append(text)
            self.link_chars += len(text.strip()) if in_link else 0
            self.strong_chars += len(text.strip()) if in_strong else 0


def plain_blocks(lines: Sequence[str], root: HtmlElement) -> list[Block]:
    """Lines of text of which the place in the page is not known, as paragraphs."""
    walk = _Walk()
    for line in lines:
        walk.add(line, 0, 0)
        walk.flush(root, NO_WRAPPERS, BlockKind.PARAGRAPH)
    return walk.blocks


def read_blocks(tree: HtmlElement) -> list[Block]:
    """All blocks of text of a page in document order, those of menus and asides included."""
    walk = _Walk()
    # frame: element, children left, nearest block element, wrappers, kind, depth of links, depth of bold
    stack: list[tuple[HtmlElement, Iterator[HtmlElement], HtmlElement, tuple[Wrapper, ...], BlockKind, int, int]] = []
    body = tree.find("body")
    root = tree if body is None else body
    walk.add(root.text, 0, 0)
    stack.append((root, iter(root), root, NO_WRAPPERS, BlockKind.PARAGRAPH, 0, 0))
    while stack:
        element, children, block, wrappers, kind, links, bold = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            tail = element.tail
            if element is block:
                walk.flush(block, wrappers, kind)
                walk.breaks = 0
            elif element.tag in CELLS:
                walk.add(CELL_GAP, 0, 0)
            elif is_split_initial(element):
                tail = (tail or "").lstrip()
            if stack:
                walk.add(tail, stack[-1][5], stack[-1][6])
            continue
        tag = child.tag
        if tag == "img" and is_small_picture(child):
            walk.add(f" {child.tail or ''}", links, bold)
            continue
        if not isinstance(tag, str) or (tag in UNSEEN and not _swallowed_text(child)):
            walk.add(child.tail, links, bold)
            continue
        if tag in ("br", "hr"):
            walk.flush(block, wrappers, kind)
            walk.breaks += 1 if tag == "br" else 2
            walk.add(child.tail, links, bold)
            continue
        found = marks_of(child)
        inner = (*wrappers, Wrapper(child, found)) if found else wrappers
        if _is_inline(child, element):
            if "hidden" in found:
                walk.add(child.tail, links, bold)
                continue
            frame = (child, iter(child), block, wrappers, kind, links + (tag == "a"), bold + (tag in ("b", "strong")))
        else:
            walk.flush(block, wrappers, kind)
            walk.breaks = 0
            frame = (child, iter(child), child, inner, _kind_inside(tag, kind), links, bold)
        stack.append(frame)
        walk.add(child.text, frame[5], frame[6])
    walk.flush(root, NO_WRAPPERS, BlockKind.PARAGRAPH)
    return walk.blocks


def _swallowed_text(control: HtmlElement) -> bool:
    """Whether a form control holds paragraphs: one that was never closed takes in the page that follows it."""
    return control.tag in SWALLOWERS and control.find(".//p") is not None


def _is_inline(element: HtmlElement, parent: HtmlElement) -> bool:
    """Whether an element runs on in its block: phrasing content, a plain table's cell, an own tag inside a text."""
    tag = element.tag
    if tag in INLINE:
        return True
    if tag in CELLS:
        return _is_plain_row(parent)
    return "-" in tag and (parent.tag in TEXT_HOLDERS or parent.tag in INLINE)


def _is_plain_row(row: HtmlElement) -> bool:
    """Whether a table row holds data: at least two cells, and in them no block, so no layout."""
    cells = [cell for cell in row if cell.tag in CELLS]
    if row.tag != "tr" or len(cells) < 2:
        return False
    inside = [e.tag for cell in cells for e in cell.iterdescendants()]
    return all(tag in INLINE or tag in UNSEEN or tag == "br" for tag in inside) and "br" not in inside


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
