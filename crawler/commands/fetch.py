"""Single addresses fetched once, by the crawl's own rules: robots.txt, public addresses, bounds."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from functools import partial

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.commands.project import looking_settings
from crawler.items import FoundBy, Hint, Outcome, Page, Reason, Refused
from crawler.site import Site
from spiders.answers import end_of, page_of


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
        hint = Hint(url=url, found_by=FoundBy.URL)
        self.fetched[url] = page_of(response, hint, Site(language=self.language))

    def keep_why(self, url: str, failure: Failure) -> None:
        outcome, detail = end_of(failure)
        why = f"HTTP status {detail}" if outcome is Outcome.HTTP_STATUS and detail.isdigit() else detail or outcome
        self.fetched[url] = Refused(reason=Reason.UNREADABLE, detail=why)


def fetch_pages(urls: list[str], options: argparse.Namespace) -> dict[str, Page | Refused]:
    """Each address's page, or why it gave none; private addresses are refused unless the options allow them."""
    settings = looking_settings(options.allow, options.contact)
    fetched: dict[str, Page | Refused] = {}
    process = AsyncCrawlerProcess(settings)
    task = process.crawl(FetchSpider, urls=urls, language=options.language, fetched=fetched)
    process.start()
    if error := task.exception():
        raise error
    nothing = Refused(reason=Reason.UNREADABLE, detail="no answer")
    return {url: fetched.get(url, nothing) for url in urls}
