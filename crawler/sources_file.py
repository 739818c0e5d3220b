"""A table added to a file of sources: at its end, so that all that stands there stays as it is, comments among it.

A file of TOML to which a table is appended is TOML again, so that no library is needed which rewrites it.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

from crawler.delivery import append_lines
from crawler.errors import ConfigError
from crawler.identity import canonical_key, host_of, is_ip, registrable_domain, site_of
from crawler.sources import Source, parse_sources, text_of
from crawler.state import DiskError

Values = Mapping[str, str | list[str]]


def known_sources(path: Path) -> tuple[Source, ...]:
    """The sources of a file; none where there is no file yet, or nothing in it. ConfigError where it cannot be used."""
    if not path.exists():
        return ()
    text = text_of(path)
    return parse_sources(text, path).sources if _has_table(text, path) else ()


def same_site(sources: Collection[Source], *urls: str) -> Source | None:
    """The source that has one of these addresses, else one of their site."""
    keys, sites = set(map(canonical_key, urls)), set(map(site_of, urls))
    same = (source for source in sources if keys & set(map(canonical_key, (*source.urls, *source.feeds))))
    near = (source for source in sources if sites & set(map(site_of, source.urls)))
    return next(same, None) or next(near, None)


def name_for(url: str, taken: Collection[str]) -> str:
    """A name for a source, after its host, that no other has.

    >>> name_for("https://www.harbour-courier.co.uk/", ()), name_for("http://127.0.0.1:8000/", ())
    ('harbour-courier', '127-0-0-1')
    >>> name_for("https://news.example.org/", {"example"}), name_for("https://example.org/", {"example"})
    ('news-example-org', 'example-2')
    """
    host = host_of(url)
    domain = host if is_ip(host) else registrable_domain(url)
    short = _key(domain if is_ip(host) else domain.partition(".")[0])
    names = [short, *([_key(host.removeprefix("www."))] if host.removeprefix("www.") != domain else [])]
    names += [f"{short}-{number}" for number in range(2, len(taken) + 3)]
    return next(name for name in names if name not in taken)


def table_text(name: str, values: Values) -> str:
    """A table as TOML.

    >>> print(table_text("example", {"url": "https://example.org/", "feeds": ["https://example.org/feed"]}), end="")
    [example]
    url = "https://example.org/"
    feeds = ["https://example.org/feed"]
    """
    return "".join(
        f"{line}\n" for line in (f"[{name}]", *(f"{key} = {_value(value)}" for key, value in values.items()))
    )


def add_source(path: Path, name: str, values: Values) -> None:
    """Write a table behind what a file has, and make the file where there is none.

    Raises ConfigError where the file with it could not be crawled, before anything is written; DiskError where the disk
    refuses it, with the file as it was.
    """
    before = text_of(path) if path.exists() else ""
    table = table_text(name, values)
    gap = "\n" if before.strip() else ""
    parse_sources(f"{before}\n{gap}{table}", path)
    try:
        append_lines(path, [f"{gap}{table}".encode()])
    except OSError as error:
        raise DiskError.of(error, path) from error


def _has_table(text: str, path: Path) -> bool:
    """Whether a file has a site yet, and not only settings of its own."""
    try:
        return any(isinstance(value, dict) for value in tomllib.loads(text).values())
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error


def _key(text: str) -> str:
    """A text as a bare key of TOML."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-") or "site"


def _value(value: str | list[str]) -> str:
    """A text or a list of such: JSON's strings are TOML's but for U+007F and surrogates, which no URL has."""
    return json.dumps(value, ensure_ascii=False)
