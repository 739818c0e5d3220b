"""How often the drift alarms are false, and how soon they notice what has happened, on simulated sources.

    python -m benchmarks.drift                      600 source-years, some 10 minutes
    python -m benchmarks.drift --years 60 --faults 5

Healthy sources publish 1 to 200 articles a day by weekday and hour, with holidays, lulls, bursts, growth, batches of
odd pages, slow and late feeds, nights on which they are down, and days on which the crawl itself does not run. They are
asked every 30 minutes or once a day, and judged after each run as the crawl judges them. Then one fault is put into
each of others after 120 days, and the time to the first alarm is counted. Exit code 1: more than one false alarm in a
source's year.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

from benchmarks.drifting.source import DOWN, FAULTS, SIZES, START, Source, crawled
from benchmarks.table import Table, show
from crawler.drift.alarms import after
from crawler.drift.judge import habit_of, judge
from crawler.terminal import stdout_console

RHYTHMS = {"day": 24.0, "30 min": 0.5}
FAULT_DAY, FAULT_DAYS = 120, 21
DAYS = 365 + 30  # the first month teaches


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An alarm that began."""

    kind: str
    hours: float  # from the start of the simulation


def alarms_of(source: Source, every_h: float, days: int, is_down_from: float = math.inf) -> list[Raised]:
    """The alarms that begin, judged after each run."""
    found, standing, habit, day = [], (), None, None
    for look in crawled(source, every_h, days, is_down_from=is_down_from):
        today = look.now.date()
        if day != today:
            day, habit = today, habit_of(look.days, today)
        change = after("s", standing, judge(habit, look.days, look.now, look.failing_since), look.now)
        standing = change.standing
        look.days[-1] = replace(look.days[-1], alarms=standing)
        hours = (look.now - START).total_seconds() / 3600
        found += [Raised(kind=alarm.kind, hours=hours) for alarm in change.new]
    return found


def _healthy(every_h: float, number: int) -> tuple[float, list[Raised]]:
    size = SIZES[number % len(SIZES)]
    return size, alarms_of(Source(seed=number * 7 + 1, size=size), every_h, DAYS)


def _faulty(every_h: float, fault: str, number: int) -> tuple[float, float | None, tuple[str, ...]]:
    """A source with a fault: its size, the hours until an alarm, and the first kinds."""
    size = SIZES[number % len(SIZES)]
    at = FAULT_DAY * 24 + (number * 5) % 24
    source = Source(seed=number * 11 + 3, size=size, fault=FAULTS.get(fault), fault_at=at)
    down = at if fault == DOWN else math.inf
    raised = [a for a in alarms_of(source, every_h, FAULT_DAY + FAULT_DAYS, down) if a.hours >= at]
    first = min((a.hours for a in raised), default=None)
    kinds = tuple(a.kind for a in raised if a.hours == first)
    return size, None if first is None else first - at, kinds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--years", type=int, default=600, help="source-years that are healthy (default: 600)")
    parser.add_argument("--faults", type=int, default=10, help="sources of each size with each fault (default: 10)")
    options = parser.parse_args()
    with ProcessPoolExecutor() as pool:
        rate = 0.0
        for name, every_h in RHYTHMS.items():
            # a look every 30 minutes costs 48 times as much as one a day
            years = options.years // 5 if every_h < 1 else options.years - options.years // 5
            found = list(pool.map(partial(_healthy, every_h), range(years)))
            show([_healthy_table(name, found)], stdout_console())
            rate = max(rate, sum(len(raised) for _, raised in found) / len(found))
        for name, every_h in RHYTHMS.items():
            rows = []
            for fault in (*FAULTS, DOWN):
                work = range(options.faults * len(SIZES))
                results = list(pool.map(partial(_faulty, every_h, fault), work))
                rows.append(_fault_row(fault, results, every_h))
            show([_fault_table(name, rows)], stdout_console())
    return int(rate > 1)


def _healthy_table(name: str, found: Sequence[tuple[float, list[Raised]]]) -> Table:
    by_size = defaultdict(list)
    for size, raised in found:
        by_size[size].append(raised)
    rows = [
        (f"{size}", f"{len(years)}", *_counts([alarm for year in years for alarm in year], len(years)))
        for size, years in sorted(by_size.items())
    ]
    everything = [alarm for _, raised in found for alarm in raised]
    rows.append(("all", f"{len(found)}", *_counts(everything, len(found))))
    return Table(
        title=f"False alarms on healthy sources, asked every {name}",
        columns=("articles a day", "source-years", "alarms a source and year", "kinds"),
        rows=rows,
    )


def _counts(alarms: Sequence[Raised], years: int) -> tuple[str, str]:
    kinds = Counter(alarm.kind for alarm in alarms)
    return f"{len(alarms) / years:.2f}", ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())


def _fault_row(
    fault: str, results: Sequence[tuple[float, float | None, tuple[str, ...]]], every_h: float
) -> tuple[str, ...]:
    """Of each size: the share noticed within a day, counted from the first run that could see it, and the median."""
    cells = []
    for size in SIZES:
        delays = [math.inf if delay is None else delay for own, delay, _ in results if own == size]
        within = sum(delay <= 24 + every_h + 0.2 for delay in delays) / len(delays)
        middle = statistics.median_high(delays)
        cells.append(f"{within:.0%}, {middle:.0f} h" if math.isfinite(middle) else f"{within:.0%}, –")
    kinds = Counter(kind for _, _, first in results for kind in first)
    return (fault, ", ".join(kind for kind, _ in kinds.most_common(2)), *cells)


def _fault_table(name: str, rows: Sequence[tuple[str, ...]]) -> Table:
    return Table(
        title=f"Faults noticed within a day of crawls, and the median of the hours until then; asked every {name}",
        columns=("fault", "first alarms", *(f"{size} a day" for size in SIZES)),
        rows=rows,
        words=2,
        notes=(
            f"A day of crawls: 24 hours after the first run. –: more than half are not noticed in {FAULT_DAYS} days.",
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
