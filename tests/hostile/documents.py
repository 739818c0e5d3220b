"""Feeds and sitemaps that are too large, broken, endless, or bombs of their own kind."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler

from crawler.items import Outcome
from tests.hostile.articles import article
from tests.hostile.case import Answer, Case, Reply
from tests.hostile.raw import head

MB = 1_000_000
RSS, XML = "application/rss+xml", "application/xml"
MAP = "/sitemap.xml"


def _urls(*addresses: str) -> str:
    return "".join(f"<url><loc>{address}</loc></url>" for address in addresses)


def _items(*addresses: str, more: str = "") -> str:
    return "".join(f"<item><link>{address}</link>{more}</item>" for address in addresses)


def _good(name: str) -> tuple[str, str]:
    return f"{{base}}/news/{name}-1", f"{{base}}/news/{name}-2"


def _sitemap(name: str, body: str, says: str = "", pages: Mapping[str, Answer] | None = None) -> Case:
    """An outlet with such a sitemap; ``{urls}`` stands for its good entries."""
    text = body.replace("{urls}", _urls(*_good(name))).replace("{first}", _urls(_good(name)[0]))
    text = text.replace("{second}", _urls(_good(name)[1]))
    return Case(name=name, start=MAP, pages={MAP: Reply(kind=XML, body=text), **(pages or {})}, says=says)


def _feed(name: str, body: str, says: str = "") -> Case:
    """An outlet with such a feed; ``{items}`` stands for its good entries."""
    text = body.replace("{items}", _items(*_good(name))).replace("{first}", _items(_good(name)[0]))
    text = text.replace("{second}", _items(_good(name)[1]))
    return Case(name=name, pages={"/feed.xml": Reply(kind=RSS, body=text)}, says=says)


# Too large: the good entries, then 60 MB of others; read in a crawl of their own, tests/test_hostile_slow.py.

_FILLER_URL = _urls("http://elsewhere.example/news/a-long-story-of-another-outlet") * 1_000
_FILLER_ITEM = _items("http://elsewhere.example/news/a-long-story-of-another-outlet") * 1_000


def _large(name: str, kind: str, start: str, filler: str, end: str) -> Iterator[bytes]:
    yield start.encode()
    for _ in range(60 * MB // len(filler)):
        yield filler.encode()
    yield end.encode()


def _sent(kind: str, pieces: Callable[[str], Iterator[bytes]], *lines: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        base = f"http://{handler.headers['Host']}"
        handler.close_connection = True
        handler.wfile.write(head(*lines, kind=kind))
        for piece in pieces(base):
            handler.wfile.write(piece)

    return answer


def _large_sitemap(name: str, packed: str = "") -> Case:
    def pieces(base: str) -> Iterator[bytes]:
        urls = _urls(*(address.replace("{base}", base) for address in _good(name)))
        content = _large(name, XML, f"<urlset>{urls}", _FILLER_URL, "</urlset>")
        yield from [gzip.compress(b"".join(content), 1)] if packed else content

    lines = ("Content-Encoding: gzip",) if packed == "encoding" else ()
    pages = {
        MAP: _sent(XML, pieces, *lines),
        "/robots.txt": Reply(body="Sitemap: {base}/sitemap.xml", kind="text/plain"),
    }
    front = Reply(body="<html><body>A front page without links.</body></html>")
    return Case(name=name, start="/", pages={**pages, "/": front}, says="larger than")


def _large_feed(name: str) -> Case:
    def pieces(base: str) -> Iterator[bytes]:
        items = _items(*(address.replace("{base}", base) for address in _good(name)))
        yield from _large(name, RSS, f'<rss version="2.0"><channel>{items}', _FILLER_ITEM, "</channel></rss>")

    return Case(name=name, pages={"/feed.xml": _sent(RSS, pieces)}, says="larger than")


LARGE = (
    _large_sitemap("sitemap-60-mb"),
    _large_sitemap("sitemap-60-mb-gz", "file"),
    _large_sitemap("sitemap-60-mb-encoded", "encoding"),
    _large_feed("feed-60-mb"),
)

# Endless: indexes that lead on and on.

_INDEX = "<sitemapindex><sitemap><loc>{{base}}/map-{0}.xml</loc></sitemap></sitemapindex>"
_WIDE = "".join(f"<sitemap><loc>{{base}}/map-{number}.xml</loc></sitemap>" for number in range(500))
ENDLESS = (
    _sitemap(
        "sitemap-lists-itself",
        "<sitemapindex><sitemap><loc>{base}/sitemap.xml</loc></sitemap><sitemap><loc>{base}/news.xml</loc></sitemap>"
        "</sitemapindex>",
        pages={"/news.xml": Reply(kind=XML, body=f"<urlset>{_urls(*_good('sitemap-lists-itself'))}</urlset>")},
    ),
    _sitemap(
        "sitemap-index-endless",
        "<sitemapindex><sitemap><loc>{base}/map-0.xml</loc></sitemap><sitemap><loc>{base}/news.xml</loc></sitemap>"
        "</sitemapindex>",
        says="nested deeper than 3",
        pages={
            "/news.xml": Reply(kind=XML, body=f"<urlset>{_urls(*_good('sitemap-index-endless'))}</urlset>"),
            **{f"/map-{n}.xml": Reply(kind=XML, body=_INDEX.format(n + 1)) for n in range(50)},
        },
    ),
    _sitemap(
        "sitemap-index-wide",
        f"<sitemapindex><sitemap><loc>{{base}}/news.xml</loc></sitemap>{_WIDE}</sitemapindex>",
        says="more than 50 sitemaps",
        pages={
            "/news.xml": Reply(kind=XML, body=f"<urlset>{_urls(*_good('sitemap-index-wide'))}</urlset>"),
            **dict.fromkeys((f"/map-{n}.xml" for n in range(500)), Reply(kind=XML, body="<urlset></urlset>")),
        },
    ),
)

# Entities: those that grow, and those that fetch.

_LOLS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
_LAUGHS = f'<!DOCTYPE x [<!ENTITY l0 "ha">{_LOLS}]>'
_BLOW = f'<!DOCTYPE x [<!ENTITY a "{"a" * 3_000}">]>'
_FETCH = (
    '<!DOCTYPE x SYSTEM "{private}/dtd" [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY h SYSTEM "{private}/xxe">'
    '<!ENTITY % p SYSTEM "{private}/param"> %p;]>'
)
_STYLE = '<?xml version="1.0"?><?xml-stylesheet href="{private}/style.xsl" type="text/xsl"?>'
_XINCLUDE = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{private}/include"/>'


def _xhtml(name: str, doctype: str, reference: str) -> Case:
    """An XHTML page with entities before its article, which is read without them."""
    path = f"/news/{name}-page"
    html = article(f"{name}-page").html.replace("<!doctype html>", f'<?xml version="1.0"?>{doctype}')
    body = html.replace("</body>", f"<footer><a href='/x'>{reference}</a></footer></body>")
    return Case(
        name=name,
        pages={path: Reply(body=body, kind="application/xhtml+xml")},
        ends={path: Outcome.SAVED},
    )


ENTITIES = (
    _sitemap(
        "sitemap-laughs", f"{_LAUGHS}<urlset>{{first}}<url><loc>{{base}}/news/&l9;</loc></url>{{second}}</urlset>"
    ),
    _sitemap("sitemap-blow-up", f"{_BLOW}<urlset>{{urls}}<url><loc>{{base}}/{'&a;' * 100_000}</loc></url></urlset>"),
    _sitemap(
        "sitemap-fetches",
        f"{_STYLE}{_FETCH}<urlset>{{first}}{_XINCLUDE}<url><loc>{{base}}/news/&f;&h;</loc></url>{{second}}</urlset>",
    ),
    _feed("feed-laughs", f'{_LAUGHS}<rss version="2.0"><channel><title>&l9;</title>{{items}}</channel></rss>'),
    _feed(
        "feed-blow-up", f'{_BLOW}<rss version="2.0"><channel><title>{"&a;" * 100_000}</title>{{items}}</channel></rss>'
    ),
    _feed(
        "feed-fetches",
        f'{_STYLE}{_FETCH}<rss version="2.0"><channel>{{first}}<title>&f;&h;</title>'
        f"{_XINCLUDE}{{second}}</channel></rss>",
    ),
    _xhtml("xhtml-laughs", _LAUGHS, "&l9;"),
    _xhtml("xhtml-blow-up", _BLOW, "&a;" * 100_000),
    _xhtml("xhtml-fetches", _FETCH, "&f;&h;"),
)

# Broken: what comes before a break is kept, and a bad entry costs itself alone.

BAD = (
    "http://[", "", "   ", "not an address", "http://", "http://{host}:port/news/a", "\x01\x02", "&#0;&#xFFFF;&nope;",
    "%", "\ud800",
    "<b>{base}/news/nested</b>", "<![CDATA[]]>", "{base}/" + "a" * 100_000, "http://" + "a" * 300 + ".example/",
    "{base}/\x00",
    "http://xn--\x80.example/", "//", "?", "#", "http://a b/", "https://{host}:99999999999/",
)  # fmt: skip
BROKEN = (
    _sitemap("sitemap-bad-entries", f"<urlset>{{first}}{_urls(*BAD)}<url/><url><loc/></url>{{second}}</urlset>"),
    _feed("feed-bad-entries", f'<rss version="2.0"><channel>{{first}}{_items(*BAD)}<item/>{{second}}</channel></rss>'),
    _sitemap("sitemap-torn", "<urlset>{urls}<url><loc>http://{host}/ne"),
    _feed("feed-torn", '<rss version="2.0"><channel>{items}<item><title>On'),
    _sitemap("sitemap-garbage-after", "<urlset>{urls}</url></url></nothing><<<>>>&&& \x00\x01 <url><loc>"),
    _feed("feed-garbage-after", '<rss version="2.0"><channel>{items}</nothing></x><<<>>> && \x01 <item>'),
    _sitemap("sitemap-deep", f"<urlset>{{urls}}{'<a>' * 100_000}"),
    _feed("feed-deep", f'<rss version="2.0"><channel>{{items}}{"<a>" * 100_000}'),
)

# Dates: of no time, of all times.

DATES = (
    "0000-00-00T00:00:00Z", "0000-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "9999-12-31",
    "99999-01-01T00:00:00Z", "2999-01-01T00:00:00Z", "-0001-11-30T00:00:00Z", "1970-01-01T00:00:00Z",
    "Mon, 00 Jan 0000 00:00:00 +0000", "Fri, 31 Dec 9999 23:59:59 -1200", "Sat, 31 Feb 2025 25:61:61 +9999",
    "Wed, 01 Jan 20250 00:00:00 GMT", "Wed, 01 Jan 2025 00:00:00 +999999999999", "1" * 5_000, "\u0661\u0662", "0",
    "NaN",
)  # fmt: skip


def _dated_items(name: str) -> str:
    tags = ("pubDate", "dc:date", "published", "updated")
    addresses = [f"{{base}}/news/{name}-{number}" for number in range(1, len(DATES) + 1)]
    said = ["".join(f"<{tag}>{date}</{tag}>" for tag in tags) for date in DATES]
    return "".join(_items(address, more=more) for address, more in zip(addresses, said, strict=True))


def _dated_urls(name: str) -> str:
    addresses = [f"{{base}}/news/{name}-{number}" for number in range(1, len(DATES) + 1)]
    return "".join(
        f"<url><loc>{address}</loc><lastmod>{date}</lastmod><n:news><n:publication_date>{date}</n:publication_date>"
        "</n:news></url>"
        for address, date in zip(addresses, DATES, strict=True)
    )


DATED = (
    Case(
        name="feed-dates",
        good=len(DATES),
        pages={
            "/feed.xml": Reply(
                kind=RSS,
                body=f'<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{_dated_items("feed-dates")}'
                "</channel></rss>",
            )
        },
    ),
    Case(
        name="sitemap-dates",
        start=MAP,
        good=len(DATES),
        pages={
            MAP: Reply(
                kind=XML,
                body='<urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">'
                f"{_dated_urls('sitemap-dates')}</urlset>",
            )
        },
    ),
)

CASES = (*ENDLESS, *ENTITIES, *BROKEN, *DATED)
