"""A target: one reader of strangers' bytes, the law that it keeps for any input, and what it is fed with."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis.strategies import SearchStrategy

MOST_BYTES = 4096
TWICE = 8  # one input of so many is read again, to see that the same comes out
_HEADED = re.compile(rb"([a-z-]+): ([^\r\n]*)\n")


class BrokenLawError(AssertionError):
    """What a target promises does not hold for an input."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One reader. ``check`` raises for an input that breaks its law; whatever else it raises breaks it, too."""

    name: str
    law: str  # in words, for people
    check: Callable[[bytes], None]
    tokens: Sequence[bytes]  # the words of the format, which the mutations and the sweep of repeats use
    seeds: Callable[[], Sequence[bytes]]
    inputs: Callable[[], SearchStrategy[bytes]]  # structured documents, for hypothesis
    most_bytes: int = MOST_BYTES


def holds(truth: object, law: str, *, told: object = "") -> None:
    """Raise BrokenLawError where a law does not hold; ``told`` is what was found in place of it."""
    if not truth:
        raise BrokenLawError(f"{law}: {str(told)[:200]!r}")


def headed(data: bytes, name: str) -> tuple[str, bytes]:
    """An input parted into a transport header, where its first line is one of this name, and the body.

    >>> headed(b"charset: latin-1\\n<p>", "charset"), headed(b"<p>", "charset")
    (('latin-1', b'<p>'), ('', b'<p>'))
    """
    match = _HEADED.match(data)
    if match is None or match[1] != name.encode():
        return "", data
    return match[2].decode("latin-1"), data[match.end() :]


def is_read_twice(data: bytes) -> bool:
    """Whether this input is one of those that are read again; always the same ones."""
    return zlib.crc32(data) % TWICE == 0


def as_text(data: bytes) -> str:
    """Any text at all, one with lone surrogates too, which JSON can write."""
    return data.decode("utf-8", "surrogateescape")
