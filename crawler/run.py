"""What a spider tells the run that it is part of, and what it asks of it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from crawler.items import Outcome, Validators
from crawler.polling import Document, Polled, SiteFile


class KeptSources(Protocol):
    """What earlier runs know of sources and of their documents (crawler.state.sources)."""

    def document(self, source: str, url: str) -> Document | None:
        """A document of a source as it was when all that it named had ended."""

    def keep_document(self, document: Document) -> None:
        """Keep a document of which all that it named has ended."""

    def forget_document(self, source: str, url: str) -> None:
        """The document has named something new, which has not ended yet."""

    def polled(self, url: str) -> Polled | None:
        """What is known of how a source was asked."""

    def validators(self, url: str) -> Validators:
        """What to ask an article's page by whether it has changed."""


class KeptSiteFiles(Protocol):
    """What earlier runs have read of the files in which sites tell crawlers their wishes (crawler.state.site_files)."""

    def file(self, url: str) -> SiteFile | None:
        """A file as it was last read."""

    def keep_file(self, file: SiteFile) -> None:
        """Keep a file as it was read."""


class Known(Protocol):
    """What earlier runs have ended already."""

    @property
    def sources(self) -> KeptSources:
        """What is known of sources."""

    @property
    def site_files(self) -> KeptSiteFiles:
        """What is known of robots.txt and its like."""

    def is_seen(self, url: str) -> bool:
        """Whether this address, by its canonical key, was saved or refused for good by an earlier run or this one."""

    def is_stale(self, url: str, modified: int) -> bool:
        """Whether the article written from an address was modified (Unix time) after it was last looked at."""

    def due(self, now: int, sites: Collection[str] | None = None) -> list[str]:
        """The addresses of the written articles, of all sites or these, to be looked at again by now (Unix time)."""


class RunLog(Protocol):
    """The run's own account of its addresses and sources; the running one is the crawler's ``dateline`` attribute."""

    @property
    def state(self) -> Known:
        """What is known of addresses."""

    def has_sources(self, names: Mapping[str, str]) -> None:
        """These are the sources of the run: address → name; called once, before anything is asked."""

    def found(self, url: str, source: str) -> None:
        """A source (its address) named this address as a possible article; called once per address and run."""

    def counted(
        self, url: str, outcome: Outcome, detail: str = "", source: str = "", status: int | None = None
    ) -> None:
        """This address ended without a page to extract, and why; an address that gave a Page is counted by a pipeline.

        ``status`` is the one of HTTP where that is why. ``DEFERRED`` addresses are not seen: the next run asks for
        them again.
        """

    def passed_over(self, numbers: Mapping[str, int]) -> None:
        """How many addresses were named and not fetched, by why, in a few words."""

    def source_failed(self, url: str, why: str) -> None:
        """This start address, feed, sitemap or section page gave nothing, and why, in a few words."""

    def source_asked(self, url: str, moments: Iterable[dt.datetime], every: dt.timedelta | None) -> None:
        """This source was read to its end, whether it gave something or not.

        ``moments`` are when its newest articles came out, ``every`` how often it is to be asked, where that is set.
        """

    def source_rests(self, url: str, until: dt.datetime) -> None:
        """This source is not asked in this run: it is not due before that moment."""

    def refused_at_end(self, error: Exception) -> None:
        """The disk has refused what was to be kept at the end of the run."""

    def host_paused(self, host: str, why: str) -> None:
        """Nothing more is asked of this host in this run, or for a while, and why, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a crawl has come with its sources."""

    done: int  # sources of which nothing is left to do
    sources: int
    left: int  # addresses that are still to be asked for


@runtime_checkable
class Searching(Protocol):
    """A spider that tells how far it has come."""

    def reach(self) -> Reach:
        """How far it has come."""


class NothingKept:
    """Sources and files of sites of which nothing is known, and nothing is kept."""

    def document(self, source: str, url: str) -> Document | None:  # noqa: ARG002  as KeptSources has it
        return None

    def keep_document(self, document: Document) -> None:
        """Forget it."""

    def forget_document(self, source: str, url: str) -> None:
        """Nothing is known of it."""

    def polled(self, url: str) -> Polled | None:  # noqa: ARG002  as KeptSources has it
        return None

    def validators(self, url: str) -> Validators:  # noqa: ARG002
        return Validators()

    def file(self, url: str) -> SiteFile | None:  # noqa: ARG002  as KeptSiteFiles has it
        return None

    def keep_file(self, file: SiteFile) -> None:
        """Forget it."""


class _NothingKnown:
    sources = site_files = NothingKept()

    def is_seen(self, url: str) -> bool:  # noqa: ARG002  as Known has it
        return False

    def is_stale(self, url: str, modified: int) -> bool:  # noqa: ARG002
        return False

    def due(self, now: int, sites: Collection[str] | None = None) -> list[str]:  # noqa: ARG002
        return []


class NullRun:
    """A run that keeps no account: a spider started without the extension that opens the state."""

    state: Known = _NothingKnown()

    def has_sources(self, names: Mapping[str, str]) -> None:
        """Forget it."""

    def found(self, url: str, source: str) -> None:
        """Forget it."""

    def counted(
        self, url: str, outcome: Outcome, detail: str = "", source: str = "", status: int | None = None
    ) -> None:
        """Forget it."""

    def passed_over(self, numbers: Mapping[str, int]) -> None:
        """Forget it."""

    def source_failed(self, url: str, why: str) -> None:
        """Say it, at least."""
        logging.getLogger(__name__).warning("%s: %s", url, why)

    def source_asked(self, url: str, moments: Iterable[dt.datetime], every: dt.timedelta | None) -> None:
        """Forget it."""

    def source_rests(self, url: str, until: dt.datetime) -> None:
        """Forget it."""

    def refused_at_end(self, error: Exception) -> None:
        """Nothing is kept, so nothing is refused."""

    def host_paused(self, host: str, why: str) -> None:
        """Who pauses it says so."""


def run_of(crawler: object) -> RunLog:
    """The run that a Scrapy crawler belongs to."""
    run: RunLog | None = getattr(crawler, "dateline", None)
    return run if run is not None else NullRun()
