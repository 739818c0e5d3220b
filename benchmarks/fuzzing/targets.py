"""All targets, the cheap ones first."""

from __future__ import annotations

from benchmarks.fuzzing import documents, packed, pages, seeds, strategies, texts, words
from benchmarks.fuzzing.target import Target

_MARKUP = (*words.PAGE, *words.ENTITIES)

TARGETS = (
    Target(
        name="retry-after",
        law="seconds within bounds, or nothing",
        check=texts.check_retry_after,
        tokens=words.RETRY,
        seeds=lambda: words.RETRY,
        inputs=lambda: strategies.soup(words.RETRY) | strategies.dates(),
        most_bytes=200,
    ),
    Target(
        name="date-text",
        law="RFC 3339 of the calendar; dates stand behind each other in the text",
        check=texts.check_date_text,
        tokens=(*words.DATES, *words.LANGUAGES),
        seeds=lambda: words.DATES,
        inputs=lambda: strategies.dates() | strategies.soup(words.DATES, words.LANGUAGES),
        most_bytes=1000,
    ),
    Target(
        name="stamp",
        law="a moment with a zone, never after the latest that is meant",
        check=texts.check_stamp,
        tokens=(*words.DATES, *words.RETRY),
        seeds=lambda: words.DATES,
        inputs=lambda: strategies.dates() | strategies.soup(words.DATES),
        most_bytes=300,
    ),
    Target(
        name="address",
        law="a key is its own key; what is a web address can be asked for and stored; a site for any text",
        check=texts.check_address,
        tokens=words.ADDRESSES,
        seeds=lambda: words.ADDRESSES,
        inputs=lambda: strategies.addresses() | strategies.soup(words.ADDRESSES),
        most_bytes=1000,
    ),
    Target(
        name="gzip",
        law="never more than the limit; what is whole comes out, damage is said",
        check=packed.check_gzip,
        tokens=words.PACKED,
        seeds=seeds.packed,
        inputs=strategies.packed,
        most_bytes=2000,
    ),
    Target(
        name="packed-page",
        law="ValueError for what is none; a page comes back as it was",
        check=packed.check_packed_page,
        tokens=words.PACKED,
        seeds=seeds.packed_pages,
        inputs=lambda: strategies.packed() | strategies.soup(words.PACKED),
        most_bytes=1000,
    ),
    Target(
        name="robots",
        law="an answer for every address, a delay within bounds",
        check=documents.check_robots,
        tokens=words.ROBOTS,
        seeds=seeds.robots,
        inputs=lambda: strategies.soup(words.ROBOTS, words.ADDRESSES),
        most_bytes=600,
    ),
    Target(
        name="cdx",
        law="bounded addresses that can be asked for and stored, each once; the same of the same bytes",
        check=documents.check_cdx,
        tokens=(*words.CDX, *words.ADDRESSES),
        seeds=lambda: (b"".join(words.CDX[:4]), b"".join(words.CDX[4:8])),
        inputs=lambda: strategies.soup(words.CDX, words.ADDRESSES),
        most_bytes=1000,
    ),
    Target(
        name="sitemap",
        law="bounded entries that can be asked for and stored; the same of the same bytes",
        check=documents.check_sitemap,
        tokens=(*words.SITEMAP, *words.ADDRESSES, *words.DATES, *words.ENTITIES),
        seeds=seeds.sitemaps,
        inputs=strategies.sitemaps,
        most_bytes=1500,
    ),
    Target(
        name="feed",
        law="bounded entries that can be asked for and stored; the same of the same bytes",
        check=documents.check_feed,
        tokens=(*words.FEED, *words.ADDRESSES, *words.DATES, *words.ENTITIES),
        seeds=seeds.feeds,
        inputs=strategies.feeds,
        most_bytes=1000,
    ),
    Target(
        name="html",
        law="a tree or none, the same each time; valid UTF-8 is read as that",
        check=pages.check_html,
        tokens=_MARKUP,
        seeds=seeds.pages,
        inputs=strategies.pages,
        most_bytes=1500,
    ),
    Target(
        name="declared",
        law="statements that are what their types say; the article is a node of the page",
        check=pages.check_declared,
        tokens=(*words.JSON_LD, *_MARKUP),
        seeds=seeds.scripts,
        inputs=strategies.declaring,
        most_bytes=1500,
    ),
    Target(
        name="page-data",
        law="bounded states, one text in them that ends",
        check=pages.check_data,
        tokens=(*words.JSON_LD, *words.ENTITIES),
        seeds=seeds.scripts,
        inputs=strategies.page_data,
        most_bytes=1500,
    ),
    Target(
        name="links",
        law="bounded links of the site, each page once, all of which can be asked for",
        check=documents.check_links,
        tokens=(*_MARKUP, *words.ADDRESSES),
        seeds=seeds.pages,
        inputs=strategies.pages,
        most_bytes=1500,
    ),
    Target(
        name="kind",
        law="one kind for every answer, the same each time",
        check=documents.check_kind,
        tokens=(*words.FEED, *words.SITEMAP, *_MARKUP),
        seeds=seeds.answers,
        inputs=strategies.answers,
        most_bytes=1200,
    ),
    Target(
        name="page-dates",
        law="RFC 3339, 1990 to the fetch, or null; the tree is only read",
        check=pages.check_page_dates,
        tokens=(*words.DATES, *words.JSON_LD, *_MARKUP),
        seeds=seeds.page_dates,
        inputs=strategies.pages,
        most_bytes=1500,
    ),
    Target(
        name="record",
        law="one line of UTF-8 JSON, valid against the schema, composed, without controls; the same each time",
        check=pages.check_record,
        tokens=(*_MARKUP, *words.JSON_LD, *words.DATES, *words.ADDRESSES),
        seeds=seeds.page_dates,
        inputs=strategies.pages,
        most_bytes=2000,
    ),
)


def target_named(name: str) -> Target:
    """The target of a name. Raises KeyError."""
    return {target.name: target for target in TARGETS}[name]
