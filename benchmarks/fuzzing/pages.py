"""Laws of what reads a page: the tree, what it declares, its data, its dates, and the record that is written of it."""

from __future__ import annotations

from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from benchmarks.fuzzing.laws import FETCHED, URL, is_dated, is_line
from benchmarks.fuzzing.target import headed, holds, is_read_twice
from crawler.extraction.dates import find_dates
from crawler.extraction.declared import read_declared, types_of
from crawler.extraction.embedded import MAX_CHARS, embedded_blocks
from crawler.extraction.extract import extract
from crawler.extraction.html import decode_html, parse_html
from crawler.extraction.page_state import MAX_GIVEN, MAX_SCRIPTS, page_states
from crawler.identity import canonical_key
from crawler.items import Extract, FoundBy, Hint, Page, Refused
from crawler.record import Facts, article_id, article_record, id_of_address, known_in, refusal_record, utc_stamp

MOST_STATES = MAX_SCRIPTS * (MAX_GIVEN + 1) + 1


def check_html(data: bytes) -> None:
    """A tree or none; what is valid UTF-8 is read as that."""
    encoding, body = headed(data, "charset")
    text = decode_html(body, encoding or None)
    if body[:4].isascii() and b"\0" not in body:
        holds(text == _utf8(body) or _utf8(body) is None, "valid UTF-8 is read as that", told=text)
    tree = parse_html(body, encoding or None)
    holds(tree is None or isinstance(tree, HtmlElement), "a page is a tree or nothing", told=tree)
    if tree is not None and is_read_twice(data):
        again = parse_html(body, encoding or None)
        same = again is not None and etree.tostring(tree) == etree.tostring(again)
        holds(same, "the same bytes give the same tree")


def check_declared(data: bytes) -> None:
    """Statements that are what their types say; the article is one of the nodes."""
    tree = parse_html(data)
    if tree is None:
        return
    said = read_declared(tree, URL)
    holds(not said.article or any(node is said.article for node in said.nodes), "the article is a node of the page")
    for node in said.nodes:
        holds(all(isinstance(kind, str) for kind in types_of(node)), "types are texts", told=node)
        for value in node.values():
            said.resolve(value)
    for values in (*said.meta.values(), *said.links.values()):
        holds(values and all(value and value == value.strip() for value in values), "no empty statement", told=values)
    if is_read_twice(data):
        holds(read_declared(tree, URL) == said, "the same bytes give the same")


def check_data(data: bytes) -> None:
    """Bounded data of a page's scripts, and at most one text in it that ends."""
    tree = parse_html(data)
    if tree is None:
        return
    states = list(islice(page_states(tree), MOST_STATES + 1))
    holds(len(states) <= MOST_STATES, "states are bounded", told=len(states))
    blocks, source = embedded_blocks(tree, read_declared(tree, URL))
    holds(source in {"", "json-ld articleBody", "page state"}, "the place is told", told=source)
    holds(source or not blocks, "no text without a place", told=blocks)
    holds(sum(len(block.text) for block in blocks) <= MAX_CHARS, "a text ends")


def check_page_dates(data: bytes) -> None:
    """Dates of the calendar, of the web's years, and a tree that is as it was."""
    published, body = headed(data, "published")
    tree = parse_html(body)
    if tree is None:
        return
    before = etree.tostring(tree)
    dates = find_dates(tree, read_declared(tree, URL), _page(body, published), "en")
    holds(etree.tostring(tree) == before, "the tree is only read")
    is_dated(dates.published)
    is_dated(dates.modified)
    holds(all(isinstance(warning, str) and warning for warning in dates.warnings), "a warning says something")


def check_record(data: bytes) -> None:
    """A written line for every page, an article's or a refusal's, that the schema knows; the same each time."""
    published, body = headed(data, "published")
    page = _page(body, published)
    result = extract(page)
    is_line(_record(result))
    if isinstance(result, Extract):
        is_dated(result.published)
        is_dated(result.modified)
        holds(result.trace is None or result.trace.page == canonical_key(URL), "a trace is its page's")
        known = known_in(_record(result))
        holds(known is not None and known.id == article_id(result), "a written line is known again", told=known)
    if is_read_twice(data):
        holds(extract(page) == result, "the same bytes give the same")


def _record(result: Extract | Refused) -> dict[str, object]:
    if isinstance(result, Refused):
        return refusal_record(URL, result, id_of_address(URL))
    stamp = utc_stamp(FETCHED)
    return article_record(result, Facts(id=article_id(result), date_crawled=stamp, first_seen=stamp, http_status=200))


def _page(body: bytes, published: str) -> Page:
    hint = Hint(url=URL, found_by=FoundBy.FEED, title=published, published=published, modified=published)
    return Page(url=URL, body=body, fetched_at=FETCHED, hint=hint if published else None)


def _utf8(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None
