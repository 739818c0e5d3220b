"""The command with its extraction stage counted: pages read, their parses, bytes that go to workers and come back.

Each count is a line of the file that COUNTS names. Where SLOW is set, no page is read before the crawl has fetched all
that it will hold at a time.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.asyncio import create_looping_call

from crawler.items import Extract, Page, Reason, Refused
from crawler.site import UNKNOWN
from crawler.workers import Workers, extract_page
from pipelines.extract import ExtractPage

COUNTS = "COUNTS"
SLOW = "SLOW"
PARSES = ("fromstring", "HTML", "XML", "parse", "fromstringlist")  # of lxml.etree; all of lxml.html ends in one
UNWANTED = ("trafilatura", "htmldate", "crawler.extraction.extract", "crawler.profile")  # in the crawl's own process
QUIET_LOOKS = 10  # without a download under way, after which no more is to come
LOOK_EVERY_S = 0.05


def count(**line: object) -> None:
    """Write one count down."""
    with Path(os.environ[COUNTS]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def counted(page: Page) -> Extract | Refused:
    """Extract a page, and count."""
    with parses_counted() as parses:
        result = extract_page(page)
    count(
        read=page.url,
        parses=len(parses),
        is_known=page.site != UNKNOWN,
        body=len(page.body),
        sent=len(pickle.dumps(page)),
        back=len(pickle.dumps(result)),
    )
    return result


@contextmanager
def parses_counted() -> Iterator[list[str]]:
    """What is parsed in the block, by the name of lxml's function, whoever has taken it from there."""
    import htmldate  # noqa: F401  whose modules are to be found below
    import trafilatura  # noqa: F401
    from lxml import etree

    names: list[str] = []
    own = {getattr(etree, name): _counting(getattr(etree, name), name, names) for name in PARSES}
    places = [
        (room, name, value)
        for room in list(sys.modules.values())
        for name, value in list(vars(room).items())
        if callable(value) and type(value) is type(etree.fromstring) and value in own
    ]
    for room, name, value in places:
        setattr(room, name, own[value])
    try:
        yield names
    finally:
        for room, name, value in places:
            setattr(room, name, value)


def _counting(function: Callable[..., Any], name: str, names: list[str]) -> Callable[..., Any]:
    def parse(*arguments: Any, **named: Any) -> Any:
        names.append(name)
        return function(*arguments, **named)

    return parse


def slow(page: Page) -> Refused:
    """Wait until nothing more is fetched."""
    while not _released().exists():
        time.sleep(LOOK_EVERY_S)
    return Refused(reason=Reason.EMPTY, detail=page.url)


def _released() -> Path:
    return Path(os.environ[COUNTS]).with_suffix(".released")


class ExtractCounted(ExtractPage):
    """In place of the stage that ships."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        stage = super().from_crawler(crawler)
        stage.workers = Workers(slow if os.environ.get(SLOW) else counted)
        stage.held: list[int] = []  # type: ignore[misc]  # bytes of each page that is under way
        stage.quiet_looks = 0
        stage.watch = create_looping_call(stage.look)
        crawler.signals.connect(stage.begin, signals.spider_opened)
        return stage

    def begin(self) -> None:
        """Begin to look."""
        self.watch.start(LOOK_EVERY_S, now=False)

    def look(self) -> None:
        """Let the workers go on when no download is under way any more."""
        engine = self.run.crawler.engine
        is_quiet = self.held and engine is not None and not engine.downloader.active
        self.quiet_looks = self.quiet_looks + 1 if is_quiet else 0
        if self.quiet_looks == QUIET_LOOKS:
            _released().touch()

    async def process_item(self, item: object) -> object:
        if not isinstance(item, Page):
            return item
        self.held.append(len(item.body))
        count(held=len(self.held), held_bytes=sum(self.held))
        try:
            return await super().process_item(item)
        finally:
            self.held.remove(len(item.body))

    def close_spider(self) -> None:
        self.watch.stop()
        super().close_spider()


if __name__ == "__main__":
    from multiprocessing import forkserver

    import crawler.settings
    from crawler.cli import main

    stages = crawler.settings.ITEM_PIPELINES
    crawler.settings.ITEM_PIPELINES = {
        "tests.counting.ExtractCounted" if "ExtractPage" in name else name: place for name, place in stages.items()
    }
    code = main(sys.argv[1:])
    loaded = [name for name in UNWANTED if name in sys.modules]
    count(loaded=loaded, has_fork_server=forkserver._forkserver._forkserver_pid is not None)
    sys.exit(code)
