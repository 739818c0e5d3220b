"""Second stage: refused pages end here, counted with their reason; articles that the run does not want, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.extensions import Run
from crawler.items import Extract, Page, Refused
from crawler.policy import accepted
from pipelines.extract import ReadPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An article that is to be written, unless it is known already."""

    page: Page
    extract: Extract


class AcceptArticle:
    """Turns a ReadPage into an Accepted article or drops it; other items pass."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(Run.of(crawler))

    def process_item(self, item: object) -> object:
        if not isinstance(item, ReadPage):
            return item
        result = item.result if isinstance(item.result, Refused) else accepted(item.result, self.run.policy)
        if isinstance(result, Refused):
            self.run.refused(item.page, result)
            raise DropItem(result.reason.value, log_level="DEBUG")
        return Accepted(page=item.page, extract=result)
