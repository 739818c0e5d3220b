"""Last stage: an article becomes a line, once per version, committed in the state before it is in the file."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.edits import Edit, Shape, edit_of, is_one_article, shape_of
from crawler.extensions import Run
from crawler.identity import address_digest
from crawler.items import Extract, FoundBy, Outcome, Page
from crawler.record import (
    Facts,
    article_id,
    article_record,
    content_hash,
    id_of_address,
    json_line,
    text_hash,
    title_hash,
    utc_stamp,
)
from crawler.state import DiskError, OvertakenError
from crawler.verdict import Known, is_older, is_same, judge, next_look, unix_time
from pipelines.accept import Accepted

SHARED = "canonical shared with another article"  # a warning: the address that this one declares is not its own


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
        """Not a coroutine: nothing else runs between the look into the state and the commit, so each line is once."""
        if not isinstance(item, Accepted):
            return item
        try:
            return self._written(item)
        except DiskError as error:
            self.run.stop_for(error)
            raise DropItem("the disk refused it", log_level="DEBUG") from error

    def _written(self, item: Accepted) -> Record:
        """Judged anew where another process, which shares the state, has written the article since the look into it."""
        while True:
            with suppress(OvertakenError):
                return self._record(item.page, item.extract)

    def _record(self, page: Page, extract: Extract) -> Record:
        new = self._version(page, extract)
        known = self.run.state.article(new.id)
        own = id_of_address(extract.url)
        if known is None and (moved := self._moved(page, new)):
            known = replace(moved, address=new.address, url=new.url)
            new = replace(new, id=moved.id)
            self.run.state.move(known)
        elif known is None and (twin := self._twin(new)):
            known, new = twin, replace(new, id=twin.id)
        elif known and known.address != new.address and own != new.id and not is_same(known, new):
            extract = replace(extract, warnings=(*extract.warnings, f"{SHARED}: {extract.canonical_url}"))
            new = replace(new, id=own)
            known = self.run.state.article(own)
        edit = Edit()
        outcome = judge(known, new)
        if known and outcome is Outcome.UPDATED and is_older(known, new):
            outcome = Outcome.UNCHANGED  # an old capture: what is known was seen after it
        if known and outcome is Outcome.UPDATED:
            edit = self._edit(known, new, page, extract)
            outcome = Outcome.UPDATED if edit.changed else Outcome.UNCHANGED
        if outcome in {Outcome.DUPLICATE, Outcome.UNCHANGED}:
            self.run.ended(page, outcome, article=new.id)
            raise DropItem(outcome.value, log_level="DEBUG")
        if known:
            new = replace(new, version=known.version + 1, first_seen=known.first_seen)
        return self._write(page, extract, new, edit, known)

    def _moved(self, page: Page, new: Known) -> Known | None:
        """The article that was written from an address which leads to this page now."""
        if address_digest(page.asked_for) == new.address:
            return None
        before = self.run.state.article_at(page.asked_for)
        return before if before and (is_same(before, new) or _is_one(before, new)) else None

    def _twin(self, new: Known) -> Known | None:
        """The article that stands at another address of the site, too, which neither of them declares."""
        titled = self.run.state.titled(new.title_hash, new.url) if new.title_hash and new.url else []
        return next((known for known in titled if _is_one(known, new)), None)

    def _edit(self, known: Known, new: Known, page: Page, extract: Extract) -> Edit:
        """What was edited; a page on which texts have come that others may show, too, waits for these."""
        before = Shape.from_bytes(known.shape) if known.shape else None
        if before is None:  # dropped long after its last look (dateline compact), or taken from a file by the doctor
            pairs = (("title", known.title_hash, new.title_hash), ("content_text", known.text_hash, new.text_hash))
            return Edit(changed=tuple(name for name, first, second in pairs if first and first != second))
        edit = edit_of(before, extract, self.run.memories.around(page, extract))
        source = self.run.tally.source_of(page.asked_for)
        if edit.is_doubtful and self.run.memories.wait_for_others(page, source):
            raise DropItem("waits for other pages of its site", log_level="DEBUG")
        return edit

    def _version(self, page: Page, extract: Extract) -> Known:
        """The article as it is written where nothing is known of it."""
        now = unix_time(utc_stamp(page.fetched_at))
        born = min(unix_time(extract.published.value), now) if extract.published else now
        return Known(
            id=article_id(extract),
            version=1,
            content_hash=content_hash(extract),
            address=address_digest(page.url),
            first_seen=utc_stamp(page.fetched_at),
            title_hash=title_hash(extract),
            text_hash=text_hash(extract),
            url=page.url,
            shape=shape_of(extract).as_bytes(),
            born=born,
            looked=now,
            next_look=next_look(born, self.run.learned_at() or now, self.run.policy),
        )

    def _write(self, page: Page, extract: Extract, article: Known, edit: Edit, before: Known | None) -> Record:
        crawled = utc_stamp(page.fetched_at)
        facts = self._facts(page, article, crawled)
        if before:
            facts = replace(facts, changed=edit.changed, previous_hash=before.content_hash)
        record = article_record(extract, facts)
        path = self.run.output_file(dt.date.fromisoformat(crawled[:10]))
        source = self.run.tally.source_of(page.asked_for)
        self.run.save(page, article, json_line(record), path)
        self.run.wrote(page, extract, source, is_new=before is None)
        return Record(record)

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


def _is_one(known: Known, new: Known) -> bool:
    """Whether two pages with one headline hold one article; one whose shape was dropped, only where no word differs."""
    first = Shape.from_bytes(known.shape) if known.shape else None
    second = Shape.from_bytes(new.shape) if new.shape else None
    if first is None or second is None:
        return known.text_hash is not None and known.text_hash == new.text_hash
    return is_one_article(first, second)
