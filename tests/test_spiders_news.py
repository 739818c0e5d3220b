"""Whole searches against a server on loopback: what is found, what is fetched, how each address ends."""

import gzip
import itertools
from pathlib import Path

import pytest

from crawler.tdmrep import TDMREP_PATH
from spiders.frontier import MOST_UNDER_WAY
from tests.loopback import Reply, crawl, serving

XML = "application/xml"
ARTICLE = Reply(body="<html><body><article><p>A text.</p></article></body></html>")


def links(*paths: str) -> Reply:
    """A page with these links."""
    return Reply(body="<html><body>" + "".join(f'<a href="{path}">A link of the page</a>' for path in paths))


def urlset(*entries: str) -> Reply:
    return Reply(kind=XML, body=f"<urlset>{''.join(f'<url>{entry}</url>' for entry in entries)}</urlset>")


def news(path: str, date: str) -> str:
    words = f"<news:publication_date>{date}</news:publication_date><news:title>Title {path}</news:title>"
    return f"<loc>{{base}}{path}</loc><news:news>{words}</news:news>"


def test_front_page_gives_sitemap_feed_and_section_articles_once(tmp_path: Path) -> None:
    index = "<sitemapindex>" + "".join(f"<sitemap><loc>{{base}}/{n}.xml</loc></sitemap>" for n in ("video", "news"))
    date = "<pubDate>Sat, 26 Apr 2025 09:05:00 +0300</pubDate>"
    item = f"<item><title>Fed</title><link>{{base}}/n/only-in-the-feed-1</link>{date}"
    head = (
        "<link rel=alternate type=application/rss+xml href=/feed><a href=/world>World</a><a href='/tag/vote'>Vote</a>"
    )
    replies = {
        "/robots.txt": Reply(kind="text/plain", body="User-agent: *\nAllow: /\nSitemap: {base}/index.xml\n"),
        "/": Reply(
            body=f"{head}<a href='/a/the-council-votes-on-it?utm_source=x'>Vote</a><a href='http://localhost/b/c-12345'>x</a>"
        ),
        "/index.xml": Reply(kind=XML, body=index + "</sitemapindex>"),
        "/news.xml": urlset(news("/a/the-council-votes-on-it", "2025-04-26T10:00:00+03:00")),
        "/feed": Reply(kind="application/rss+xml", body=f"<rss version='2.0'><channel>{item}</item></channel></rss>"),
        "/world": links(
            "/a/one-more-of-the-articles", "/video/the-council-in-moving-pictures", "/a/the-council-votes-on-it"
        ),
        "/a/the-council-votes-on-it": ARTICLE,
        "/n/only-in-the-feed-1": ARTICLE,
        "/a/one-more-of-the-articles": ARTICLE,
    }
    with serving(replies) as site:
        crawled = crawl(tmp_path, f"url={site.base}/")
    known = {page["url"].removeprefix(site.base): (page["found_by"], page["published"]) for page in crawled.of("page")}
    assert known == {
        "/a/the-council-votes-on-it": ("news_sitemap", "2025-04-26T10:00:00+03:00"),
        "/n/only-in-the-feed-1": ("feed", "2025-04-26T09:05:00+03:00"),
        "/a/one-more-of-the-articles": ("link", None),
    }
    assert sorted(site.asked) == sorted([*replies, TDMREP_PATH])
    assert sorted(line["url"] for line in crawled.of("found")) == sorted(crawled.pages)


def test_second_run_fetches_only_what_is_new(tmp_path: Path) -> None:
    replies = {
        "/": links("/a/first-of-all-the-articles", "/a/second-of-all-the-articles"),
        "/a/second-of-all-the-articles": ARTICLE,
    }
    with serving(replies) as site:
        crawled = crawl(tmp_path, f"url={site.base}/", ACCOUNT_SEEN=f"{site.base}/a/first-of-all-the-articles/")
    assert crawled.pages == [f"{site.base}/a/second-of-all-the-articles"]
    assert crawled.of("failed") == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (urlset(news("/a/x-10001", "2025-04-26")), "news_sitemap"),
        (
            Reply(body=gzip.compress(b"<urlset><url><loc>/a/x-10001</loc></url></urlset>"), kind="application/gzip"),
            "sitemap",
        ),
        (
            Reply(body="<rss version='2.0'><channel><item><link>/a/x-10001</link></item></channel></rss>", kind=XML),
            "feed",
        ),
        (links("/a/x-10001"), "link"),
    ],
)
def test_start_address_is_read_for_what_it_is(tmp_path: Path, reply: Reply, kind: str) -> None:
    with serving({"/start": reply, "/a/x-10001": ARTICLE}) as site:
        crawled = crawl(tmp_path, f"url={site.base}/start")
    assert [(page["url"], page["found_by"]) for page in crawled.of("page")] == [(f"{site.base}/a/x-10001", kind)]


def test_start_address_that_is_an_article_is_the_one_page(tmp_path: Path) -> None:
    body = "<meta property='og:type' content='article'><p>Text</p><a href='/a/another-of-the-articles'>x</a>"
    with serving({"/2025/04/26/the-council-votes": Reply(body=body)}) as site:
        crawled = crawl(tmp_path, f"url={site.base}/2025/04/26/the-council-votes")
    assert [(page["found_by"], page["encoding"]) for page in crawled.of("page")] == [("url", "utf-8")]
    assert site.asked == ["/robots.txt", "/2025/04/26/the-council-votes", TDMREP_PATH]


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(status=404), "HTTP status 404"),
        (Reply(body=b"%PDF-1.7 x", kind="application/pdf"), "neither page nor feed nor sitemap: application/pdf"),
        (Reply(body=b" \n"), "empty page"),
        (
            Reply(body="<rss version='2.0'><channel><item><tit", kind="application/rss+xml"),
            "a feed without entries that can be read",
        ),
        (Reply(body="<p>No links here.</p>"), "no address of an article found"),
    ],
)
def test_dead_source_ends_in_one_line(tmp_path: Path, reply: Reply, why: str) -> None:
    with serving({"/news/": reply}) as site:
        crawled = crawl(tmp_path, f"url={site.base}/news/")
    (failed,) = crawled.lines
    assert failed["url"] == f"{site.base}/news/"
    assert failed["why"].removeprefix(f"{site.base}/news/: ") == why
    assert "Traceback" not in crawled.log


def test_unreachable_site_is_named_and_does_not_stop_the_others(tmp_path: Path) -> None:
    with serving({"/": links("/a/the-council-votes-on-it"), "/a/the-council-votes-on-it": ARTICLE}) as site:
        crawled = crawl(tmp_path, f"url=http://127.0.0.1:4/,http://nowhere.invalid/,{site.base}/")
    assert {line["url"]: line["why"] for line in crawled.of("failed")} == {
        "http://127.0.0.1:4/": "robots.txt cannot be read now: unreachable (connection refused)",
        "http://nowhere.invalid/": "robots.txt cannot be read now: unreachable (host not found)",
    }
    assert crawled.pages == [f"{site.base}/a/the-council-votes-on-it"]
    assert "Traceback" not in crawled.log


def test_every_address_ends_in_an_outcome(tmp_path: Path) -> None:
    bomb = gzip.compress(b"\0" * 5_000_000)
    replies = {
        "/a/missing-10001": Reply(status=410),
        "/a/slow-10002": Reply(wait_s=3),
        "/a/large-10003": Reply(body=b"x" * 2_000_000),
        "/a/bomb-10004": Reply(body=bomb, headers={"Content-Encoding": "gzip"}),
        "/a/paper-10005": Reply(body=b"%PDF-1.7", kind="application/pdf"),
        "/a/gone-10006": Reply(status=302, headers={"Location": "/"}),
        "/a/away-10007": Reply(status=302, headers={"Location": "http://localhost/a/b-10007"}),
        "/a/moved-10008": Reply(status=301, headers={"Location": "/a/good-10009"}),
        "/a/good-10009": ARTICLE,
        "/a/round-10010": Reply(status=302, headers={"Location": "/a/round-10010?again=1"}),
        "/a/round-10010?again=1": Reply(status=302, headers={"Location": "/a/round-10010"}),
        "/private/a-10011": ARTICLE,
        "/a/moved-to-10012": Reply(status=301, headers={"Location": "/a/elsewhere-10013"}),
        "/a/elsewhere-10013": ARTICLE,
    }
    robots = Reply(kind="text/plain", body="User-agent: Dateline\nDisallow: /private/\n")
    listed = [path for path in replies if "?" not in path and "elsewhere" not in path]
    with serving({"/": links(*listed), "/robots.txt": robots, **replies}) as site:
        crawled = crawl(tmp_path, f"url={site.base}/", DOWNLOAD_TIMEOUT=1, DOWNLOAD_MAXSIZE=1_000_000)
    assert {url.removeprefix(site.base): outcome for url, outcome in crawled.outcomes.items()} == {
        "/a/missing-10001": "HTTP status",
        "/a/slow-10002": "timeout",
        "/a/large-10003": "too big",
        "/a/bomb-10004": "too big",
        "/a/paper-10005": "not an article",
        "/a/gone-10006": "soft 404",
        "/a/away-10007": "refused address",
        "/a/moved-10008": "duplicate",
        "/a/round-10010": "HTTP status",
        "/private/a-10011": "robots",
    }
    assert sorted(crawled.pages) == [f"{site.base}/a/elsewhere-10013", f"{site.base}/a/good-10009"]
    assert "/private/a-10011" not in site.asked
    assert "Traceback" not in crawled.log


@pytest.mark.parametrize(("status", "pages"), [(404, 1), (403, 1), (500, 0)])
def test_robots_that_is_missing_allows_and_that_fails_forbids(tmp_path: Path, status: int, pages: int) -> None:
    replies = {
        "/robots.txt": Reply(status=status, body="User-agent: *\nDisallow: /"),
        "/": links("/a/x-10001"),
        "/a/x-10001": ARTICLE,
    }
    with serving(replies) as site:
        crawled = crawl(tmp_path, f"url={site.base}/", RETRY_TIMES=0)
    assert len(crawled.pages) == pages
    assert ("/" in site.asked) == bool(pages)


@pytest.mark.parametrize("is_packed", [False, True])
def test_robots_that_is_too_long_is_read_as_far_as_it_counts(tmp_path: Path, *, is_packed: bool) -> None:
    rules = b"User-agent: *\nDisallow: /a/closed\n" + b"# filling\n" * 300_000
    body, headers = (gzip.compress(rules), {"Content-Encoding": "gzip"}) if is_packed else (rules, {})
    replies = {
        "/robots.txt": Reply(kind="text/plain", body=body, headers=headers),
        "/": links("/a/x-10001", "/a/closed-10002"),
        "/a/x-10001": ARTICLE,
        "/a/closed-10002": ARTICLE,
    }
    with serving(replies) as site:
        crawled = crawl(tmp_path, f"url={site.base}/", DOWNLOAD_MAXSIZE=1_000_000 if not is_packed else 9_000_000)
    assert crawled.pages == [f"{site.base}/a/x-10001"]
    assert crawled.outcomes == {f"{site.base}/a/closed-10002": "robots"}


def test_busy_host_is_waited_for_where_that_is_short(tmp_path: Path) -> None:
    busy = Reply(status=429, headers={"Retry-After": "1"})
    with serving({"/": links("/a/x-10001"), "/a/x-10001": [busy, ARTICLE]}) as site:
        crawled = crawl(tmp_path, f"url={site.base}/")
    asked = [when for path, when in zip(site.asked, site.times, strict=True) if path == "/a/x-10001"]
    assert crawled.pages == [f"{site.base}/a/x-10001"]
    assert asked[1] - asked[0] >= 1


def test_busy_host_is_left_for_later_where_it_asks_for_long(tmp_path: Path) -> None:
    busy = Reply(status=503, headers={"Retry-After": "3600"})
    paths = [f"/a/x-1000{n}" for n in range(6)]
    with serving({"/": links(*paths), **dict.fromkeys(paths, busy)}) as site:
        crawled = crawl(tmp_path, f"url={site.base}/", DATELINE_DELAY="0.2")
    assert set(crawled.outcomes.values()) == {"deferred"}
    assert len(crawled.outcomes) == 6
    assert [path for path in site.asked if path in paths] == paths[:1]


def test_page_limit_takes_the_newest_and_since_leaves_out_the_old(tmp_path: Path) -> None:
    days = ("2025-04-20", "2025-04-26", "2025-04-24", "2025-04-25")
    entries = [news(f"/a/of-the-{day}", day) for day in days]
    replies = {"/sitemap.xml": urlset(*entries), **{f"/a/of-the-{day}": ARTICLE for day in days}}
    with serving(replies) as site:
        newest = crawl(tmp_path, f"url={site.base}/sitemap.xml", "max_pages=2").pages
        recent = crawl(tmp_path, f"url={site.base}/sitemap.xml", "since=2025-04-24").pages
    assert sorted(newest) == [f"{site.base}/a/of-the-2025-04-25", f"{site.base}/a/of-the-2025-04-26"]
    assert sorted(recent) == [f"{site.base}/a/of-the-2025-04-2{n}" for n in (4, 5, 6)]


def test_more_than_fits_at_once_is_fetched_to_the_last(tmp_path: Path) -> None:
    paths = [f"/a/x-1{n:04}" for n in range(3 * MOST_UNDER_WAY)]
    with serving({"/": links(*paths), **dict.fromkeys(paths[::2], ARTICLE)}) as site:
        crawled = crawl(tmp_path, f"url={site.base}/")
    assert sorted(crawled.pages) == [f"{site.base}{path}" for path in paths[::2]]
    assert len(crawled.outcomes) == len(paths[1::2])


def test_addresses_that_are_not_asked_for_are_counted(tmp_path: Path) -> None:
    trap = "/b" * 20 + "/x-10003"
    entries = ["/a/x-10001", "http://localhost/a/x-10002", trap, "/imprint", "/a/x-10004"]
    replies = {
        "/sitemap.xml": urlset(*(f"<loc>{entry}</loc>" for entry in entries)),
        "/a/x-10001": ARTICLE,
    }
    with serving(replies) as site:
        crawled = crawl(tmp_path, f"url={site.base}/sitemap.xml", ACCOUNT_SEEN=f"{site.base}/a/x-10004")
    assert [line["numbers"] for line in crawled.of("passed over")] == [
        {
            "known already": 1,
            "no article by the address": 1,
            "on another site": 1,
            "an address without end": 1,
        }
    ]


def test_arguments_go_before_settings(tmp_path: Path) -> None:
    paths = [f"/a/x-1000{n}" for n in range(3)]
    with serving({"/": links(*paths), **dict.fromkeys(paths, ARTICLE)}) as site:
        crawled = crawl(tmp_path, f"url={site.base}/", "max_pages=2", DATELINE_MAX_PAGES=1)
    assert len(crawled.pages) == 2


@pytest.mark.parametrize(("delay_s", "robots"), [("0.3", ""), ("0", "User-agent: *\nCrawl-delay: 0.3\n")])
def test_host_is_asked_no_sooner_than_the_delay(tmp_path: Path, delay_s: str, robots: str) -> None:
    paths = [f"/a/x-1000{n}" for n in range(4)]
    replies = {
        "/robots.txt": Reply(kind="text/plain", body=robots),
        "/": links(*paths),
        **dict.fromkeys(paths, ARTICLE),
    }
    with serving(replies) as site:
        crawled = crawl(tmp_path, f"url={site.base}/", DATELINE_DELAY=delay_s)
    times = [when for path, when in zip(site.asked, site.times, strict=True) if path in paths]
    assert len(crawled.pages) == 4
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) > 0.27


def test_redirect_to_a_private_address_is_refused(tmp_path: Path) -> None:
    with (
        serving({}, host="127.0.0.2") as inner,
        serving({"/": Reply(status=302, headers={"Location": f"{inner.base}/"})}) as site,
    ):
        crawled = crawl(tmp_path, f"url={site.base}/", allow="127.0.0.1")
    assert [line["why"].removeprefix(f"{inner.base}/: ") for line in crawled.of("failed")] == [
        "127.0.0.2 is not a public address (use --allow to permit it)"
    ]
    assert inner.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]"])
def test_loopback_is_refused_in_every_spelling(tmp_path: Path, host: str) -> None:
    with serving({"/": ARTICLE}) as site:
        crawled = crawl(tmp_path, f"url={site.base.replace('127.0.0.1', host)}/", allow="")
    assert "is not a public address" in crawled.of("failed")[0]["why"]
    assert site.asked == []


def test_sources_file_gives_feeds_and_site_facts(tmp_path: Path) -> None:
    feed = "<rss version='2.0'><channel><item><link>/a/x-10001</link></item></channel></rss>"
    replies = {"/": Reply(body="<p>Nothing"), "/f": Reply(body=feed, kind=XML), "/a/x-10001": ARTICLE}
    file = tmp_path / "sites.toml"
    with serving(replies) as site:
        file.write_text(f'[one]\nurl = "{site.base}/"\nfeeds = ["{site.base}/f"]\nzone = "Europe/Kyiv"\n')
        crawled = crawl(tmp_path, f"sources={file}")
    assert [(page["url"], page["zone"]) for page in crawled.of("page")] == [(f"{site.base}/a/x-10001", "Europe/Kyiv")]
