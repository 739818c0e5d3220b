"""First stage: what a page says, worked out in a worker process while the reactor goes on fetching.

A page is read with what is known of its site. The first pages of an unknown site wait in the state, not here, until
the site has shown enough of them, or the run has nothing else to do; then they come by once more.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, DropItem

from crawler.again import ReadBefore
from crawler.crawled import send
from crawler.extensions import Run
from crawler.extraction.rule import RuleError
from crawler.identity import site_of
from crawler.items import Extract, Page, Refused
from crawler.state import DiskError
from crawler.workers import Workers, extract_page

FIRST_READINGS = 200  # of pages that wait, which are held; some 50 KB each


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """A page and what it says."""

    page: Page
    result: Extract | Refused


class ExtractPage:
    """Turns a Page into a ReadPage, or drops it while it waits for its site to be known; other items pass."""

    def __init__(self, run: Run, workers: Workers[Extract]) -> None:
        self.run = run
        self.workers = workers
        self._bringing: set[asyncio.Task[None]] = set()  # pages that waited, on their way
        self._turns = asyncio.Semaphore(workers.size)  # of such pages, of all sites together
        self._reading: Counter[str] = Counter()  # site that is not known → its pages that are being read
        self._ended: dict[str, asyncio.Event] = {}  # the same → one of these was read
        self._first: dict[str, Extract] = {}  # page that waits → what it said
        self._is_prepared = False
        run.workers = workers

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        run = Run.of(crawler)
        work = partial(extract_page, policy=run.policy)
        size = crawler.settings.getint("DATELINE_WORKERS") or None
        stage = cls(run, run.profile.workers(work) if run.profile else Workers(work, size=size))
        crawler.signals.connect(stage.spider_opened, signals.spider_opened)
        crawler.signals.connect(stage.request_scheduled, signals.request_scheduled)
        crawler.signals.connect(stage.spider_idle, signals.spider_idle)
        return stage

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Page):
            return item
        try:
            return await self._read(item)
        except RuleError as error:
            self.run.stop_for(error)
            raise DropItem("the rules are broken", log_level="DEBUG") from error
        except DiskError as error:
            self.run.stop_for(error)
            raise DropItem("the disk refused it", log_level="DEBUG") from error

    def spider_opened(self) -> None:
        """Take up what an earlier run has left waiting."""
        self._bring(None)

    def request_scheduled(self) -> None:
        """Begin to start workers when the first article is asked for: a run without news has none."""
        if not self._is_prepared and self.run.tally.found:
            self._is_prepared = True
            self.workers.prepare()

    def spider_idle(self) -> None:
        """Nothing else is to come: the sites that are waited for have shown what they have."""
        engine = self.run.crawler.engine
        if self._bringing:
            raise DontCloseSpider
        if engine is not None and engine.spider_is_idle() and (sites := self.run.memories.sites_waited_for()):
            self.run.memories.is_ending = True
            self._begin(sites)
            raise DontCloseSpider

    def close_spider(self) -> None:
        for task in self._bringing:
            task.cancel()
        self.workers.close()

    async def _read(self, page: Page) -> ReadPage:
        memories = self.run.memories
        while (told := memories.told(page)) is None and self._are_enough(site_of(page.url)):
            await self._one_more_read(site_of(page.url))
        result = await (self._read_told(told) if told else self._read_first(page))
        if told is None and isinstance(result, Extract) and result.trace:
            told = memories.told(page)  # its site may have become known meanwhile
            if told is None:
                if len(self._first) < FIRST_READINGS:
                    self._first[page.asked_for] = result
                self._begin(memories.wait(page, self.run.tally.source_of(page.asked_for), result.trace))
                raise DropItem("waits for its site to be known", log_level="DEBUG")
            result = await self.workers.extract(ReadBefore.of(told, result))
        if isinstance(result, Extract) and result.trace:
            self.run.learned(page, memories.learn(page, result.trace))
        return ReadPage(page=page, result=result)

    def _are_enough(self, site: str) -> bool:
        """Whether so many pages of an unknown site are being read that it may be known after them."""
        return self._reading[site] >= max(self.run.memories.lacking(site), 1)

    async def _one_more_read(self, site: str) -> None:
        await self._ended.setdefault(site, asyncio.Event()).wait()

    async def _read_told(self, page: Page) -> Extract | Refused:
        """Read a page with what is known of its site."""
        first = self._first.pop(page.asked_for, None)
        return await self.workers.extract(ReadBefore.of(page, first) if first else page)

    async def _read_first(self, page: Page) -> Extract | Refused:
        """Read a page of an unknown site."""
        site = site_of(page.url)
        self._reading[site] += 1
        try:
            return await self.workers.extract(page)
        finally:
            self._reading[site] -= 1
            if ended := self._ended.pop(site, None):
                ended.set()  # who waits looks when what has been read is counted

    def _begin(self, sites: Iterable[str]) -> None:
        """Sites are known from now on: bring the pages that waited for that."""
        try:
            for site in sites:
                self.run.memories.begin(site)
                self._bring(site)
        except DiskError as error:
            self.run.stop_for(error)

    def _bring(self, site: str | None) -> None:
        task = asyncio.ensure_future(self._bring_all(site))
        self._bringing.add(task)
        task.add_done_callback(self._brought)

    def _brought(self, task: asyncio.Task[None]) -> None:
        """Have the engine look at once whether all is done: of itself it looks every five seconds."""
        self._bringing.discard(task)
        engine = self.run.crawler.engine
        if engine is not None and (slot := engine._slot) is not None:
            slot.nextcall.schedule()

    async def _bring_all(self, site: str | None) -> None:
        """Send the pages that wait through the pipelines, of all sites as many at a time as there are workers."""
        under_way: set[asyncio.Task[None]] = set()
        waiting = self.run.memories.waiting(site)
        try:
            while not self.run.error:
                await self._turns.acquire()
                found = next(waiting, None)
                if found is None:
                    self._turns.release()
                    break
                page, source = found
                self.run.found(page.asked_for, source)
                task = asyncio.ensure_future(self._bring_one(page))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
                task.add_done_callback(lambda _: self._turns.release())
            if under_way:
                await asyncio.wait(set(under_way))
        except DiskError as error:
            self._turns.release()
            self.run.stop_for(error)

    async def _bring_one(self, page: Page) -> None:
        engine = self.run.crawler.engine
        if engine is not None:
            await send(engine, page)
