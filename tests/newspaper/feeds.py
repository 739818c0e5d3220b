"""What an outlet publishes for machines: robots.txt, sitemaps, RSS and Atom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from email.utils import format_datetime
from xml.sax.saxutils import escape

from .content import Article
from .edition import Edition, Reply

XML = "application/xml; charset=utf-8"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


def robots(*lines: str) -> Reply:
    """A robots.txt for every robot."""
    return Reply("\n".join(["User-agent: *", *lines, ""]).encode(), "text/plain; charset=utf-8")


def sitemap_index(base: str, paths: Iterable[str]) -> Reply:
    """A sitemap that names other sitemaps."""
    entries = "\n".join(f"  <sitemap><loc>{base}{path}</loc></sitemap>" for path in paths)
    return _xml(f'<sitemapindex xmlns="{_SITEMAP}">\n{entries}\n</sitemapindex>\n')


def sitemap(edition: Edition, extra_paths: Iterable[str]) -> Reply:
    """Every article with the day of its last change, and pages that are no articles."""
    entries = [(edition.url(a), (a.modified or a.published)[:10]) for a in edition.articles]
    entries += [(edition.base + path, "2025-05-30") for path in extra_paths]
    urls = "\n".join(f"  <url><loc>{url}</loc><lastmod>{day}</lastmod></url>" for url, day in entries)
    return _xml(f'<urlset xmlns="{_SITEMAP}">\n{urls}\n</urlset>\n')


def news_sitemap(edition: Edition, articles: Iterable[Article]) -> Reply:
    """A news sitemap: publication date and title of each article."""
    urls = "\n".join(_news_entry(article, edition) for article in articles)
    return _xml(f'<urlset xmlns="{_SITEMAP}" xmlns:news="{_NEWS}">\n{urls}\n</urlset>\n')


def rss(edition: Edition, articles: Iterable[Article]) -> Reply:
    """An RSS 2.0 feed; an article of which only the day is known says nothing of its date here."""
    items = "\n".join(_rss_item(article, edition) for article in articles)
    channel = f"<title>{escape(edition.name)}</title><link>{edition.base}/</link><description>News</description>"
    body = f'<rss version="2.0">\n<channel>\n{channel}\n<language>en</language>\n{items}\n</channel>\n</rss>\n'
    return _xml(body, "application/rss+xml; charset=utf-8")


def atom(edition: Edition, articles: Iterable[Article], path: str) -> Reply:
    """An Atom feed at a path of the outlet's; only for articles with a time, because Atom does not take a bare day."""
    entries = "\n".join(_atom_entry(article, edition) for article in articles)
    body = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="uk">
<title>{escape(edition.name)}</title>
<id>{edition.base}{path}</id>
<link rel="self" href="{edition.base}{path}"/>
<updated>2025-05-31T08:00:00+03:00</updated>
{entries}
</feed>
"""
    return _xml(body, "application/atom+xml; charset=utf-8")


def _xml(body: str, content_type: str = XML) -> Reply:
    return Reply((_DECLARATION + body).encode(), content_type)


def _news_entry(article: Article, edition: Edition) -> str:
    publication = f"<news:name>{escape(edition.name)}</news:name><news:language>{article.language}</news:language>"
    return f"""  <url>
    <loc>{edition.url(article)}</loc>
    <news:news>
      <news:publication>{publication}</news:publication>
      <news:publication_date>{article.published}</news:publication_date>
      <news:title>{escape(article.title)}</news:title>
    </news:news>
  </url>"""


def _rss_item(article: Article, edition: Edition) -> str:
    url, timed = edition.url(article), "T" in article.published
    date = f"<pubDate>{format_datetime(dt.datetime.fromisoformat(article.published))}</pubDate>" if timed else ""
    return f"""<item>
<title>{escape(article.title)}</title>
<link>{url}?utm_source=rss&amp;utm_medium=feed</link>
<guid isPermaLink="true">{url}</guid>
{date}<description>{escape(article.description or "")}</description>
</item>"""


def _atom_entry(article: Article, edition: Edition) -> str:
    return f"""<entry>
<title>{escape(article.title)}</title>
<link href="{edition.url(article)}"/>
<id>{edition.url(article)}</id>
<published>{article.published}</published>
<updated>{article.modified or article.published}</updated>
<summary>{escape(article.description or "")}</summary>
</entry>"""
