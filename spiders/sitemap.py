"""Sitemaps (sitemaps.org, Google News) from bytes: what they name and what they say of it."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from crawler.gzipped import unpacked
from crawler.identity import web_address
from crawler.items import FoundBy, Hint
from spiders.when import day_in, moment_of
from spiders.xml import with_ampersands

MOST_ENTRIES = 50_000  # the protocol's own limit for one file
MOST_BYTES = 50 * 1024 * 1024  # likewise, unpacked
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
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"\x00" not in body[:4]:
        return _text_sitemap(body, is_cut=is_cut)
    hints: list[Hint] = []
    children: list[Child] = []
    for entry in _entries(body, url):
        if len(hints) + len(children) >= MOST_ENTRIES:
            is_cut = True
            break
        if isinstance(entry, Hint):
            hints.append(entry)
        else:
            children.append(entry)
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
    lines = (web_address("", line) for line in body.decode("utf-8-sig", errors="replace").splitlines())
    urls = [url for url in lines if url]
    hints = tuple(Hint(url=url, found_by=FoundBy.SITEMAP) for url in urls[:MOST_ENTRIES])
    return Sitemap(hints=hints, is_cut=is_cut or len(urls) > MOST_ENTRIES)


def _entries(body: bytes, base: str) -> Iterator[Hint | Child]:
    parser = etree.iterparse(
        io.BytesIO(with_ampersands(body)), recover=True, resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        for _, element in parser:
            name = _local(element)
            if name not in {"url", "sitemap"} or _local(element.getparent()) not in {"urlset", "sitemapindex", ""}:
                continue
            entry = _entry(element, name, base)
            element.clear()
            while element.getprevious() is not None:  # siblings that are done would hold the memory of the whole file
                del element.getparent()[0]
            if entry is not None:
                yield entry
    except etree.XMLSyntaxError:
        return  # nothing in it can be read any more; what came before has been given


def _entry(element: etree._Element, name: str, base: str) -> Hint | Child | None:
    said = {_local(child): (child.text or "").strip() for child in element if child.text}
    url = web_address(base, said.get("loc", ""))
    if url is None:
        return None
    modified = said.get("lastmod") or None
    if name == "sitemap":
        return Child(url=url, modified=modified)
    news = next((child for child in element if _local(child) == "news"), None)
    if news is None:
        return Hint(url=url, found_by=FoundBy.SITEMAP, modified=modified)
    words = {_local(child): (child.text or "").strip() for child in news.iter() if child.text}
    return Hint(
        url=url,
        found_by=FoundBy.NEWS_SITEMAP,
        title=" ".join(words.get("title", "").split()) or None,
        published=words.get("publication_date") or None,
        modified=modified,
        language=words.get("language") or None,
    )


def _local(element: etree._Element | None) -> str:
    """The name without its namespace, or without a prefix whose namespace was not declared."""
    if element is None or not isinstance(element.tag, str):
        return ""
    return re.split(r"[}:]", element.tag)[-1].lower()
