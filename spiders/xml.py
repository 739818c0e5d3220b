"""The commonest faults of feeds and sitemaps, mended before a parser drops what follows them or stumbles."""

from __future__ import annotations

import codecs
import re

_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#(?P<decimal>\d{1,7});|#x(?P<hex>[0-9a-f]{1,6});|[a-z][a-z0-9]{1,31};)?",
    re.IGNORECASE | re.DOTALL,
)
_NO_CHARACTER = b"&#xFFFD;"
_WIDE = (  # how a document begins whose characters are wider than a byte; UTF-32 first, its mark holds that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)


def with_ampersands(body: bytes) -> bytes:
    """XML in which an ``&`` that begins no reference is written ``&amp;``; CDATA, closed or not, is left as it is.

    A reference to what is no character of XML (§2.2: NUL, a lone surrogate, beyond Unicode) is one to U+FFFD.

    >>> with_ampersands(b"<loc>/?a=1&b=2&amp;c=3</loc>")
    b'<loc>/?a=1&amp;b=2&amp;c=3</loc>'
    """
    wide = next((encoding for start, encoding in _WIDE if body.startswith(start)), None)
    if wide is None:
        return _AMPERSAND.sub(_mended, body)
    text = body.decode(wide, "replace").encode("utf-8")
    return _AMPERSAND.sub(_mended, text).decode("utf-8").encode(wide)


def _mended(match: re.Match[bytes]) -> bytes:
    if match[0] == b"&":
        return b"&amp;"
    number = match["decimal"] or match["hex"]
    return match[0] if number is None or _is_character(int(number, 10 if match["decimal"] else 16)) else _NO_CHARACTER


def _is_character(code: int) -> bool:
    return 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000 or code in {0x9, 0xA, 0xD}
