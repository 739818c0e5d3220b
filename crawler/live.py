"""How a crawl is coming along, as a person in front of a terminal, a log and a machine are told of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from crawler.pace import Wait
from crawler.terminal import one_line

NAMED = 3  # hosts that are waited for, in a line
BAR_WIDTH = 30  # characters
STOPPING = "stopping: what is under way is finished and saved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What is known of a crawl at one moment."""

    elapsed_s: float
    sources: int
    done: int  # sources of which nothing is left to do
    found: int
    to_go: int  # addresses that were named and have not ended
    saved: int
    refused: int
    fetched: int  # answers of any kind
    fetched_per_s: float  # of late
    workers: int = 0
    busy: int = 0  # workers that have a page
    memory_mb: int = 0
    most_memory_mb: int = 0
    waiting: Sequence[Wait] = ()
    reading: str = ""  # what is read in place of what is fetched: a file, and how far
    is_stopping: bool = False

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "elapsed_s": round(self.elapsed_s, 1),
            "sources": self.sources,
            "sources_done": self.done,
            "found": self.found,
            "to_go": self.to_go,
            "saved": self.saved,
            "refused": self.refused,
            "fetched": self.fetched,
            "fetched_per_s": round(self.fetched_per_s, 2),
            "workers": self.workers,
            "workers_busy": self.busy,
            "memory_mb": self.memory_mb,
            "reading": self.reading,
            "waiting": [
                {"host": w.host, "requests": w.requests, "for_s": round(w.for_s, 1), "paused": w.is_paused}
                for w in self.waiting
            ],
        }


def line(now: Snapshot) -> str:
    """A snapshot as one line, for a log."""
    told = [
        f"{now.done:,} of {_sources(now.sources)}",
        f"{now.fetched:,} {_pages(now)} ({now.fetched_per_s:.1f} a second)",
        f"{now.found:,} found",
        f"{now.saved:,} saved",
        f"{now.refused:,} refused",
        f"{now.to_go:,} to go",
        *([f"{now.memory_mb:,} MB"] if now.memory_mb else []),
    ]
    hosts = _hosts(now.waiting)
    reads = f"; reads {one_line(now.reading)}" if now.reading else ""
    return ", ".join(told) + reads + (f"; waits for {', '.join(hosts)}" if hosts else "")


def display(now: Snapshot) -> RenderableType:
    """A snapshot for a terminal: a bar of the sources, a line each of numbers, workers, and what it waits for.

    The lines are the same at each moment, so that nothing jumps, and are cut at the terminal's edge.
    """
    return Group(_bar(now), _numbers(now), _means(now), _waits(now))


def _bar(now: Snapshot) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    clock = str(dt.timedelta(seconds=int(now.elapsed_s)))
    what = Text.assemble((f"{now.done:,}", "bold"), f" of {_sources(now.sources)}", no_wrap=True)
    bar = ProgressBar(max(now.sources, 1), now.done, BAR_WIDTH, complete_style="green", finished_style="green")
    grid.add_row(bar, what, Text(clock, style="dim"))
    return grid


def _numbers(now: Snapshot) -> Text:
    told = [
        (f"{now.fetched:,}", f" {_pages(now)}"),
        (f"{now.fetched_per_s:.1f}", " a second"),
        (f"{now.saved:,}", " saved"),
        (f"{now.refused:,}", " refused"),
        (f"{now.to_go:,}", " to go"),
    ]
    parts: list[str | tuple[str, str]] = []
    for number, what in told:
        parts += [(number, "bold"), what, ("  ·  ", "dim")]
    return _one_row(*parts[:-1])


def _means(now: Snapshot) -> Text:
    if now.is_stopping:
        return _one_row((STOPPING, "yellow"))
    memory = f"{now.memory_mb:,} of {now.most_memory_mb:,} MB of memory" if now.memory_mb else ""
    workers = f"{now.busy} of {now.workers} workers busy" if now.workers else "no page is read yet"
    return _one_row(("  ·  ".join(filter(None, (workers, memory))), "dim"))


def _waits(now: Snapshot) -> Text:
    hosts = _hosts(now.waiting)
    if now.reading:
        return _one_row(("reads ", "dim"), one_line(now.reading))
    return _one_row(("waits for ", "dim"), ", ".join(hosts)) if hosts else _one_row(("waits for nothing", "dim"))


def _hosts(waiting: Sequence[Wait]) -> list[str]:
    """The first hosts that are waited for, each with why, and how many more there are."""
    more = len(waiting) - NAMED
    return [*map(_host, waiting[:NAMED]), *([f"{more:,} more"] if more > 0 else [])]


def _host(waiting: Wait) -> str:
    return f"{one_line(waiting.host)} ({', '.join(_why(waiting))})"


def _why(waiting: Wait) -> Iterator[str]:
    if waiting.is_paused:
        yield f"asked for a pause, {waiting.for_s:.0f} s more"
    elif waiting.for_s or waiting.requests:
        yield f"{waiting.requests:,} in line"
        if waiting.for_s >= 1:
            yield f"next in {waiting.for_s:.0f} s"
    else:
        yield "its answer"


def _pages(now: Snapshot) -> str:
    return "pages read" if now.reading else "pages fetched"


def _sources(number: int) -> str:
    return f"{number:,} {'source' if number == 1 else 'sources'}"


def _one_row(*parts: str | tuple[str, str]) -> Text:
    return Text.assemble(*parts, no_wrap=True, overflow="ellipsis")
