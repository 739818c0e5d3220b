"""How a crawl is coming along: a live line in a terminal; elsewhere a line a minute for the log."""

from __future__ import annotations

import logging
import time
from typing import Self

from rich.live import Live
from rich.text import Text
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.utils.asyncio import AsyncioLoopingCall, create_looping_call
from twisted.internet.task import LoopingCall

from crawler.extensions import Run
from crawler.identity import host_of
from crawler.terminal import one_line, stderr_console

logger = logging.getLogger(__name__)

LIVE_EVERY_S = 0.25
LOGGED_EVERY_S = 60.0


class Progress:
    """Shows what the run has found, saved and refused, how fast, and where it is reading."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._pages = 0
        self._host = ""
        self._started = time.monotonic()
        self._live: Live | None = None
        self._calls: AsyncioLoopingCall | LoopingCall | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        if crawler.settings.getbool("DATELINE_QUIET"):
            raise NotConfigured
        progress = cls(Run.of(crawler))
        crawler.signals.connect(progress.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(progress.spider_closed, signal=signals.spider_closed)
        crawler.signals.connect(progress.response_received, signal=signals.response_received)
        return progress

    def spider_opened(self) -> None:
        self._started = time.monotonic()
        console = stderr_console()
        if console.is_terminal:
            self._live = Live(self.line(), console=console, auto_refresh=False, transient=True)
            self._live.start()
        self._calls = create_looping_call(self.show)
        self._calls.start(LIVE_EVERY_S if self._live else LOGGED_EVERY_S, now=False)

    def response_received(self, response: Response) -> None:
        self._pages += 1
        self._host = host_of(response.url)

    def spider_closed(self) -> None:
        if self._calls:
            self._calls.stop()
        if self._live:
            self._live.stop()

    def show(self) -> None:
        if self._live:
            self._live.update(self.line(), refresh=True)
        else:
            logger.info(self.line().plain)

    def line(self) -> Text:
        tally = self._run.tally
        pages = self._pages or tally.outcomes.total()
        rate = pages / max(time.monotonic() - self._started, 0.001)
        text = f"found {tally.found} · saved {tally.saved} · refused {tally.refused} · {rate:.1f} pages/s"
        place = self._run.place or self._host
        return Text(f"{text} · {one_line(place)}" if place else text, no_wrap=True, overflow="ellipsis")
