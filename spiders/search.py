"""What is still to be read of one source to find its articles: sitemaps, then section pages; bounded."""

from __future__ import annotations

import datetime as dt
import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from crawler.identity import canonical_key, registrable_domain
from crawler.items import FoundBy, Hint
from crawler.polling import MOST_MOMENTS
from crawler.sources import Source
from spiders.documents import Said
from spiders.frontier import Passed
from spiders.section import is_trap
from spiders.shape import may_be_article
from spiders.sitemap import Child, ranked
from spiders.urls import Answer
from spiders.when import moment_of

MOST_SITEMAPS = 50  # files of one source in one run, those that need not be asked among them
DEEPEST_SITEMAP = 3  # indexes in indexes; the protocol knows one level
MOST_SECTIONS = 30  # section pages of one source in one run, likewise
DEEPEST_SECTION = 2  # links away from the start page
MOST_OLDER = 200  # further pages of lists and feeds of one source in one run
KNOWN_IN_A_ROW = 2  # sitemaps without anything new, after which those that were read before are left out
NEWS = frozenset({FoundBy.FEED, FoundBy.NEWS_SITEMAP})  # ways that are made of news
OLD_IN_A_ROW = 2  # sitemaps without anything new enough, after which the older ones are left out


@dataclass(slots=True, kw_only=True, eq=False)
class Search:
    """One source's search: what was asked for, what is waiting, what came of it."""

    source: Source
    since: dt.date | None = None
    sites: set[str] = field(default_factory=set)  # domains that are the source's own
    pending: int = 0  # documents that were asked for and have not come
    named: int = 0  # addresses of possible articles that were named, known ones among them
    new: int = 0  # of them, those that have not ended yet
    troubles: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)  # bounds that were met
    newest: list[dt.datetime] = field(default_factory=list)  # when its newest articles came out; a heap
    is_asked: bool = True  # in this run
    is_finished: bool = False
    has_archive: bool = False  # a sitemap names its older articles
    _asked: set[str] = field(default_factory=set)
    _sitemaps: deque[tuple[Child, int]] = field(default_factory=deque)
    _sections: deque[tuple[str, int]] = field(default_factory=deque)
    _older: deque[tuple[str, Answer]] = field(default_factory=deque)
    _older_read: int = 0
    _sitemaps_read: int = 0
    _sections_read: int = 0
    _old_in_a_row: int = 0
    _known_in_a_row: int = 0

    def __post_init__(self) -> None:
        self.sites |= self.source.sites

    @property
    def address(self) -> str:
        """What the run and the state call the source."""
        return self.source.urls[0]

    def owns(self, url: str) -> bool:
        """Whether an address is on the source's own site."""
        return registrable_domain(url) in self.sites

    def why_not(self, hint: Hint) -> Passed | None:
        """Why an address that was named cannot be an article of the source; None where it can."""
        if not self.owns(hint.url):
            return Passed.OFF_SITE
        if is_trap(hint.url):
            return Passed.TRAP
        is_trusted = hint.found_by in NEWS
        if hint.found_by is not FoundBy.LINK and not may_be_article(hint.url, is_trusted=is_trusted):
            return Passed.NO_ARTICLE
        return None

    def asks_first(self, url: str) -> bool:
        """Whether this document has not been asked for before in this search; it counts as asked for from now on."""
        key = canonical_key(url)
        if key in self._asked:
            return False
        self._asked.add(key)
        return True

    def add_sitemaps(self, children: Iterable[Child], depth: int) -> None:
        """Put sitemaps in front of those waiting, the most promising first; those too old or too deep are left out."""
        if depth > DEEPEST_SITEMAP:
            self.met(f"sitemap indexes nested deeper than {DEEPEST_SITEMAP}")
            return
        fresh = [child for child in ranked(children) if not self._is_old(child)]
        self._sitemaps.extendleft((child, depth) for child in reversed(fresh))

    @property
    def is_quiet(self) -> bool:
        """Whether the sitemaps that were read last, the newest of those there are, had nothing new."""
        return self._known_in_a_row >= KNOWN_IN_A_ROW

    def next_sitemap(self, spared: Callable[[Child], Said | None] = lambda _: None) -> tuple[str, int] | None:
        """The address and depth of the sitemap to read next; ``spared`` tells what one said that need not be read."""
        while self._sitemaps and self._old_in_a_row < OLD_IN_A_ROW:
            child, depth = self._sitemaps.popleft()
            if self._sitemaps_read >= MOST_SITEMAPS:
                self.met(f"more than {MOST_SITEMAPS} sitemaps")
                self._sitemaps.clear()
            elif self.asks_first(child.url):
                self._sitemaps_read += 1
                if (said := spared(child)) is None:
                    return child.url, depth
                self.named += said.named
                self.add_sitemaps(said.sitemaps, depth + 1)
        return None

    def has_read(self, *, entries: int, too_old: int = 0, new: int = 0) -> None:
        """Note what a sitemap gave, to know when the rest, being older, is not worth reading."""
        if entries:
            self._old_in_a_row = self._old_in_a_row + 1 if too_old == entries else 0
            self._known_in_a_row = 0 if new else self._known_in_a_row + 1

    def came_out(self, moment: dt.datetime) -> None:
        """Note when an article was published, of which the newest tell how often the source publishes."""
        if moment in self.newest:
            return
        heapq.heappush(self.newest, moment)
        if len(self.newest) > MOST_MOMENTS:
            heapq.heappop(self.newest)

    def add_sections(self, urls: Iterable[str], depth: int) -> None:
        """Put section pages behind those waiting."""
        if depth <= DEEPEST_SECTION:
            self._sections.extend((url, depth) for url in urls)

    def next_sections(self, resting: Callable[[str], Said | None] = lambda _: None) -> Iterator[tuple[str, int]]:
        """The addresses and depths of the section pages to read now; each section is asked for once.

        ``resting`` tells what one said that need not be asked as long as nothing is new.
        """
        while self._sections and self._sections_read < MOST_SECTIONS:
            url, depth = self._sections.popleft()
            if not self.asks_first(url):
                continue
            self._sections_read += 1
            if self.new or (said := resting(url)) is None:
                yield url, depth
                continue
            self.named += said.named
            self.add_sections(said.sections, depth + 1)

    def add_older(self, url: str, kind: Answer) -> bool:
        """Put the next page of a list or feed behind those waiting; whether it is going to be read."""
        if self._older_read >= MOST_OLDER:
            self.met(f"more than {MOST_OLDER} further pages of lists and feeds")
            return False
        if not self.owns(url) or is_trap(url) or not self.asks_first(url):
            return False
        self._older_read += 1
        self._older.append((url, kind))
        return True

    def next_older(self) -> Iterator[tuple[str, Answer]]:
        """The addresses and kinds of the further pages to read now: none where a sitemap tells of what is older."""
        while self._older and not self.has_archive:
            yield self._older.popleft()

    def met(self, limit: str) -> None:
        """Note a bound that was met, to be told at the end of the search."""
        if limit not in self.limits:
            self.limits.append(limit)

    def _is_old(self, child: Child) -> bool:
        moment = moment_of(child.modified)
        # a month or a year alone is read as its first day, and may hold what is newer
        is_whole_day = len(child.modified or "") >= len("2025-04-26")
        return bool(self.since and moment and is_whole_day and moment.date() < self.since)
