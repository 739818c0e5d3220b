"""What the spider was asked to crawl: its ``-a`` arguments before the settings, checked before the first request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from scrapy.settings import BaseSettings

from crawler.errors import ConfigError
from crawler.policy import read_since
from crawler.sources import Source, addresses, cdx_list, read_sources_file, sources_of

_SETTING_OF = {
    "url": "DATELINE_URLS",
    "sources": "DATELINE_SOURCES",
    "max_pages": "DATELINE_MAX_PAGES",
    "since": "DATELINE_SINCE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a run is to crawl."""

    sources: tuple[Source, ...]
    max_pages: int = 0  # 0 is no limit
    since: dt.date | None = None


def wanted(settings: BaseSettings, arguments: Mapping[str, str], today: dt.date) -> Wanted:
    """What to crawl; arguments become settings, so that pipelines see them. ConfigError for what cannot be crawled."""
    for name, value in arguments.items():
        if name not in _SETTING_OF:
            raise ConfigError(f"-a {name}: unknown; the spider takes {', '.join(_SETTING_OF)}")
        settings.set(_SETTING_OF[name], addresses(value) if name == "url" else value, priority="cmdline")
    since = settings.get("DATELINE_SINCE")
    return Wanted(
        sources=_sources(settings),
        max_pages=_max_pages(settings.get("DATELINE_MAX_PAGES")),
        since=read_since(str(since), today) if since else None,
    )


def _sources(settings: BaseSettings) -> tuple[Source, ...]:
    given: tuple[Source, ...] | None = settings.get("DATELINE_GIVEN")
    if given is not None:
        return given
    path, urls = settings.get("DATELINE_SOURCES"), settings.getlist("DATELINE_URLS")
    lists = tuple(cdx_list(text, "--cdx") for text in settings.getlist("DATELINE_CDX"))
    named = tuple(replace(source, cdx=lists) for source in sources_of(urls))
    if lists and not named:
        raise ConfigError("--cdx: name the site whose old addresses are in the list, as dateline crawl URL --cdx LIST")
    file = read_sources_file(Path(path)) if path else None
    sources = (*named, *(file.sources if file else ()))
    for name, value in (("DATELINE_ON_ALARM", file and file.on_alarm), ("DATELINE_METRICS", file and file.metrics)):
        if value:
            settings.set(name, value, priority="spider")  # an option of the command goes before it
    if not sources:
        raise ConfigError("nothing to crawl: give an address, or a file of sources")
    return sources


def _max_pages(value: object) -> int:
    text = str(value or 0).strip()
    if not text.isdecimal():
        raise ConfigError(f"max_pages: expected a number of pages, 0 for no limit, found {value!r}")
    return int(text)
