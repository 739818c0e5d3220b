"""Which addresses are to be fetched, and in what order: no network, no clock, so that the order can be tested."""

from __future__ import annotations

import datetime as dt
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from crawler.identity import canonical_key, without_tracking
from crawler.items import FoundBy, Hint
from spiders.when import day_in, latest_day_in, moment_of

MOST_ADDRESSES = 100_000  # of one source in one run; more is an archive, or a trap
# whose word on date and title is better; also the order of fetching for what has no date
_TRUST = (FoundBy.URL, FoundBy.NEWS_SITEMAP, FoundBy.FEED, FoundBy.LINK, FoundBy.SITEMAP, FoundBy.ARCHIVE)


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """The addresses of one source."""

    hints: dict[str, Hint] = field(default_factory=dict)  # by canonical key
    waiting: deque[Hint] = field(default_factory=deque)
    taken: int = 0
    is_sorted: bool = False


class Frontier:
    """The addresses that the sources of a run have named, each once, newest first, bounded by a number and a day.

    A source's addresses wait until all its ways of finding have been read, so that they can be put in order and what
    several ways say of one address is together.
    """

    def __init__(
        self,
        sources: int,
        max_pages: int = 0,
        since: dt.date | None = None,
        is_seen: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._shelves: dict[str, _Shelf] = {}
        self._sources, self._max_pages, self._since, self._is_seen = sources, max_pages, since, is_seen
        self._taken: set[str] = set()
        self.known: set[str] = set()  # keys of addresses left out because earlier runs have ended them
        self.too_old: set[str] = set()
        self.full: set[str] = set()  # sources that named more than the limit

    def add(self, source: str, hint: Hint) -> bool:
        """Note an address; whether it is new to this run, not seen by an earlier one and not known to be too old."""
        hint = replace(hint, url=without_tracking(hint.url))
        key, shelf = canonical_key(hint.url), self._shelves.setdefault(source, _Shelf())
        if (before := shelf.hints.get(key)) is not None:
            shelf.hints[key] = merged(before, hint)
            return False
        if key in self._taken:
            return False
        if self._is_old(hint):
            self.too_old.add(key)
            return False
        if len(shelf.hints) >= MOST_ADDRESSES:
            self.full.add(source)
            return False
        if self._is_seen(hint.url):
            self.known.add(key)
            return False
        shelf.hints[key] = hint
        return True

    def claim(self, url: str) -> bool:
        """Mark an address as being fetched or fetched; whether it was not before."""
        key = canonical_key(url)
        if key in self._taken:
            return False
        self._taken.add(key)
        return True

    def count(self, source: str) -> int:
        """How many addresses a source has named so far that may be fetched."""
        return len(self._shelves.get(source, _Shelf()).hints)

    def has_enough(self, source: str) -> bool:
        """Whether a source has named as many addresses as the run may fetch."""
        return 0 < self._max_pages <= self.count(source) or source in self.full

    def finish(self, source: str) -> None:
        """All ways of finding of a source have been read: put its addresses in order."""
        shelf = self._shelves.setdefault(source, _Shelf())
        shelf.waiting = deque(sorted(shelf.hints.values(), key=_place))
        shelf.is_sorted = True

    def take(self) -> Iterator[tuple[str, Hint]]:
        """The addresses that may be fetched now, with their sources: all of them where the run has no limit.

        With a limit each source has its share, until every source is finished and what is left is for all.
        """
        finished = [(name, shelf) for name, shelf in self._shelves.items() if shelf.is_sorted]
        share = math.ceil(self._max_pages / max(self._sources, 1))
        all_finished = len(finished) >= self._sources
        progress = True
        while progress:
            progress = False
            for name, shelf in finished:
                if (
                    not shelf.waiting
                    or self._is_spent()
                    or (self._max_pages and shelf.taken >= share and not all_finished)
                ):
                    continue
                hint, progress = shelf.waiting.popleft(), True
                if self.claim(hint.url):
                    shelf.taken += 1
                    yield name, hint

    def give_back(self, source: str) -> None:
        """An address was no page after all: another may be fetched in its place."""
        shelf = self._shelves.setdefault(source, _Shelf())
        shelf.taken = max(shelf.taken - 1, 0)

    def left(self) -> int:
        """How many addresses are left for a later run."""
        return sum(len(shelf.waiting) for shelf in self._shelves.values())

    def _is_spent(self) -> bool:
        return 0 < self._max_pages <= sum(shelf.taken for shelf in self._shelves.values())

    def _is_old(self, hint: Hint) -> bool:
        """Whether even the latest of its dates is before the day asked for, in the zone it is written in."""
        if self._since is None:
            return False
        stated = [moment.date() for text in (hint.published, hint.modified) if (moment := moment_of(text))]
        in_path = latest_day_in(hint.url)
        days = [*stated, in_path] if in_path else stated
        return bool(days) and max(days) < self._since


def merged(one: Hint, other: Hint) -> Hint:
    """What two ways say of one address: the more trusted way's word first, the other's where it is silent."""
    first, second = sorted((one, other), key=lambda hint: _TRUST.index(hint.found_by))
    return replace(
        first,
        title=first.title or second.title,
        published=first.published or second.published,
        modified=first.modified or second.modified,
        language=first.language or second.language,
    )


def _place(hint: Hint) -> tuple[int, float, int]:
    """Newest first; what has no date stands where its way of being found suggests."""
    is_archive = hint.found_by in {FoundBy.SITEMAP, FoundBy.ARCHIVE}
    published = moment_of(hint.published) or _start_of(day_in(hint.url))
    moment = published or moment_of(hint.modified)
    if published and not is_archive:
        tier = 0
    elif not is_archive:  # a link of a front page, an entry of a feed: likely new
        return 1, 0.0, _TRUST.index(hint.found_by)
    else:
        tier = 2 if moment else 3
    return tier, -moment.timestamp() if moment else 0.0, _TRUST.index(hint.found_by)


def _start_of(day: dt.date | None) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(), dt.UTC) if day else None
