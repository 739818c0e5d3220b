"""Which addresses are to be fetched, and in what order: no network, no clock, so that the order can be tested."""

from __future__ import annotations

import datetime as dt
import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from crawler.identity import canonical_key, without_tracking
from crawler.items import FoundBy, Hint
from spiders.when import day_in, latest_day_in, moment_of

MOST_ADDRESSES = 100_000  # of one source in one run; more is an archive, or a trap
MOST_UNDER_WAY = 16  # requests of one source at a time: the host's queue never empties, and memory stays small
# whose word on date and title is better; also the order of fetching for what has no date
_TRUST = (
    FoundBy.URL,
    FoundBy.NEWS_SITEMAP,
    FoundBy.FEED,
    FoundBy.LINK,
    FoundBy.SITEMAP,
    FoundBy.ARCHIVE,
    FoundBy.RECHECK,
)


class Passed(StrEnum):
    """Why an address that was named is not fetched."""

    KNOWN = "known already"
    OLD = "too old"
    NO_ARTICLE = "no article by the address"
    OFF_SITE = "on another site"
    TRAP = "an address without end"
    REACHED = "reached by a redirect first"
    FULL = "more than a site may name"
    LEFT = "left for a later run"


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """The addresses of one source."""

    hints: dict[str, Hint] = field(default_factory=dict)  # by canonical key
    waiting: deque[str] = field(default_factory=deque)  # keys
    taken: int = 0
    under_way: int = 0
    is_sorted: bool = False


class Frontier:
    """The addresses that the sources of a run have named, each once, newest first, bounded by a number and a day.

    A source's addresses wait until all its ways of finding have been read, so that they can be put in order and what
    several ways say of one address is together. They are handed out a few at a time, since requests are large.
    """

    def __init__(
        self,
        sources: int,
        max_pages: int = 0,
        since: dt.date | None = None,
        is_known: Callable[[Hint], bool] = lambda _: False,
    ) -> None:
        self._shelves: dict[str, _Shelf] = {}
        self._sources, self._max_pages, self._since, self._is_known = sources, max_pages, since, is_known
        self._taken: set[str] = set()  # keys of addresses that are fetched or were
        self._reached: set[str] = set()  # keys of addresses that others redirected to
        self._spent = 0
        self._passed: dict[Passed, set[int]] = {why: set() for why in Passed}  # hashes of keys: there may be millions
        self._over_full = 0
        self.full: set[str] = set()  # sources that named more than the limit

    def add(self, source: str, hint: Hint) -> bool:
        """Note an address; whether it is new to this run, not seen by an earlier one and not known to be too old."""
        hint = replace(hint, url=without_tracking(hint.url))
        key, shelf = canonical_key(hint.url), self._shelves.setdefault(source, _Shelf())
        if (before := shelf.hints.get(key)) is not None:
            self._merge(shelf, key, merged(before, hint))
            return False
        if key in self._taken:
            return False
        if key in self._reached:
            self.pass_over(hint.url, Passed.REACHED)
            return False
        if (why := self._why_not(source, hint)) is not None:
            self.pass_over(hint.url, why)
            return False
        shelf.hints[key] = hint
        return True

    def pass_over(self, url: str, why: Passed) -> None:
        """Count an address as not fetched; once, however often it is named."""
        if why is Passed.FULL:  # no end of these: the number alone is kept
            self._over_full += 1
        else:
            self._passed[why].add(hash(canonical_key(url)))

    def passed_over(self) -> dict[str, int]:
        """How many addresses were named and not fetched, by why; those that were fetched after all are left out."""
        fetched = {hash(key) for key in self._taken}
        numbers = {why.value: len(keys - fetched) for why, keys in self._passed.items()}
        return numbers | {Passed.FULL.value: self._over_full, Passed.LEFT.value: self.left()}

    def was_passed(self, url: str, why: Passed) -> bool:
        """Whether an address was passed over for this reason."""
        return hash(canonical_key(without_tracking(url))) in self._passed[why]

    def too_old(self) -> int:
        """How many addresses were left out as too old so far."""
        return len(self._passed[Passed.OLD])

    def claim(self, url: str) -> bool:
        """Mark an address as being fetched or fetched; whether it was not before."""
        return self._claim(canonical_key(url), self._taken)

    def reach(self, url: str) -> bool:
        """Likewise of an address that another one redirected to."""
        return self._claim(canonical_key(url), self._reached)

    def count(self, source: str) -> int:
        """How many addresses a source has named so far that may be fetched."""
        return len(self._shelves.get(source, _Shelf()).hints)

    def has_enough(self, source: str) -> bool:
        """Whether a source has named as many addresses as the run may fetch."""
        return 0 < self._max_pages <= self.count(source) or source in self.full

    def finish(self, source: str) -> None:
        """All ways of finding of a source have been read: put its addresses in order."""
        shelf = self._shelves.setdefault(source, _Shelf())
        shelf.waiting = deque(sorted(shelf.hints, key=lambda key: _place(shelf.hints[key])))
        shelf.is_sorted = True

    def take(self) -> Iterator[tuple[str, Hint]]:
        """The addresses to fetch now, with their sources: of each source as many as may be under way.

        With a limit each source has its share, until every source is finished and what is left is for all.
        """
        finished = [(name, shelf) for name, shelf in self._shelves.items() if shelf.is_sorted]
        share = math.ceil(self._max_pages / max(self._sources, 1)) if len(finished) < self._sources else math.inf
        progress = True
        while progress:
            progress = False
            for name, shelf in finished:
                is_full = shelf.under_way >= MOST_UNDER_WAY or (self._max_pages and shelf.taken >= share)
                if not shelf.waiting or is_full or 0 < self._max_pages <= self._spent:
                    continue
                key, progress = shelf.waiting.popleft(), True
                if self._claim(key, self._taken):
                    shelf.taken, shelf.under_way, self._spent = shelf.taken + 1, shelf.under_way + 1, self._spent + 1
                    yield name, shelf.hints[key]
                elif key in self._reached:
                    self._passed[Passed.REACHED].add(hash(key))

    def ended(self, source: str, *, is_page: bool) -> None:
        """An address that was taken has come to its end; if it was no page, another may be fetched in its place."""
        shelf = self._shelves.setdefault(source, _Shelf())
        shelf.under_way = max(shelf.under_way - 1, 0)
        if not is_page and shelf.taken:
            shelf.taken, self._spent = shelf.taken - 1, self._spent - 1

    def all_ended(self) -> None:
        """Nothing is under way any more, whether its end was told or not."""
        for shelf in self._shelves.values():
            shelf.under_way = 0

    def is_done(self, source: str) -> bool:
        """Whether nothing of a source is waiting or under way."""
        shelf = self._shelves.get(source)
        return shelf is not None and shelf.is_sorted and not (shelf.waiting or shelf.under_way)

    def left(self, source: str | None = None) -> int:
        """How many addresses, of a source or of all, are left for a later run."""
        shelves = self._shelves.values() if source is None else [self._shelves.get(source, _Shelf())]
        return sum(len(shelf.waiting) for shelf in shelves)

    def _claim(self, key: str, keys: set[str]) -> bool:
        if key in self._taken or key in self._reached:
            return False
        keys.add(key)
        return True

    def _merge(self, shelf: _Shelf, key: str, hint: Hint) -> None:
        """Take another way's word for a waiting address, unless it says that the address is too old."""
        if self._is_old(hint) and not shelf.is_sorted:
            del shelf.hints[key]
            self.pass_over(hint.url, Passed.OLD)
        else:
            shelf.hints[key] = hint

    def _why_not(self, source: str, hint: Hint) -> Passed | None:
        # a link to an address that a feed has called too old knows no better
        is_called_old = hash(canonical_key(hint.url)) in self._passed[Passed.OLD]
        if self._is_old(hint) or (is_called_old and not hint.published):
            return Passed.OLD
        if len(self._shelves[source].hints) >= MOST_ADDRESSES:
            self.full.add(source)
            return Passed.FULL
        return Passed.KNOWN if self._is_known(hint) else None

    def _is_old(self, hint: Hint) -> bool:
        """Whether even the latest of its dates is before the day asked for, in the zone it is written in."""
        if self._since is None:
            return False
        stated = [moment.date() for text in (hint.published, hint.modified) if (moment := moment_of(text))]
        in_path = latest_day_in(hint.url)
        days = [*stated, in_path] if in_path else stated
        if (captured := moment_of(hint.captured)) and captured.date() < self._since:
            return True  # it came out before it was captured
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
        captured=first.captured or second.captured,
    )


def _place(hint: Hint) -> tuple[int, float, int]:
    """Newest first; what has no date stands where its way of being found suggests."""
    is_archive = hint.found_by in {FoundBy.SITEMAP, FoundBy.ARCHIVE, FoundBy.RECHECK}
    published = moment_of(hint.published) or _start_of(day_in(hint.url))
    moment = published or moment_of(hint.modified) or moment_of(hint.captured)
    if published and not is_archive:
        tier = 0
    elif not is_archive:  # a link of a front page, an entry of a feed: likely new
        return 1, 0.0, _TRUST.index(hint.found_by)
    else:
        tier = 2 if moment else 3
    return tier, -moment.timestamp() if moment else 0.0, _TRUST.index(hint.found_by)


def _start_of(day: dt.date | None) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(), dt.UTC) if day else None
