"""The record of each step from a found address to a written article: frozen, typed, standard library only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from crawler.site import UNKNOWN, Site, Trace


class FoundBy(StrEnum):
    """The way by which an address came to us."""

    FEED = "feed"
    NEWS_SITEMAP = "news_sitemap"
    SITEMAP = "sitemap"
    LINK = "link"
    URL = "url"
    ARCHIVE = "archive"
    RECHECK = "recheck"  # a written article that is looked at again


class Outcome(StrEnum):
    """How an address ended: every address seen by a run has exactly one."""

    SAVED = "saved"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    NOT_AN_ARTICLE = "not an article"
    UNDATED = "undated"
    TOO_OLD = "too old"
    BLOCKED = "blocked"
    SOFT_404 = "soft 404"
    ROBOTS = "robots"
    REFUSED_ADDRESS = "refused address"
    TOO_BIG = "too big"
    TIMEOUT = "timeout"
    HTTP_STATUS = "HTTP status"
    UNREACHABLE = "unreachable"
    EXTRACTION_FAILED = "extraction failed"
    DEFERRED = "deferred"
    RESERVED = "rights reserved"
    NOT_WANTED = "not wanted"


class Reason(StrEnum):
    """Why a page was refused as an article."""

    NOT_HTML = "not HTML"
    EMPTY = "empty page"
    NO_BODY = "no article text"
    INDEX = "index page"
    STATIC = "page about the site"
    SERVICE = "service page"  # what readers use, not read: a shop, a forecast, a table of scores, a form
    VIDEO = "video page"
    GALLERY = "picture gallery"
    POLL = "poll"
    ERROR = "error page"
    CONSENT = "consent page"
    BLOCK = "block page"
    PAYWALL = "paywall stub"
    UNDATED = "undated"
    TOO_OLD = "older than asked for"
    FAILED = "extraction failed"
    UNREADABLE = "unreadable"
    NOINDEX = "noindex"  # its site asks that it be not kept
    RESERVED = "reserved"  # its site reserves the mining of it
    TOO_NEW = "newer than asked for"
    LANGUAGE = "another language"

    @property
    def outcome(self) -> Outcome:
        """The outcome that an address ends with when its page is refused for this reason."""
        return _OUTCOME_OF.get(self, Outcome.NOT_AN_ARTICLE)


_OUTCOME_OF = {
    Reason.ERROR: Outcome.SOFT_404,
    Reason.CONSENT: Outcome.BLOCKED,
    Reason.BLOCK: Outcome.BLOCKED,
    Reason.UNDATED: Outcome.UNDATED,
    Reason.TOO_OLD: Outcome.TOO_OLD,
    Reason.FAILED: Outcome.EXTRACTION_FAILED,
    Reason.UNREADABLE: Outcome.EXTRACTION_FAILED,
    Reason.NOINDEX: Outcome.RESERVED,
    Reason.RESERVED: Outcome.RESERVED,
    Reason.TOO_NEW: Outcome.NOT_WANTED,
    Reason.LANGUAGE: Outcome.NOT_WANTED,
}


# What stands for each in the state, which holds millions: never changed, never given again; a new one takes the next
OUTCOME_NUMBERS = {
    Outcome.SAVED: 1,
    Outcome.UPDATED: 2,
    Outcome.UNCHANGED: 3,
    Outcome.DUPLICATE: 4,
    Outcome.NOT_AN_ARTICLE: 5,
    Outcome.UNDATED: 6,
    Outcome.TOO_OLD: 7,
    Outcome.BLOCKED: 8,
    Outcome.SOFT_404: 9,
    Outcome.ROBOTS: 10,
    Outcome.REFUSED_ADDRESS: 11,
    Outcome.TOO_BIG: 12,
    Outcome.TIMEOUT: 13,
    Outcome.HTTP_STATUS: 14,
    Outcome.UNREACHABLE: 15,
    Outcome.EXTRACTION_FAILED: 16,
    Outcome.DEFERRED: 17,
    Outcome.RESERVED: 18,
    Outcome.NOT_WANTED: 19,
}
REASON_NUMBERS = {
    Reason.NOT_HTML: 1,
    Reason.EMPTY: 2,
    Reason.NO_BODY: 3,
    Reason.INDEX: 4,
    Reason.STATIC: 5,
    Reason.SERVICE: 6,
    Reason.VIDEO: 7,
    Reason.GALLERY: 8,
    Reason.POLL: 9,
    Reason.ERROR: 10,
    Reason.CONSENT: 11,
    Reason.BLOCK: 12,
    Reason.PAYWALL: 13,
    Reason.UNDATED: 14,
    Reason.TOO_OLD: 15,
    Reason.FAILED: 16,
    Reason.UNREADABLE: 17,
    Reason.NOINDEX: 18,
    Reason.RESERVED: 19,
    Reason.TOO_NEW: 20,
    Reason.LANGUAGE: 21,
}


class Kind(StrEnum):
    """A kind of text that stands on an article's page and is not the article."""

    DONATION = "donation appeal"
    ADBLOCK = "ad-block notice"
    NEWSLETTER = "newsletter"
    SUBSCRIPTION = "subscription"
    RELATED = "related links"
    TYPO = "typo prompt"
    READING_TIME = "reading time"
    SHARE = "share bar"
    CAPTION = "caption"
    BYLINE = "byline"
    COPYRIGHT = "copyright"
    ADVERTISEMENT = "advertisement label"
    APP = "app promotion"
    COMMENTS = "comment prompt"
    COOKIES = "cookie notice"
    LANGUAGES = "language switch"
    HEADLINE = "headline"
    STANDFIRST = "standfirst"
    DATE_LINE = "date line"
    AUTHOR_BIO = "author biography"
    CORRECTION = "correction"
    FURNITURE = "site furniture"
    OTHER = "outside the article"


class BlockKind(StrEnum):
    """What a block of text is in its page."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "list item"
    QUOTE = "quote"
    TABLE = "table row"


Precision = Literal["second", "minute", "day"]
Confidence = Literal["high", "medium", "low"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What a feed, a sitemap or a link said about an address before its page was fetched."""

    url: str
    found_by: FoundBy
    title: str | None = None
    published: str | None = None  # as written by the source, or RFC 3339 where the source's own format was parsed
    modified: str | None = None
    language: str | None = None
    captured: str | None = None  # when an archive first had it (RFC 3339): it came out before


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave to ask it by whether a document has changed (RFC 9110, 8.8), as its headers have it."""

    etag: str | None = None
    modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The headers of a request that asks by them."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as it came: its bytes and what the way to it said."""

    url: str  # after redirects
    body: bytes = field(repr=False)
    fetched_at: dt.datetime | dt.date  # aware (UTC), or a day where only that is known
    status: int | None = 200  # None for a page that was saved without it
    content_type: str | None = None
    encoding: str | None = None  # as declared by the transport
    hint: Hint | None = None
    site: Site = UNKNOWN
    validators: Validators = Validators()
    headers: tuple[tuple[str, str], ...] = ()  # those of its answer that speak of rights, in lower case, as they came
    site_rights: tuple[tuple[str, str], ...] = ()  # what its site's files say of its address, as the record names it
    teaches: bool = True  # whether what it shows of its site is wanted, too

    @property
    def asked_for(self) -> str:
        """The address that was found, which a redirect may have left."""
        return self.hint.url if self.hint else self.url


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A date and where it was read."""

    value: str  # RFC 3339, with an offset only when one is known; "YYYY-MM-DD" when only the day is known
    source: str  # "json-ld", "meta", "time", "visible", "feed", "news_sitemap", "url", …
    raw: str  # as written
    precision: Precision
    confidence: Confidence
    alternatives: tuple[str, ...] = ()  # other readings of an ambiguous date, as values
    decided_by: tuple[str, ...] = ()  # what the site's other pages decided of it, and how many did

    @property
    def day(self) -> dt.date:
        """The calendar day in the publisher's own zone, as written."""
        return dt.date.fromisoformat(self.value[:10])


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """A person, or an agency where no person is named."""

    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """A text that was cut, its kind, and the rule or evidence behind it."""

    kind: Kind
    text: str = field(repr=False)
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A page that is no article, and why."""

    reason: Reason
    detail: str = ""
    day: dt.date | None = None  # of publication, for an article that is too old


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """What one page says, cleaned: the article before the crawl's own facts are added."""

    url: str
    canonical_url: str | None
    title: str
    paragraphs: tuple[str, ...] = field(repr=False)  # reading order; headings, items, quotes and rows among them
    summary: str | None
    authors: tuple[Author, ...]
    published: Dated | None
    modified: Dated | None
    language: str | None
    image: str | None
    tags: tuple[str, ...]
    section: str | None
    publisher: str | None
    is_accessible_for_free: bool | None
    confidence: float  # 0…1: how sure the body is
    sources: dict[str, str]  # field → where it was read
    removed: tuple[Removed, ...] = field(repr=False)
    corrections: tuple[str, ...]
    rights: dict[str, str]
    warnings: tuple[str, ...]
    trace: Trace | None = field(repr=False)  # what the page shows of its site, where that was wanted
    stated_language: str | None = None  # as the page has it; its text may be plainly in another
