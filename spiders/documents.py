"""Feeds and sitemaps that need not be read again: asked by what their server gave, once all in them has ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scrapy.http import Response

from crawler.items import Hint, Validators
from crawler.run import Known
from spiders.answers import validators_of
from spiders.sitemap import Child
from spiders.when import moment_of

NOT_MODIFIED = 304
WHOLE_AGAIN_S = 7 * 86_400  # after so long a document is asked for whole: some servers never say that it has changed


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A document that was read in this run, and the addresses in it that are to be fetched by this run or were."""

    url: str
    validators: Validators
    owed: tuple[str, ...]


@dataclass(slots=True)
class Documents:
    """What is known of documents, and what of this run's is to be known by the next.

    A kill loses nothing: a document is kept only at the end of a run, and only where each address that it named has
    had its last word; until then it is asked for whole.
    """

    known: Known
    now: int  # Unix time
    _read: list[_Named] = field(default_factory=list)

    def headers_for(self, url: str) -> dict[str, str]:
        """What to ask a document by; nothing where it is to be had whole."""
        document = self.known.documents.get(url)
        if document is None or self.now - document.read_at > WHOLE_AGAIN_S:
            return {}
        return document.validators.headers

    def changed(self, children: Iterable[Child]) -> Iterator[Child]:
        """The sitemaps of an index, but for those that it says were not changed since they were read."""
        for child in children:
            document, modified = self.known.documents.get(child.url), moment_of(child.modified)
            if document is None or modified is None or _end_of(child, modified) >= document.read_at:
                yield child

    def has_read(self, response: Response, owed: Iterable[Hint]) -> None:
        """A document was read, and names these addresses of articles."""
        urls = tuple(hint.url for hint in owed)
        self._read.append(_Named(url=asked_url(response), validators=validators_of(response), owed=urls))

    def settle(self) -> None:
        """The run is at its end: keep what is dealt with whole, and let go of the rest."""
        for document in self._read:
            if all(map(self.known.is_seen, document.owed)):
                self.known.documents.keep(document.url, document.validators, self.now)
            else:
                self.known.documents.drop(document.url)


def asked_url(response: Response) -> str:
    """The address that was asked for, which a redirect may have left."""
    urls: list[str] = response.meta.get("redirect_urls") or [response.url]
    return urls[0]


def _end_of(child: Child, modified: dt.datetime) -> float:
    """The last moment that a date of change can mean."""
    is_day = len(child.modified or "") <= len("2025-04-26")
    return (modified + dt.timedelta(days=is_day)).timestamp()
