"""What needs a person, and the command that looks closer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from crawler.drift.kinds import Drift
from crawler.history import Alarm
from crawler.identity import host_of, site_of
from crawler.items import Outcome
from crawler.report_page.asked import Asked
from crawler.report_page.view import Level, Need
from crawler.report_page.week import REFUSALS, Week
from crawler.state import DiskError

MUCH = {"refused": 0.5, "undated": 0.2, "unsure": 0.2}  # of a week's addresses, or articles; from there it is told
OFTEN = 3  # in a row: a source that failed once or twice may have been down for an hour
LEAST = 10  # addresses or articles, of which a share is worth a person's time
_ORDER = {kind.value: place for place, kind in enumerate(Drift)}  # the worst first
_LEVELS = {"high": Level.ACT, "medium": Level.LOOK}


def needs_of_run(report: Mapping[str, Any], asked: Asked) -> Iterator[Need]:
    """What concerns the whole run, and hosts that were left alone and are of no source."""
    if error := report["error"]:
        yield Need(
            level=Level.ACT, weight=1e9, mark="stopped", about="the run", what=error, command=asked.command("doctor")
        )
    for host in asked.paused:
        if not asked.sources_on(host):
            yield _paused(host, host, f"https://{host}/", asked)


def _paused(about: str, host: str, url: str, asked: Asked) -> Need:
    what = f"nothing more was asked of {host}: {asked.paused[host]}"
    return Need(level=Level.LOOK, weight=5.0, mark="paused", about=about, what=what, command=asked.command("why", url))


def unread(error: DiskError, asked: Asked) -> Need:
    """The history could not be read."""
    return Need(
        level=Level.ACT, weight=1e9, mark="disk", about="the state", what=str(error), command=asked.command("doctor")
    )


def needs_of_source(name: str, week: Week, alarms: Sequence[Alarm], asked: Asked) -> Iterator[Need]:
    """What concerns one source: its alarms, and where it has none, what it gave nothing or little of."""
    for alarm in alarms:
        yield Need(
            level=_LEVELS[alarm.severity],
            weight=100.0 - _ORDER.get(alarm.kind, 0),
            mark="alarm",
            about=name,
            what=f"{alarm.kind}: {alarm.now}; usual: {alarm.usual}; since {alarm.since:%Y-%m-%d}",
            command=alarm.command,
        )
    url = asked.address_of(name)
    if any(alarm.kind == Drift.FAILED for alarm in alarms):
        return  # which is all that there is to say
    if url and (failure := _failure(name, asked)):
        times, what = failure
        yield Need(
            level=Level.ACT if times >= OFTEN else Level.LOOK,
            weight=10.0 * times,
            mark="failing",
            about=name,
            what=what,
            command=asked.command("crawl", "--all", url),
        )
    elif url and (host := host_of(url)) in asked.paused:
        yield _paused(name, host, url, asked)
    elif not alarms and url:
        yield from _shares(name, url, week, asked)


def _failure(name: str, asked: Asked) -> tuple[int, str] | None:
    """How often in a row it failed, and what there is to say of it."""
    if failing := asked.failing.get(name):
        since, again = str(failing["since"])[:10], str(failing["again"])[:16].replace("T", " ")
        times = int(failing["times"])
        return times, f"{failing['why']}; {times:,} times in a row since {since}; asked again {again} UTC"
    return (1, asked.failed[name]) if name in asked.failed else None


def _shares(name: str, url: str, week: Week, asked: Asked) -> Iterator[Need]:
    looks = {
        "refused": (week.refused, week.ended, "addresses were refused", REFUSALS),
        "undated": (week.undated, week.dated, "articles have no date", frozenset({Outcome.UNDATED})),
        "unsure": (week.unsure, week.written, "articles have a text of low confidence", frozenset[str]()),
    }
    for mark, (few, whole, words, outcomes) in looks.items():
        if whole < LEAST or few < MUCH[mark] * whole:
            continue
        if mark == "unsure":
            command = asked.command("memory", site_of(url))
        elif example := asked.example(name, outcomes):
            command = asked.command("why", example)
        else:
            command = asked.command("crawl", "--all", url)
        what = f"{few:,} of {whole:,} {words} in seven days"
        yield Need(level=Level.LOOK, weight=few / whole, mark=mark, about=name, what=what, command=command)
    if week.strange >= LEAST // 2 and week.strange > week.fitting:
        yield Need(
            level=Level.LOOK,
            weight=week.strange / (week.strange + week.fitting),
            mark="memory",
            about=name,
            what=f"{week.strange:,} of {week.strange + week.fitting:,} pages stand elsewhere than its memory has them",
            command=asked.command("memory", site_of(url)),
        )
