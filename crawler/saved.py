"""Saved pages: a manifest of them checked line by line, their bytes read and unpacked within bounds."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.errors import ConfigError
from crawler.extraction.declared import read_declared
from crawler.extraction.html import parse_html
from crawler.gzipped import unpacked
from crawler.items import Page, Reason, Refused
from crawler.site import Site

MAX_PAGE_BYTES = 64 * 1024 * 1024  # unpacked; no article's page is near it, a decompression bomb is beyond it

PAGES = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz", ".xhtml.gz")
ARCHIVES = (".warc", ".warc.gz", ".warc.zst", ".warc.gz.open")
_ZSTD = b"\x28\xb5\x2f\xfd"

_KEYS = {"id": True, "url": True, "path": True, "encoding": False, "fetched_at": False}  # key: whether it must be there


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """Where a page was saved and what is known of it."""

    path: Path
    url: str
    fetched_at: dt.datetime | dt.date
    id: str | None = None
    encoding: str | None = None
    language: str | None = None


def read_manifest(path: Path, base: Path, today: dt.date) -> list[SavedPage]:
    """The pages that a manifest names, in its order; ConfigError for the first line that cannot be used.

    A page without ``fetched_at`` counts as fetched ``today``.
    """
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    numbered = ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    return [_saved_page(line, f"{path} line {number}", base, today) for number, line in numbered]


def load_page(saved: SavedPage) -> Page | Refused:
    """A saved page's bytes as a page; a file that is missing, damaged or far too big is refused."""
    try:
        content = unpacked(saved.path.read_bytes(), MAX_PAGE_BYTES)
    except OSError as error:
        return Refused(reason=Reason.UNREADABLE, detail=error.strerror or str(error))
    if content.damage:
        return Refused(reason=Reason.UNREADABLE, detail=f"damaged gzip: {content.damage}")
    if content.is_over:
        return Refused(reason=Reason.UNREADABLE, detail=f"more than {MAX_PAGE_BYTES:,} bytes")
    return page_of(saved, content.body)


def page_of(saved: SavedPage, body: bytes) -> Page:
    """A page of these bytes; nothing of it was declared by a transport but what the manifest says."""
    return Page(
        url=saved.url,
        body=body,
        fetched_at=saved.fetched_at,
        encoding=saved.encoding,
        site=Site(language=saved.language),
    )


def declared_address(body: bytes) -> str | None:
    """The web address that a saved page declares for itself: its canonical link, then og:url."""
    tree = parse_html(body)
    if tree is None:
        return None
    declared = read_declared(tree, "")
    stated = [*declared.links.get("canonical", ()), declared.first("og:url")]
    return next((url for url in stated if url and re.match(r"https?://[^/]", url)), None)


def is_saved_page(path: Path) -> bool:
    """Whether a file is a page rather than an archive, by its name or, where that does not say, its first bytes."""
    name = path.name.lower()
    if name.endswith(PAGES) or name.endswith(ARCHIVES):
        return name.endswith(PAGES)
    try:
        with path.open("rb") as file:
            beginning = file.read(4096)
    except OSError:
        return False
    return not unpacked(beginning, 8).body.startswith(b"WARC/") and not beginning.startswith(_ZSTD)


def members(path: Path) -> list[Path]:
    """The pages and archives of a folder and of those in it, in the order of their names; a file is its own."""
    if not path.is_dir():
        return [path.absolute()]
    return sorted(file.absolute() for file in path.rglob("*") if file.name.lower().endswith(PAGES + ARCHIVES))


def _saved_page(line: bytes, where: str, base: Path, today: dt.date) -> SavedPage:
    entry = _entry(line, where)
    path = base / entry["path"]
    return SavedPage(
        path=path,
        url=entry["url"],
        fetched_at=_moment(entry.get("fetched_at"), where) or today,
        id=entry["id"],
        encoding=entry.get("encoding"),
    )


def _entry(line: bytes, where: str) -> Mapping[str, str]:
    try:
        entry: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: not JSON: {error}") from None
    if not isinstance(entry, dict):
        raise ConfigError(f"{where}: expected an object with {_listed(_KEYS)}")
    for key, is_needed in _KEYS.items():
        value = entry.get(key)
        if (value is None and is_needed) or (value is not None and not (isinstance(value, str) and value)):
            raise ConfigError(f"{where}: {key!r} should be a text, and is {value!r}"[:200])
    return entry


def _moment(text: str | None, where: str) -> dt.datetime | dt.date | None:
    """A day, or an aware moment; a time without an offset is read as UTC."""
    if text is None:
        return None
    try:
        if len(text) == len("YYYY-MM-DD"):
            return dt.date.fromisoformat(text)
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"{where}: 'fetched_at' should be RFC 3339 or YYYY-MM-DD, and is {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
