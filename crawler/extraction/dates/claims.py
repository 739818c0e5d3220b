"""What the sources of dates look at, and what each of them states."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extraction.dates.headline import Surroundings
from crawler.extraction.dates.reading import Reading
from crawler.extraction.declared import Declared
from crawler.items import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the sources look at; what has to be searched for is read once and only when asked for."""

    tree: HtmlElement
    declared: Declared
    page: Page
    language: str | None  # BCP 47
    lines: Callable[[], Surroundings]  # around the headline
    marked: Callable[[], Sequence[HtmlElement]]  # with microdata that may be a date

    @property
    def fetched_day(self) -> dt.date:
        """The day of the fetch, in UTC where its time is known."""
        fetched = self.page.fetched_at
        return fetched.date() if isinstance(fetched, dt.datetime) else fetched


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One source's statement of a date, not yet judged."""

    source: str
    raw: str
    reading: Reading
    is_in_text: bool = False  # it may be the text's, or another text's, rather than the line's under the headline


Source = Callable[[View], Iterator[Claim]]
