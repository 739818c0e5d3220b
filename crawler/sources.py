"""The sites that a run crawls: from addresses on the command line, or from a TOML file with one table a site."""

from __future__ import annotations

import datetime as dt
import difflib
import re
import tomllib
import zoneinfo
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.errors import ConfigError
from crawler.identity import registrable_domain, web_address, without_user
from crawler.policy import UNIT_S
from crawler.site import Site

SETTINGS = ("on_alarm", "metrics")  # of the whole file, beside the tables
KEYS = ("url", "feeds", "sitemaps", "cdx", "language", "country", "zone", "delay", "hosts", "every")
_LANGUAGE = re.compile(r"^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$")
_COUNTRY = re.compile(r"^[A-Za-z]{2}$")
_HOST = re.compile(r"^[a-z0-9:](?:[a-z0-9.:-]*[a-z0-9:])?$")
_LONGEST_DELAY_S = 3600.0
_EVERY = re.compile(r"^(\d{1,5}) ?([mhd])$")
_SHORTEST_EVERY, _LONGEST_EVERY = dt.timedelta(minutes=1), dt.timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One site to crawl."""

    name: str
    urls: tuple[str, ...]
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    cdx: tuple[str, ...] = ()  # lists of its captures in web archives: addresses, and absolute paths of files
    hosts: tuple[str, ...] = ()  # further hosts whose pages are the site's own
    delay_s: float | None = None
    every: dt.timedelta | None = None  # how often it is asked; by its own rhythm where that is not said
    is_named: bool = False  # by a person, on the command line: asked whatever its rhythm
    site: Site = field(default_factory=Site)

    @property
    def sites(self) -> frozenset[str]:
        """The domains that are this site's own, as `registrable_domain` has them."""
        return frozenset(map(registrable_domain, (*self.urls, *(f"http://{_bracketed(host)}/" for host in self.hosts))))


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesFile:
    """What a sources file says: its sites, and what holds for all of them."""

    sources: tuple[Source, ...]
    on_alarm: str | None = None  # a command that is run with new alarms
    metrics: str | None = None  # path of a file


def addresses(text: str) -> list[str]:
    """Addresses with white space or commas between; a comma inside an address stays.

    >>> addresses("https://example.org/a,b https://example.com,example.net")
    ['https://example.org/a,b', 'https://example.com', 'https://example.net']
    """
    parts = re.split(r"\s+|,(?=\s*https?://)|,(?=[\w-]+(?:\.[\w-]+)+(?:[/:\s,]|$))", text.strip())
    return [with_scheme(part.strip(",")) for part in parts if part.strip(",")]


def with_scheme(url: str) -> str:
    """A bare host or host and path with the scheme that nearly all sites have.

    >>> with_scheme("example.org/world")
    'https://example.org/world'
    """
    return url if "://" in url else f"https://{url}"


def sources_of(urls: Iterable[str]) -> tuple[Source, ...]:
    """A source for each address, named after it; raises ConfigError for what is no web address."""
    distinct = dict.fromkeys(with_scheme(url.strip()) for url in urls if url.strip())
    return tuple(Source(name=url, urls=(_web_address(url, "URL"),), is_named=True) for url in distinct)


def read_sources(path: Path) -> tuple[Source, ...]:
    """The sources of a TOML file; raises ConfigError with the file, the table, the key and what was expected."""
    return parse_sources(text_of(path), path).sources


def read_sources_file(path: Path) -> SourcesFile:
    """All that a TOML file says; raises ConfigError likewise."""
    return parse_sources(text_of(path), path)


def text_of(path: Path) -> str:
    """The text of a file of sources; raises ConfigError where it cannot be read."""
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error


def parse_sources(text: str, path: Path) -> SourcesFile:
    """What a text says that is, or is to be, a file's; raises ConfigError as ``read_sources`` does."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    settings = {name: _setting(tables, name, path) for name in SETTINGS if not isinstance(tables.get(name), dict)}
    sites = {name: table for name, table in tables.items() if name not in settings}
    for name, value in sites.items():
        if not isinstance(value, dict) and (close := difflib.get_close_matches(name, SETTINGS, n=1)):
            raise ConfigError(f"{path}: {name}: unknown key; did you mean {close[0]}?")
    if not sites:
        raise ConfigError(f"{path}: no table: expected one for each site, such as [example] with a url in it")
    sources = tuple(_source(name, table, f"{path}: [{name}]") for name, table in sites.items())
    return SourcesFile(sources=sources, on_alarm=settings.get("on_alarm"), metrics=settings.get("metrics"))


def _setting(tables: Mapping[str, Any], name: str, path: Path) -> str | None:
    value = _text(tables, name, f"{path}:")
    if value is not None and not value.strip():
        raise ConfigError(f"{path}: {name}: expected a text that is not empty")
    return value


def _source(name: str, table: object, where: str) -> Source:
    if not isinstance(table, dict):
        raise ConfigError(f"{where}: expected a table: a line such as [example], and below it the site's keys")
    for key in table:
        if key not in KEYS:
            close = difflib.get_close_matches(key, KEYS, n=1)
            raise ConfigError(
                f"{where} {key}: unknown key; "
                + (f"did you mean {close[0]}?" if close else f"expected one of {', '.join(KEYS)}")
            )
    if not table.get("url"):
        raise ConfigError(f"{where} url: missing: expected the address of a front page, section, feed or sitemap")
    return Source(
        name=name,
        urls=_web_addresses(table, "url", where),
        feeds=_web_addresses(table, "feeds", where),
        sitemaps=_web_addresses(table, "sitemaps", where),
        cdx=tuple(cdx_list(value.strip(), f"{where} cdx") for value in _texts(table, "cdx", where)),
        hosts=tuple(_host(value, f"{where} hosts") for value in _texts(table, "hosts", where)),
        delay_s=_delay_s(table, where),
        every=_every(table, where),
        site=_site(table, where),
    )


def _site(table: Mapping[str, Any], where: str) -> Site:
    language = _matching(table, "language", _LANGUAGE, f"{where} language", "a code such as de or pt-BR")
    country = _matching(table, "country", _COUNTRY, f"{where} country", "two letters such as de")
    zone = _text(table, "zone", where)
    if zone is not None:
        try:
            zoneinfo.ZoneInfo(zone)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            near = difflib.get_close_matches(zone, zoneinfo.available_timezones(), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{where} zone: expected a time zone such as Europe/Kyiv, found {zone!r}{hint}") from None
    return Site(language=language, country=country.lower() if country else None, zone=zone)


def _delay_s(table: Mapping[str, Any], where: str) -> float | None:
    delay = table.get("delay")
    if delay is None:
        return None
    if isinstance(delay, bool) or not isinstance(delay, (int, float)) or not 0 <= delay <= _LONGEST_DELAY_S:
        raise ConfigError(f"{where} delay: expected seconds from 0 to {_LONGEST_DELAY_S:.0f}, found {_found(delay)}")
    return float(delay)


def _every(table: Mapping[str, Any], where: str) -> dt.timedelta | None:
    text = _text(table, "every", where)
    if text is None:
        return None
    written = _EVERY.match(text.strip())
    every = dt.timedelta(seconds=int(written[1]) * UNIT_S[written[2]]) if written else None
    if every is None or not _SHORTEST_EVERY <= every <= _LONGEST_EVERY:
        raise ConfigError(f"{where} every: expected a time from 1m to 30d, such as 30m, 6h or 2d, found {text!r}")
    return every


def _matching(table: Mapping[str, Any], key: str, shape: re.Pattern[str], where: str, expected: str) -> str | None:
    value = table.get(key)
    if value is not None and not (isinstance(value, str) and shape.match(value)):
        raise ConfigError(f"{where}: expected {expected}, found {_found(value)}")
    return value


def _text(table: Mapping[str, Any], key: str, where: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise ConfigError(f"{where} {key}: expected a text in quotes, found {_found(value)}")
    return value


def _texts(table: Mapping[str, Any], key: str, where: str) -> list[str]:
    value: object = table.get(key, [])
    values: object = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise ConfigError(f"{where} {key}: expected a text in quotes or a list of such, found {_found(value)}")
    return values


def _web_addresses(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    return tuple(_web_address(value.strip(), f"{where} {key}") for value in _texts(table, key, where))


def _web_address(url: str, where: str) -> str:
    if without_user(url) != url:
        raise ConfigError(f"{where}: expected an address without a user and password: none are ever sent")
    if web_address("", url) is None or re.search(r"\s", url):
        raise ConfigError(f"{where}: expected an address that begins with http:// or https://, found {url!r}")
    return url


def cdx_list(text: str, where: str) -> str:
    """The address of a list, or the absolute path of a file that is there; ConfigError for what is neither."""
    if text.startswith(("http://", "https://")):
        return _web_address(text, where)
    path = Path(text)
    if not path.is_file():
        raise ConfigError(f"{where}: expected an address or a file, and there is no file {text!r}")
    return str(path.absolute())


def _host(value: str, where: str) -> str:
    if not _HOST.match(value.lower()):
        raise ConfigError(f"{where}: expected a host such as news.example.org, found {value!r}")
    return value.lower()


def _bracketed(host: str) -> str:
    return f"[{host}]" if host.count(":") > 1 else host


def _found(value: object) -> str:
    return repr(value) if isinstance(value, (str, int, float)) else f"a {type(value).__name__}"
