"""Laws of what names articles: feeds, sitemaps, robots.txt, the links of a page, and what kind of answer it is."""

from __future__ import annotations

import math

from benchmarks.fuzzing.laws import URL, is_hint, is_web
from benchmarks.fuzzing.target import headed, holds, is_read_twice
from crawler.extraction.html import parse_html
from crawler.identity import canonical_key, registrable_domain
from crawler.robots import read_robots
from crawler.robotstxt import LONGEST_CRAWL_DELAY_S
from spiders import cdx, feed, sitemap
from spiders.cdx import read_cdx
from spiders.feed import read_feed
from spiders.section import MOST_FEEDS, MOST_LINKS, article_links, feeds_of, links_of, older_of, section_links
from spiders.sitemap import ranked, read_sitemap
from spiders.urls import Answer, kind_of
from spiders.when import believable, moment_of

SITE = registrable_domain(URL)
ASKED = ("", "/", "/world", "/world/a?b=c#d", "/%7Ea/%2F*$", "/\u00e4/\u2028")


def check_feed(data: bytes) -> None:
    """Bounded hints that are requests, and the same of the same bytes."""
    content_type, body = headed(data, "content-type")
    found = read_feed(body, URL, content_type)
    holds(len(found.hints) <= feed.MOST_ENTRIES, "hints are bounded", told=len(found.hints))
    for hint in believable(found.hints):
        is_hint(hint)
    for url in (found.home, found.older):
        if url is not None:
            is_web(url)
    if is_read_twice(data):
        holds(read_feed(body, URL, content_type) == found, "the same bytes give the same", told=found)


def check_cdx(data: bytes) -> None:
    """Bounded addresses that can be asked for, each once with the moment of a capture or none."""
    found = read_cdx(data)
    urls = [hint.url for hint in found.hints]
    holds(len(urls) <= cdx.MOST_ADDRESSES, "addresses are bounded", told=len(urls))
    holds(len(set(urls)) == len(urls), "each address once", told=urls)
    for hint in found.hints:
        is_hint(hint)
        is_moment = hint.captured is None or hint.captured[8:10] > "28" or moment_of(hint.captured) is not None
        holds(is_moment, "a capture is a moment", told=hint.captured)
    if is_read_twice(data):
        holds(read_cdx(data) == found, "the same bytes give the same", told=found)


def check_sitemap(data: bytes) -> None:
    """Bounded hints and children that are requests, and an order among the children."""
    found = read_sitemap(data, URL)
    count = len(found.hints) + len(found.children)
    holds(count <= sitemap.MOST_ENTRIES, "entries are bounded", told=count)
    for hint in believable(found.hints):
        is_hint(hint)
    for child in found.children:
        is_web(child.url)
    holds(set(ranked(found.children)) <= set(found.children), "ranked children are the same", told=found.children)
    if is_read_twice(data):
        holds(read_sitemap(data, URL) == found, "the same bytes give the same", told=found)


def check_robots(data: bytes) -> None:
    """An answer to every address, and a delay that can be waited for."""
    rules = read_robots(200, data, "dateline")
    delay_s = rules.robots.crawl_delay_s
    is_delay = delay_s is None or (math.isfinite(delay_s) and 0 < delay_s <= LONGEST_CRAWL_DELAY_S)
    holds(is_delay, "a delay is a time within bounds", told=delay_s)
    holds(all(isinstance(url, str) for url in rules.robots.sitemaps), "sitemaps are texts", told=rules.robots.sitemaps)
    for path in ASKED:
        holds(isinstance(rules.allows(f"https://example.org{path}"), bool), "an address is allowed or not")


def check_links(data: bytes) -> None:
    """Bounded links of the site alone, each page once, and feeds and a next page that are requests."""
    tree = parse_html(data)
    if tree is None:
        return
    links = links_of(tree, URL, [SITE])
    holds(len(links) <= MOST_LINKS, "links are bounded", told=len(links))
    for link in links:
        is_web(link.url)
        holds(registrable_domain(link.url) == SITE, "a link is of the site", told=link.url)
        holds("#" not in link.url, "a link has no fragment", told=link.url)
    keys = {canonical_key(link.url) for link in links}
    holds(len(keys) == len(links), "a page is named once", told=keys)
    holds({*article_links(links), *section_links(links)} <= {*links}, "what is followed was found")
    feeds = feeds_of(tree, URL)
    holds(len(feeds) <= MOST_FEEDS, "feeds are bounded", told=len(feeds))
    older = older_of(tree, URL)
    for url in (*feeds, older) if older else feeds:
        is_web(url)


def check_kind(data: bytes) -> None:
    """One kind for every answer, the same each time."""
    content_type, body = headed(data, "content-type")
    for url in (URL, "https://news.example.org/world/"):
        kind = kind_of(body, url, content_type)
        holds(isinstance(kind, Answer), "an answer has a kind", told=kind)
        if is_read_twice(data):
            holds(kind_of(body, url, content_type) is kind, "the same bytes are the same", told=kind)
