"""Pages that were not fetched just now, on the way of those that were."""

from __future__ import annotations

from scrapy import Request
from scrapy.core.engine import ExecutionEngine
from scrapy.http import Response
from scrapy.utils.defer import maybe_deferred_to_future

from crawler.items import Page


async def send(engine: ExecutionEngine, page: Page) -> None:
    """Send a page through the scraper as if it had just been fetched, so that the crawl waits for it when it ends.

    Its way through the pipelines has ended when this returns.
    """
    request = Request(page.url, callback=_again, cb_kwargs={"page": page}, dont_filter=True)
    answer = Response(page.url, request=request)
    await maybe_deferred_to_future(engine.scraper.enqueue_scrape(answer, request))


def _again(_: Response, page: Page) -> list[Page]:
    return [page]  # of a generator Scrapy reads the source each time, for a millisecond a page
