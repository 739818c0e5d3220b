"""Gzip unpacked within bounds: bombs are cut off, torn and damaged files give what is whole of them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

MOST_MEMBERS = 10_000  # of one file; honest ones have one, or one for every 64 KiB
_MAGIC = b"\x1f\x8b"
_STEP = 4096  # packed bytes at a time: what damage takes with it


@dataclass(frozen=True, slots=True, kw_only=True)
class Unpacked:
    """What came out, and what did not."""

    body: bytes = field(repr=False)
    is_over: bool = False  # there is more than the limit
    damage: str | None = None  # why the rest cannot be read


def is_gzip(content: bytes) -> bool:
    """Whether this is gzip, which is told by the content and not by a name."""
    return content.startswith(_MAGIC)


def unpacked(content: bytes, limit: int) -> Unpacked:
    """Up to ``limit`` bytes of the content without gzip, of all its members; what follows the last one is padding.

    >>> import gzip
    >>> unpacked(gzip.compress(b"ab") + gzip.compress(b"c"), 10).body, unpacked(b"abc", 2)
    (b'abc', Unpacked(is_over=True, damage=None))
    >>> unpacked(gzip.compress(b"abc")[:-4], 10).damage
    'it ends too early'
    """
    if not is_gzip(content):
        return Unpacked(body=content[:limit], is_over=len(content) > limit)
    body, position = bytearray(), 0
    try:
        for _ in range(MOST_MEMBERS):
            if not content.startswith(_MAGIC, position):
                return Unpacked(body=bytes(body))
            position = _member(content, position, body, limit)
            if len(body) > limit:
                break
    except (zlib.error, EOFError) as error:
        return Unpacked(body=bytes(body[:limit]), damage=str(error))
    return Unpacked(body=bytes(body[:limit]), is_over=True)


def _member(content: bytes, position: int, body: bytearray, limit: int) -> int:
    """Add one member to the body, and one byte at most over the limit; where the next member begins.

    The first one at once, as most have no other; the rest step by step, and what is damaged, for what is whole of it.
    """
    if position:
        return _by_steps(content, position, body, limit)
    stream = zlib.decompressobj(wbits=31)
    try:
        body += stream.decompress(content, limit + 1)
    except zlib.error:
        return _by_steps(content, position, body, limit)
    if stream.eof or len(body) > limit:
        return len(content) - len(stream.unused_data) - len(stream.unconsumed_tail)
    raise EOFError("it ends too early")


def _by_steps(content: bytes, position: int, body: bytearray, limit: int) -> int:
    stream = zlib.decompressobj(wbits=31)
    while position < len(content):
        step = content[position : position + _STEP]
        body += stream.decompress(step, limit + 1 - len(body))
        position += len(step) - len(stream.unused_data)
        if stream.eof or len(body) > limit:
            return position
    raise EOFError("it ends too early")
