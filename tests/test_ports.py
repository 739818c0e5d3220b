"""Another port of a host is another server."""

from __future__ import annotations

from pathlib import Path

from tests.loopback import Reply, crawl, serving


def test_another_port_of_a_host_has_a_robots_txt_of_its_own(tmp_path: Path) -> None:
    closed = Reply(body="User-agent: *\nDisallow: /", kind="text/plain")
    with serving({"/robots.txt": closed}) as other:
        link = f"<rss><channel><item><link>{other.base}/news/a</link></item></channel></rss>"
        feed = Reply(body=link, kind="application/rss+xml")
        with serving({"/feed.xml": feed}) as site:
            crawled = crawl(tmp_path, f"url={site.base}/feed.xml")
    assert crawled.outcomes == {f"{other.base}/news/a": "robots"}


def test_what_is_allowed_with_a_port_opens_no_other_port(tmp_path: Path) -> None:
    with serving({}) as other:
        link = f"<rss><channel><item><link>{other.base}/news/a</link></item></channel></rss>"
        feed = Reply(body=link, kind="application/rss+xml")
        with serving({"/feed.xml": feed}) as site:
            crawled = crawl(tmp_path, f"url={site.base}/feed.xml", allow=site.base.removeprefix("http://"))
    assert crawled.outcomes == {f"{other.base}/news/a": "refused address"}
    assert other.asked == []
