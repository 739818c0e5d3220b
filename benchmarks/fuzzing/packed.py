"""Laws of what is packed: gzip by strangers, and pages that wait in the state."""

from __future__ import annotations

import gzip

from benchmarks.fuzzing.laws import FETCHED, URL
from benchmarks.fuzzing.target import as_text, holds
from crawler.gzipped import is_gzip, unpacked
from crawler.items import FoundBy, Hint, Page, Validators
from crawler.packing import pack, unpack

LIMIT = 5_000


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
