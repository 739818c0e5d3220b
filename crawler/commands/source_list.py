"""The sources as a person reads them: a table, the worst first."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from crawler.commands.times import ago, ahead, rough
from crawler.exits import Exit
from crawler.health import MONTH, Health, State, health_of_all
from crawler.record import safe_json
from crawler.sources import read_sources
from crawler.state import Place, kept_history, kept_memories, kept_polled
from crawler.state.reading import is_there
from crawler.terminal import one_line, say, stdout_console

_STYLE = {State.FAILING: "bold red", State.ALARM: "bold yellow", State.SILENT: "yellow", State.FINE: "green"}


def list_sources(path: Path | None, place: Place, *, as_json: bool) -> Exit:
    """List the sources of a file and of a state. ConfigError and DiskError where one cannot be read."""
    now = dt.datetime.now(dt.UTC)
    found = look(path, place, now)
    if as_json:
        print(safe_json([health.as_json() for health in found], indent=1))  # noqa: T201  what was asked for
        return Exit.FINE
    if not found:
        say(f"{place}: no source is known yet; dateline add URL adds one")
        return Exit.FINE
    console = stdout_console()
    console.print(_table(found, now))
    numbers = Counter(health.state for health in found)
    counts = ", ".join(f"{numbers[state]:,} {state}" for state in State if numbers[state])
    console.print(Text(f"{len(found):,} {'source' if len(found) == 1 else 'sources'}: {counts}"))
    return Exit.FINE


def look(path: Path | None, place: Place, now: dt.datetime) -> list[Health]:
    """How each source is doing; those of the file alone where no run was made yet."""
    listed = read_sources(path) if path else ()
    if not is_there(place):
        return health_of_all(listed, {}, {}, (), now)
    history = kept_history(place, now.date() - dt.timedelta(days=MONTH))
    return health_of_all(listed, kept_polled(place), history, kept_memories(place), now)


def _table(found: Sequence[Health], now: dt.datetime) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("source", overflow="fold", ratio=3, min_width=12)
    for name in ("asked", "due", "newest"):
        table.add_column(name, no_wrap=True)
    for name in ("7 d", "30 d"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("memory", no_wrap=True)
    table.add_column("health", overflow="fold", ratio=4, min_width=12)
    for health in found:
        table.add_row(
            _name(health),
            _short(ago(health.polled.asked_at if health.polled else None, now)),
            ahead(health.due, now).removeprefix("in "),
            _short(ago(health.newest, now)),
            f"{health.week:,}",
            f"{health.month:,}",
            health.memory or "–",
            _told(health, now),
        )
    return table


def _name(health: Health) -> Text:
    return Text(one_line(health.name), style="" if health.is_listed else "dim")


def _short(said: str) -> str:
    return said.removesuffix(" ago")


def _told(health: Health, now: dt.datetime) -> Text:
    text = Text(health.state.value, style=_STYLE.get(health.state, ""))
    polled = health.polled
    if health.state is State.FAILING and polled and polled.failing_since:
        since = f" for {rough(now - polled.failing_since)}, {polled.failures:,} ×: {one_line(polled.why or '')}"
        text.append(since, style="not bold")
    if health.alarms:
        text.append(f": {', '.join(map(one_line, health.alarms))}", style="not bold")
    if not health.is_listed:
        text.append(", not in the file", style="dim not bold")
    return text
