"""The account of a run's sources: when each is to be asked again, and how its day stands beside its past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from crawler import polling
from crawler.drift.alarms import after
from crawler.drift.judge import LOOKED_AT_DAYS, habit_of, judge
from crawler.drift.kinds import Drift
from crawler.history import Alarm, Day, with_run
from crawler.items import Outcome
from crawler.polling import Polled
from crawler.report import Failing, Tally
from crawler.state import State

CloserLook = Callable[[str, str | None, Drift], str]  # a source's address, a page of it, what is wrong → a command


class SourceAccount:
    """What a run was told of its sources, and what it keeps of them at its end; ``last`` and the alarms are of then."""

    def __init__(self, state: State, tally: Tally, started: dt.datetime, closer_look: CloserLook) -> None:
        self._state = state
        self._tally = tally
        self._started = started
        self._closer_look = closer_look
        # sources read to their end → when their newest articles came out, and how often they are to be asked
        self._asked: dict[str, tuple[tuple[dt.datetime, ...], dt.timedelta | None]] = {}
        self._before: dict[str, dt.datetime | None] = {}  # source → when it was read to its end before this run
        self.last: dict[str, Day] = {}  # name of a source → its newest day
        self.new_alarms: tuple[Alarm, ...] = ()
        self.ended_alarms: tuple[Alarm, ...] = ()

    def asked(self, url: str, moments: Iterable[dt.datetime], every: dt.timedelta | None) -> None:
        """This source was read to its end; its newest articles came out at these moments."""
        self._asked[url] = tuple(moments), every

    def rests(self, url: str, until: dt.datetime) -> None:
        """This source is not due before that moment; a failing one is named all the same."""
        self._tally.resting[url] = until
        if (polled := self._state.sources.polled(url)) and polled.failures:
            self._name_failing(polled, until)

    def asked_before(self, url: str) -> dt.datetime | None:
        """When a source was read to its end before this run."""
        if url not in self._before:
            polled = self._state.sources.polled(url)
            self._before[url] = polled.asked_at if polled and not polled.failures else None
        return self._before[url]

    def keep_polled(self) -> None:
        """Keep of each source that was read to its end what says when it is to be asked again."""
        failed, is_own_line = self._tally.failed_sources, self._is_own_line()
        for url, (moments, every) in self._asked.items():
            before = self._state.sources.polled(url)
            if (why := failed.get(url)) is None:
                new = self._tally.sources[url].outcomes[Outcome.SAVED] if url in self._tally.sources else 0
                self._state.sources.keep_polled(polling.asked(before, url, self._started, moments=moments, new=new))
                continue
            polled = polling.failed(before, url, self._started, why, is_own_line=is_own_line)
            self._state.sources.keep_polled(polled)
            self._name_failing(polled, polling.due_at(polled, every, self._started))

    def keep_history(self) -> None:
        """Add what was counted of each source to its day, and hold the source against its past."""
        names = self._tally.names
        asked = set(self._asked).union(self._tally.sources).intersection(names)
        is_own_line = self._is_own_line()
        for url, name in names.items():
            if url not in asked and (last := self._state.history.newest(name)):
                self.last[name] = last
        for url in sorted(asked):
            self._count_day(url, is_own_line=is_own_line)
        self._state.history.keep([self.last[names[url]] for url in sorted(asked)])

    def _is_own_line(self) -> bool:
        """Whether all sources that were asked failed, so that it is our own line that did."""
        failed = self._tally.failed_sources
        return 1 < len(self._asked) > len(self._tally.resting) and all(url in failed for url in self._asked)

    def _count_day(self, url: str, *, is_own_line: bool) -> None:
        own, name = self._tally.source(url), self._tally.names[url]
        is_whole = url in self._asked
        own.runs, own.failures = int(is_whole), int(is_whole and own.failed is not None)
        since = self._started.date() - dt.timedelta(days=LOOKED_AT_DAYS)
        days = with_run(self._state.history.days(name, since), name, own, self._started, own.memory)
        if not is_own_line:
            polled = self._state.sources.polled(url)
            failing_since = polled.failing_since if polled and own.failed is not None else None
            habit = habit_of(days, self._started.date())
            findings = judge(habit, days, self._started, failing_since, is_whole=is_whole)
            look = partial(self._closer_look, url, own.page)
            change = after(name, days[-1].alarms, findings, self._started, look)
            days[-1] = replace(days[-1], alarms=change.standing)
            self.new_alarms += change.new
            self.ended_alarms += change.ended
        self.last[name] = days[-1]

    def _name_failing(self, polled: Polled, again: dt.datetime) -> None:
        self._tally.failing[polled.url] = Failing(
            since=polled.failing_since or polled.asked_at, times=polled.failures, why=polled.why or "", again=again
        )
