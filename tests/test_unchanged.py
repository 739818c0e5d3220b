"""What a later run asks a small site for: only what may have changed, and nothing is lost by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from crawler.robotstxt import ROBOTS_PATH
from crawler.tdmrep import TDMREP_PATH
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html, records_in

Dateline = Callable[..., Result]
LOCAL = ("--allow", "127.0.0.0/8", "--delay", "0")
XML = {"Content-Type": "application/xml"}
PLACES = "Ashmere Brockle Cawdon Dunsby Eltham Farnley".split()


def page(number: int) -> bytes:
    place = PLACES[number]
    return article_html(f"Bridge at {place} closed after the storm", head=PUBLISHED).replace(b"river", place.encode())


def publish(site: SmallSite, count: int) -> list[str]:
    """So many articles, named by a feed with an ETag of its own."""
    paths = [f"/news/bridge-at-{PLACES[number].lower()}-closed.html" for number in range(count)]
    items = "".join(f"<item><title>a</title><link>{site.url}{path}</link></item>" for path in paths)
    feed = f'<rss version="2.0"><channel><title>Paper</title><link>{site.url}/</link>{items}</channel></rss>'
    site.answers["/feed.xml"] = Answer(feed.encode(), headers=XML | {"ETag": f'"{count}"'})
    for number, path in enumerate(paths):
        site.answers[path] = Answer(page(number))
    return paths


def crawl(dateline: Dateline, site: SmallSite, *options: str, start: str = "/feed.xml") -> list[str]:
    """The paths, but for the files of a site's wishes, that a run asks for."""
    before = len(site.asked)
    result = dateline("crawl", f"{site.url}{start}", *LOCAL, "--output", "out.jsonl", *options)
    assert (result.code, result.err) == (0, "")
    return [path for path in site.asked[before:] if path not in {ROBOTS_PATH, TDMREP_PATH}]


def test_an_unchanged_feed_costs_one_request_and_no_page(dateline: Dateline, small_site: SmallSite) -> None:
    paths = publish(small_site, 3)
    assert sorted(crawl(dateline, small_site)) == sorted(["/feed.xml", *paths])
    assert small_site.unchanged == []
    assert crawl(dateline, small_site) == ["/feed.xml"]
    assert small_site.unchanged == ["/feed.xml"]
    (new,) = set(publish(small_site, 4)) - set(paths)
    assert crawl(dateline, small_site) == ["/feed.xml", new]


def test_a_feed_of_which_an_article_is_owed_is_asked_for_whole(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    paths = publish(small_site, 3)
    assert len(crawl(dateline, small_site, "--max-pages", "1")) == 2
    late = small_site.answers[paths[2]]
    small_site.answers[paths[2]] = Answer(b"", 503, {"Retry-After": "86400"})
    busy = dateline("crawl", f"{small_site.url}/feed.xml", *LOCAL, "--output", "out.jsonl")
    (told,) = busy.errors
    assert (busy.code, "asks to come back in 86400 s" in told) == (0, True)
    assert small_site.unchanged == []
    small_site.answers[paths[2]] = late
    assert crawl(dateline, small_site) == ["/feed.xml", paths[2]]
    assert small_site.unchanged == []
    assert len(records_in(tmp_path / "out.jsonl")) == 3
    assert crawl(dateline, small_site) == ["/feed.xml"]
    assert small_site.unchanged == ["/feed.xml"]


def test_sitemaps_that_their_index_calls_unchanged_are_not_asked_for(dateline: Dateline, small_site: SmallSite) -> None:
    paths = publish(small_site, 4)

    def urlset(*entries: str) -> Answer:
        urls = "".join(f"<url><loc>{small_site.url}{path}</loc></url>" for path in entries)
        return Answer(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode(), headers=XML
        )

    def index(second: str) -> Answer:
        days = ("2025-04-20", second)
        maps = "".join(
            f"<sitemap><loc>{small_site.url}/map-{n}.xml</loc><lastmod>{day}</lastmod></sitemap>"
            for n, day in enumerate(days)
        )
        text = f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{maps}</sitemapindex>'
        return Answer(text.encode(), headers=XML)

    small_site.answers |= {"/map-0.xml": urlset(*paths[:2]), "/map-1.xml": urlset(paths[2])}
    small_site.answers["/index.xml"] = index("2025-04-21")
    assert len(crawl(dateline, small_site, start="/index.xml")) == 6
    assert crawl(dateline, small_site, start="/index.xml") == ["/index.xml"]
    small_site.answers |= {"/map-1.xml": urlset(*paths[2:]), "/index.xml": index(f"{dt.datetime.now(dt.UTC):%Y-%m-%d}")}
    assert crawl(dateline, small_site, start="/index.xml") == ["/index.xml", "/map-1.xml", paths[3]]


def test_a_page_that_is_looked_at_again_is_asked_by_its_etag(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    (path,) = publish(small_site, 1)
    hour_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    fresh = page(0).replace(b"2025-04-26T10:00:00+03:00", f"{hour_ago:%Y-%m-%dT%H:%M:%SZ}".encode())
    small_site.answers[path] = Answer(fresh, headers={"Content-Type": "text/html", "ETag": '"one"'})
    ages = ",".join(f"{3600 + seconds}s" for seconds in range(1, 300))
    for _ in range(2):
        crawl(dateline, small_site, "--recheck", ages)
    assert small_site.unchanged == ["/feed.xml", path]
    edited = replace(small_site.answers[path], body=fresh.replace(b"until the autumn", b"until the winter"))
    edited.headers = {**edited.headers, "ETag": '"two"'}
    small_site.answers[path] = edited
    crawl(dateline, small_site, "--recheck", ages)
    assert [r["_dateline"]["version"] for r in records_in(tmp_path / "out.jsonl")] == [1, 2]
