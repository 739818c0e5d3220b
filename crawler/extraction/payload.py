"""Whether bytes are a page at all, and not a picture, a feed, or data."""

from __future__ import annotations

import re

from crawler.items import Page, Reason, Refused

MAX_BINARY_SHARE = 0.02
_BINARY = frozenset(
    (*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20))
)  # "binary data bytes" of that standard
_SIGNATURES = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"\x1f\x8b",
    b"OggS",
    b"ID3",
    b"\x00\x00\x00\x18ftyp",
)
_DATA_ROOT = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,500}?-->\s*)?<(rss|feed|urlset|sitemapindex|rdf:RDF|svg)\b", re.DOTALL
)


def refused_by_bytes(page: Page) -> Refused | None:
    """A page that is no HTML or empty."""
    if not page.body.strip():
        return Refused(reason=Reason.EMPTY, detail="0 bytes of text")
    kind = (page.content_type or "").partition(";")[0].strip().lower()
    head = page.body[:1000]
    if head.startswith(_SIGNATURES) or _is_noise(head):
        return Refused(reason=Reason.NOT_HTML, detail=f"binary data{f' ({kind})' if kind else ''}")
    if root := _DATA_ROOT.match(head):
        return Refused(reason=Reason.NOT_HTML, detail=f"a <{root[1].decode()}> document")
    if head.lstrip()[:1] in (b"{", b"[") and b"<" not in head:
        return Refused(reason=Reason.NOT_HTML, detail="JSON data")
    return None


def _is_noise(head: bytes) -> bool:
    """Whether the beginning holds bytes that no text has: random or packed data (WHATWG MIME Sniffing, §3)."""
    if b"<html" in head.lower() or head.count(0) > len(head) // 4:  # the latter is UTF-16
        return False
    return sum(byte in _BINARY for byte in head) > MAX_BINARY_SHARE * len(head)
