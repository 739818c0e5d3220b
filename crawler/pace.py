"""When a host is asked: one request at a time, the next no sooner than its delay after the last one has ended.

A host is its name: http and https, all ports, and all sources that share it, have one queue. What is asked of it goes
through here, next to the network: pages, redirects, repeats, robots.txt and tdmrep.json alike.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from dataclasses import dataclass, field
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.failures import LeftForLater
from crawler.identity import host_of
from crawler.run import run_of

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Host:
    """A host's turns. Moments are of the monotonic clock."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)  # those who wait for it come in their order
    request: Request | None = None  # the one that is under way
    delay_s: float = 0.0
    ended_at: float = -math.inf
    open_at: float = -math.inf
    closed_until: float = -math.inf
    why: str = ""  # it is closed
    waiting: int = 0  # requests that wait for their turn

    @property
    def wait_s(self) -> float:
        """Seconds until it may be asked."""
        return max(self.ended_at + self.delay_s, self.open_at) - time.monotonic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """What the requests to one host wait for."""

    host: str
    requests: int  # that wait, beside the one that is under way
    for_s: float  # until it may be asked; 0 where its answer is waited for
    is_paused: bool  # it asked for more time than its delay


class Pace:
    """Gives each host its turns. The longest delay counts that anyone has asked for: a source, the run, robots.txt."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._delay_s = crawler.settings.getfloat("DATELINE_DELAY")
        self._hosts: dict[str, _Host] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Built by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Return when it is this request's turn; LeftForLater where its host is closed."""
        host = self._host(request.url)
        own_s = request.meta.get("delay_s")
        asked_s = self._delay_s if own_s is None else own_s
        host.delay_s = max(host.delay_s, asked_s, request.meta.get("crawl_delay_s") or 0.0)
        _refuse_if_closed(host)
        host.waiting += 1
        try:
            await self._turn(host)
        finally:
            host.waiting -= 1
        host.request = request

    async def _turn(self, host: _Host) -> None:
        await host.turn.acquire()
        try:
            while (wait_s := host.wait_s) > 0:
                _refuse_if_closed(host)
                await asyncio.sleep(wait_s)
            _refuse_if_closed(host)
        except BaseException:  # whatever it was, an interrupt too: the turn must go on
            host.turn.release()
            raise

    def process_response(self, request: Request, response: Response) -> Response:
        """The request has ended: the next one's turn."""
        self._end(request)
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:  # noqa: ARG002  Scrapy calls it so
        """Likewise."""
        self._end(request)

    def pause(self, host: str, wait_s: float) -> None:
        """Ask nothing of a host for so many seconds; what is to be asked waits."""
        found = self._hosts.setdefault(host, _Host())
        found.open_at = max(found.open_at, time.monotonic() + wait_s)

    def close(self, host: str, why: str, for_s: float = math.inf) -> None:
        """Ask nothing of a host for so many seconds, or for the rest of the run; what is to be asked is left."""
        found = self._hosts.setdefault(host, _Host())
        if not self.is_closed(host):
            logger.warning("%s %s; what is left of it is left for a later run", host, why)
            run_of(self._crawler).host_paused(host, why)
        found.why = f"{host} {why}"
        found.closed_until = max(found.closed_until, time.monotonic() + for_s)

    def is_closed(self, host: str) -> bool:
        """Whether nothing is asked of a host."""
        return host in self._hosts and self._hosts[host].closed_until > time.monotonic()

    def waits(self) -> list[Wait]:
        """The hosts of which something is waited for: paused ones first, then by how long, then those that answer."""
        found = [
            Wait(
                host=name,
                requests=host.waiting,
                for_s=0.0 if host.request else max(host.wait_s, 0.0),
                is_paused=host.request is None and host.open_at > max(host.ended_at + host.delay_s, time.monotonic()),
            )
            for name, host in self._hosts.items()
            if host.waiting or host.request
        ]
        return sorted(found, key=lambda wait: (not wait.is_paused, -wait.for_s, -wait.requests, wait.host))

    def _host(self, url: str) -> _Host:
        return self._hosts.setdefault(host_of(url), _Host())

    def _end(self, request: Request) -> None:
        host = self._host(request.url)
        if host.request is request:
            host.request, host.ended_at = None, time.monotonic()
            host.turn.release()


def _refuse_if_closed(host: _Host) -> None:
    if host.closed_until > time.monotonic():
        raise LeftForLater(host.why)
