"""What a page states for each field, gathered from the rooms that decide, for a person who asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from lxml.html import HtmlElement

from crawler.extraction.authors import stated_authors
from crawler.extraction.candidates import Candidate, Stated, weighed
from crawler.extraction.declared import Declared
from crawler.extraction.metadata import (
    Metadata,
    stated_canonicals,
    stated_images,
    stated_page_languages,
    stated_sections,
    stated_summaries,
    stated_tags,
)
from crawler.extraction.outlet import outlet_keys, plain, stated_publishers
from crawler.extraction.titles import stated_titles
from crawler.extraction.visible import find_places
from crawler.identity import site_of
from crawler.items import Extract, Page


def fields_weighed(
    tree: HtmlElement, declared: Declared, page: Page, read: Metadata, extract: Extract
) -> Mapping[str, tuple[Candidate, ...]]:
    """For each field but the dates its candidates, in the order of trust, each with why it was not taken."""
    places, outlet, url = find_places(tree), outlet_keys(declared, page.url), page.url
    stated: dict[str, tuple[Iterable[Stated], str]] = {
        "title": (chain(stated_titles(declared, places, outlet, page.site), _hinted(page)), read.title),
        "summary": (_summaries(stated_summaries(declared, places, read.title), read, extract), extract.summary or ""),
        "authors": (
            stated_authors(declared, places, outlet, url, read.title, page.site),
            ", ".join(author.name for author in read.authors),
        ),
        "language": (
            _languages(stated_page_languages(tree, declared, page, read.title), extract),
            extract.language or "",
        ),
        "canonical_url": (stated_canonicals(declared, url), read.canonical_url or ""),
        "publisher": (stated_publishers(declared, url), read.publisher or ""),
        "section": (stated_sections(declared, read.publisher or "", site_of(url)), read.section or ""),
        "tags": (stated_tags(declared), ", ".join(read.tags)),
        "image": (stated_images(declared, url), read.image or ""),
    }
    return {
        name: weighed(candidates, value, extract.sources.get(name, "") if value else "")
        for name, (candidates, value) in stated.items()
    }


def _hinted(page: Page) -> Iterator[Stated]:
    if page.hint and page.hint.title:
        yield Stated(plain(page.hint.title), str(page.hint.found_by))


def _languages(stated: Iterable[Stated], extract: Extract) -> Iterator[Stated]:
    """A language that was read gives way to the one that the text's words are plainly of."""
    why = f"the text reads as {extract.language}" if extract.sources.get("language") == "words" else ""
    for found in stated:
        yield found if found.unfit or not why else found._replace(unfit=why)


def _summaries(stated: Iterable[Stated], read: Metadata, extract: Extract) -> Iterator[Stated]:
    """A description that was read may give way to the text: to its standfirst, or to its own beginning."""
    why = ""
    for found in stated:
        if not found.unfit and found.value == read.summary and found.value != extract.summary:
            why = "the standfirst above the text goes before it" if extract.summary else "the text begins so"
        yield found if found.unfit or not why else found._replace(unfit=why)
