"""Below the headline: lines that name the authors although no element marks them as a byline."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice, takewhile

from lxml import etree
from lxml.html import HtmlElement

from crawler.extraction.bylines import MAX_BYLINE, has_sure_lead, read_names
from crawler.extraction.fingerprints import place_of
from crawler.extraction.text import clean_line, text_key
from crawler.extraction.texts import path_of
from crawler.extraction.visible import Places, shown_text

MAX_BELOW = 300  # elements looked at
LONG = 200  # characters: a paragraph of this length is the text itself
MAX_KNOWN = 4  # places of one page that the site's memory is told of
_LINES = frozenset("p span div small em strong i b li h2 h3 h4 h5 td font cite".split())


def unmarked_bylines(places: Places) -> Iterator[list[str]]:
    """The names in lines that no element marks, between the headline and the first paragraph.

    Either a line that begins with "By" in one of the languages, or a bold line that is nothing but names.
    """
    for element in _below(places):
        text = _line(element)
        if element.tag == "p" and len(text) > LONG:
            return
        lead = has_sure_lead(text)
        if 4 < len(text) <= 120 and (lead or _is_all_bold(element)):
            names = read_names(text)
            if names and (lead or sum(map(len, names)) >= 0.8 * len(text)):
                yield names


def known_bylines(places: Places, known: Collection[int]) -> Iterator[list[str]]:
    """The names where the site is known to have its bylines."""
    seen: set[int] = set()
    for element in _above_text(places) if known else ():
        place = place_of(*path_of(element))
        if place in known and place not in seen and len(text := shown_text(element)) <= MAX_BYLINE:
            seen.add(place)
            yield read_names(text)


def places_of_names(places: Places, names: Collection[str]) -> tuple[int, ...]:
    """Where the first of the elements below the headline that are in the same place shows one of the names."""
    keys, above, found = {text_key(name) for name in names}, list(_above_text(places)), dict[int, None]()
    for element in _holders(above, names):
        path = path_of(element)
        first = next(e for e in above if e.tag == element.tag and path_of(e) == path)
        if first is element and keys & {text_key(name) for name in read_names(shown_text(element))}:
            found[place_of(*path)] = None
    return tuple(found)[:MAX_KNOWN]


def _holders(elements: Collection[HtmlElement], names: Collection[str]) -> list[HtmlElement]:
    """The elements with a name in a piece of their own text."""
    among, holders = set(elements), []
    for element in elements:
        for holder, text in ((element, element.text), (element.getparent(), element.tail)):
            if text and holder in among and len(text) <= MAX_BYLINE and any(name in text for name in names):
                holders.append(holder)
    return list(dict.fromkeys(holders))


def _above_text(places: Places) -> Iterator[HtmlElement]:
    """What stands between the headline and the first paragraph."""
    return takewhile(lambda e: e.tag != "p" or len(e.text or "") <= LONG, _below(places))


def _below(places: Places) -> Iterator[HtmlElement]:
    headline = places.h1[-1] if places.h1 else places.headline
    return islice(_after(headline), MAX_BELOW) if headline is not None else iter(())


def _after(element: HtmlElement) -> Iterator[HtmlElement]:
    """The elements that follow in document order."""
    node = element
    while node is not None:
        for sibling in node.itersiblings():
            yield from sibling.iter(etree.Element)
        node = node.getparent()


def _line(element: HtmlElement) -> str:
    """The text of an element that may be a line, or of the line that a break begins."""
    if element.tag == "br":
        return clean_line(element.tail or "")
    return shown_text(element) if element.tag in _LINES and len(element) <= 12 else ""


def _is_all_bold(element: HtmlElement) -> bool:
    if element.tag != "p" or len(element) != 1 or (element.text or "").strip():
        return False
    return element[0].tag in ("strong", "b") and not (element[0].tail or "").strip()
