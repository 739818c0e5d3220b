"""A fetched page as bytes that a later run can read: what waits in the state for its site to be known."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from dataclasses import asdict
from typing import Any

from crawler.items import FoundBy, Hint, Page, Validators
from crawler.site import Site

_CONFIGURED = ("language", "country", "zone", "day_first")  # what a site's memory knows is never packed


def pack(page: Page, source: str) -> bytes:
    """A page, and the source that named it: a line of JSON, then its bytes, compressed."""
    head: dict[str, Any] = {
        "source": source,
        "url": page.url,
        "fetched_at": page.fetched_at.isoformat(),
        "status": page.status,
        "content_type": page.content_type,
        "encoding": page.encoding,
        "hint": asdict(page.hint) if page.hint else None,
        "validators": asdict(page.validators),
        "headers": page.headers,
        "site_rights": page.site_rights,
        "site": {name: getattr(page.site, name) for name in _CONFIGURED},
    }
    return json.dumps(head).encode("ascii") + b"\n" + zlib.compress(page.body, 1)


def unpack(packed: bytes) -> tuple[Page, str]:
    """What ``pack`` was given. Raises ValueError for bytes that are not its own."""
    head, _, body = packed.partition(b"\n")
    try:
        told = json.loads(head)
        hint = told["hint"]
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
            hint=Hint(**hint | {"found_by": FoundBy(hint["found_by"])}) if hint else None,
            site=Site(**told["site"]),
        )
        return page, told["source"]
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise ValueError(f"not a packed page: {error}") from error


def _pairs(told: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in told)


def _moment(text: str) -> dt.datetime | dt.date:
    return dt.datetime.fromisoformat(text) if "T" in text else dt.date.fromisoformat(text)
