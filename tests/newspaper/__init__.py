"""The example newspaper: three outlets in two languages on loopback, and the records that a right crawl writes.

with serve() as newspaper:
    crawl(newspaper.front_pages)
    assert records == newspaper.expected()
"""

from .content import Article, Notice, articles
from .expected import Expected
from .server import Hit, Newspaper, RefusedPage, serve

__all__ = ["Article", "Expected", "Hit", "Newspaper", "Notice", "RefusedPage", "articles", "serve"]
