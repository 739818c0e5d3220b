"""Last stage: an article becomes a line, once per version, committed in the state before it is in the file."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.extensions import Run
from crawler.identity import canonical_key
from crawler.items import Extract, FoundBy, Outcome, Page
from crawler.record import Facts, article_id, article_record, content_hash, json_line, utc_stamp
from crawler.state import DiskError, Known, judge
from pipelines.accept import Accepted


class Record(dict[str, Any]):
    """A written record; a log line shows its id alone."""

    def __repr__(self) -> str:
        return f"<article {self.get('id')}>"


class WriteArticle:
    """Turns an Accepted article into its Record and writes its line; what is known already is dropped."""

    def __init__(self, run: Run) -> None:
        self.run = run

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(Run.of(crawler))

    def process_item(self, item: object) -> object:
        if not isinstance(item, Accepted):
            return item
        page, extract = item.page, item.extract
        known = self.run.state.article(article_id(extract))
        outcome = judge(known, content_hash(extract), canonical_key(page.url))
        if outcome in {Outcome.DUPLICATE, Outcome.UNCHANGED}:
            self.run.ended(page, outcome, article=article_id(extract))
            raise DropItem(outcome.value, log_level="DEBUG")
        try:
            return Record(self._write(page, extract, known))
        except DiskError as error:
            self.run.stop_for(error)
            raise DropItem("the disk refused it", log_level="DEBUG") from error

    def _write(self, page: Page, extract: Extract, known: Known | None) -> dict[str, Any]:
        crawled = utc_stamp(page.fetched_at)
        newest = Known(
            id=article_id(extract),
            version=known.version + 1 if known else 1,
            content_hash=content_hash(extract),
            address=canonical_key(page.url),
            first_seen=known.first_seen if known else crawled,
        )
        record = article_record(extract, self._facts(page, newest, crawled))
        path = self.run.output_file(dt.date.fromisoformat(crawled[:10]))
        self.run.save(page, newest, json_line(record), path)
        self.run.tally.cut(extract.removed)
        return record

    def _facts(self, page: Page, article: Known, crawled: str) -> Facts:
        return Facts(
            id=article.id,
            date_crawled=crawled,
            first_seen=article.first_seen,
            version=article.version,
            http_status=page.status,
            found_by=page.hint.found_by if page.hint else FoundBy.URL,
            run=self.run.id,
        )
