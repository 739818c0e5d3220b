"""How each source is doing, by what runs have noted of it; pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from crawler.history import Day
from crawler.identity import site_of
from crawler.items import Outcome
from crawler.polling import Polled, due_at
from crawler.record import utc_stamp
from crawler.sources import Source

WEEK, MONTH = 7, 30  # days of crawling, this one among them


class State(StrEnum):
    """How a source is doing; the worst first."""

    FAILING = "failing"  # it gave nothing when it was last asked
    ALARM = "alarm"  # it is not as it was
    SILENT = "silent"  # it is asked, and has given no new article for a month
    UNASKED = "not asked yet"
    FINE = "fine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is known of one source."""

    name: str
    url: str
    state: State
    is_listed: bool  # in the file of sources; else earlier runs were given it
    polled: Polled | None
    due: dt.datetime | None  # None where it is not listed, and no run asks it by itself
    week: int  # new articles
    month: int
    newest: dt.datetime | None  # when its newest article came out
    memory: str | None  # "learning", "known", "mismatch"; None where its site is not known
    alarms: tuple[str, ...]  # kinds of those that stand

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        polled = self.polled
        failing = polled if polled and polled.failures else None
        return {
            "name": self.name,
            "url": self.url,
            "health": self.state.value,
            "is_listed": self.is_listed,
            "asked_at": utc_stamp(polled.asked_at) if polled else None,
            "due_at": utc_stamp(self.due) if self.due else None,
            "articles_7d": self.week,
            "articles_30d": self.month,
            "newest_article": utc_stamp(self.newest) if self.newest else None,
            "failing_since": utc_stamp(failing.failing_since) if failing and failing.failing_since else None,
            "failures": failing.failures if failing else 0,
            "why": failing.why if failing else None,
            "memory": self.memory,
            "alarms": list(self.alarms),
        }


def health_of_all(
    listed: Sequence[Source],
    polled: Mapping[str, Polled],
    history: Mapping[str, Sequence[Day]],
    known_sites: Iterable[str],
    now: dt.datetime,
) -> list[Health]:
    """The sources of a file, and others that runs were given; the worst first, else in the order of the file.

    ``polled`` is by address, ``history`` by name, its days in their order and of the last MONTH at least;
    ``known_sites`` are those that have a memory.
    """
    own, sites = {source.urls[0] for source in listed}, frozenset(known_sites)
    others = [Source(name=url, urls=(url,)) for url in sorted(set(polled) - own)]
    found = [_health(source, polled, history, sites, now, is_listed=True) for source in listed]
    found += [_health(source, polled, history, sites, now, is_listed=False) for source in others]
    return sorted(found, key=lambda health: list(State).index(health.state))


def _health(
    source: Source,
    polled: Mapping[str, Polled],
    history: Mapping[str, Sequence[Day]],
    sites: frozenset[str],
    now: dt.datetime,
    *,
    is_listed: bool,
) -> Health:
    url = source.urls[0]
    asked, days = polled.get(url), _days(history, source.name, url)
    last = days[-1] if days else None
    month = _articles(days, now, MONTH)
    moments = [*(asked.moments if asked else ()), *(day.newest for day in days if day.newest)]
    alarms = tuple(dict.fromkeys(alarm.kind for alarm in last.alarms)) if last else ()
    known = "known" if site_of(url) in sites else None
    return Health(
        name=source.name,
        url=url,
        state=_state(asked, alarms, month, days),
        is_listed=is_listed,
        polled=asked,
        due=due_at(asked, source.every, now) if is_listed else None,
        week=_articles(days, now, WEEK),
        month=month,
        newest=max(moments, default=None),
        memory=last.memory or known if last else known,
        alarms=alarms,
    )


def _days(history: Mapping[str, Sequence[Day]], name: str, url: str) -> list[Day]:
    """A source's days by its name, and by its address from when it was only that on the command line."""
    days = [day for key in dict.fromkeys((name, url)) for day in history.get(key, ())]
    return sorted(days, key=lambda day: day.asked_at)


def _state(asked: Polled | None, alarms: Sequence[str], month: int, days: Sequence[Day]) -> State:
    if asked is None and not days:
        return State.UNASKED
    if asked and asked.failures:
        return State.FAILING
    if alarms:
        return State.ALARM
    return State.FINE if month else State.SILENT


def _articles(days: Iterable[Day], now: dt.datetime, number: int) -> int:
    """New articles of the last days of crawling."""
    since = now.date() - dt.timedelta(days=number - 1)
    return sum(day.account.outcomes[Outcome.SAVED] for day in days if day.day >= since)
