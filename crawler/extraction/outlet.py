"""Whose page it is: the names by which its outlet goes."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from crawler.extraction.candidates import Stated
from crawler.extraction.declared import Declared
from crawler.extraction.text import clean_line, text_key
from crawler.identity import host_of, site_of

_BAR = re.compile(r"\s+(?:\||[–—-])\s+|\s*\|\s*")
_NO_NAME = re.compile(r"://|[{}<>]")
MAX_NAME = 100
MAX_WORDS = 8  # no outlet's name has more; what does is a headline in the wrong place
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,300}>")


def plain(value: Any) -> str:
    """A declared value as one clean line: escaped once or twice, with mark-up or without; "" if it is no string.

    >>> plain("Fish &amp;amp; chips for <em>two</em>")
    'Fish & chips for two'
    """
    if not isinstance(value, str):
        return ""
    for _ in range(2):
        if "&" in value:
            value = html.unescape(value)
    return clean_line(_TAG.sub("", value) if "<" in value else value)


def read_publisher(declared: Declared, url: str) -> tuple[str, str] | None:
    """The outlet's name and where it was read."""
    for source, value in _publishers(declared):
        name = _without_motto(plain(value), url)
        if _can_name_outlet(name):
            return name, source
    return None


def stated_publishers(declared: Declared, url: str) -> Iterator[Stated]:
    """All that `read_publisher` looks at, in its order, and why some of it cannot be an outlet's name."""
    for source, value in _publishers(declared):
        name = _without_motto(plain(value), url)
        unfit = "" if _can_name_outlet(name) else "an address, a place-holder or a headline"
        yield Stated(name, source, unfit, plain(value))


def _can_name_outlet(name: str) -> bool:
    """Not an address, a place-holder that was never filled, or a headline."""
    return bool(name) and not _NO_NAME.search(name) and len(name) <= MAX_NAME and len(name.split()) <= MAX_WORDS


def _without_motto(name: str, url: str) -> str:
    """Of a name with a motto or a second name behind a bar or dash, the part that the site's address knows.

    >>> _without_motto("Harbour Post | News from the coast", "https://www.harbourpost.example/")
    'Harbour Post'
    """
    label = text_key(site_of(url).split(".")[0])
    parts = _BAR.split(name[: 2 * MAX_NAME])
    known = (part for part in parts if len(key := text_key(part)) >= 3 and (key in label or label in key))
    return next(known, name).strip(" |") if len(parts) > 1 and len(label) >= 3 else name.strip(" |")


def _publishers(declared: Declared) -> Iterator[tuple[str, Any]]:
    for field in ("publisher", "sourceOrganization"):
        publisher = declared.resolve(declared.article.get(field))
        publisher = publisher[0] if isinstance(publisher, list) and publisher else publisher
        yield "json-ld", publisher.get("name") if hasattr(publisher, "get") else publisher
    for name in ("og:site_name", "application-name", "twitter:app:name:iphone", "apple-mobile-web-app-title"):
        yield f"meta {name}", declared.first(name)
    for node in declared.of_type("WebSite", "NewsMediaOrganization"):
        yield "json-ld", node.get("name")


def outlet_keys(declared: Declared, url: str) -> frozenset[str]:
    """The keys of all names by which the page's outlet goes: as publisher, as site, as host."""
    declared_names = [plain(value) for _, value in _publishers(declared)]
    names = {text_key(n) for name in declared_names for n in (name, _without_motto(name, url)) if _can_name_outlet(n)}
    site = site_of(url)
    host = host_of(url).removeprefix("www.")
    names |= {text_key(site), text_key(site.split(".")[0]), text_key(host), text_key(f"www{host}")}
    handles = (declared.first("twitter:site") or "").lstrip("@")
    return frozenset(names | {text_key(handles)}) - {""}
