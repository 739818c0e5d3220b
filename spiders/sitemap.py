"""Sitemaps (sitemaps.org, Google News) from bytes: what they name and what they say of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from crawler.gzipped import unpacked
from crawler.identity import web_address
from crawler.items import FoundBy, Hint
from spiders.when import day_in, moment_of
from spiders.xml import mended_pieces, width_of

MOST_ENTRIES = 50_000  # the protocol's own limit for one file
MOST_ELEMENTS = 1_000_000  # twenty for each of them; a second or two
DEEPEST = 256  # elements in one another, as libxml2 has it for trees
LONGEST_TEXT = 10_000  # characters of one element
MOST_BYTES = 50 * 1024 * 1024  # likewise, unpacked
_XML = re.compile(rb"[\xef\xbb\xbf\xff\xfe\0 \t\r\n]*+<")  # after a mark of order, in any width
_NEWS = re.compile(r"news|latest|recent|today", re.IGNORECASE)
# sitemaps of things that are no articles, by their file names
_OTHER = re.compile(
    r"(?:^|[/_.-])(?:videos?|images?|photos?|galler(?:y|ies)|tags?|post_tag|topics?|authors?|categor(?:y|ies)|users?|"
    r"products?|events?|pages?|static|sections?|recipes?|podcasts?)(?:[/_.-]|\d|sitemap|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A sitemap that an index names."""

    url: str
    modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What one sitemap file names: pages, other sitemaps, or nothing."""

    hints: tuple[Hint, ...] = ()
    children: tuple[Child, ...] = ()
    is_cut: bool = False  # more than the limits was there


def read_sitemap(body: bytes, url: str) -> Sitemap:
    """The entries of a sitemap, an index or a list of addresses, packed or not, in the order of the file.

    A bad entry is left out; of a broken file, what came before the break is kept. Nothing is fetched or expanded.
    """
    content = unpacked(body, MOST_BYTES)
    body, is_cut = content.body, content.is_over or content.damage is not None
    if not _XML.match(body):
        return _text_sitemap(body, is_cut=is_cut)
    hints: list[Hint] = []
    children: list[Child] = []
    try:
        for entry in _entries(body, url):
            if len(hints) + len(children) >= MOST_ENTRIES:
                is_cut = True
                break
            if isinstance(entry, Hint):
                hints.append(entry)
            else:
                children.append(entry)
    except _TooManyError:
        is_cut = True
    return Sitemap(hints=tuple(hints), children=tuple(children), is_cut=is_cut)


def ranked(children: Iterable[Child]) -> list[Child]:
    """Sitemaps worth reading, most promising first: news ones, then the newest by date and by number in the name.

    >>> names = ("map-1.xml", "video.xml", "map-2.xml", "news.xml")
    >>> [child.url[14:] for child in ranked(Child(url=f"https://e.org/{name}") for name in names)]
    ['news.xml', 'map-2.xml', 'map-1.xml']
    """

    def rank(child: Child) -> tuple[bool, float, dt.date, list[int]]:
        moment = moment_of(child.modified)
        name = urlsplit(child.url).path
        numbers = [int(number[:12]) for number in re.findall(r"\d+", name)]
        return (
            bool(_NEWS.search(name)),
            moment.timestamp() if moment else 0.0,
            day_in(child.url) or dt.date.min,
            numbers,
        )

    kept = [child for child in children if not _OTHER.search(urlsplit(child.url).path) or _NEWS.search(child.url)]
    return sorted(kept, key=rank, reverse=True)


def _text_sitemap(body: bytes, *, is_cut: bool) -> Sitemap:
    text = body.decode(width_of(body) or "utf-8", errors="replace").removeprefix("\ufeff")
    lines = (web_address("", line) for line in text.splitlines())
    urls = [url for url in lines if url]
    hints = tuple(Hint(url=url, found_by=FoundBy.SITEMAP) for url in urls[:MOST_ENTRIES])
    return Sitemap(hints=hints, is_cut=is_cut or len(urls) > MOST_ENTRIES)


def _entries(body: bytes, base: str) -> Iterator[Hint | Child]:
    reader = _Reader(base)
    target: Any = reader  # comments and the like need no method
    parser = etree.XMLParser(target=target, recover=True, resolve_entities=False, no_network=True, load_dtd=False)
    try:
        for piece in mended_pieces(body):
            parser.feed(piece)
            yield from reader.taken()
        parser.close()
    except etree.XMLSyntaxError:
        pass  # nothing in it can be read any more
    except _TooManyError:
        yield from reader.taken()
        raise
    yield from reader.taken()


class _TooManyError(Exception):
    """More elements than a sitemap may have, or deeper ones."""


class _Reader:
    """Takes entries from a parser's events: no tree is built, as its size would be the stranger's choice."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._entries: list[Hint | Child] = []
        self._open: list[str] = []  # names of the elements around
        self._entry_depth = 0  # where the entry stands that is being read; 0 outside of one
        self._said: dict[str, str] = {}
        self._news: dict[str, str] | None = None
        self._text, self._is_leaf, self._count = "", False, 0

    def taken(self) -> list[Hint | Child]:
        """The entries that are complete by now, each once."""
        entries, self._entries = self._entries, []
        return entries

    def start(self, tag: str | bytes, attrib: object) -> None:  # noqa: ARG002 (lxml's own form)
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._open) > DEEPEST:
            raise _TooManyError
        name, around = _local(str(tag)), self._open[-1] if self._open else ""
        self._open.append(name)
        self._text, self._is_leaf = "", True
        if not self._entry_depth and name in {"url", "sitemap"} and around in {"urlset", "sitemapindex", ""}:
            self._entry_depth, self._said, self._news = len(self._open), {}, None
        elif name == "news" and len(self._open) == self._entry_depth + 1:
            self._news = {}

    def data(self, data: str | bytes) -> None:
        if self._entry_depth and len(self._text) < LONGEST_TEXT:
            self._text += str(data)

    def end(self, tag: str | bytes) -> None:  # noqa: ARG002
        name, depth = self._open[-1], len(self._open) - self._entry_depth
        if self._entry_depth and depth == 0:
            self._end_entry(name)
        elif self._entry_depth and self._is_leaf and (text := self._text.strip()):
            if depth == 1:
                self._said[name] = text
            elif self._news is not None and self._open[self._entry_depth] == "news":
                self._news[name] = text
        self._open.pop()
        self._is_leaf = False

    def close(self) -> None:
        """Nothing is to be handed over."""

    def _end_entry(self, name: str) -> None:
        self._entry_depth = 0
        if entry := _entry(name, self._said, self._news, self._base):
            self._entries.append(entry)


def _entry(name: str, said: Mapping[str, str], news: Mapping[str, str] | None, base: str) -> Hint | Child | None:
    url = web_address(base, said.get("loc", ""))
    if url is None:
        return None
    modified = said.get("lastmod") or None
    if name == "sitemap":
        return Child(url=url, modified=modified)
    if news is None:
        return Hint(url=url, found_by=FoundBy.SITEMAP, modified=modified)
    return Hint(
        url=url,
        found_by=FoundBy.NEWS_SITEMAP,
        title=" ".join(news.get("title", "").split()) or None,
        published=news.get("publication_date") or None,
        modified=modified,
        language=news.get("language") or None,
    )


def _local(tag: str) -> str:
    """A name without its namespace, or without a prefix whose namespace was not declared."""
    return tag.rpartition("}")[2].rpartition(":")[2].lower()
