"""What stands between the spider and the network besides robots.txt: site bounds, patience, refused addresses."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from email.utils import parsedate_to_datetime
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import MetaRefreshMiddleware, RedirectMiddleware
from scrapy.exceptions import CannotResolveHostError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from crawler.encodings import codings, decoded
from crawler.failures import LeftForLater, OffSite, RefusedAddress, TooBig
from crawler.identity import host_of, registrable_domain, without_user
from crawler.pace import Pace
from crawler.resolver import GuardedResolver
from crawler.room import BEGINNING, CUT, Room

ACCEPTED = "gzip, deflate, br, zstd"
DAMAGED = "damaged"  # a response's flag: what is packed could not be read to its end
REFRESH_BYTES = 16 * 1024  # of a page that are looked at for one
BUSY = frozenset({429, 503})
FORBIDDEN = 403
GOOD = frozenset({200, 304})
MOST_WAITS = 3  # times that one address is asked for again
MOST_BUSY = 5  # busy answers in a row, after which a host has the rest of the run off
MOST_LOST = 3  # addresses lost in a row, likewise
MOST_FORBIDDEN = 5  # pages in a row with no good one between them, likewise


class KeepToSite:
    """Stops a redirect that leads away from the site, before the other site is asked anything.

    A user and a password that it names are left out: a stranger's page has none to give.
    """

    def process_request(self, request: Request) -> Request | None:
        """``meta["sites"]`` holds the domains that a request may end at; without it, anywhere."""
        if not request.meta.get("redirect_times"):
            return None
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
        body = response.body[:REFRESH_BYTES]
        if b"refresh" not in body.lower() and b"\0" not in body:  # UTF-16 and UTF-32 have a zero in each Latin letter
            return response
        beginning = response.replace(body=body)
        try:
            result = super().process_response(request, beginning)
        except ValueError:
            return response
        return result if isinstance(result, Request) and result.url != request.url else response


class Patience:
    """Waits as a busy host asks (429, 503, Retry-After) where that is short, and leaves it to a later run where not.

    So is a host left that does not answer, or forbids page after page: it has shut us out, whatever the single page is.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._first_wait_s = crawler.settings.getfloat("DATELINE_FIRST_WAIT")
        self._longest_wait_s = crawler.settings.getfloat("DATELINE_LONGEST_WAIT")
        self._busy: Counter[str] = Counter()  # busy answers in a row, whatever was asked for
        self._lost: Counter[str] = Counter()
        self._forbidden: Counter[str] = Counter()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """A busy answer stops the host's queue for a while; the same address is asked for again after it."""
        host = host_of(request.url)
        if response.status not in BUSY:
            self._busy[host] = self._lost[host] = 0
            self._count_forbidden(host, request, response.status)
            return response
        self._busy[host] += 1
        waits = request.meta.get("waits", 0)
        stated_s = retry_after_s(response.headers.get("Retry-After"), dt.datetime.now(dt.UTC))
        wait_s = self._first_wait_s * 2 ** (self._busy[host] - 1) if stated_s is None else stated_s
        if self._busy[host] >= MOST_BUSY:
            self._pace.close(host, f"answered {MOST_BUSY} times in a row that it is busy")
        elif waits < MOST_WAITS and wait_s <= self._longest_wait_s:
            self._pace.pause(host, wait_s)
            return request.replace(meta={**request.meta, "waits": waits + 1}, dont_filter=True)
        if wait_s > self._longest_wait_s:
            self._pace.close(host, f"asks to come back in {wait_s:.0f} s", wait_s)
        if request.meta.get("is_aside"):
            return response
        self._lose(host)
        raise LeftForLater(f"HTTP status {response.status}, come back in {wait_s:.0f} s")

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Count what a dead host costs, so that it cannot cost the whole run."""
        if isinstance(exception, DownloadTimeoutError) and not request.meta.get("is_aside"):
            self._lose(host_of(request.url))

    @property
    def _pace(self) -> Pace:
        pace = self._crawler.get_downloader_middleware(Pace)
        assert pace is not None  # noqa: S101
        return pace

    def _lose(self, host: str) -> None:
        self._lost[host] += 1
        if self._lost[host] >= MOST_LOST:
            self._pace.close(host, f"did not answer {MOST_LOST} times in a row")

    def _count_forbidden(self, host: str, request: Request, status: int) -> None:
        """Pages alone have a say: the files and feeds of a site that shuts us out may well be open."""
        if not request.meta.get("is_page"):
            return
        if status in GOOD:
            self._forbidden[host] = 0
        elif status == FORBIDDEN:
            self._forbidden[host] += 1
            if self._forbidden[host] >= MOST_FORBIDDEN:
                self._pace.close(host, f"answered {MOST_FORBIDDEN} pages in a row with HTTP status {FORBIDDEN}")


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
    except (ValueError, IndexError, TypeError, OverflowError):  # the standard library's parser on garbage
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return max((moment - now).total_seconds(), 0.0)
