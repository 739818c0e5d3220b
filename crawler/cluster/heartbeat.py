"""A crawl in a cluster: it tells that it lives and how far it is, and asks nobody whose site it has not to itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured

from crawler.cluster.holding import LOST, Holding
from crawler.cluster.work import Come
from crawler.extensions import Run
from crawler.failures import LeftForLater
from crawler.identity import registrable_domain
from crawler.run import Searching
from crawler.state import DiskError

TELL_EVERY_S = 2.0
LOOK_EVERY_S = 0.1  # whether leases that have run out are renewed


def holding_of(crawler: Crawler) -> Holding:
    """What the process of a crawler has to itself; NotConfigured where it is alone."""
    holding = getattr(crawler, "holding", None)
    if not isinstance(holding, Holding):
        raise NotConfigured
    return holding


class Heartbeat:
    """Tells the worker that the crawl lives, and how far it has come; ends it when its leases are lost."""

    def __init__(self, run: Run, crawler: Crawler, holding: Holding) -> None:
        self._run = run
        self._crawler = crawler
        self._holding = holding
        self._tell: Callable[[Come], None] = getattr(crawler, "tell_come", lambda _: None)
        self._beating: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy; not where a crawl is alone with its state."""
        holding = holding_of(crawler)
        heartbeat = cls(Run.of(crawler), crawler, holding)
        crawler.signals.connect(heartbeat.spider_opened, signal=signals.spider_opened)
        crawler.signals.connect(heartbeat.spider_closed, signal=signals.spider_closed)
        return heartbeat

    def spider_opened(self) -> None:
        self._beating = asyncio.ensure_future(self._beat())

    def spider_closed(self) -> None:
        if self._beating:
            self._beating.cancel()

    async def _beat(self) -> None:
        while self._holding.lost is None:
            self._tell(self._come())
            await asyncio.sleep(TELL_EVERY_S)
        self._run.stop_for(self._holding.lost)

    def _come(self) -> Come:
        tally, spider = self._run.tally, self._crawler.spider
        done = spider.reach().done if isinstance(spider, Searching) else 0
        return Come(found=tally.found, saved=tally.saved, refused=tally.refused, done=done)


class OwnSites:
    """Lets no request through but to sites that this process has to itself; others are taken, where they are free.

    Behind ``crawler.pace``, when a request's turn has come: before it, it may have waited for longer than leases last.
    """

    def __init__(self, crawler: Crawler, holding: Holding) -> None:
        self._crawler = crawler
        self._holding = holding
        self._delay_s = crawler.settings.getfloat("DATELINE_DELAY")
        self._rested: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        return cls(crawler, holding_of(crawler))

    async def process_request(self, request: Request) -> None:
        """Return when the site may be asked; LeftForLater where another process has it, or the leases are lost."""
        domain = registrable_domain(request.url)
        if domain not in self._holding and not await self._take(domain):
            raise LeftForLater(f"{domain} is being crawled by another process")
        if domain not in self._rested:  # the last request to it may have been another process's, just now
            own_s = request.meta.get("delay_s")
            delay_s = max(self._delay_s if own_s is None else own_s, request.meta.get("crawl_delay_s") or 0.0)
            await asyncio.sleep(max(delay_s - self._holding.left_s(domain), 0.0))
            self._rested.add(domain)
        while not self._holding.is_valid:  # this process was paused: what it holds is renewed now, or another's
            if self._holding.lost:
                Run.of(self._crawler).stop_for(self._holding.lost)  # at once, so that no source counts as read
                raise LeftForLater(LOST)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _take(self, domain: str) -> bool:
        try:
            return bool(await in_thread(self._holding.take, [domain]))
        except DiskError as error:
            raise LeftForLater(str(error)) from error


_thread = ThreadPoolExecutor(1, "leases")  # one, as they may not be used by two at once


async def in_thread(work: Callable[..., object], *arguments: object) -> object:
    """Ask the server of the state while the crawl goes on."""
    return await asyncio.get_running_loop().run_in_executor(_thread, work, *arguments)
