"""First stage: what a page says, worked out in a worker process while the reactor goes on fetching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from scrapy.crawler import Crawler

from crawler.items import Extract, Page, Refused
from crawler.workers import Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """A page and what it says."""

    page: Page
    result: Extract | Refused


class ExtractPage:
    """Turns a Page into a ReadPage; other items pass."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(Workers())

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Page):
            return item
        return ReadPage(page=item, result=await self.workers.extract(item))

    def close_spider(self) -> None:
        self.workers.close()
