"""Single addresses fetched once, by the crawl's own rules: robots.txt, public addresses, bounds."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure
from w3lib.encoding import http_content_type_encoding

from crawler.addresses import parse_allowed
from crawler.failures import outcome_of
from crawler.items import FoundBy, Hint, Outcome, Page, Reason, Refused, Site


class FetchSpider(Spider):
    """Fetches addresses, follows nothing, and keeps what came of each."""

    name = "fetch"

    def __init__(self, urls: list[str], language: str | None, fetched: dict[str, Page | Refused]) -> None:
        super().__init__()
        self.urls = urls
        self.language = language
        self.fetched = fetched

    async def start(self) -> AsyncIterator[Request]:
        for url in self.urls:
            yield Request(url, self.keep, errback=partial(self.keep_why, url), cb_kwargs={"url": url}, dont_filter=True)

    def keep(self, response: Response, url: str) -> None:
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        self.fetched[url] = Page(
            url=response.url,
            body=response.body,
            fetched_at=dt.datetime.now(dt.UTC),
            status=response.status,
            content_type=content_type or None,
            encoding=http_content_type_encoding(content_type),
            hint=Hint(url=url, found_by=FoundBy.URL),
            site=Site(language=self.language),
        )

    def keep_why(self, url: str, failure: Failure) -> None:
        outcome, detail = outcome_of(failure.value or Exception("unknown"))
        why = f"HTTP status {detail}" if outcome is Outcome.HTTP_STATUS and detail.isdigit() else detail or outcome
        self.fetched[url] = Refused(reason=Reason.UNREADABLE, detail=why)


def fetch_pages(urls: list[str], options: argparse.Namespace) -> dict[str, Page | Refused]:
    """Each address's page, or why it gave none; private addresses are refused unless the options allow them."""
    parse_allowed(options.allow)
    fetched: dict[str, Page | Refused] = {}
    process = AsyncCrawlerProcess(_settings(options.allow))
    task = process.crawl(FetchSpider, urls=urls, language=options.language, fetched=fetched)
    process.start()
    if error := task.exception():
        raise error
    nothing = Refused(reason=Reason.UNREADABLE, detail="no answer")
    return {url: fetched.get(url, nothing) for url in urls}


def _settings(allow: list[str]) -> Settings:
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    own: dict[str, Any] = {
        "DATELINE_ALLOW": allow,
        "ITEM_PIPELINES": {},
        "EXTENSIONS": {},
        "LOG_ENABLED": False,
    }
    settings.setdict(own, priority="cmdline")
    return settings
