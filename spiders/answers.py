"""Scrapy's responses and failures as the rest of the house has them."""

from __future__ import annotations

import datetime as dt
import re

from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.failures import outcome_of
from crawler.items import Hint, Outcome, Page, Validators
from crawler.middlewares import DAMAGED
from crawler.polling import answered
from crawler.room import CUT
from crawler.site import Site

RIGHTS_HEADERS = ("X-Robots-Tag", "TDM-Reservation", "TDM-Policy")
MOST_HEADER = 2_000  # characters of one
MOST_HEADERS = 20  # of one name
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)


def page_of(response: Response, hint: Hint, site: Site) -> Page:
    """A fetched page; its encoding is what the header says and nothing else."""
    return Page(
        url=response.url,
        body=response.body,
        fetched_at=dt.datetime.now(dt.UTC),
        status=response.status,
        content_type=content_type_of(response) or None,
        encoding=charset_of(response),
        hint=hint,
        site=site,
        validators=validators_of(response),
        headers=rights_headers_of(response),
        site_rights=response.meta.get("site_rights", ()),
    )


def rights_headers_of(response: Response) -> tuple[tuple[str, str], ...]:
    """The headers that speak of rights, each with its name in lower case."""
    return tuple(
        (name.lower(), value.decode("latin-1")[:MOST_HEADER])
        for name in RIGHTS_HEADERS
        for value in response.headers.getlist(name)[:MOST_HEADERS]
    )


def validators_of(response: Response) -> Validators:
    """What the server gave to ask it by whether the document has changed."""
    names = ("etag", "last-modified")
    etag, modified = answered({name: (response.headers.get(name) or b"").decode("latin-1") for name in names})
    return Validators(etag=etag, modified=modified)


def content_type_of(response: Response) -> str:
    """The Content-Type header; empty if there is none."""
    return (response.headers.get("Content-Type") or b"").decode("latin-1")


def charset_of(response: Response) -> str | None:
    """The charset that the Content-Type header names."""
    return charset_in(content_type_of(response))


def charset_in(content_type: str) -> str | None:
    """The charset that a Content-Type names.

    >>> charset_in("text/html; charset=UTF-8"), charset_in("text/html")
    ('utf-8', None)
    """
    charset = _CHARSET.search(content_type)
    return charset[1].lower() if charset else None


def is_torn(response: Response) -> bool:
    """Whether a page could not be unpacked to its end, so that half an article would pass for a whole one."""
    return DAMAGED in response.flags and not response.body.rstrip().lower().endswith(b"</html>")


def is_cut(response: Response) -> bool:
    """Whether there was more of a document than came, or than could be unpacked."""
    return CUT in response.flags or DAMAGED in response.flags


def end_of(failure: Failure) -> tuple[Outcome, str]:
    """How a request that failed ends its address, and a few words on it."""
    return outcome_of(failure.value if failure.value is not None else RuntimeError("no reason given"))
