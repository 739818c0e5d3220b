"""The commonest fault of feeds and sitemaps, mended before a parser drops what follows it."""

from __future__ import annotations

import re

_BARE = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?!(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});)", re.IGNORECASE | re.DOTALL
)


def with_ampersands(body: bytes) -> bytes:
    """XML in which an ``&`` that begins no reference is written ``&amp;``; CDATA, closed or not, is left as it is.

    >>> with_ampersands(b"<loc>/?a=1&b=2&amp;c=3</loc>")
    b'<loc>/?a=1&amp;b=2&amp;c=3</loc>'
    """
    if b"\x00" in body[:200]:  # UTF-16 or UTF-32, where a byte is no character
        return body
    return _BARE.sub(lambda match: b"&amp;" if match[0] == b"&" else match[0], body)
