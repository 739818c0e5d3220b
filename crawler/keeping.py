"""``--keep-pages``: article pages as they came, written to WARC files beside the articles (docs/archives.md)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from crawler.extensions import Run
from crawler.items import Page
from crawler.packing import note_of
from crawler.room import Room
from crawler.state import DiskError
from crawler.warcs import Exchange, WarcFolder

_CAME = "as_it_came"  # a request's meta: its answer before it is unpacked


class KeepPages:
    """Between the network and the unpacking: holds each answer that may be an article's page, until the spider says."""

    def __init__(self, crawler: Crawler, folder: Path) -> None:
        self._crawler = crawler
        self._room = Room.of(crawler)
        try:
            self._pages = WarcFolder(folder)
        except OSError as error:
            raise DiskError.of(error, folder) from error

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy; switched off where no folder is set."""
        if not (folder := crawler.settings.get("DATELINE_KEEP_PAGES")):
            raise NotConfigured
        keeper = cls(crawler, Path(folder))
        crawler.signals.connect(keeper.spider_closed, signals.spider_closed)
        return keeper

    def process_response(self, request: Request, response: Response) -> Response:
        """Hold a page, or what a start address gave, which may be one."""
        if response.status == 200 and (request.meta.get("is_page") or request.cb_kwargs.get("is_start")):
            self._room.hold(response)
            request.meta[_CAME] = response
        return response

    def keep(self, response: Response, page: Page, source: str) -> None:
        """Write an article's page as it came."""
        request = response.request
        came: Response | None = request.meta.pop(_CAME, None) if request else None
        if request is None or came is None:
            return
        try:
            self._pages.add(exchange_of(request, came, page, source))
        except OSError as error:
            Run.of(self._crawler).stop_for(DiskError.of(error))

    def spider_closed(self) -> None:
        try:
            self._pages.close()
        except OSError as error:
            Run.of(self._crawler).refused_at_end(error)


def exchange_of(request: Request, came: Response, page: Page, source: str) -> Exchange:
    """A request and its answer as a WARC file holds them."""
    path = "/" + came.url.split("/", 3)[3] if came.url.count("/") > 2 else "/"
    host = came.url.split("/", 3)[2].encode("latin-1", "replace")
    assert isinstance(page.fetched_at, dt.datetime)  # noqa: S101  a page that was fetched has a moment
    return Exchange(
        url=came.url,
        at=page.fetched_at,
        request_line=f"GET {path.partition('#')[0]} HTTP/1.1",
        request_headers=[(b"Host", host), *_pairs(request.headers)],
        status_line=f"{came.protocol or 'HTTP/1.1'} {came.status} OK",
        headers=_pairs(came.headers),
        body=came.body,
        address=str(came.ip_address) if came.ip_address else None,
        note=note_of(page, source),
    )


def _pairs(headers: object) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, values in headers.items() for value in values]  # type: ignore[attr-defined]
