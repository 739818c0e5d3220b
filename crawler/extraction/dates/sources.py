"""Where dates are read, in the order of trust. To add a source of dates, add a function to a tuple."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

from lxml.html import HtmlElement

from crawler.extraction.dates.address import url
from crawler.extraction.dates.claims import Claim, Source, View
from crawler.extraction.dates.headline import is_skipped
from crawler.extraction.dates.near import lone, near_headline, near_headline_modified
from crawler.extraction.dates.stated import (
    json_ld,
    json_ld_modified,
    json_ld_page,
    meta,
    meta_modified,
    meta_weak,
    microdata,
    microdata_modified,
    page_state,
)
from crawler.extraction.dates.written import read_date
from crawler.items import FoundBy

KEPT = frozenset(("html", "head", "body"))


def hinted(view: View) -> Iterator[Claim]:
    """What a feed or a news sitemap said; an ordinary sitemap knows only changes and is not asked."""
    hint = view.page.hint
    if not hint or not hint.published or hint.found_by not in (FoundBy.FEED, FoundBy.NEWS_SITEMAP):
        return
    if reading := read_date(hint.published, view.language):
        yield Claim(source=hint.found_by.value, raw=hint.published, reading=reading)


def hinted_modified(view: View) -> Iterator[Claim]:
    """When a feed says that its entry was updated."""
    yield from _modified_by(FoundBy.FEED, view)


def lastmod(view: View) -> Iterator[Claim]:
    """When an ordinary sitemap says that a page was last changed."""
    yield from _modified_by(FoundBy.SITEMAP, view)


def published_in_sitemap(view: View) -> Iterator[Claim]:
    """The same, where the site's other pages have shown that it is the day of publication."""
    if view.page.site.dates.lastmod_pages:
        yield from lastmod(view)


def _modified_by(way: FoundBy, view: View) -> Iterator[Claim]:
    hint = view.page.hint
    if not hint or not hint.modified or hint.found_by is not way:
        return
    if reading := read_date(hint.modified, view.language):
        yield Claim(source=way.value, raw=hint.modified, reading=reading)


def searched(view: View) -> Iterator[Claim]:
    """htmldate's search through the page, as the last resort; the fetch day bounds it in place of the clock."""
    from htmldate import find_date  # loaded only for the few pages that come this far

    latest = view.page.fetched_at.isoformat()[:10]
    tree = _pruned(view.tree)
    try:
        found = find_date(tree, extensive_search=False, original_date=True, max_date=latest, min_date="1990-01-01")
    except (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError):
        return  # a strange page must not cost its article
    if found and (reading := read_date(found)):
        yield Claim(source="htmldate", raw=found, reading=reading)


def _pruned(tree: HtmlElement) -> HtmlElement:
    """A copy without footers, asides, comments and lists of other articles, and without scripts, which were read."""
    copy = deepcopy(tree)
    for element in [e for e in copy.iter() if e.tag not in KEPT and e.getparent() is not None and is_skipped(e)]:
        if element.getparent() is not None:
            element.drop_tree()
    return copy


# the first that gives a sound date leads; after them, LAST
PUBLISHED: tuple[Source, ...] = (
    json_ld,
    meta,
    microdata,
    near_headline,
    json_ld_page,
    meta_weak,
    hinted,
    page_state,
    url,
    lone,
)
LAST: tuple[Source, ...] = (searched, published_in_sitemap)
MODIFIED: tuple[Source, ...] = (json_ld_modified, meta_modified, microdata_modified, hinted_modified)
MODIFIED_NEAR_HEADLINE: tuple[Source, ...] = (near_headline_modified,)
WITNESSES: tuple[Source, ...] = (json_ld, meta, hinted, url)  # cheap to ask, so asked on every page
MODIFIED_WITNESSES: tuple[Source, ...] = (json_ld_modified, meta_modified, hinted_modified)
