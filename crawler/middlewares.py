"""What stands between the spider and the network besides robots.txt: site bounds, patience, refused addresses."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from email.utils import parsedate_to_datetime
from typing import Self

from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.responsetypes import responsetypes
from twisted.python.failure import Failure

from crawler.encodings import codings, decoded
from crawler.failures import LeftForLater, OffSite, RefusedAddress, TooBig
from crawler.identity import host_of, registrable_domain, without_user
from crawler.resolver import GuardedResolver
from crawler.room import BEGINNING, CUT, Room

ACCEPTED = "gzip, deflate, br, zstd"
DAMAGED = "damaged"  # a response's flag: what is packed could not be read to its end
REFRESH_BYTES = 16 * 1024  # of a page that are looked at for one
BUSY = frozenset({429, 503})
MOST_WAITS = 3  # times that one address is asked for again
MOST_LOST = 3  # addresses lost in a row, after which a host has the rest of the run off


class KeepToSite:
    """Stops a redirect that leads away from the site, before the other site is asked anything.

    A user and a password that it names are left out: a stranger's page has none to give.
    """

    def process_request(self, request: Request) -> Request | None:
        """``meta["sites"]`` holds the domains that a request may end at; without it, anywhere."""
        if not request.meta.get("redirect_times"):
            return None
        request.meta.pop("download_slot", None)  # the slot of the host that redirected
        if (url := without_user(request.url)) != request.url:
            return request.replace(url=url)
        sites = request.meta.get("sites")
        if sites is not None and registrable_domain(request.url) not in sites:
            raise OffSite(f"redirects to another site: {host_of(request.url)}")
        return None


class Unpacking:
    """Undoes Content-Encoding within bounds, in place of Scrapy's own middleware.

    That one bounds a body but not all of them together, nor the window of zstd, and loses a page whose server says gzip
    and sends none. A body of which something cannot be read is flagged as DAMAGED.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._room = Room.of(crawler)
        self._maxsize = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Say what is understood."""
        request.headers.setdefault("Accept-Encoding", ACCEPTED)

    async def process_response(self, request: Request, response: Response) -> Response:
        """The response as it was before it was encoded; TooBig for one that has no end."""
        if names := codings(response.headers.getlist("Content-Encoding")):
            async with self._room.turn(len(response.body)):
                response = self._unpacked(response, names, request.meta.get(BEGINNING))
                self._room.hold(response)
        else:
            self._room.hold(response)
        return response

    def _unpacked(self, response: Response, names: list[str], wanted: int | None) -> Response:
        limit = self._maxsize if wanted is None else wanted
        content = decoded(response.body, names, limit)
        if content is None:
            return response
        if content.is_over and wanted is None:
            del content  # which the error's traceback would keep
            raise TooBig(f"more than {limit:,} bytes when it is unpacked")
        kind = responsetypes.from_args(headers=response.headers, url=response.url, body=content.body)
        flags = [*response.flags, *([DAMAGED] if content.damage else []), *([CUT] if content.is_over else [])]
        headers = {name: values for name, values in response.headers.items() if name != b"Content-Encoding"}
        return response.replace(cls=kind, body=content.body, headers=headers, flags=flags)


class Redirect(RedirectMiddleware):
    """Scrapy's own; a redirect that leads to no address is an answer like others."""

    def process_response(self, request: Request, response: Response, spider: object = None) -> Request | Response:  # noqa: ARG002
        """The request that a redirect asks for, or the answer."""
        try:
            return super().process_response(request, response)
        except ValueError:
            return response


class MetaRefresh(MetaRefreshMiddleware):
    """Scrapy's own, which decodes the whole of a page to look at its beginning, on the beginning alone.

    A refresh that leads to no address, or to the page itself, is none.
    """

    def process_response(self, request: Request, response: Response, spider: object = None) -> Request | Response:  # noqa: ARG002
        """The request that a page's refresh asks for, or the page."""
        beginning = response.replace(body=response.body[:REFRESH_BYTES])
        try:
            result = super().process_response(request, beginning)
        except ValueError:
            return response
        return result if isinstance(result, Request) and result.url != request.url else response


class Patience:
    """Waits as a busy host asks (429, 503, Retry-After) where that is short, and leaves it to a later run where not."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._first_wait_s = crawler.settings.getfloat("DATELINE_FIRST_WAIT")
        self._longest_wait_s = crawler.settings.getfloat("DATELINE_LONGEST_WAIT")
        self._open_at: dict[str, float] = {}  # hosts that want more patience than there is
        self._lost: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raise LeftForLater for a host that is closed for now."""
        if error := self._closed(host_of(request.url)):
            raise error

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """A busy answer stops the host's queue for a while; the same address is asked for again after it."""
        host = host_of(request.url)
        if response.status not in BUSY:
            self._lost[host] = 0
            return response
        waits = request.meta.get("waits", 0)
        stated_s = retry_after_s(response.headers.get("Retry-After"), dt.datetime.now(dt.UTC))
        wait_s = self._first_wait_s * 2**waits if stated_s is None else stated_s
        if waits < MOST_WAITS and wait_s <= self._longest_wait_s:
            self._pause(request, wait_s)
            return request.replace(meta={**request.meta, "waits": waits + 1}, dont_filter=True)
        self._lost[host] += 1
        if wait_s > self._longest_wait_s:
            self._open_at[host] = time.monotonic() + wait_s
        self._empty_if_closed(request)
        raise LeftForLater(f"HTTP status {response.status}, come back in {wait_s:.0f} s")

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count what a dead host costs, so that it cannot cost the whole run."""
        if isinstance(exception, DownloadTimeoutError):
            self._lost[host_of(request.url)] += 1
            self._empty_if_closed(request)

    def _closed(self, host: str) -> LeftForLater | None:
        if self._lost[host] >= MOST_LOST:
            return LeftForLater(f"{host} did not answer {MOST_LOST} times in a row")
        wait_s = self._open_at.get(host, 0.0) - time.monotonic()
        return LeftForLater(f"{host} asks to come back in {wait_s:.0f} s") if wait_s > 0 else None

    def _slot(self, request: Request) -> Slot | None:
        assert self._crawler.engine is not None  # noqa: S101
        downloader = self._crawler.engine.downloader
        return downloader.slots.get(downloader.get_slot_key(request))

    def _pause(self, request: Request, wait_s: float) -> None:
        """Let the host's queue wait as if its last request had been that much later."""
        if slot := self._slot(request):
            slot.lastseen = max(slot.lastseen, time.monotonic() + wait_s - slot.delay)

    def _empty_if_closed(self, request: Request) -> None:
        """Requests that wait in the host's queue have passed process_request already: end them here."""
        slot, error = self._slot(request), self._closed(host_of(request.url))
        while slot and error and slot.queue:
            slot.queue.popleft()[1].errback(Failure(error))  # type: ignore[no-untyped-call]


class NameRefusal:
    """Gives a resolution that the guarded resolver refused its own name, before the retry middleware sees it."""

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Raise RefusedAddress in place of "host not found"."""
        from twisted.internet import reactor  # importing it earlier would install the wrong one

        resolver = getattr(reactor, "nameResolver", None)
        if not isinstance(exception, CannotResolveHostError) or not isinstance(resolver, GuardedResolver):
            return
        if why := resolver.why(request.url):
            raise RefusedAddress(why) from exception


def retry_after_s(value: bytes | None, now: dt.datetime) -> float | None:
    """Seconds that a Retry-After header asks for, a number or a date (RFC 9110 §10.2.3); None where it says nothing.

    >>> retry_after_s(b"120", dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    120.0
    >>> retry_after_s(b"Wed, 01 Jan 2025 00:00:30 GMT", dt.datetime(2025, 1, 1, tzinfo=dt.UTC))
    30.0
    """
    text = (value or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), 1e9)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max((moment - now).total_seconds(), 0.0)
