"""Laws of what is packed: gzip by strangers, and pages that wait in the state."""

from __future__ import annotations

import datetime as dt
import gzip
from contextlib import suppress
from io import BytesIO

from benchmarks.fuzzing.laws import FETCHED, URL, is_web
from benchmarks.fuzzing.target import as_text, holds
from crawler.gzipped import is_gzip, unpacked
from crawler.items import FoundBy, Hint, Page, Validators
from crawler.packing import pack, unpack
from spiders.warc import MOST_BYTES, Capture, Flaw, NotAnArchiveError, Passed, captures

LIMIT = 5_000
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def check_gzip(data: bytes) -> None:
    """Never more than the limit; what is whole comes out, and what does not is said."""
    for limit in (0, 7, LIMIT):
        content = unpacked(data, limit)
        holds(len(content.body) <= limit, "the limit is kept", told=len(content.body))
        if not is_gzip(data):
            holds(content.body == data[:limit] and content.damage is None, "what is not packed stays", told=content)
    packed = gzip.compress(data, 1)
    holds(unpacked(packed, len(data)).body == data, "what was packed comes out")
    torn = unpacked(packed[:-9], len(data))
    holds(torn.damage or torn.is_over or not data, "what is torn is said to be", told=torn)
    holds(data.startswith(torn.body), "of what is torn the beginning comes out")


def check_warc(data: bytes) -> None:
    """Records in the order of the file, bounded pages that can be asked for, and an end, whatever is damaged."""
    found: list[Capture | Passed | Flaw] = []
    with suppress(NotAnArchiveError):
        found.extend(captures(lambda position: BytesIO(data[position:]), 0, NOW))
    offsets = [one.offset for one in found]
    holds(offsets == sorted(offsets), "records are in the order of the file", told=offsets)
    holds(all(0 <= offset <= len(data) for offset in offsets), "they are in the file", told=offsets)
    for one in found:
        if isinstance(one, Capture):
            is_web(one.page.url)
            holds(len(one.page.body) <= MOST_BYTES, "pages are bounded", told=len(one.page.body))


def check_packed_page(data: bytes) -> None:
    """Bytes that are no packed page are refused by a ValueError; a page comes back as it was."""
    try:
        page, source = unpack(data)
    except ValueError:
        pass
    else:
        holds(unpack(pack(page, source)) == (page, source), "a page comes back", told=page)
    text = as_text(data)
    hint = Hint(url=URL, found_by=FoundBy.LINK, title=text or None)
    page = Page(url=URL, body=data, fetched_at=FETCHED, hint=hint, validators=Validators(etag=text), content_type=text)
    holds(unpack(pack(page, text)) == (page, text), "a page comes back", told=page)
