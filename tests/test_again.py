"""A page that was read before its site was known is read whole once more only where what was learned may touch it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from crawler.again import ReadBefore, says_the_same
from crawler.extraction.extract import extract
from crawler.items import Extract, Page
from crawler.memory.site_memory import SiteMemory
from crawler.site import Layout, Order, Seen, Site, SiteDates
from crawler.workers import extract_page
from tests.small_sites import SmallSite, small_sites

TEXT = "".join(
    f"<p>The ferry crews met for the {n}th time and told the harbour office what they want.</p>" for n in (4, 5, 6)
)
PAGE = f"""<html lang="en"><head><title>Ferry crews vote again – What rivers say</title></head><body><article>
<h1>Ferry crews vote again – What rivers say</h1><p class="byline">By Ann Lee</p><time>03/04/2025</time>{TEXT}
</article></body></html>"""


def page_with(site: Site) -> ReadBefore:
    page = Page(url="https://harbour.example/ferry-crews", body=PAGE.encode(), fetched_at=dt.date(2025, 5, 1))
    first = extract(page)
    assert isinstance(first, Extract)
    return ReadBefore.of(replace(page, site=site), first)


@pytest.mark.parametrize(
    "site",
    [
        Site(furniture={1: Seen(pages=3, of=3)}),
        Site(layouts=(Layout(holding=frozenset({1})),)),
        Site(sections=frozenset({"annlee"})),
        Site(title_ends=frozenset({"whatriverssay"})),
        Site(dates=SiteDates(orders={"": Order(day_first=True, pages=9, of=9)})),
    ],
    ids=["a text", "a place", "an author", "a title", "a date"],
)
def test_a_page_is_read_again_where_the_site_may_touch_it(site: Site) -> None:
    assert not says_the_same(page_with(site))


def test_a_page_is_not_read_again_where_the_site_does_not_touch_it() -> None:
    page = page_with(Site(sections=frozenset({"river"}), layouts=(Layout(),), title_starts=frozenset({"weir"})))
    assert says_the_same(page)
    assert extract_page(page) is page.first


@pytest.mark.parametrize("site", small_sites(), ids=lambda site: site.host)
def test_pages_that_are_not_read_again_would_have_said_the_same(site: SmallSite) -> None:
    fetched = dt.date(2025, 6, 1)
    pages = [Page(url=small.url, body=small.html, fetched_at=fetched) for small in site.pages()[:2]]
    firsts = [first for page in pages if isinstance(first := extract(page), Extract)]
    memory = SiteMemory(site.host)
    memory.learn(first.trace for first in firsts if first.trace)
    for page, first in zip(pages, firsts, strict=True):
        again = ReadBefore.of(replace(page, site=memory.told(page.site)), first)
        if says_the_same(again):
            assert extract(replace(page, site=again.site)) == first
