"""The example newspaper: three outlets in two languages on loopback, and the records that a right crawl writes.

with serve() as newspaper:
    crawl(newspaper.front_pages)
    assert records == newspaper.expected()

An article is one TOML file in ``articles/``: page, feed entry and expected record are made from it. Its body has a
blank line between blocks; ``## `` begins a heading, ``> `` a quotation, ``- `` a list's item, ``| `` a table's row, and
a line in braces is a notice of ``notices.toml`` or another thing that the theme sets between paragraphs.
"""

from .content import Article, Notice, articles
from .expected import Expected
from .server import Hit, Newspaper, RefusedPage, serve

__all__ = ["Article", "Expected", "Hit", "Newspaper", "Notice", "RefusedPage", "articles", "serve"]
