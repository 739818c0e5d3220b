"""What a spider tells the run that it is part of, and what it asks of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Protocol

from crawler.items import Outcome, Validators


class Known(Protocol):
    """What earlier runs have ended already."""

    def is_seen(self, url: str) -> bool:
        """Whether this address, by its canonical key, was saved or refused for good by an earlier run or this one."""

    def is_stale(self, url: str, modified: int) -> bool:
        """Whether the article written from an address was modified (Unix time) after it was last looked at."""

    def due(self, now: int) -> list[str]:
        """The addresses of the written articles that are to be looked at again by now (Unix time)."""

    @property
    def documents(self) -> KnownDocuments:
        """What is kept of feeds, sitemaps and pages to ask by whether they have changed."""


class KnownDocument(Protocol):
    """A document that was read and dealt with whole."""

    @property
    def validators(self) -> Validators:
        """What to ask by."""

    @property
    def read_at(self) -> int:
        """When, in Unix time."""


class KnownDocuments(Protocol):
    """What is kept of documents."""

    def get(self, url: str) -> KnownDocument | None:
        """What is kept of one; None where it is to be asked for whole."""

    def keep(self, url: str, validators: Validators, read_at: int) -> None:
        """It was read, and all that it named has ended."""

    def drop(self, url: str) -> None:
        """It is to be asked for whole the next time."""


class RunLog(Protocol):
    """The run's own account of its addresses and sources; the running one is the crawler's ``dateline`` attribute."""

    @property
    def state(self) -> Known:
        """What is known of addresses."""

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


class _NothingKnown:
    documents: KnownDocuments

    def __init__(self) -> None:
        self.documents = NoDocuments()

    def is_seen(self, url: str) -> bool:  # noqa: ARG002  as Known has it
        return False

    def is_stale(self, url: str, modified: int) -> bool:  # noqa: ARG002
        return False

    def due(self, now: int) -> list[str]:  # noqa: ARG002
        return []


class NoDocuments:
    """Nothing is kept: each document is asked for whole."""

    def get(self, url: str) -> KnownDocument | None:  # noqa: ARG002  as KnownDocuments has it
        return None

    def keep(self, url: str, validators: Validators, read_at: int) -> None:
        """Forget it."""

    def drop(self, url: str) -> None:
        """Nothing to drop."""


class NullRun:
    """A run that keeps no account: a spider started without the extension that opens the state."""

    state: Known = _NothingKnown()

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


def run_of(crawler: object) -> RunLog:
    """The run that a Scrapy crawler belongs to."""
    run: RunLog | None = getattr(crawler, "dateline", None)
    return run if run is not None else NullRun()
