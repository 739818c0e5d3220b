"""Whole small news sites in our own words, on which what repeats over a site's pages can be told from what is told.

for site in small_sites():
    for page in site.pages():
        assert extracted(page.url, page.html) == page.paragraphs  # and none of page.notices

A site is one TOML file in ``data/``: its pages' notices, and the articles that they stand in.
"""

from .records import SmallArticle, SmallNotice
from .render import SmallPage
from .site import SmallSite, read_site, small_sites

__all__ = ["SmallArticle", "SmallNotice", "SmallPage", "SmallSite", "read_site", "small_sites"]
