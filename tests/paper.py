"""A newspaper that goes on publishing: front page, news sitemap, archive and feed, all with validators."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from tests.loopback import Reply, tagged

FIRST = dt.datetime(2025, 3, 1, 8, tzinfo=dt.UTC)
A_DAY = 100  # articles in one sitemap of the archive
IN_NEWS = 200
IN_FEED = 50
_TOPICS = ("bridge", "harbour", "library", "tramway", "orchard", "quarry", "theatre", "market", "school", "ferry")

SECTIONS = ("harbour", "theatre")  # two of them have a page of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article of the paper."""

    number: int

    @property
    def path(self) -> str:
        return f"/news/the-{_TOPICS[self.number % len(_TOPICS)]}-in-its-year-{10_000 + self.number}"

    @property
    def published(self) -> dt.datetime:
        return FIRST + dt.timedelta(hours=self.number)

    @property
    def reply(self) -> Reply:
        topic, stamp = _TOPICS[self.number % len(_TOPICS)], self.published.isoformat()
        title = f"The {topic} enters its year number {self.number}"
        body = "".join(f"<p>{text}</p>" for text in _paragraphs(topic, self.number))
        return Reply(
            body=f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta property="og:type" content="article"><meta property="article:published_time" content="{stamp}">'
            f"</head><body><main><article><h1>{title}</h1>{body}</article></main></body></html>"
        )


def stories(count: int, first: int = 0) -> list[Story]:
    """So many articles, an hour apart, the oldest first."""
    return [Story(number=first + n) for n in range(count)]


def paper(published: Sequence[Story], *, has_lastmod: bool = True) -> dict[str, Reply]:
    """All that the paper answers when it has published these articles, oldest first."""
    newest = published[::-1]
    days = [published[n : n + A_DAY] for n in range(0, len(published), A_DAY)]
    index = "".join(_child(f"/map-{n + 1}.xml", day[-1], has_lastmod=has_lastmod) for n, day in enumerate(days))
    sections = "".join(f'<a href="/{topic}">{topic.title()}</a>' for topic in SECTIONS)
    links = "".join(f'<a href="{story.path}">{story.path}</a>' for story in newest[:30])
    feed = "".join(
        f"<item><link>{{base}}{story.path}</link><pubDate>{story.published:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
        for story in newest[:IN_FEED]
    )
    finding = {
        "/": Reply(body=f"<link rel=alternate type=application/rss+xml href=/feed>{sections}{links}"),
        **{f"/{topic}": _section(topic, newest) for topic in SECTIONS},
        "/feed": _xml(f"<rss version='2.0'><channel>{feed}</channel></rss>"),
        "/index.xml": _xml(f"<sitemapindex>{index}</sitemapindex>"),
        "/news.xml": _xml(f"<urlset>{''.join(map(_news, newest[:IN_NEWS]))}</urlset>"),
    }
    archive = {f"/map-{n + 1}.xml": _xml(f"<urlset>{''.join(map(_url, day))}</urlset>") for n, day in enumerate(days)}
    robots = "User-agent: *\nAllow: /\nSitemap: {base}/news.xml\nSitemap: {base}/index.xml\n"
    return {
        "/robots.txt": Reply(kind="text/plain", body=robots),
        **{path: tagged(reply) for path, reply in (finding | archive).items()},
        **{story.path: story.reply for story in published},
    }


def _section(topic: str, newest: Sequence[Story]) -> Reply:
    own = [story.path for story in newest if f"the-{topic}-" in story.path]
    return Reply(body="".join(f'<a href="{path}">{path}</a>' for path in own[:10]))


def _xml(body: str) -> Reply:
    return Reply(kind="application/xml", body=body)


def _child(path: str, last: Story, *, has_lastmod: bool) -> str:
    lastmod = f"<lastmod>{last.published.isoformat()}</lastmod>" if has_lastmod else ""
    return f"<sitemap><loc>{{base}}{path}</loc>{lastmod}</sitemap>"


def _url(story: Story) -> str:
    return f"<url><loc>{{base}}{story.path}</loc><lastmod>{story.published.isoformat()}</lastmod></url>"


def _news(story: Story) -> str:
    date = f"<news:publication_date>{story.published.isoformat()}</news:publication_date>"
    return f"<url><loc>{{base}}{story.path}</loc><news:news>{date}<news:title>News</news:title></news:news></url>"


def _paragraphs(topic: str, number: int) -> tuple[str, ...]:
    return (
        f"The {topic} of the old town was opened {number} weeks ago, and the council has since counted its visitors.",
        f"On most days {100 + number} people came, which is more than the {topic} had in any month of the year before.",
        f"The keeper of the {topic} would like {2 + number % 7} more hands before the summer, she told the board.",
    )
