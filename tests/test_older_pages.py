"""Lists and feeds that go on over pages: read back while they name something new, where no sitemap does it."""

from __future__ import annotations

import math
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from crawler.extraction.html import parse_html
from spiders.feed import read_feed
from spiders.section import older_of
from tests.conftest import Result, command_of
from tests.loopback import Reply, Served, serving, tagged
from tests.paper import Story, stories
from tests.test_incremental import LOOPBACK, asked_in_run, names_of, written

Command = Callable[..., Result]
ON_A_PAGE = 10
ATOM = "http://www.w3.org/2005/Atom"


def blog(published: Sequence[Story], *, has_sitemap: bool = False) -> dict[str, Reply]:
    """A front page of the newest articles that goes on over pages, and no sitemap unless asked for."""
    newest = published[::-1]
    pages = [newest[at : at + ON_A_PAGE] for at in range(0, len(newest), ON_A_PAGE)]
    lists = {_page(number): _list(page, number, len(pages)) for number, page in enumerate(pages, start=1)}
    urls = "".join(f"<url><loc>{{base}}{story.path}</loc></url>" for story in newest)
    sitemap = {"/sitemap.xml": tagged(Reply(kind="application/xml", body=f"<urlset>{urls}</urlset>"))}
    return {**lists, **(sitemap if has_sitemap else {}), **{story.path: story.reply for story in published}}


def _page(number: int) -> str:
    return "/" if number == 1 else f"/page/{number}/"


def _list(page: Sequence[Story], number: int, last: int) -> Reply:
    links = "".join(f"<h2><a href='{story.path}'>The {story.number}th week of it</a></h2>" for story in page)
    more = f"<a rel=next href='{_page(number + 1)}'>Older</a>" if number < last else ""
    return tagged(Reply(body=f"<body>{links}{more}</body>"))


def paged_feed(published: Sequence[Story]) -> dict[str, Reply]:
    """An Atom feed in pages (RFC 5005), its own start address."""
    newest = published[::-1]
    pages = [newest[at : at + ON_A_PAGE] for at in range(0, len(newest), ON_A_PAGE)]
    paths = ["/feed.atom", *(f"/feed.atom?page={number}" for number in range(2, len(pages) + 1))]
    feeds = {}
    for number, (path, page) in enumerate(zip(paths, pages, strict=True)):
        older = f"<link rel='next' href='{{base}}{paths[number + 1]}'/>" if number + 1 < len(pages) else ""
        entries = "".join(
            f"<entry><title>Week {s.number}</title><link href='{{base}}{s.path}'/>"
            f"<published>{s.published.isoformat()}</published></entry>"
            for s in page
        )
        body = f"<feed xmlns='{ATOM}'><title>Paper</title>{older}{entries}</feed>"
        feeds[path] = tagged(Reply(kind="application/atom+xml", body=body.replace("&", "&amp;")))
    return {**feeds, **{story.path: story.reply for story in published}}


def lists_asked(site: Served, run: Callable[[], Result]) -> list[str]:
    return [path for path in asked_in_run(site, run) if path == "/" or "page" in path or "feed" in path]


@pytest.mark.parametrize("pages", [blog, paged_feed])
def test_pages_are_read_back_once_and_then_as_far_as_something_is_new(
    tmp_path: Path, dateline: Command, pages: Callable[[Sequence[Story]], dict[str, Reply]]
) -> None:
    published = stories(45)
    with serving(pages(published[:35])) as site:
        start = next(iter(site.replies))
        run = lambda: dateline("crawl", site.base + start, *LOOPBACK)  # noqa: E731
        paths = [path for path in site.replies if "/news/" not in path]
        assert sorted(lists_asked(site, run)) == sorted(paths)
        assert written(tmp_path) == names_of(published[:35])
        assert lists_asked(site, run) == paths[:1]
        site.replies.update(pages(published[:38]))
        assert lists_asked(site, run) == paths[:2]
        site.replies.update(pages(published))
        assert lists_asked(site, run) == paths[:2]  # the seven that came fill no page
        assert written(tmp_path) == names_of(published)


def test_where_a_sitemap_names_what_is_older_no_page_is_read(tmp_path: Path, dateline: Command) -> None:
    with serving(blog(stories(35), has_sitemap=True)) as site:
        assert lists_asked(site, lambda: dateline("crawl", site.base, *LOOPBACK)) == ["/"]
        assert written(tmp_path) == names_of(stories(35))


def test_since_stops_where_a_feed_becomes_too_old_and_undated_lists_are_not_read_back(
    tmp_path: Path, dateline: Command
) -> None:
    published = stories(60)  # an hour apart
    since = published[-12].published.date().isoformat()
    young = [story for story in published if story.published.date().isoformat() >= since]
    with serving(paged_feed(published)) as site:
        crawl = ("crawl", f"{site.base}/feed.atom", *LOOPBACK, "--since", since)
        asked = lists_asked(site, lambda: dateline(*crawl))
        assert len(asked) == math.ceil(len(young) / ON_A_PAGE) + 1  # the last of them has none that is young enough
        assert written(tmp_path) == names_of(young)
    with serving(blog(published)) as site:
        assert lists_asked(site, lambda: dateline("crawl", site.base, *LOOPBACK, "--since", since)) == ["/"]


def test_what_a_killed_run_had_not_read_back_is_read_by_the_next(tmp_path: Path, dateline: Command) -> None:
    published = stories(60)
    slow = {path: Reply(body=reply.body, wait_s=0.05) for path, reply in blog(published).items()}
    with serving(slow) as site:
        command = command_of("crawl", site.base, *LOOPBACK)
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while sum("/news/" in path for path in site.asked) < 30:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert dateline("crawl", site.base, *LOOPBACK).code == 0
        assert written(tmp_path) == names_of(published)


def test_a_page_that_fails_is_asked_again_though_the_first_one_has_not_changed(
    tmp_path: Path, dateline: Command
) -> None:
    published = stories(35)
    with serving(blog(published)) as site:
        good = site.replies["/page/3/"]
        site.replies["/page/3/"] = Reply(status=500)
        assert dateline("crawl", site.base, *LOOPBACK).code == 0
        assert written(tmp_path) == names_of(published[15:])
        site.replies["/page/3/"] = good
        assert dateline("crawl", site.base, *LOOPBACK).code == 0
        assert written(tmp_path) == names_of(published)


@pytest.mark.parametrize(
    ("base", "html", "older"),
    [
        ("/world", "<link rel=next href=/world?page=2>", "/world?page=2"),
        ("/world", "<a rel='nofollow next' href=/world/older>older</a>", "/world/older"),
        ("/world?page=2", "<a href=/world?page=3>3</a><a href=/world?page=1>1</a>", "/world?page=3"),
        ("/world/", "<a href=/world/page/2/>older</a>", "/world/page/2/"),
        ("/world/page/2/", "<a href=/world/>newest</a><a href=/world/page/3>older</a>", "/world/page/3"),
        ("/world", "<a href=/sport?page=2>sport</a><a href=/world?page=3>3</a>", None),
        ("/world", "<a rel=next href=/world#more>more</a><a rel=next href=mailto:a@b.c>us</a>", None),
        ("/world", "<a href='/world?page=99999999999'>far</a>", None),
    ],
)
def test_where_a_list_goes_on(base: str, html: str, older: str | None) -> None:
    tree = parse_html(html.encode())
    assert tree is not None
    expected = f"https://example.org{older}" if older else None
    assert older_of(tree, f"https://example.org{base}") == expected


@pytest.mark.parametrize(
    ("feed", "older"),
    [
        (f'<feed xmlns="{ATOM}"><link rel="next" href="/feed?p=2"/></feed>', "/feed?p=2"),
        (f'<feed xmlns="{ATOM}"><link rel="prev-archive" href="/2025.atom"/></feed>', "/2025.atom"),
        (
            f'<rss xmlns:atom="{ATOM}"><channel><atom:link rel="next" href="/feed?paged=2"/></channel></rss>',
            "/feed?paged=2",
        ),
        ('{"version": "https://jsonfeed.org/version/1.1", "next_url": "/feed2.json", "items": []}', "/feed2.json"),
        ('{"next_url": ["/feed2.json"], "items": []}', None),
        ('<rss version="2.0"><channel><link>https://example.org/</link></channel></rss>', None),
    ],
)
def test_where_a_feed_goes_on(feed: str, older: str | None) -> None:
    expected = f"https://example.org{older}" if older else None
    assert read_feed(feed.encode(), "https://example.org/feed").older == expected
