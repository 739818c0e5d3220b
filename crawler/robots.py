"""robots.txt as RFC 9309 has it, and the pace that it and the operator ask for: in place of Scrapy's own middleware."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from crawler.failures import LeftForLater, NotFetched, RefusedAddress, RobotsForbidden, outcome_of
from crawler.room import beginning

PARSED_BYTES = 512_000  # RFC 9309 §2.5: at least 500 KiB
KEPT_S = 24 * 3600  # RFC 9309 §2.4: not longer than a day
LONGEST_CRAWL_DELAY_S = 60.0  # more would make a crawl of a site endless; such a site is better left out by hand
LEAST_DELAY_S = 0.001  # Scrapy 2.19 does not hold its limit per host when the delay is 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one robots.txt says to us; ``closed`` says why nothing may be fetched where it could not be read."""

    parser: Protego | None = None
    closed: tuple[type[NotFetched], str] | None = None  # an error is built of it for each request
    sitemaps: tuple[str, ...] = ()
    crawl_delay_s: float | None = None
    read_at: float = field(default_factory=time.monotonic)

    def allows(self, url: str, agent: str) -> bool:
        """Whether this address may be fetched under this product name."""
        return self.closed is None and (self.parser is None or bool(self.parser.can_fetch(url, agent)))


def read_robots(status: int, body: bytes, agent: str) -> Rules:
    """The rules of an answer to the request for robots.txt (RFC 9309 §2.3.1).

    >>> read_robots(404, b"User-agent: *\\nDisallow: /", "x").allows("https://example.org/", "x")
    True
    >>> read_robots(500, b"", "x").allows("https://example.org/", "x")
    False
    """
    if status == 429 or status >= 500:
        return Rules(closed=(LeftForLater, f"robots.txt cannot be read now: HTTP status {status}"))
    if not 200 <= status < 300:
        return Rules()
    parser = Protego.parse(body[:PARSED_BYTES].decode("utf-8-sig", errors="replace"))
    delay = parser.crawl_delay(agent)
    return Rules(
        parser=parser,
        sitemaps=tuple(dict.fromkeys(parser.sitemaps)),
        crawl_delay_s=min(float(delay), LONGEST_CRAWL_DELAY_S) if delay else None,
    )


class RobotsGate:
    """Lets through what robots.txt allows, no sooner than it and the operator allow."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self._crawler = crawler
        self._obey = settings.getbool("DATELINE_ROBOTS_OBEY")
        self._agent = settings.get("ROBOTSTXT_USER_AGENT") or settings["USER_AGENT"]
        self._delay_s = settings.getfloat("DOWNLOAD_DELAY")
        self._reading: dict[str, asyncio.Task[Rules]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsGate:
        """Built by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raise RobotsForbidden or LeftForLater for what must not be fetched; set the pace for the rest."""
        if request.meta.get("dont_obey_robotstxt") or not self._obey:
            self._set_pace(request, None)
            return
        rules = await self.rules_for(request.url)
        if rules.closed is not None:
            error, why = rules.closed
            raise error(why)
        if not rules.allows(request.url, self._agent):
            raise RobotsForbidden("robots.txt does not allow it")
        self._set_pace(request, rules.crawl_delay_s)

    async def rules_for(self, url: str) -> Rules:
        """The rules of this address's host, read once for all who ask."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        task = self._reading.get(origin)
        if task is None or (task.done() and time.monotonic() - task.result().read_at > KEPT_S):
            task = self._reading[origin] = asyncio.ensure_future(self._fetch(origin))
        return await asyncio.shield(task)

    async def _fetch(self, origin: str) -> Rules:
        request = Request(
            f"{origin}/robots.txt",
            priority=1000,
            callback=NO_CALLBACK,
            dont_filter=True,
            meta={"dont_obey_robotstxt": True, **beginning(PARSED_BYTES)},
        )
        assert self._crawler.engine is not None  # noqa: S101
        try:
            response = await self._crawler.engine.download_async(request)
        except RefusedAddress as error:
            return Rules(closed=(RefusedAddress, str(error)))
        except Exception as error:  # noqa: BLE001  whatever the download died of, RFC 9309 §2.3.1.4 has one answer
            outcome, detail = outcome_of(error)
            return Rules(closed=(LeftForLater, f"robots.txt cannot be read now: {outcome} ({detail})"))
        return read_robots(response.status, response.body, self._agent)

    def _set_pace(self, request: Request, crawl_delay_s: float | None) -> None:
        """Make the download slot wait for the longest of what the source, the run and robots.txt ask for."""
        assert self._crawler.engine is not None  # noqa: S101
        downloader = self._crawler.engine.downloader
        own_s = request.meta.get("delay_s")
        delay_s = max(self._delay_s if own_s is None else own_s, crawl_delay_s or 0.0, LEAST_DELAY_S)
        key = downloader.get_slot_key(request)
        if request.meta.get("dont_obey_robotstxt") and key in downloader.slots:
            return
        several = downloader.domain_concurrency if delay_s == LEAST_DELAY_S else 1
        downloader.per_slot_settings[key] = {"delay": delay_s, "concurrency": several}
        if slot := downloader.slots.get(key):
            slot.delay, slot.concurrency = delay_s, several
