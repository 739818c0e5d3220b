"""A source held against its own past, in every way in which it can drift."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.drift.kinds import CAUSES, EFFECTS, Drift, Finding, Sign
from crawler.drift.rhythm import Rhythm, fewer, rhythm_of, silence
from crawler.drift.shares import ODD, Past, Usual, past_of, removed, share, usual_of
from crawler.history import Account, Day

PAST_DAYS = 56  # eight of each weekday
RECENT_DAYS = 3  # with today: they are judged, and no part of the past
MOST_RECENT_DAYS = 14  # of a source that publishes little
ENOUGH_RECENT = 12  # articles
LOOKED_AT_DAYS = PAST_DAYS + MOST_RECENT_DAYS  # of a source's history
FAILING_FOR = dt.timedelta(hours=18)  # longer than a site's bad night
SETTLED_AFTER = dt.timedelta(days=28)  # what an alarm has stood for so long is the source's new way


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What is usual for a source, by its days before the last ones."""

    until: dt.date  # the first day that is judged
    rhythm: Rhythm | None
    past: Past
    shares: Mapping[Drift, Usual | None]


def habit_of(days: Sequence[Day], today: dt.date) -> Habit:
    """The habit that is held against today: of days without alarms, where there are such."""
    until = _first_recent(days, today)
    first = until - dt.timedelta(days=PAST_DAYS)
    before = tuple(day for day in days if first <= day.day < until and not _is_young(day, today))
    past = past_of(before)
    shares = {kind: usual_of(kind, past, before) for kind in ODD}
    return Habit(until=until, rhythm=rhythm_of(before), past=past, shares=shares)


def judge(
    habit: Habit,
    days: Sequence[Day],
    now: dt.datetime,
    failing_since: dt.datetime | None = None,
    *,
    is_whole: bool = True,
) -> Iterator[Finding]:
    """All findings on a source, whose ``days`` have all that was counted until ``now``.

    ``failing_since``: when it gave nothing for the first time, where it has given nothing since. ``is_whole``: whether
    it was read to its end just now, without which nothing is said of its silence.
    """
    found = list(_found(habit, days, now, failing_since))
    if is_whole and failing_since is None:
        found += _of_rhythm(habit, days, now)
    is_known = any(finding.kind in CAUSES and finding.sign is Sign.OFF for finding in found)
    return (finding for finding in found if not (is_known and finding.kind in EFFECTS))


def _found(habit: Habit, days: Sequence[Day], now: dt.datetime, failing_since: dt.datetime | None) -> Iterator[Finding]:
    if failing_since and now - failing_since >= FAILING_FOR:
        hours = (now - failing_since).total_seconds() / 3600
        yield Finding(kind=Drift.FAILED, sign=Sign.OFF, usual="it gave articles", now=f"nothing for {hours:.0f} hours")
        return
    recent: list[Account] = [day.account for day in reversed(days) if day.day >= habit.until]
    for kind in ODD:
        finding = share(kind, habit.past, habit.shares[kind], recent)
        is_back = kind is Drift.FAILED and not failing_since and not any(account.lost for account in recent)
        yield replace(finding, sign=Sign.WELL) if is_back else finding
    yield removed(habit.past, recent)


def _of_rhythm(habit: Habit, days: Sequence[Day], now: dt.datetime) -> Iterator[Finding]:
    if habit.rhythm:
        newest = max((day.newest for day in days if day.newest), default=None)
        yield silence(habit.rhythm, newest, now)
        last = now.date() - dt.timedelta(days=8)
        yield fewer(habit.rhythm, [day for day in days if day.day >= last], now)


def _first_recent(days: Sequence[Day], today: dt.date) -> dt.date:
    """The first of the days that are judged: three, or as many as have some articles."""
    articles = 0
    for back in range(MOST_RECENT_DAYS):
        until = today - dt.timedelta(days=back)
        articles += sum(day.account.written for day in days[-MOST_RECENT_DAYS:] if day.day == until)
        if back + 1 >= RECENT_DAYS and articles >= ENOUGH_RECENT:
            break
    return until


def _is_young(day: Day, today: dt.date) -> bool:
    """Whether an alarm stood on a day that is not yet the source's new way."""
    return any(today - alarm.since.date() < SETTLED_AFTER for alarm in day.alarms)
