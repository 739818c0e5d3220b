"""A page that was read before its site was known: where what was learned does not touch it, it says the same."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from crawler.items import Extract, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadBefore(Page):
    """A page with what is known of its site, and what it said when nothing was."""

    first: Extract

    @classmethod
    def of(cls, page: Page, first: Extract) -> Self:
        """A page and its first reading."""
        return cls(first=first, **{field.name: getattr(page, field.name) for field in fields(Page)})


def says_the_same(page: ReadBefore) -> bool:
    """Whether a page surely says what it said: its text is not touched, and title, authors and dates are as they were.

    Its text is not where no text and no place of the site is known. The rest is read again, a fifth of the work.
    """
    if page.site.furniture or any(layout.holding for layout in page.site.layouts):
        return False
    from crawler.extraction.dates import find_dates
    from crawler.extraction.declared import read_declared
    from crawler.extraction.html import parse_html
    from crawler.extraction.metadata import read_metadata

    tree, first = parse_html(page.body, page.encoding), page.first
    if tree is None:
        return False
    declared = read_declared(tree, page.url)
    metadata = read_metadata(tree, declared, page)
    if (metadata.title, metadata.authors) != (first.title, first.authors):
        return False
    if any(metadata.sources.get(name) != first.sources.get(name) for name in ("title", "authors")):
        return False
    dates = find_dates(tree, declared, page, metadata.text_language)
    is_same = (dates.published, dates.modified) == (first.published, first.modified)
    return is_same and dates.warnings == first.warnings[: len(dates.warnings)]
