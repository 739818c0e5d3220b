"""How much a source publishes: by weekday and hour of the day (UTC), its longest silences, its leanest weeks."""

from __future__ import annotations

import datetime as dt
import itertools
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.drift.kinds import Drift, Finding, Sign
from crawler.drift.tails import deviation, median
from crawler.history import Day

ENOUGH_DAYS = 21  # of crawls, before a rhythm is known
ENOUGH_ARTICLES = 10
LEAST_SILENCE_H = 24  # a day: each hour of the day once, so that a night is no silence
LEAST_MISSED = 8.0  # articles that should have come by now
SILENCE = 1.8  # times the longest silence of the past, by the articles that should have come
WINDOWS = (1, 3, 7)  # days
LEAST_EXPECTED = 20.0  # articles, for a window to say anything of their number
DEVIATIONS = 4.5
FEWER = 0.55  # of the usual
BELOW_LEAST = 0.8  # of the leanest window of the past
_MONDAY = 4  # 1970-01-01 was a Thursday


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What is usual. Hours are whole ones of Unix time; ``due`` adds up what is expected from ``start`` on."""

    start: int
    by_weekday: tuple[float, ...]  # articles, Monday first
    by_hour: tuple[float, ...]  # shares of a day
    longest: float  # silence: the articles that should have come in it
    ratios: tuple[tuple[float, ...], ...]  # for each of WINDOWS, articles that came by those that should have come

    def expected(self, first: float, last: float) -> float:
        """Articles that should come between two moments, in hours of Unix time."""
        whole = sum(self._rate(hour) for hour in range(int(first), int(last)))
        return whole - self._rate(int(first)) * (first % 1) + self._rate(int(last)) * (last % 1)

    def _rate(self, hour: int) -> float:
        return self.by_weekday[_weekday(hour)] * self.by_hour[hour % 24]


def rhythm_of(days: Sequence[Day]) -> Rhythm | None:
    """The rhythm of a source by the days before the last ones; None where too little is known."""
    if len(days) < ENOUGH_DAYS:
        return None
    hours: Counter[int] = Counter()
    for day in days:
        hours.update(day.account.hours)
    asked = {_number(day.day) for day in days if day.account.runs > day.account.failures}
    covered = sorted(number for number in asked if number + 1 in asked)
    if len(covered) < ENOUGH_DAYS - 1:
        return None
    by_day = Counter(dict.fromkeys(covered, 0))
    whole = set(covered)
    for hour, count in hours.items():
        if hour // 24 in whole:
            by_day[hour // 24] += count
    if sum(by_day.values()) < ENOUGH_ARTICLES:
        return None
    rhythm = Rhythm(
        start=covered[0] * 24,
        by_weekday=_by_weekday(by_day),
        by_hour=_by_hour(hours),
        longest=0.0,
        ratios=(),
    )
    return _with_past(rhythm, hours, by_day)


def silence(rhythm: Rhythm, newest: dt.datetime | None, now: dt.datetime) -> Finding:
    """Whether nothing has come for longer than ever, by what should have come."""
    kind = Drift.SILENCE
    if newest is None:
        return Finding(kind=kind, sign=Sign.UNCLEAR)
    last, until = newest.timestamp() / 3600, now.timestamp() / 3600
    silent_h = until - last
    missed = rhythm.expected(last, until) if silent_h > 1 else 0.0
    limit = max(LEAST_MISSED, SILENCE * rhythm.longest)
    if silent_h >= LEAST_SILENCE_H and missed > limit:
        sign = Sign.OFF
    else:
        sign = Sign.WELL if missed < limit / 2 or silent_h < LEAST_SILENCE_H / 2 else Sign.UNCLEAR
    usual = f"{sum(rhythm.by_weekday) / 7:.3g} articles a day"
    return Finding(kind=kind, sign=sign, usual=usual, now=f"none for {_time(silent_h)}")


def fewer(rhythm: Rhythm, days: Sequence[Day], now: dt.datetime) -> Finding:
    """Whether far fewer articles came in the last days than in any such days of the past."""
    until = now.timestamp() / 3600
    asked = {_number(day.day) for day in days if day.account.runs > day.account.failures}
    hours: Counter[int] = Counter()
    for day in days:
        hours.update(day.account.hours)
    signs = []
    for window, ratios in zip(WINDOWS, rhythm.ratios, strict=True):
        first = until - 24 * window
        is_covered = all(number in asked for number in range(int(first) // 24, int(until) // 24 + 1))
        expected = _least_expected(rhythm, first, until, window)
        if len(ratios) < ENOUGH_DAYS - 1 or expected < LEAST_EXPECTED or not is_covered:
            continue
        came = sum(count for hour, count in hours.items() if first <= hour < until)
        middle = median(list(ratios))
        scale = max(deviation(list(ratios), middle), (middle / expected) ** 0.5)
        limit = min(FEWER * middle, middle - DEVIATIONS * scale, BELOW_LEAST * min(ratios))
        told = f"{expected * middle:.0f} articles in {_time(24 * window)}", f"{came}"
        if came / expected < limit:
            return Finding(kind=Drift.FEWER, sign=Sign.OFF, usual=told[0], now=told[1])
        signs.append((came / expected > (limit + middle) / 2, told))
    is_well = bool(signs) and all(well for well, _ in signs)
    return Finding(kind=Drift.FEWER, sign=Sign.WELL if is_well else Sign.UNCLEAR)


def _least_expected(rhythm: Rhythm, first: float, until: float, window: int) -> float:
    """What should come, where one of the days may be a holiday: as many as on the leanest weekday."""
    expected = rhythm.expected(first, until)
    whole = sum(rhythm.by_weekday) / 7 * window
    return expected * (whole - (sum(rhythm.by_weekday) / 7 - min(rhythm.by_weekday))) / whole if whole else 0.0


def _by_weekday(by_day: Counter[int]) -> tuple[float, ...]:
    """The mean of each weekday without its greatest and its least, drawn to that of all days where there are few."""
    mean = _trimmed(list(by_day.values()))
    found: list[list[int]] = [[] for _ in range(7)]
    for number, count in by_day.items():
        found[_weekday(number * 24)].append(count)
    return tuple((_trimmed(counts) * len(counts) + mean) / (len(counts) + 1) for counts in found)


def _trimmed(counts: list[int]) -> float:
    kept = sorted(counts)[1:-1] if len(counts) >= 5 else counts
    return sum(kept) / len(kept) if kept else 0.0


def _by_hour(hours: Counter[int]) -> tuple[float, ...]:
    """The share of each hour in a day; an hour that never had an article gets a little."""
    counts = Counter(dict.fromkeys(range(24), 0.5))
    for hour, count in hours.items():
        counts[hour % 24] += min(count, 3)  # a batch says little of the hour
    # a neighbour's hour is as likely: clocks change, and schedules slip
    smooth = [(counts[(h - 1) % 24] + 2 * counts[h] + counts[(h + 1) % 24]) / 4 for h in range(24)]
    return tuple(value / sum(smooth) for value in smooth)


def _with_past(rhythm: Rhythm, hours: Counter[int], by_day: Counter[int]) -> Rhythm:
    """The rhythm with its longest silence and its windows."""
    last = (max(by_day) + 1) * 24
    due = [0.0, *itertools.accumulate(rhythm._rate(hour) for hour in range(rhythm.start, last))]
    covered = {hour for number in by_day for hour in (number * 24,)}
    came = sorted(hour for hour, count in hours.items() if count and rhythm.start <= hour < last)
    gaps = [
        due[later - rhythm.start] - due[earlier - rhythm.start]
        for earlier, later in itertools.pairwise(came)
        if all(number * 24 in covered for number in range(earlier // 24, later // 24 + 1))
    ]
    return Rhythm(
        start=rhythm.start,
        by_weekday=rhythm.by_weekday,
        by_hour=rhythm.by_hour,
        longest=max(gaps, default=0.0),
        ratios=tuple(_ratios(rhythm, by_day, window) for window in WINDOWS),
    )


def _ratios(rhythm: Rhythm, by_day: Counter[int], window: int) -> tuple[float, ...]:
    numbers = sorted(by_day)
    found = []
    for number in numbers:
        place = bisect_left(numbers, number - window + 1)
        if numbers[place] != number - window + 1 or numbers.index(number) - place != window - 1:
            continue  # a day among them was not covered
        expected = sum(rhythm.by_weekday[_weekday(n * 24)] for n in range(number - window + 1, number + 1))
        came = sum(by_day[n] for n in range(number - window + 1, number + 1))
        found.append(came / expected if expected else 1.0)
    return tuple(found)


def _weekday(hour: int) -> int:
    return (hour // 24 - _MONDAY) % 7


def _number(day: dt.date) -> int:
    return day.toordinal() - dt.date(1970, 1, 1).toordinal()


def _time(hours: float) -> str:
    """A length of time as one number.

    >>> _time(30), _time(72)
    ('30 hours', '3 days')
    """
    return f"{hours:.0f} hours" if hours < 48 else f"{hours / 24:.0f} days"
