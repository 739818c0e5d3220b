"""The memory that a crawl and its workers hold, and the end of a crawl that holds too much of it."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call
from twisted.internet.task import LoopingCall

from crawler.errors import MemoryLimitError
from crawler.extensions import Run
from crawler.heap import give_back

CHECK_EVERY_S = 1.0
GIVE_BACK_SHARE = 0.6  # of the limit, from which on what is free is given back at each check
_PROC = Path("/proc")


class MemoryLimit:
    """Ends a crawl, with all saved, whose processes together hold more than DATELINE_MEMORY_MB.

    In place of Scrapy's own limit, which reads ``ru_maxrss``: a figure that never falls, that leaves the workers out,
    and that Linux hands on to the programs which a large process starts.
    """

    def __init__(self, run: Run, crawler: Crawler) -> None:
        self.run = run
        self.limit_mb = crawler.settings.getfloat("DATELINE_MEMORY_MB")
        self._stats = crawler.stats
        self._checking: AsyncioLoopingCall | LoopingCall | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        limit = cls(Run.of(crawler), crawler)
        crawler.signals.connect(limit.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(limit.spider_closed, signal=signals.spider_closed)
        return limit

    def spider_opened(self) -> None:
        self._checking = create_looping_call(self.check)
        self._checking.start(CHECK_EVERY_S, now=False)  # an engine that has just begun cannot be ended

    def spider_closed(self) -> None:
        if self._checking and self._checking.running:
            self._checking.stop()

    def check(self) -> None:
        """Note what is held (the stats' ``memory/mb`` and ``memory/max_mb``), end the run where it is too much."""
        held_mb = held_bytes() / 1e6
        if held_mb > GIVE_BACK_SHARE * self.limit_mb:
            give_back()
            held_mb = held_bytes() / 1e6
        self._stats.set_value("memory/mb", round(held_mb))
        self._stats.max_value("memory/max_mb", round(held_mb))
        if held_mb > self.limit_mb:
            self.run.stop_for(
                MemoryLimitError(
                    f"stopped, as it held {held_mb:.0f} MB of memory, more than the {self.limit_mb:.0f} MB that a crawl"
                    " may; all that was read is saved, the next run goes on"
                )
            )


def held_bytes(pid: int | None = None) -> int:
    """What a process (this one where none is named) and those that it has started hold, what they share counted once.

    By /proc (proportional set size, see proc(5)); where there is none, the highest that this process alone has held.
    0 for a process that has ended.
    """
    shares = [share for pid in _tree(pid or os.getpid()) if (share := _share_of(pid)) is not None]
    if shares or pid is not None:
        return sum(shares)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _tree(pid: int) -> Iterator[int]:
    """A process and all that it, and what it started, has started."""
    yield pid
    for started in (_PROC / str(pid) / "task").glob("*/children"):
        try:
            children = started.read_text().split()
        except OSError:  # it has ended meanwhile
            continue
        for child in children:
            yield from _tree(int(child))


def _share_of(pid: int) -> int | None:
    """A process's own memory and its part of what it shares with others, in bytes; None where it cannot be told."""
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), None)
