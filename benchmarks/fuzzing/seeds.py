"""What the mutations start from: our own test pages, and the documents of the example newspaper, cut to a few KB."""

from __future__ import annotations

import datetime as dt
import gzip
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from benchmarks.fuzzing import words
from crawler.warcs import Exchange, records_of
from tests.newspaper.content import Article, articles
from tests.newspaper.edition import Edition
from tests.newspaper.feeds import atom, news_sitemap, rss, sitemap_index
from tests.small_sites.site import small_sites

EDITION = Edition(outlet="lantern", name="The Lantern", base="https://news.example.org")
PAGES = Path(__file__).parents[2] / "tests" / "pages"
ENTRIES = 3
EVERY = 12  # of the small sites' pages, which are much alike within a site
_SCRIPT = re.compile(rb"<script.*?</script>", re.DOTALL)


@cache
def pages() -> Sequence[bytes]:
    """Whole pages of articles in several languages, 1 to 7 KB each."""
    saved = [path.read_bytes() for path in sorted(PAGES.glob("*/page.html"))]
    drawn = [page.html for site in small_sites() for page in site.pages()]
    return (*saved, *drawn[::EVERY])


@cache
def scripts() -> Sequence[bytes]:
    """The data that those pages hold in scripts, one script a page."""
    return tuple(match[0] for page in pages() for match in _SCRIPT.finditer(page)) + tuple(pages()[:4])


def feeds() -> Sequence[bytes]:
    """An RSS, an Atom and a JSON feed of a few entries, one with a transport header."""
    found = rss(EDITION, _some()).body, atom(EDITION, _timed(), "/atom.xml").body
    headed = b"content-type: application/rss+xml; charset=utf-8\n" + found[0]
    entry = b'{"url": "/a", "title": "A", "date_published": "2025-04-26T10:15:00Z", "language": "en"}'
    return (*found, headed, b'{"version": "https://jsonfeed.org/version/1.1", "items": [%s, %s]}' % (entry, entry))


def sitemaps() -> Sequence[bytes]:
    """A news sitemap, an index, a list of addresses, and one of them packed."""
    news = news_sitemap(EDITION, _some()).body
    index = sitemap_index(EDITION.base, ["/news.xml", "/map-2025-04.xml", "/video.xml"]).body
    return news, index, gzip.compress(news), b"\n".join(words.ADDRESSES)


def warcs() -> Sequence[bytes]:
    """An exchange as we write it, as it is and packed, and one whose answer is packed as well."""
    moment = dt.datetime(2025, 5, 1, 12, tzinfo=dt.UTC)
    page, html = b"<html><p>A page", (b"Content-Type", b"text/html")
    exchanges = [
        Exchange(
            url="https://news.example.org/a",
            at=moment,
            request_line="GET /a HTTP/1.1",
            request_headers=(),
            status_line="HTTP/1.1 200 OK",
            headers=headers,
            body=body,
        )
        for body, headers in ((page, [html]), (gzip.compress(page), [html, (b"Content-Encoding", b"gzip")]))
    ]
    plain = [b"".join(records_of(exchange)) for exchange in exchanges]
    return (*plain, *map(gzip.compress, plain), b"".join(gzip.compress(record) for record in records_of(exchanges[0])))


def robots() -> Sequence[bytes]:
    """A robots.txt of every kind of line."""
    return (b"".join(words.ROBOTS), b"User-agent: *\nDisallow: /search\nAllow: /\nCrawl-delay: 2\n")


def answers() -> Sequence[bytes]:
    """Documents of every kind that a start address may be."""
    return (*feeds(), *sitemaps(), *pages()[:8])


def page_dates() -> Sequence[bytes]:
    """Pages, and one with what a feed said of it."""
    return (*pages(), b"published: Sat, 26 Apr 2025 10:15:00 GMT\n" + pages()[0])


def packed() -> Sequence[bytes]:
    """Gzip of one and of two members, whole and torn."""
    one = gzip.compress(pages()[0])
    return one, one + gzip.compress(b"more"), one[:-5], b"not packed"


def packed_pages() -> Sequence[bytes]:
    """Pages as they wait in the state."""
    import datetime as dt

    from crawler.items import FoundBy, Hint, Page
    from crawler.packing import pack

    page = Page(url=EDITION.base, body=b"<p>a", fetched_at=dt.date(2025, 4, 26))
    hint = Hint(url=EDITION.base, found_by=FoundBy.FEED)
    hinted = Page(url=EDITION.base, body=b"", fetched_at=dt.datetime(2025, 4, 26, tzinfo=dt.UTC), hint=hint)
    return pack(page, "a"), pack(hinted, "b")


def _some() -> Sequence[Article]:
    return EDITION.articles[:ENTRIES] or articles()[:ENTRIES]


def _timed() -> Sequence[Article]:
    return [article for article in articles() if "T" in article.published][:ENTRIES]


def each(tokens: Sequence[bytes]) -> Iterator[bytes]:
    """The words themselves, for what reads single texts."""
    yield from tokens
