"""Bodies that are not what they say, or have no end."""

from __future__ import annotations

import gzip

from crawler.items import Outcome
from tests.hostile.case import Case, Reply

MB = 1_000_000


def _bomb(size: int) -> Reply:
    """A page that unpacks to so many bytes."""
    packed = gzip.compress(b"<p>" + b"a" * size)
    return Reply(body=packed, headers={"Content-Encoding": "gzip"}, is_literal=True)


CASES = (
    Case(
        name="gzip-bomb",
        pages={"/news/bomb-1": _bomb(300 * MB)},
        ends={"/news/bomb-1": Outcome.TOO_BIG},
    ),
    Case(
        name="sitemap-that-lists-itself",
        start="/sitemap.xml",
        pages={
            "/sitemap.xml": Reply(
                kind="application/xml",
                body="<sitemapindex><sitemap><loc>{base}/sitemap.xml</loc></sitemap>"
                "<sitemap><loc>{base}/news.xml</loc></sitemap></sitemapindex>",
            ),
            "/news.xml": Reply(
                kind="application/xml",
                body="<urlset><url><loc>{base}/news/sitemap-that-lists-itself-1</loc></url>"
                "<url><loc>{base}/news/sitemap-that-lists-itself-2</loc></url></urlset>",
            ),
        },
        most_requests=8,
    ),
)
