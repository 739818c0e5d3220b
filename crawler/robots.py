"""The gate that every request goes through: robots.txt as RFC 9309 has it, and what a site says of its rights."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler

from crawler import tdmrep
from crawler.failures import LeftForLater, NotFetched, RobotsForbidden
from crawler.identity import host_of, registrable_domain
from crawler.middlewares import MOST_WAITS
from crawler.polling import has_been_unreachable
from crawler.robotstxt import MOST_BYTES, ROBOTS_PATH, RobotsTxt, counted_part, parse_robots
from crawler.room import beginning
from crawler.site_files import Read, SiteFiles

TDMREP_TIMEOUT_S = 10.0  # the crawl does without it

Result = TypeVar("Result")
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one robots.txt says to us; ``closed`` says why nothing may be fetched where it could not be read."""

    robots: RobotsTxt = field(default_factory=RobotsTxt)
    closed: tuple[type[NotFetched], str] | None = None  # an error is built of it for each request

    def allows(self, url: str) -> bool:
        """Whether this address may be fetched."""
        return self.closed is None and self.robots.allows(url)


def read_robots(status: int, body: bytes, agent: str) -> Rules:
    """The rules of an answer to the request for robots.txt (RFC 9309 §2.3.1).

    >>> read_robots(404, b"User-agent: *\\nDisallow: /", "x").allows("https://example.org/")
    True
    >>> read_robots(500, b"", "x").allows("https://example.org/")
    False
    """
    if status == 429 or status >= 500:
        return Rules(closed=(LeftForLater, f"robots.txt cannot be read now: HTTP status {status}"))
    if not 200 <= status < 300:
        return Rules()
    return Rules(robots=parse_robots(counted_part(body), agent))


class _Once(Generic[Result]):
    """What is read once for all who ask, and again when its time is over (a moment of the monotonic clock)."""

    def __init__(self, read: Callable[[str, float | None], Awaitable[tuple[Result, float]]]) -> None:
        self._read = read
        self._tasks: dict[str, asyncio.Future[tuple[Result, float]]] = {}

    async def get(self, origin: str, delay_s: float | None) -> Result:
        task = self._tasks.get(origin)
        if task is None or (task.done() and time.monotonic() > task.result()[1]):
            task = self._tasks[origin] = asyncio.ensure_future(self._read(origin, delay_s))
        result, _ = await asyncio.shield(task)
        return result


class RobotsGate:
    """Lets through what robots.txt allows, and notes with a page's request what its site says of its rights."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._obey = settings.getbool("DATELINE_ROBOTS_OBEY")
        self._agent = settings.get("ROBOTSTXT_USER_AGENT") or settings["USER_AGENT"]
        self._files = SiteFiles(crawler)
        self._rules = _Once(self._read_rules)
        self._reservations = _Once(self._read_reservations)
        self._lines: dict[str, asyncio.Lock] = {}  # those who wait for a site's files, in their order

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsGate:
        """Built by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise RobotsForbidden or LeftForLater for what must not be fetched; note what else the site asks for."""
        if request.meta.get("dont_obey_robotstxt") or not self._obey:
            return
        if request.meta.get("is_aside"):  # for the one who waits for it at the head of the line
            await self._pass(request)
            return
        async with self._lines.setdefault(_origin(request.url), asyncio.Lock()):  # the order of the frontier is kept
            await self._pass(request)

    async def _pass(self, request: Request) -> None:
        delay_s = request.meta.get("delay_s")
        rules = await self.rules_for(request.url, delay_s)
        if rules.closed is not None:
            error, why = rules.closed
            raise error(why)
        if not rules.allows(request.url):
            raise RobotsForbidden("robots.txt does not allow it")
        request.meta["crawl_delay_s"] = rules.robots.crawl_delay_s
        if request.meta.get("is_page"):
            request.meta["site_rights"] = await self.rights_of(request.url, delay_s)

    async def rules_for(self, url: str, delay_s: float | None = None) -> Rules:
        """The rules of this address's host, read once for all who ask; ``delay_s`` is that of who asks first."""
        return await self._rules.get(_origin(url), delay_s)

    async def rights_of(self, url: str, delay_s: float | None = None) -> Pairs:
        """What the site's files say of the rights in an address, as pairs of a name in the record and its value."""
        if not self._obey:
            return ()
        rules = await self.rules_for(url, delay_s)
        reserved = tdmrep.reservation_of(url, await self._reservations.get(_origin(url), delay_s))
        found = {
            "content_signal": rules.robots.content_signals(url),
            "tdm_reservation": reserved.reservation if reserved else "",
            "tdm_policy": reserved.policy if reserved else "",
        }
        return tuple((name, value) for name, value in found.items() if value)

    async def _read_rules(self, origin: str, delay_s: float | None) -> tuple[Rules, float]:
        meta = {"dont_obey_robotstxt": True, "delay_s": delay_s, **beginning(MOST_BYTES)}
        read = await self._files.read(f"{origin}{ROBOTS_PATH}", meta)
        return self._rules_of(read), read.until

    def _rules_of(self, read: Read) -> Rules:
        """What robots.txt says; where it has been unreachable for long, what it said last (RFC 9309 §2.3.1.4)."""
        if read.file and (read.error is None or has_been_unreachable(read.file, dt.datetime.now(dt.UTC))):
            return read_robots(read.file.status, read.file.body, self._agent)
        error, why = read.error or (LeftForLater, "no answer")
        return Rules(closed=(error, f"robots.txt cannot be read now: {why}" if error is LeftForLater else why))

    async def _read_reservations(
        self, origin: str, delay_s: float | None
    ) -> tuple[tuple[tdmrep.Reservation, ...], float]:
        meta = {
            "is_aside": True,  # the crawl does without it
            "sites": {registrable_domain(origin)},
            "waits": MOST_WAITS,
            "dont_retry": True,
            "download_timeout": TDMREP_TIMEOUT_S,
            "download_maxsize": tdmrep.MOST_BYTES,
            "delay_s": delay_s,
        }
        read = await self._files.read(f"{origin}{tdmrep.TDMREP_PATH}", meta, keeps_failures=True)
        return tdmrep.parse_tdmrep(read.file.body) if read.file else (), read.until


def _origin(url: str) -> str:
    """Scheme, host and port of an address, in one spelling (RFC 6454 §4)."""
    parts, host = urlsplit(url), host_of(url)
    host = f"[{host}]" if ":" in host else host
    is_default = parts.port in {None, {"http": 80, "https": 443}.get(parts.scheme)}
    return f"{parts.scheme}://{host}" if is_default else f"{parts.scheme}://{host}:{parts.port}"
