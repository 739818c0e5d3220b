"""What came of a run, as its report and the command tell it: of one process, or of all of a cluster's together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from crawler.history import Alarm, Day
from crawler.record import utc_stamp
from crawler.report import Tally


@dataclass(slots=True, kw_only=True)
class Told:
    """What a run, or a process of one, has to tell when it is closed."""

    tally: Tally = field(default_factory=Tally)
    files: dict[str, int] = field(default_factory=dict)  # written to → lines
    recovered: dict[str, int] = field(default_factory=dict)  # the same, of lines that earlier runs had left
    last: dict[str, Day] = field(default_factory=dict)  # name of a source → its newest day
    new_alarms: tuple[Alarm, ...] = ()
    ended_alarms: tuple[Alarm, ...] = ()
    news: list[str] = field(default_factory=list)  # of the memories of sites
    error: str = ""  # that ended it
    code: int = 0  # the exit code that says which kind of error that was
    held: frozenset[str] = frozenset()  # names of units (crawler.cluster.units) that another process had to itself

    def add(self, other: Told) -> None:
        """Add what another process of the same run tells."""
        self.tally.add(other.tally)
        for own, more in ((self.files, other.files), (self.recovered, other.recovered)):
            for name, lines in more.items():
                own[name] = own.get(name, 0) + lines
        self.last |= other.last
        self.new_alarms += other.new_alarms
        self.ended_alarms += other.ended_alarms
        self.news += other.news

    @property
    def alarms(self) -> list[Alarm]:
        """The alarms that stand, those that began in this run first."""
        standing = [alarm for _, day in sorted(self.last.items()) for alarm in day.alarms]
        return sorted(standing, key=lambda alarm: (alarm not in self.new_alarms, alarm.severity != "high"))

    @property
    def standing_alarms(self) -> list[Alarm]:
        """Those of them that began in earlier runs."""
        return [alarm for alarm in self.alarms if alarm not in self.new_alarms]

    def report(self, run: str, started: dt.datetime, finished: dt.datetime, reason: str) -> dict[str, Any]:
        """The report of a run (docs/report.md)."""
        return {
            "run": run,
            "started": utc_stamp(started),
            "finished": utc_stamp(finished),
            "finish_reason": reason,
            "error": self.error or None,
            "files": self.files,
            "recovered": self.recovered,
            "sites": self.news,
            "alarms": [alarm.as_json() | {"is_new": alarm in self.new_alarms} for alarm in self.alarms],
        } | self.tally.as_json()
