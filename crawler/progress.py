"""How a crawl is coming along, gathered as it goes: shown in a terminal, logged once a minute everywhere."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from typing import Self

from rich.live import Live
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call
from twisted.internet.task import LoopingCall

from crawler.extensions import Run
from crawler.live import Snapshot, display, line
from crawler.pace import Pace
from crawler.run import Reach, Searching
from crawler.terminal import is_watched, stderr_console

logger = logging.getLogger(__name__)

LIVE_EVERY_S = 0.25
LOGGED_EVERY_S = 60.0
SPEED_OF_S = 10.0  # the speed that is told is that of the last seconds
NOWHERE = Reach(done=0, sources=0, left=0)


class Progress:
    """Shows what the run has done, how fast, and what it waits for."""

    def __init__(self, run: Run, crawler: Crawler) -> None:
        self._run = run
        self._crawler = crawler
        self._fetched = 0
        self._started = time.monotonic()
        self._counts: deque[tuple[float, int]] = deque([(self._started, 0)])  # moments, and what was fetched until then
        self._live: Live | None = None
        self._calls: list[AsyncioLoopingCall | LoopingCall] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy; not where nothing is to be said."""
        if crawler.settings.getbool("DATELINE_QUIET"):
            raise NotConfigured
        progress = cls(Run.of(crawler), crawler)
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.end, signal=signals.spider_closed)
        crawler.signals.connect(progress.response_received, signal=signals.response_received)
        return progress

    def spider_opened(self) -> None:
        self._started = time.monotonic()
        self._counts = deque([(self._started, self._fetched)])
        self._call(self.log, LOGGED_EVERY_S)
        if is_watched():
            self._live = Live(display(self.snapshot()), console=stderr_console(), auto_refresh=False, transient=True)
            self._live.start()
            self._call(self.show, LIVE_EVERY_S)

    def response_received(self) -> None:
        self._fetched += 1

    def end(self) -> None:
        """Show nothing more, and leave the terminal as it was. Ending again does nothing."""
        for call in self._calls:
            call.stop()
        self._calls.clear()
        if self._live:
            self._live.stop()
            self._live = None

    def show(self) -> None:
        """The display brought up to now."""
        if self._live:
            self._live.update(display(self.snapshot()), refresh=True)

    def log(self) -> None:
        """A line for the log."""
        now = self.snapshot()
        logger.info(line(now), extra={"event": "progress", "fields": now.as_json()})

    def snapshot(self) -> Snapshot:
        """What is known of the crawl now."""
        tally, workers, stats = self._run.tally, self._run.workers, self._crawler.stats
        spider, pace = self._crawler.spider, self._crawler.get_downloader_middleware(Pace)
        reach = spider.reach() if isinstance(spider, Searching) else NOWHERE
        return Snapshot(
            elapsed_s=time.monotonic() - self._started,
            sources=reach.sources,
            done=reach.done,
            found=tally.found,
            to_go=tally.found - tally.outcomes.total() + reach.left,
            saved=tally.saved,
            refused=tally.refused,
            fetched=self._pages,
            fetched_per_s=self._speed(),
            workers=workers.size if workers else 0,
            busy=min(workers.under_way, workers.size) if workers else 0,
            memory_mb=stats.get_value("memory/mb", 0) if stats else 0,
            most_memory_mb=self._crawler.settings.getint("DATELINE_MEMORY_MB"),
            waiting=pace.waits() if pace else (),
            reading=self._run.place,
            is_stopping=self._run.is_stopping,
        )

    @property
    def _pages(self) -> int:
        """Those that were fetched; of an archive, that ended."""
        return self._run.tally.outcomes.total() if self._run.place else self._fetched

    def _speed(self) -> float:
        """Pages a second, of the last seconds."""
        now = time.monotonic()
        self._counts.append((now, self._pages))
        while len(self._counts) > 2 and now - self._counts[1][0] >= SPEED_OF_S:
            self._counts.popleft()
        since, before = self._counts[0]
        return (self._pages - before) / max(now - since, 1.0)

    def _call(self, what: Callable[[], None], every_s: float) -> None:
        call = create_looping_call(what)
        call.start(every_s, now=False)
        self._calls.append(call)
