"""What a document says, by its kind: the possible articles that it names, and what else it leads to."""

from __future__ import annotations

from collections.abc import Sequence

from scrapy.http import Response

from crawler.deadline import DeadlineError, deadline
from crawler.extraction.html import parse_html
from crawler.identity import registrable_domain
from crawler.items import FoundBy, Hint
from spiders.answers import charset_of, content_type_of, is_cut
from spiders.cdx import read_cdx
from spiders.documents import Said
from spiders.feed import read_feed
from spiders.search import Search
from spiders.section import MOST_LINKS, article_links, feeds_of, links_of, older_of, section_links
from spiders.sitemap import read_sitemap
from spiders.urls import Answer

LONGEST_S = 10.0  # that a document may hold up all others
Document = tuple[Said, Sequence[Hint]]


def read_document(kind: Answer, response: Response, search: Search, *, is_start: bool) -> Document:
    """What a feed, a sitemap, a front or a section page says; what is amiss with it is noted in the search.

    A start address may show further domains to be the source's own. One that takes longer than it may says nothing.
    """
    try:
        with deadline(LONGEST_S):
            return _read(kind, response, search, is_start=is_start)
    except DeadlineError:
        search.met(f"{response.url} took more than {LONGEST_S:g} s to read")
        search.troubles.append(f"{response.url}: took more than {LONGEST_S:g} s to read")
        return Said(kind=kind), ()


def _read(kind: Answer, response: Response, search: Search, *, is_start: bool) -> Document:
    if is_cut(response):
        search.met(f"{response.url} is larger than it may be, or damaged: its beginning was read")
    if kind is Answer.FEED:
        return _feed(response, search, is_start=is_start)
    if kind is Answer.SITEMAP:
        return _sitemap(response, search, is_start=is_start)
    if kind is Answer.CDX:
        return _cdx(response, search)
    return _list(kind, response, search)


def _cdx(response: Response, search: Search) -> Document:
    cdx = read_cdx(response.body)
    if cdx.is_cut:
        search.met(f"{response.url} is larger than a list may be: {len(cdx.hints):,} addresses were read")
    if not cdx.hints:
        search.troubles.append(f"{response.url}: a CDX list without captures that can be read")
    return Said(kind=Answer.CDX), cdx.hints


def _feed(response: Response, search: Search, *, is_start: bool) -> Document:
    feed = read_feed(response.body, response.url, content_type_of(response))
    sites = (registrable_domain(feed.home),) if is_start and feed.home else ()  # feeds often live on their own host
    search.sites.update(sites)
    if feed.is_cut:
        search.met(f"{response.url} is larger than a feed may be: {len(feed.hints):,} entries were read")
    if not feed.hints:
        what = "a feed without entries that can be read"
        search.troubles.append(what if response.url in search.source.urls else f"{response.url}: {what}")
    return Said(kind=Answer.FEED, sites=sites, older=feed.older), feed.hints


def _sitemap(response: Response, search: Search, *, is_start: bool) -> Document:
    sitemap = read_sitemap(response.body, response.url)
    here = registrable_domain(response.url)
    sites = tuple(registrable_domain(hint.url) for hint in sitemap.hints[:1]) if is_start else ()
    search.sites.update(sites)
    children = tuple(
        child for child in sitemap.children if search.owns(child.url) or registrable_domain(child.url) == here
    )
    if sitemap.is_cut:
        read = len(sitemap.hints) + len(sitemap.children)
        search.met(f"{response.url} is larger than a sitemap may be, or damaged: {read:,} entries were read")
    if is_start and not sitemap.hints and not children:
        search.troubles.append("a sitemap without entries that can be read")
    return Said(kind=Answer.SITEMAP, sites=sites, sitemaps=children), sitemap.hints


def _list(kind: Answer, response: Response, search: Search) -> Document:
    tree = parse_html(response.body, charset_of(response))
    if tree is None:
        return Said(kind=kind), ()
    links = links_of(tree, response.url, search.sites)
    if len(links) >= MOST_LINKS:
        search.met(f"more than {MOST_LINKS:,} links on {response.url}")
    sections = tuple(link.url for link in section_links(links))
    hints = [Hint(url=link.url, found_by=FoundBy.LINK) for link in article_links(links)]
    said = Said(
        kind=kind,
        sections=sections,
        feeds=tuple(feeds_of(tree, response.url)),
        older=older_of(tree, response.url),
    )
    return said, hints
