"""Patterns of addresses as robots.txt writes them (RFC 9309 §2.2.2, §2.2.3), which tdmrep.json has taken over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")  # RFC 3986 §2.3
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
# stands encoded in what is compared: what is no graphic ASCII, and what would be a wildcard in a pattern
_TO_ENCODE = re.compile(r"[^!-~]|[*$]")
_TO_ENCODE_IN_PATTERN = re.compile(r"[^!-~]|\$(?!$)")
_IN_QUERY = {"%3A": ":", "%2F": "/"}  # one thing in a query, encoded or not (the table of RFC 9309 §2.2.2)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What a path is held against: texts that follow one another, with anything between them."""

    parts: tuple[str, ...]  # the first at the very beginning, the last at the very end where the pattern is anchored
    is_anchored: bool
    octets: int  # the more, the more specific

    def matches(self, path: str) -> bool:
        """Whether a comparable path (see ``comparable``) begins with this pattern, or is it; in linear time."""
        first, *rest = self.parts
        if not path.startswith(first):
            return False
        if not rest:
            return not self.is_anchored or len(path) == len(first)
        at = len(first)
        last = rest.pop() if self.is_anchored else ""
        for part in rest:  # the leftmost place is never worse than a later one
            found = path.find(part, at)
            if found < 0:
                return False
            at = found + len(part)
        return not self.is_anchored or (len(path) - len(last) >= at and path.endswith(last))


def read_pattern(text: str) -> Pattern | None:
    """A pattern as written; None for what can match no path, as it begins neither with a slash nor with a star.

    >>> read_pattern("/news/*.pdf$").matches("/news/2025/a.pdf"), read_pattern("news/")
    (True, None)
    """
    if not text.startswith(("/", "*")):
        return None
    whole = _comparable(text, _TO_ENCODE_IN_PATTERN)
    is_anchored = whole.endswith("$")
    first, *rest = whole.removesuffix("$").split("*")
    kept = [part for part in rest if part]
    if rest and not rest[-1] and is_anchored:  # "/a*$" is "/a"
        is_anchored = False
    return Pattern((first, *kept), is_anchored, len(whole))


def comparable(url: str) -> str:
    """An address's path and query as patterns are held against them.

    >>> comparable("https://example.org/a%7eb/ц?u=https%3a%2f%2fexample.net#top")
    '/a~b/%D1%86?u=https://example.net'
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/"
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    has_query = bool(parts.query) or url.partition("#")[0].endswith("?")
    return _comparable(f"{path}?{parts.query}" if has_query else path, _TO_ENCODE)


def _comparable(text: str, to_encode: re.Pattern[str]) -> str:
    """Unreserved characters decoded, all others in one spelling: octets in upper-case percent-encoding."""
    encoded = _ENCODED.sub(_one_spelling, to_encode.sub(_percent, text))
    before, mark, query = encoded.partition("?")
    for code, letter in _IN_QUERY.items():
        query = query.replace(code, letter)
    return f"{before}{mark}{query}"


def _percent(letter: re.Match[str]) -> str:
    return "".join(f"%{octet:02X}" for octet in letter[0].encode("utf-8", "surrogatepass"))


def _one_spelling(code: re.Match[str]) -> str:
    octet = int(code[1], 16)
    return chr(octet) if octet in _UNRESERVED else f"%{octet:02X}"
