"""What keeps a parser from reading feeds and sitemaps to their end, mended before it does."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

_AMPERSAND = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(?:#\d{1,7};|#x[0-9a-f]{1,6};|[a-z][a-z0-9]{1,31};)?",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCE = re.compile(rb"&#(?:(?P<decimal>\d{1,7})|x(?P<hex>[0-9a-f]{1,6}));", re.IGNORECASE)
_NO_CHARACTER = b"&#xFFFD;"
_MARKS = (  # of documents whose characters are wider than a byte; UTF-32 first, its mark holds that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BEGINNINGS = (  # without a mark: an angle bracket and the character behind it, after white space
    (re.compile(rb"(?:[\t\n\r ]\0\0\0){0,64}<\0\0\0[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"(?:\0\0\0[\t\n\r ]){0,64}\0\0\0<\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"(?:[\t\n\r ]\0){0,64}<\0[^\0]\0"), "utf-16-le"),
    (re.compile(rb"(?:\0[\t\n\r ]){0,64}\0<\0[^\0]"), "utf-16-be"),
)
# neither a feed nor a sitemap needs one; what it declares are entities, to grow without end or to fetch something
_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_DECLARATION = re.compile(rb"\A\s*<\?xml[^>]{0,2000}\?>")
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
    if width_of(body) is not None:  # such a document is rare, and cannot be cut at a byte
        yield with_ampersands(body)
        return
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

    A reference to what is no character of XML (§2.2: NUL, a lone surrogate, beyond Unicode) is one to U+FFFD, in CDATA,
    too: a control character there ends it for libxml2, which then reads the rest as markup.

    >>> with_ampersands(b"<loc>/?a=1&b=2&amp;c=3</loc>")
    b'<loc>/?a=1&amp;b=2&amp;c=3</loc>'
    """
    wide = width_of(body)
    if wide is None:
        return _AMPERSAND.sub(_mended, body)
    text = body.decode(wide, "replace").removeprefix("\ufeff").encode("utf-8")
    undeclared = _DECLARATION.sub(b"", text)  # the declaration names the encoding that it was in
    return _AMPERSAND.sub(_mended, without_doctype(undeclared))


def width_of(body: bytes) -> str | None:
    """The encoding of a document whose characters are wider than a byte; None for any other."""
    marked = next((encoding for mark, encoding in _MARKS if body.startswith(mark)), None)
    return marked or next((encoding for beginning, encoding in _BEGINNINGS if beginning.match(body)), None)


def _mended(match: re.Match[bytes]) -> bytes:
    if match[0] == b"&":
        return b"&amp;"
    return _REFERENCE.sub(_as_character, match[0])


def _as_character(match: re.Match[bytes]) -> bytes:
    number = match["decimal"] or match["hex"]
    return match[0] if _is_character(int(number, 10 if match["decimal"] else 16)) else _NO_CHARACTER


def _is_character(code: int) -> bool:
    return 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000 or code in {0x9, 0xA, 0xD}
