"""For tests of the spider alone: a pipeline and a run that write what they are given as JSON lines."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Self

from scrapy.crawler import Crawler

from crawler.identity import canonical_key
from crawler.items import Outcome, Page
from crawler.run import NothingKept


class Account:
    """A run, as `crawler.run.RunLog` has it, that knows the addresses of a setting and writes all it is told."""

    def __init__(self, path: Path, seen: list[str]) -> None:
        self._path, self._seen, self.state = path, {canonical_key(url) for url in seen}, self
        self.sources = self.site_files = NothingKept()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        account = cls(Path(crawler.settings["ACCOUNT_FILE"]), crawler.settings.getlist("ACCOUNT_SEEN"))
        crawler.dateline = account  # type: ignore[attr-defined]
        return account

    def is_seen(self, url: str) -> bool:
        return canonical_key(url) in self._seen

    def is_stale(self, url: str, modified: int) -> bool:  # noqa: ARG002  as Known has it
        return False

    def due(self, now: int, sites: Collection[str] | None = None) -> list[str]:  # noqa: ARG002
        return []

    def has_sources(self, names: Mapping[str, str]) -> None:
        """What is counted of sources is tested with the whole run."""

    def found(self, url: str, source: str) -> None:
        self._write(what="found", url=url, source=source)

    def counted(
        self, url: str, outcome: Outcome, detail: str = "", source: str = "", status: int | None = None
    ) -> None:
        self._write(what="counted", url=url, outcome=outcome.value, detail=detail, source=source, status=status)

    def source_failed(self, url: str, why: str) -> None:
        self._write(what="failed", url=url, why=why)

    def refused_at_end(self, error: Exception) -> None:
        self._write(what="refused at end", why=str(error))

    def passed_over(self, numbers: Mapping[str, int]) -> None:
        if any(numbers.values()):
            self._write(what="passed over", numbers={why: number for why, number in numbers.items() if number})

    def host_paused(self, host: str, why: str) -> None:
        self._write(what="paused", host=host, why=why)

    def source_asked(self, url: str, moments: Iterable[dt.datetime], every: dt.timedelta | None) -> None:
        """What is known of sources is tested with the whole run."""

    def source_rests(self, url: str, until: dt.datetime) -> None:
        """Likewise."""

    def _write(self, **line: object) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")


class PageLines:
    """A pipeline that writes what the spider knows of each page."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(Path(crawler.settings["ACCOUNT_FILE"]))

    def process_item(self, page: Page) -> Page:
        line = {
            "what": "page",
            "url": page.url,
            "asked": page.hint.url if page.hint else None,
            "found_by": page.hint.found_by.value if page.hint else None,
            "title": page.hint.title if page.hint else None,
            "published": page.hint.published if page.hint else None,
            "encoding": page.encoding,
            "zone": page.site.zone,
            "bytes": len(page.body),
        }
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        return page
