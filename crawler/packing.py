"""A fetched page as bytes that a later run can read: what waits in the state for its site to be known."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from dataclasses import asdict, replace
from typing import Any

from crawler.identity import site_of
from crawler.items import FoundBy, Hint, Page, Validators
from crawler.site import Site

MOST_NOTE = 16_000  # characters; readers bound the head of a record, some at 32 KiB
_CONFIGURED = ("language", "country", "zone", "day_first")  # what a site's memory knows is never packed


def pack(page: Page, source: str) -> bytes:
    """A page, and the source that named it: a line of JSON, then its bytes, compressed."""
    head: dict[str, Any] = {
        "url": page.url,
        "fetched_at": page.fetched_at.isoformat(),
        "status": page.status,
        "content_type": page.content_type,
        "encoding": page.encoding,
        "validators": asdict(page.validators),
        "headers": page.headers,
        **_way(page, source),
    }
    return json.dumps(head).encode("ascii") + b"\n" + zlib.compress(page.body, 1)


def note_of(page: Page, source: str) -> str:
    """What the way to a page said of it, as a line of JSON in ASCII for a header of its archived record."""
    return json.dumps(_way(page, source))[:MOST_NOTE]  # a longer one is torn, and so says nothing


def with_note(page: Page, note: str) -> Page:
    """An archived page with what the way to it had said; as it is where the note cannot be read.

    >>> from datetime import date
    >>> page = Page(url="https://example.org/a", body=b"", fetched_at=date(2025, 4, 26))
    >>> with_note(page, "{") is page, with_note(page, note_of(page, "")) == page
    (True, True)
    >>> other = replace(page, hint=Hint(url="https://other.example/b", found_by=FoundBy.FEED, title="B"))
    >>> with_note(page, note_of(other, "")).hint.url
    'https://example.org/a'
    """
    try:
        told = json.loads(note)
        hint = _hint(told["hint"])
        rights, site = _pairs(told["site_rights"]), Site(**told["site"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return page
    if hint is not None and (not isinstance(hint.url, str) or site_of(hint.url) != site_of(page.url)):
        hint = replace(hint, url=page.url)  # anybody may have written the file: it speaks for its own site alone
    return replace(page, hint=hint or page.hint, site_rights=rights, site=site)


def unpack(packed: bytes) -> tuple[Page, str]:
    """What ``pack`` was given. Raises ValueError for bytes that are not its own."""
    head, _, body = packed.partition(b"\n")
    try:
        told = json.loads(head)
        page = Page(
            url=told["url"],
            body=zlib.decompress(body),
            fetched_at=_moment(told["fetched_at"]),
            status=told["status"],
            content_type=told["content_type"],
            encoding=told["encoding"],
            validators=Validators(**told["validators"]),
            headers=_pairs(told.get("headers", [])),  # which early versions of dateline did not pack
            site_rights=_pairs(told.get("site_rights", [])),
            hint=_hint(told["hint"]),
            site=Site(**told["site"]),
        )
        return page, told["source"]
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise ValueError(f"not a packed page: {error}") from error


def _way(page: Page, source: str) -> dict[str, Any]:
    return {
        "source": source,
        "hint": asdict(page.hint) if page.hint else None,
        "site_rights": page.site_rights,
        "site": {name: getattr(page.site, name) for name in _CONFIGURED},
    }


def _hint(told: Any) -> Hint | None:
    return Hint(**told | {"found_by": FoundBy(told["found_by"])}) if told else None


def _pairs(told: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in told)


def _moment(text: str) -> dt.datetime | dt.date:
    return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)
