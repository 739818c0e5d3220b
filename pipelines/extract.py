"""First stage: what a page says, worked out in a worker process while the reactor goes on fetching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.extensions import Run
from crawler.extraction.rule import RuleError
from crawler.items import Extract, Page, Refused
from crawler.workers import Workers, extract_page


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPage:
    """A page and what it says."""

    page: Page
    result: Extract | Refused


class ExtractPage:
    """Turns a Page into a ReadPage; other items pass."""

    def __init__(self, run: Run, workers: Workers[Extract]) -> None:
        self.run = run
        self.workers = workers

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(Run.of(crawler), Workers(extract_page))

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Page):
            return item
        try:
            return ReadPage(page=item, result=await self.workers.extract(item))
        except RuleError as error:
            self.run.stop_for(error)
            raise DropItem("the rules are broken", log_level="DEBUG") from error

    def close_spider(self) -> None:
        self.workers.close()
