"""What keeps a parser from reading feeds and sitemaps to their end, mended before it does."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BARE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)", re.IGNORECASE | re.DOTALL
)
# neither a feed nor a sitemap needs one; what it declares are entities, to grow without end or to fetch something
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
PIECE = 1_000_000  # bytes; a document type may be as long


def without_doctype(body: bytes) -> bytes:
    """XML without its document type, whose entities are then unknown ones.

    >>> without_doctype(b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]><rss>&a;</rss>')
    b'<?xml version="1.0"?><rss>&a;</rss>'
    """
    found = _DOCTYPE.search(body, 0, PIECE)
    return body[: found.start()] + body[found.end() :] if found else body


def mended_pieces(body: bytes) -> Iterator[bytes]:
    """XML in pieces for a parser, each of them mended: a whole copy of 50 MB would cost as much again."""
    position = 0
    while position < len(body):
        end = position + PIECE
        if end < len(body):
            at_tag = body.rfind(b"</", position, end)  # where neither an ampersand nor a CDATA is cut in two
            end = at_tag if at_tag > position else end
        piece = body[position:end]
        yield with_ampersands(piece if position else without_doctype(piece))
        position = end


def with_ampersands(body: bytes) -> bytes:
    """XML in which an ``&`` that begins no reference is written ``&amp;``; CDATA, closed or not, is left as it is.

    >>> with_ampersands(b"<loc>/?a=1&b=2&amp;c=3</loc>")
    b'<loc>/?a=1&amp;b=2&amp;c=3</loc>'
    """
    if b"\x00" in body[:200]:  # UTF-16 or UTF-32, where a byte is no character
        return body
    return _BARE.sub(lambda match: b"&amp;" if match[0] == b"&" else match[0], body)
