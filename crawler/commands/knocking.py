"""Sources knocked at, each with one request for its robots.txt, by the crawl's own way to the network."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from email.utils import parsedate_to_datetime
from itertools import islice

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.commands.project import looking_settings
from crawler.doctor.network import Knock
from crawler.identity import web_address
from crawler.robotstxt import ROBOTS_PATH
from crawler.sources import Source
from spiders.answers import end_of

TIMEOUT_S = 10
ALL_STATUSES = list(range(100, 600))


class KnockSpider(Spider):
    """Asks each address, and keeps what came of it; ``knocks`` has each with the name of its source."""

    name = "knock"

    def __init__(self, knocks: dict[str, Knock]) -> None:
        super().__init__()
        self.knocks = knocks

    async def start(self) -> AsyncIterator[Request]:
        meta = {"dont_obey_robotstxt": True, "dont_retry": True, "handle_httpstatus_list": ALL_STATUSES}
        for url in list(self.knocks):
            yield Request(url, self.keep, errback=self.keep_why, cb_kwargs={"url": url}, meta=meta, dont_filter=True)

    def keep(self, response: Response, url: str) -> None:
        ahead = _ahead((response.headers.get("Date") or b"").decode("latin-1"))
        self.knocks[url] = replace(self.knocks[url], status=response.status, ahead=ahead)

    def keep_why(self, failure: Failure) -> None:
        url = failure.request.cb_kwargs["url"]  # type: ignore[attr-defined]
        outcome, why = end_of(failure)
        self.knocks[url] = replace(self.knocks[url], why=why or outcome.value)


def knock(sources: Sequence[Source], most: int, allow: Sequence[str]) -> tuple[list[Knock], int]:
    """What came of a request to each host of these sources, in their order; and how many hosts more there are."""
    named: dict[str, str] = {}
    for source in sources:
        if url := web_address(source.urls[0], ROBOTS_PATH):
            named.setdefault(url, source.name)
    knocks = {url: Knock(name=name, url=url, why="no answer") for url, name in islice(named.items(), most)}
    if knocks:
        process = AsyncCrawlerProcess(looking_settings(allow, DOWNLOAD_TIMEOUT=TIMEOUT_S))
        task = process.crawl(KnockSpider, knocks=knocks)
        process.start()
        if error := task.exception():
            raise error
    return list(knocks.values()), len(named) - len(knocks)


def _ahead(date: str) -> dt.timedelta | None:
    """How far a server's clock is ahead of ours, by the Date header of its answer; None where it has none."""
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, IndexError, TypeError, OverflowError):  # the standard library's parser on garbage
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)) - dt.datetime.now(dt.UTC)
