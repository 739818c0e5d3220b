"""What of a run is worth a metric: few series a source, so that a year of runs stays small in any database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from crawler.history import Alarm, Day
from crawler.metrics import Labels, Metric
from crawler.report import WRITTEN, Tally


def gauges(
    tally: Tally,
    last: Mapping[str, Day],
    alarms: Mapping[str, tuple[Alarm, ...]],
    started: dt.datetime,
    now: dt.datetime,
) -> Iterator[Metric]:
    """All metrics of a run that began and ended so; ``last``: the newest day of each of its sources, by name."""
    own = {name: address for address, name in tally.names.items()}
    failing = {name: tally.failing[own[name]].times for name in own if own[name] in tally.failing}

    def of_sources(values: Mapping[str, float]) -> dict[Labels, float]:
        return {(("source", name),): value for name, value in sorted(values.items())}

    def one(name: str, text: str, value: float) -> Metric:
        return Metric(name=name, help=text, samples={(): value})

    yield one("dateline_run_started_seconds", "When the last run began (Unix time).", started.timestamp())
    yield one("dateline_run_duration_seconds", "How long it took.", (now - started).total_seconds())
    outcomes: dict[Labels, float] = {(("outcome", o.value),): n for o, n in sorted(tally.outcomes.items())}
    yield Metric(name="dateline_run_addresses", help="Addresses of the last run by how they ended.", samples=outcomes)
    states = {"asked": len(own) - len(tally.resting), "not due": len(tally.resting), "failing": len(failing)}
    by_state: dict[Labels, float] = {(("state", state),): n for state, n in states.items()}
    yield Metric(name="dateline_sources", help="Sources of the last run by state.", samples=by_state)
    written = {
        name: sum(tally.sources[address].outcomes[outcome] for outcome in WRITTEN)
        for name, address in own.items()
        if address in tally.sources
    }
    yield Metric(
        name="dateline_source_articles",
        help="Articles that the last run wrote of a source that it asked.",
        samples=of_sources(written),
    )
    yield Metric(
        name="dateline_source_asked_seconds",
        help="When a source was last asked (Unix time).",
        samples=of_sources({name: day.asked_at.timestamp() for name, day in last.items()}),
    )
    yield Metric(
        name="dateline_source_newest_seconds",
        help="When its newest article came out, to the hour (Unix time).",
        samples=of_sources({name: day.newest.timestamp() for name, day in last.items() if day.newest}),
    )
    yield Metric(
        name="dateline_source_failures",
        help="How often in a row a failing source gave nothing.",
        samples=of_sources(failing),
    )
    standing: dict[Labels, float] = {
        (("source", name), ("kind", alarm.kind), ("severity", alarm.severity)): 1
        for name, found in sorted(alarms.items())
        for alarm in found
    }
    yield Metric(name="dateline_alarm", help="Alarms that stand.", samples=standing)
