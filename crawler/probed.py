"""What a site answered when it was looked at once, before it becomes a source: the record of a probe."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from crawler.items import Extract, Hint, Outcome, Page, Refused

_MEANS = {"401": "it wants a login", "403": "it shuts us out", "404": "there is none", "429": "it is busy"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A document that did not come, and why."""

    outcome: Outcome
    why: str

    @property
    def told(self) -> str:
        """Why, in words.

        >>> Miss(outcome=Outcome.HTTP_STATUS, why="403").told
        'HTTP status 403 (it shuts us out)'
        """
        if self.outcome is not Outcome.HTTP_STATUS:
            return self.why
        means = f" ({_MEANS[self.why]})" if self.why in _MEANS else ""
        return f"HTTP status {self.why}{means}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A feed or a sitemap: where it was named, and what it names; ``miss`` where it could not be read."""

    url: str
    named_by: str  # "the page", "robots.txt", "a usual place", "an index", "you"
    articles: int = 0
    sitemaps: int = 0  # further ones that an index names
    is_news: bool = False  # a sitemap of news (Google's protocol)
    newest: dt.datetime | None = None  # that it dates
    language: str | None = None
    miss: Miss | None = None


@dataclass(slots=True, kw_only=True)
class Probed:
    """A site as it answered; filled in as the answers come."""

    given: str  # the address that was named
    url: str  # the one that is crawled: where that leads, or the front page of an article's site
    kind: str = ""  # what it is (spiders.urls.Answer)
    miss: Miss | None = None  # why the address itself could not be read
    is_from_article: bool = False  # the address that was named is an article
    robots: Miss | None = None  # why robots.txt lets nothing be read now
    is_allowed: bool = True  # by robots.txt, the address
    crawl_delay_s: float | None = None
    rights: dict[str, str] = field(default_factory=dict)  # what the site's files say, as records name it
    front: Page | None = None  # the address's page, where it is one of links
    stands_in: Refused | None = None  # that page is a wall in place of it
    html_language: str | None = None
    locale: str | None = None  # og:locale
    feeds: list[Listing] = field(default_factory=list)
    sitemaps: list[Listing] = field(default_factory=list)
    articles: int = 0  # addresses of possible articles that all of these named
    samples: list[tuple[Hint, Page | Miss]] = field(default_factory=list)
    requests: int = 0
    bounds: list[str] = field(default_factory=list)  # that were met, so that not all was looked at

    @property
    def is_open(self) -> bool:
        """Whether there was anything to go on from: a closed front page leaves the site's feeds and sitemaps."""
        return self.miss is None or self.miss.outcome in {Outcome.HTTP_STATUS, Outcome.ROBOTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page of the site that was taken for an article, and what came of it."""

    hint: Hint
    result: Extract | Refused | Miss
