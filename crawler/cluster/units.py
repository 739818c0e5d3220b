"""What is handed out: sources that share a domain go to one process, so that a site's pace is kept in one place.

Pure. A domain is what its owner registered (crawler.identity.registrable_domain), wider than the host that
crawler.pace gives its turns, so that no two processes can ask one host.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crawler.identity import registrable_domain
from crawler.polling import Polled, due_at
from crawler.saved import is_saved_page, members
from crawler.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What one process has to itself while it crawls it: a site, or an archive."""

    names: tuple[str, ...]  # that are leased: domains, or an archive's
    sources: tuple[Source, ...] = ()
    archives: tuple[str, ...] = ()  # paths or an address

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return self.names[0] if len(self.names) == 1 else f"{self.names[0]} and {len(self.names) - 1} more domains"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The sources that are to be asked now, and the others by their address, each with when it is."""

    sources: tuple[Source, ...]
    resting: Mapping[str, dt.datetime]


def due_of(sources: Iterable[Source], polled: Mapping[str, Polled], now: dt.datetime, *, is_full: bool = False) -> Due:
    """Which sources are due, those first that have waited longest; all of them where ``is_full``."""
    due: list[tuple[dt.datetime, Source]] = []
    resting: dict[str, dt.datetime] = {}
    for source in sources:
        address = source.urls[0]
        at = due_at(polled.get(address), source.every, now)
        if at <= now or source.is_named or is_full:
            due.append((at, source))
        else:
            resting[address] = at
    due.sort(key=lambda pair: pair[0])
    return Due(sources=tuple(source for _, source in due), resting=resting)


def units_of(sources: Sequence[Source]) -> list[Unit]:
    """The sources in units, in the order of each unit's first source; no two units have a domain in common.

    >>> one, two = (Source(name=n, urls=(f"https://{n}.example.org/",)) for n in ("one", "two"))
    >>> other = Source(name="other", urls=("https://example.com/",), feeds=("https://feeds.example.net/other",))
    >>> [(unit.names, [source.name for source in unit.sources]) for unit in units_of([one, other, two])]
    [(('example.org',), ['one', 'two']), (('example.com', 'example.net'), ['other'])]
    """
    groups = _Groups()
    for source in sources:
        groups.join(domains_of(source))
    members: defaultdict[str, list[Source]] = defaultdict(list)
    for source in sources:
        members[groups.first_of(domains_of(source)[0])].append(source)
    return [Unit(names=_domains(of_unit), sources=tuple(of_unit)) for of_unit in members.values()]


def domains_of(source: Source) -> list[str]:
    """The domains that a source names: its own, then those of its feeds, sitemaps and lists of captures."""
    lists = (url for url in source.cdx if not url.startswith("/"))
    named = (registrable_domain(url) for url in (*source.urls, *source.feeds, *source.sitemaps, *lists))
    return list(dict.fromkeys([*named, *sorted(source.sites)]))


def archive_units(names: Iterable[str]) -> list[Unit]:
    """A unit for each WARC file, also of a folder, and one for the saved pages of each folder."""
    archives: dict[str, list[str]] = {}
    for name in names:
        if name.startswith(("http://", "https://")):
            archives[name] = [name]
            continue
        for path in members(Path(name)):
            archives.setdefault(str(path.parent if is_saved_page(path) else path), []).append(str(path))
    return [Unit(names=(f"archive {name}",), archives=tuple(of_name)) for name, of_name in archives.items()]


def batch_size(units: int, free: int, largest: int) -> int:
    """How many units each free process is given: an equal share, and no more than it can crawl at a time.

    Those that are busy are not waited for: a site takes its time, whether it is crawled alone or beside others.

    >>> batch_size(1000, 4, 32), batch_size(60, 3, 32), batch_size(20, 1, 32)
    (32, 20, 20)
    """
    return min(largest, math.ceil(units / free))


def _domains(sources: Iterable[Source]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(itertools.chain.from_iterable(map(domains_of, sources))))


class _Groups:
    """Domains that belong together (disjoint sets)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def join(self, domains: Iterable[str]) -> None:
        first, *others = domains
        top = self.first_of(first)
        for other in others:
            self._above[self.first_of(other)] = top

    def first_of(self, domain: str) -> str:
        """The one that stands for the group."""
        above = self._above.setdefault(domain, domain)
        while above != self._above[above]:
            self._above[domain] = above = self._above[above]
        return above
