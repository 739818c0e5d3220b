"""The history of a source as the charts have it: numbers by day and by week, over one stretch of time."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crawler.history import Alarm
from crawler.items import Outcome
from crawler.report_page.usual import Usual, usual_of
from crawler.report_page.view import WEEK, Numbers
from crawler.spread import Spread
from crawler.state.history import Row

WEEKS = 13
DAYS = WEEKS * WEEK  # 90 days in whole weeks, so that each weekday is there as often
UNDATED = "undated"
FITTING, STRANGE = "where its articles stand", "elsewhere"  # of pages, by the memory of their site
Counts = dict[str, list[int]]  # a kind of things → how many, each day or week
Groups = defaultdict[str, Counts]  # what is told of in kinds → its counts
_EPOCH = dt.date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days that are shown; the last one is today (UTC) and not yet over."""

    first: dt.date
    index: dict[str, int]  # of each day, as the history writes it
    past_of_today: float  # how much of the last day is over, 0…1

    @classmethod
    def until(cls, now: dt.datetime) -> Window:
        """The days up to this moment's."""
        first = now.date() - dt.timedelta(days=DAYS - 1)
        index = {(first + dt.timedelta(days=n)).isoformat(): n for n in range(DAYS)}
        return cls(first=first, index=index, past_of_today=(now.hour + now.minute / 60) / 24)


@dataclass(slots=True, kw_only=True)
class Series:
    """What is known of a source."""

    window: Window
    begins: int = DAYS  # the first day on which it was asked
    last: Row | None = None  # of its days
    memory: str | None = None
    articles: list[int] = field(default_factory=lambda: [0] * DAYS)  # new ones by day of publication
    hours: list[float | None] = field(default_factory=lambda: [None] * DAYS)  # from publication, the middle article
    by_day: Groups = field(default_factory=lambda: defaultdict(dict))
    by_week: Groups = field(default_factory=lambda: defaultdict(dict))
    written: list[int] = field(default_factory=lambda: [0] * WEEKS)
    unsure: list[int] = field(default_factory=lambda: [0] * WEEKS)
    times_ms: list[list[str]] = field(default_factory=lambda: [[] for _ in range(WEEKS)])  # spreads, as text

    def week_of(self, group: str, kind: str) -> int:
        """How many of a kind were counted in the last week."""
        counts = self.by_week[group].get(kind)
        return counts[-1] if counts else 0

    def doubt(self) -> Numbers:
        """Per cent of articles whose text is of low confidence, by week."""
        return [round(100 * few / all_) if all_ else None for few, all_ in zip(self.unsure, self.written, strict=True)]

    def spreads_ms(self) -> list[Spread]:
        """The times of answers by week."""
        return [Spread.from_text(*texts) for texts in self.times_ms]

    def alarms(self) -> list[Alarm]:
        """Those that stood after its last run; none of a source that has not been asked for a week."""
        if not self.last or not self.last.alarms or self.last.day < (self.window.first - _EPOCH).days + DAYS - WEEK:
            return []
        return [Alarm.from_json(told) for told in json.loads(self.last.alarms)]

    def usual(self) -> Usual | None:
        """What is usual for it."""
        return usual_of(self.articles, self.begins, self.window.past_of_today)


def series_of(rows: Iterable[Row], window: Window) -> Series:
    """The series of one source from its days of crawling, in their order."""
    series, first = Series(window=window), (window.first - _EPOCH).days
    for row in rows:
        at = min(max(row.day - first, 0), DAYS - 1)
        series.begins = min(series.begins, at)
        series.last, series.memory = row, row.memory or series.memory
        _add(series, at, json.loads(row.account))
    return series


def _add(series: Series, day: int, kept: Mapping[str, Any]) -> None:
    """Add what was counted on one day: the fields of an Account as the state has them, of which there are 45,000."""
    week, get = day // WEEK, kept.get
    outcomes = get("outcomes", {})
    weekly = series.by_week
    _count(series.by_day["outcomes"], outcomes, day, DAYS)
    _count(weekly["codes"], get("statuses", {}), week)
    _count(weekly["removals"], get("removed", {}), week)
    for text, number in get("days", {}).items():
        if (published := series.window.index.get(text)) is not None:
            series.articles[published] += number
    for text, number in get("dates", {}).items():
        source, _, confidence = text.rpartition(" ")
        _count(weekly["dates"], {source: number}, week)
        _count(weekly["confidence"], {confidence: number}, week)
    if undated := get("undated"):
        _count(weekly["dates"], {UNDATED: undated}, week)
        _count(weekly["confidence"], {UNDATED: undated}, week)
    if "fitting" in kept or "strange" in kept:
        _count(weekly["places"], {FITTING: get("fitting", 0), STRANGE: get("strange", 0)}, week)
    if (seconds := Spread.from_text(get("freshness", "")).quantile(0.5)) is not None:
        series.hours[day] = rounded(seconds / 3600)
    series.written[week] += outcomes.get(Outcome.SAVED, 0) + outcomes.get(Outcome.UPDATED, 0)
    series.unsure[week] += get("unsure", 0)
    series.times_ms[week].append(get("times_ms", ""))


def _count(counts: Counts, found: Mapping[str, int], at: int, length: int = WEEKS) -> None:
    for name, number in found.items():
        if name not in counts:
            counts[name] = [0] * length
        counts[name][at] += number


def rounded(number: float | None) -> float | None:
    """Two digits: a spread knows no more."""
    return None if number is None else float(f"{number:.2g}")
