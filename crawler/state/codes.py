"""How the state writes what it holds by the million: keys as digests, words as numbers, times as integers.

The numbered migrations call these by name, so what each gives for a value never changes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import sqlite3
import struct
import zlib

from crawler.identity import site_of
from crawler.items import OUTCOME_NUMBERS, REASON_NUMBERS, Outcome, Reason
from crawler.verdict import unix_time

OUTCOMES = {number: outcome for outcome, number in OUTCOME_NUMBERS.items()}
REASONS = {number: reason for reason, number in REASON_NUMBERS.items()}
_TEXT = b"\0dateline "  # before what is no hexadecimal number; no hash begins so
DIGEST_BYTES = 16  # two of a thousand million addresses share one with a chance of 1 in 10^21

_EPOCH = dt.date(1970, 1, 1)
_ID = re.compile(r"(?:[0-9a-f]{2})+")


def digest(key: str) -> bytes:
    """What stands for an address's canonical key."""
    return hashlib.blake2b(key.encode(), digest_size=DIGEST_BYTES).digest()


def packed_id(article: str | None) -> bytes | str | None:
    """An article's id, or a hash, as early versions of dateline wrote it: others than hexadecimal ones as text.

    >>> packed_id("6162"), packed_id("x1")
    (b'ab', 'x1')
    """
    return bytes.fromhex(article) if article and _ID.fullmatch(article) else article


def id_bytes(text: str) -> bytes:
    """An article's id, or a hash, in half its length, where it is written in hexadecimal digits as ours are.

    >>> id_bytes("6162"), id_bytes("x1")
    (b'ab', b'\\x00dateline x1')
    """
    if _ID.fullmatch(text) and not (packed := bytes.fromhex(text)).startswith(_TEXT):
        return packed
    return _TEXT + text.encode()


def id_text(packed: bytes | str) -> str:
    """The id, or the hash, of these bytes; a text, as early versions wrote some, is itself.

    >>> id_text(b"ab"), id_text(id_bytes("x1"))
    ('6162', 'x1')
    """
    if isinstance(packed, str):
        return packed
    return packed[len(_TEXT) :].decode() if packed.startswith(_TEXT) else packed.hex()


def seconds(moment: str) -> int:
    """A moment, or a day, of RFC 3339 as seconds since 1970 in UTC; 0 for what is neither.

    >>> seconds("1970-01-02T00:00:10Z"), seconds("1970-01-02"), seconds("")
    (86410, 86400, 0)
    """
    try:
        return unix_time(moment)
    except ValueError:
        return 0


def site_number(url: str) -> int:
    """The site of an address as a number of 32 bits."""
    return number_of_site(site_of(url))


def number_of_site(site: str) -> int:
    """A site (crawler.identity.site_of) as that number."""
    return zlib.crc32(site.encode("utf-8", "backslashreplace"))


def packed_shape(kept: bytes) -> bytes | None:
    """A shape (crawler.edits) as early versions of dateline kept it, packed JSON, in the bytes of the later ones."""
    try:
        title, authors, published, sentences = json.loads(zlib.decompress(kept))
        told = (published or "").encode("ascii")
        head = struct.pack(f"<IBB{len(authors)}I", title, len(authors), len(told), *authors)
    except (zlib.error, ValueError, struct.error):
        return None
    return head + told + b"".join((sentence & 0xFFFFFF).to_bytes(3, "little") for sentence in sentences)


def day_number(day: dt.date) -> int:
    """A day as days since 1970."""
    return (day - _EPOCH).days


def day_of(number: int) -> dt.date:
    """The day of a number of days since 1970."""
    return _EPOCH + dt.timedelta(days=number)


def add_functions(db: sqlite3.Connection) -> None:
    """Let SQL call these, for migrations."""
    db.create_function("digest", 1, digest, deterministic=True)
    db.create_function("packed_id", 1, packed_id, deterministic=True)
    db.create_function("id_bytes", 1, lambda text: text and id_bytes(text), deterministic=True)
    db.create_function("seconds", 1, lambda text: text and seconds(text), deterministic=True)
    db.create_function("site_number", 1, lambda url: url and site_number(url), deterministic=True)
    db.create_function("packed_shape", 1, lambda kept: kept and packed_shape(kept), deterministic=True)
    db.create_function("outcome_number", 1, lambda word: OUTCOME_NUMBERS[Outcome(word)], deterministic=True)
    db.create_function("reason_number", 1, lambda word: word and REASON_NUMBERS[Reason(word)], deterministic=True)
