"""What earlier runs read of a source's feeds, sitemaps and pages of links, so that it is not asked for again in vain.

A document is kept only once every address that it named has ended for good, in the same file and after those ends:
an answer "not modified" to it then says that there is nothing to fetch, whatever was killed when. One that names
something new is forgotten at once, and kept again when that has ended.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from scrapy.http import Response

from crawler.items import Hint
from crawler.polling import Document, conditions, is_exhausted, is_resting, is_unchanged
from crawler.run import KeptSources
from spiders.answers import validators_of
from spiders.sitemap import Child
from spiders.urls import Answer
from spiders.when import latest_of

NOT_MODIFIED = 304
MOST_LEADS = 1_000  # of one document that is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a document said besides its articles: enough to go on from it when it has not changed."""

    kind: Answer
    named: int = 0  # addresses of possible articles
    sites: tuple[str, ...] = ()  # domains that it showed to be the source's own
    sitemaps: tuple[Child, ...] = ()
    sections: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    older: str | None = None  # where a list or feed goes on; asked for in the run that reads it, or never

    @property
    def leads(self) -> int:
        """How many other documents it led to."""
        return len(self.sitemaps) + len(self.sections) + len(self.feeds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a document named: addresses of possible articles."""

    count: int
    open: tuple[str, ...]  # those that have not ended in an earlier run, and are not too old
    has_old: bool  # whether any is too old
    is_dated: bool = False  # whether it tells when any of those that are not too old came out
    fresh: int = 0  # those that nothing in this run had named before


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A document that came in this run."""

    document: Document
    is_kept: bool  # it is worth keeping
    open: tuple[str, ...]  # addresses that had not ended when it named them
    older: str | None = None  # the list's next page, where that was asked for


@dataclass(slots=True, kw_only=True)
class Documents:
    """The documents of a run: how to ask for each, and what is to be kept of those that came."""

    kept: KeptSources
    now: dt.datetime  # of the run
    since: dt.date | None = None
    is_full: bool = False  # everything is asked for, and asked in full
    _lastmods: dict[tuple[str, str], str] = field(default_factory=dict)  # what indexes say
    _read: dict[tuple[str, str], _Read] = field(default_factory=dict)
    _unchanged: dict[tuple[str, str], Document] = field(default_factory=dict)

    def headers(self, source: str, url: str) -> dict[str, str]:
        """Headers that ask for a document only if it has changed; none where it is to come in full."""
        return {} if self.is_full else conditions(self.kept.document(source, url), self.since, self.now)

    def spared(self, source: str, child: Child, *, is_quiet: bool) -> Said | None:
        """What a sitemap said that need not be asked: unchanged by its index, or an old one while all is quiet.

        ``is_quiet`` is whether the newer ones had nothing new. An unknown one, or one of which something is still to
        be fetched, is never spared.
        """
        if child.modified:
            self._lastmods[source, child.url] = child.modified
        document = None if self.is_full else self.kept.document(source, child.url)
        if document is None:
            return None
        latest = latest_of(child.modified) if child.modified == document.lastmod else None
        is_same = latest is not None and is_unchanged(document, latest, self.since, self.now)
        is_spared = is_same or (is_quiet and is_exhausted(document, self.since, self.now))
        return _said(document) if is_spared else None

    def resting(self, source: str, url: str) -> Said | None:
        """What a section page said that need not be asked while the site's feeds and sitemaps have nothing new."""
        document = None if self.is_full else self.kept.document(source, url)
        return _said(document) if document is not None and is_resting(document, self.since, self.now) else None

    def unchanged(self, source: str, url: str) -> Said:
        """What a document said that was answered with "not modified"."""
        document = self.kept.document(source, url)
        if document is None:  # a server that says so unasked
            return Said(kind=Answer.EMPTY)
        lastmod = self._lastmods.get((source, url))
        self._unchanged[source, url] = replace(
            document, asked_at=self.now, lastmod=lastmod, fruitless=document.fruitless + 1
        )
        return _said(document)

    def goes_on(self, source: str, url: str, said: Said, named: Named) -> bool:
        """Whether a list's or feed's next page may hold what is not known: while pages name something new.

        Where all is known, but no earlier run has come to the end of the list, that run may have been cut short.
        """
        if said.older is None or not named.count or (self.since and not named.is_dated):
            return False
        return named.fresh > 0 or (not named.open and not named.has_old and self.kept.document(source, url) is None)

    def read(
        self,
        source: str,
        response: Response,
        said: Said,
        hints: Iterable[Hint],
        named: Named,
        *,
        older: str | None = None,
    ) -> None:
        """Note a document that came, what it said, what it named, and its next page, where that is asked for."""
        url, digest = asked_for(response), _digest(said, hints)
        before = self.kept.document(source, url)
        validators = validators_of(response)
        is_same_tag = before is not None and before.etag is not None and before.etag == validators.etag
        document = Document(
            source=source,
            url=url,
            etag=validators.etag,
            last_modified=validators.modified,
            lastmod=self._lastmods.get((source, url)),
            since=self.since if named.has_old else None,
            digest=digest,
            asked_at=self.now,
            full_at=self.now,
            fruitless=0 if named.open or before is None else before.fruitless + 1,
            lies=before is not None and (before.lies or (is_same_tag and before.digest != digest)),
            said=_text(said),
        )
        is_kept = said.leads <= MOST_LEADS
        self._read[source, url] = _Read(document=document, open=named.open, is_kept=is_kept, older=older)
        if named.open:
            self.kept.forget_document(source, url)

    def settle(self, has_ended: Callable[[str], bool]) -> None:
        """At the end of a run: keep the documents of which every address has ended."""
        for document in self._unchanged.values():
            self.kept.keep_document(document)
        for read in self._read.values():
            if read.is_kept and self._is_read_to_its_end(read) and all(has_ended(url) for url in read.open):
                self.kept.keep_document(read.document)

    def _is_read_to_its_end(self, read: _Read) -> bool:
        """Whether all pages of a list came that were asked for after this one."""
        source, last = read.document.source, read
        while last.older is not None:
            key = source, last.older
            if key in self._unchanged:
                return True
            if key not in self._read:
                return False
            last = self._read[key]
        return True


def asked_for(response: Response) -> str:
    """The address that a document was asked for under, as it was named, before redirects."""
    return str(response.meta["asked"])


def _digest(said: Said, hints: Iterable[Hint]) -> bytes:
    """Of what a document named, whatever else of it differs from one answer to the next."""
    named = sorted(f"{hint.url} {hint.modified or ''}" for hint in hints)
    text = "\n".join((*named, _text(said)))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _text(said: Said) -> str:
    return json.dumps(
        {
            "kind": said.kind,
            "named": said.named,
            "sites": said.sites,
            "sitemaps": [(child.url, child.modified) for child in said.sitemaps],
            "sections": said.sections,
            "feeds": said.feeds,
        }
    )


def _said(document: Document) -> Said:
    said = json.loads(document.said)
    return Said(
        kind=Answer(said["kind"]),
        named=said["named"],
        sites=tuple(said["sites"]),
        sitemaps=tuple(Child(url=url, modified=modified) for url, modified in said["sitemaps"]),
        sections=tuple(said["sections"]),
        feeds=tuple(said["feeds"]),
    )
