"""The lines of text around an article's headline, where its date stands; read-only, and bounded in work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, tee
from typing import Literal

from lxml.html import HtmlElement

from crawler.extraction.dates.words import fold
from crawler.extraction.tags import ARTICLE_HOLDERS, DATELESS, INLINE
from crawler.extraction.visible import plain_headline

LONG_LINE = 200  # characters: a paragraph, not a line of the byline
LONG_LINES_AFTER = 4  # the standfirst, and where the body surely has begun
LINES_AFTER, LINES_BEFORE = 60, 16
STEPS = 3000  # elements looked at on one side
MAX_LINE = 2000  # characters; what follows on the same line is not looked at
LEVELS_UP = 4  # containers left upwards in search of lines above the headline

_RUNS_ON = INLINE | {"address"}  # in which a byline stands beside its date
_SKIPPED_CLASS = re.compile(
    r"(?:^|[\s_-])(?:navigation|navbar|menu|sidebar|related|recommend\w*|comment(?:s|list|area)|breadcrumbs?"
    r"|popular|trending|ticker|newsletter|promo|advert\w*|weather|most-?read|read-?more|see-?also|today|current-?date"
    r"|copyright)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BESIDE_CLASS = re.compile(r"(?:^|[\s_-])(?:nav|aside|\w*footer)(?:$|[\s_-])", re.IGNORECASE)
BESIDE = 300  # characters: an aside, bar or footer that is no longer and has no heading is a byline's box
BESIDE_ELEMENTS = 60
HEADINGS = 40  # of one level looked at
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A block's text on one line, and its ``time`` elements with the place where each begins."""

    text: str
    times: tuple[tuple[int, HtmlElement], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The lines below and above a headline, nearest first, each read from the page when first asked for."""

    after: Iterator[Line] = field(default_factory=lambda: _reread(()))
    before: Iterator[Line] = field(default_factory=lambda: _reread(()))

    def sides(self) -> tuple[Iterator[Line], Iterator[Line]]:
        """Both from their beginning."""
        return copy(self.after), copy(self.before)


def around_headline(tree: HtmlElement, title: str | None) -> Surroundings:
    """The short lines near the headline; nothing where the page has no headline to go by.

    Navigation, asides, footers, lists of related items and comments are passed over.
    """
    headline = _headline(tree, title)
    if headline is None:
        return Surroundings()
    return Surroundings(after=_reread(_after(headline)), before=_reread(_before(headline)))


def _reread(lines: Iterable[Line]) -> Iterator[Line]:
    """An iterator whose copies begin anew and share what was read."""
    return tee(lines, 1)[0]


def _headline(tree: HtmlElement, title: str | None) -> HtmlElement | None:
    """The first heading that says the title, higher levels first; else an h1 of some length, or plain text."""
    title = fold(title or tree.findtext(".//title") or "")
    fallback = None
    for tag in ("h1", "h2", "h3"):
        for element in islice(tree.iter(tag), HEADINGS):
            text = fold(" ".join("".join(element.itertext())[:400].split()))
            if says(text, title):
                return element
            if fallback is None and tag == "h1" and len(text) >= 12 and not is_skipped(element):
                fallback = element
    return plain_headline(tree, title) if fallback is None else fallback


def says(text: str, title: str) -> bool:
    """Whether a heading and a title, both folded, share most of the shorter one's words, or one holds the other."""
    if min(len(text), len(title)) >= 8 and (text in title or title in text):
        return True
    words, wanted = set(_WORDS.findall(text)), set(_WORDS.findall(title))
    fewer = min(len(words), len(wanted))
    return fewer > 1 and len(words & wanted) >= 0.6 * fewer


def is_skipped(element: HtmlElement) -> bool:
    """Whether an element is of a kind that never holds an article's own date.

    >>> from lxml.html import fromstring
    >>> is_skipped(fromstring('<div class="related-posts">26.04.2025</div>'))
    True
    """
    tag = element.tag
    if not isinstance(tag, str) or tag in DATELESS:
        return True
    kind = _kind_of(f"{element.get('class', '')} {element.get('id', '')}")
    if kind == "skipped":
        return True
    return (kind == "beside" or tag in ("aside", "footer")) and not _is_byline_box(element)


@lru_cache(maxsize=4096)  # a page says the same few names over and over
def _kind_of(names: str) -> Literal["skipped", "beside"] | None:
    """What an element's class and id say of its place."""
    if _SKIPPED_CLASS.search(names):
        return "skipped"
    return "beside" if _BESIDE_CLASS.search(names) else None


def _is_byline_box(element: HtmlElement) -> bool:
    """Whether an aside, bar or footer is small and without a heading; a bounded look into it."""
    length = 0
    for number, node in enumerate(element.iter()):
        length += len((node.text or "").strip()) + len((node.tail or "").strip())
        if number > BESIDE_ELEMENTS or length > BESIDE or node.tag in ("h2", "h3", "h4"):
            return False
    return True


def text_of(element: HtmlElement) -> str:
    """The first 200 characters of an element's text, on one line."""
    return " ".join("".join(element.itertext())[:200].split())


def lines_of(tree: HtmlElement) -> Iterator[Line]:
    """All lines of a page's body, without what is skipped, up to the bound of work."""
    body = tree if tree.tag == "body" else tree.find(".//body")
    root = tree if body is None else body
    return _lines(chain.from_iterable(_pieces(child) for child in root))  # its own class is about the whole page


def _after(headline: HtmlElement) -> Iterator[Line]:
    long = 0
    for number, line in enumerate(_lines(_pieces_after(headline))):
        long += len(line.text) >= LONG_LINE
        if number >= LINES_AFTER or long >= LONG_LINES_AFTER:
            return
        yield line


def _before(headline: HtmlElement) -> Iterator[Line]:
    """Lines above the headline in the same container, nearest first, until text that is another block's body."""
    element, count = headline, 0
    for _ in range(LEVELS_UP):
        for sibling in element.itersiblings(preceding=True):
            lines = list(_lines(_pieces(sibling)))
            if any(len(line.text) >= LONG_LINE for line in lines) or count + len(lines) > LINES_BEFORE:
                return
            count += len(lines)
            yield from reversed(lines)
        element = element.getparent()
        if element is None or element.tag in ARTICLE_HOLDERS:
            return


def _pieces_after(headline: HtmlElement) -> Iterator[str | HtmlElement | None]:
    """Texts, ``time`` elements and line ends (None) that follow the headline, to the end of its container."""
    element: HtmlElement | None = headline
    yield None
    while element is not None and element.tag not in ARTICLE_HOLDERS:
        if element.tail:
            yield element.tail
        for sibling in element.itersiblings():
            yield from _pieces(sibling)
            if sibling.tail:
                yield sibling.tail
        yield None
        element = element.getparent()


def _pieces(root: HtmlElement) -> Iterator[str | HtmlElement | None]:
    """A subtree's texts, ``time`` elements and line ends in document order, without what is skipped."""
    stack: list[tuple[HtmlElement | None, str | None]] = [(root, None)]
    for _ in range(STEPS):
        if not stack:
            return
        element, text = stack.pop()
        if element is None:
            yield text
            continue
        if is_skipped(element):
            continue
        ends_line = element.tag not in _RUNS_ON
        if ends_line:
            yield None
            stack.append((None, None))
        if element.tag == "time":
            yield element
        if element.text:
            yield element.text
        for child in reversed(element):
            if child.tail:
                stack.append((None, child.tail))
            stack.append((child, None))


def _lines(pieces: Iterator[str | HtmlElement | None]) -> Iterator[Line]:
    text, times = "", []
    for piece in pieces:
        if isinstance(piece, str):
            text = f"{text} {' '.join(piece.split())}".strip() if len(text) < MAX_LINE else text
        elif piece is not None:
            times.append((len(text), piece))
        elif text or times:
            yield Line(text=text, times=tuple(times))
            text, times = "", []
    if text or times:
        yield Line(text=text, times=tuple(times))
