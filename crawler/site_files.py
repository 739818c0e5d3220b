"""The files in which sites tell crawlers their wishes, read once a day, also over several runs."""

from __future__ import annotations

import datetime as dt
import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.failures import LeftForLater, NotFetched, OffSite, RefusedAddress, RobotsForbidden, outcome_of
from crawler.items import Outcome, Validators
from crawler.polling import SiteFile, answered, file_is_kept_for
from crawler.room import BEGINNING
from crawler.run import run_of
from crawler.state import DiskError

logger = logging.getLogger(__name__)

ASK_AGAIN_S = 3600.0  # within one run, where a file could not be read
_USER = re.compile(rb"(?<=://)[^/\s?#@]*@")  # with its password, of an address: nothing of ours holds it
UNREADABLE = 310  # stands for an answer that leads nowhere: too many redirects, or off the site


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What came of a file: as it is now, or as it was, and why it could not be read now."""

    file: SiteFile | None
    error: tuple[type[NotFetched], str] | None = None  # an error is built of it for each request
    until: float  # when it is read again; of the monotonic clock
    was_asked: bool = True


class SiteFiles:
    """Reads such files, and keeps them in the state of the run."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._is_full = crawler.settings.getbool("DATELINE_ALL")
        self._anew: set[str] = set()  # read in this run where everything is to be

    async def read(self, url: str, meta: Mapping[str, Any], *, keeps_failures: bool = False) -> Read:
        """A file as it was read less than a day ago, or as it is asked for now.

        Of one that could not be asked now (5xx, 429, a time-out, no such host) the copy that is kept stands beside the
        error; with ``keeps_failures`` it is not asked again for a day either. ``meta`` is that of the request.
        """
        now, kept = dt.datetime.now(dt.UTC), self._kept(url)
        is_anew = self._is_full and url not in self._anew
        left = file_is_kept_for(kept, now)
        if kept and left and not is_anew:
            return Read(file=kept, until=time.monotonic() + left.total_seconds())
        self._anew.add(url)
        asked = {} if kept is None or is_anew else Validators(etag=kept.etag, modified=kept.last_modified).headers
        read = await self._ask(url, asked, meta, kept, now)
        if read.error and keeps_failures and read.was_asked:
            nothing = SiteFile(url=url, status=0, read_at=now)
            return self._came_in(replace(kept, read_at=now) if kept else nothing)
        if read.error and kept and not keeps_failures:
            self._keep(replace(kept, unreachable_since=kept.unreachable_since or now))
        return read

    async def _ask(
        self, url: str, headers: Mapping[str, str], meta: Mapping[str, Any], kept: SiteFile | None, now: dt.datetime
    ) -> Read:
        engine = self._crawler.engine
        assert engine is not None  # noqa: S101
        request = Request(
            url, priority=1000, callback=NO_CALLBACK, dont_filter=True, headers=dict(headers), meta=dict(meta)
        )
        try:
            response = await engine.download_async(request)
        except RobotsForbidden:
            return Read(file=None, until=time.monotonic() + ASK_AGAIN_S)
        except (RefusedAddress, LeftForLater) as error:
            return replace(_unread(kept, type(error), str(error)), was_asked=False)
        except Exception as error:  # noqa: BLE001  whatever it died of, RFC 9309 §2.3.1.4 has one answer
            outcome, detail = outcome_of(error)
            if isinstance(error, OffSite) or outcome in {Outcome.HTTP_STATUS, Outcome.TOO_BIG}:  # it was answered
                return self._came_in(SiteFile(url=url, status=UNREADABLE, read_at=now))
            return _unread(kept, LeftForLater, f"{outcome} ({detail})")
        if response.status == 304 and kept:
            return self._came_in(replace(kept, read_at=now, unreachable_since=None))
        if response.status in {304, 429} or response.status >= 500:
            return _unread(kept, LeftForLater, f"HTTP status {response.status}")
        return self._came_in(_file_of(url, response, now))

    def _came_in(self, file: SiteFile) -> Read:
        self._keep(file)
        left = file_is_kept_for(file, file.read_at)
        return Read(file=file, until=time.monotonic() + left.total_seconds())

    def _kept(self, url: str) -> SiteFile | None:
        try:
            return run_of(self._crawler).state.site_files.file(url)
        except DiskError as error:
            logger.debug("%s: %s", url, error)  # the run meets it, too, and ends with it
            return None

    def _keep(self, file: SiteFile) -> None:
        try:
            run_of(self._crawler).state.site_files.keep_file(file)
        except DiskError as error:
            logger.debug("%s: %s", file.url, error)


def _file_of(url: str, response: Response, now: dt.datetime) -> SiteFile:
    names = ("etag", "last-modified")
    etag, modified = answered({name: (response.headers.get(name) or b"").decode("latin-1") for name in names})
    is_there = 200 <= response.status < 300
    most_bytes = response.meta.get(BEGINNING)
    return SiteFile(
        url=url,
        status=response.status,
        body=_USER.sub(b"", response.body[: None if most_bytes is None else most_bytes + 1]) if is_there else b"",
        etag=etag if is_there else None,
        last_modified=modified if is_there else None,
        read_at=now,
    )


def _unread(kept: SiteFile | None, error: type[NotFetched], why: str) -> Read:
    return Read(file=kept, error=(error, why), until=time.monotonic() + ASK_AGAIN_S)
