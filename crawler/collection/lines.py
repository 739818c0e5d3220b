"""Files of lines, read one line at a time; packed ones too."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

MOST_LINE_BYTES = 32_000_000  # of someone else's file; what is longer is no line of ours


class RawLine(NamedTuple):
    """A line as it stands in its file."""

    number: int  # from 1
    start: int  # bytes before it, unpacked
    content: bytes | None  # with its line's end, which a last line may lack; None where it is far too long


def is_packed(path: Path) -> bool:
    """Whether a file is packed with gzip, as its name says."""
    return path.suffix == ".gz"


def raw_lines(path: Path, start: int = 0) -> Iterator[RawLine]:
    """The lines of a file from a line's start on, numbered from there.

    Raises OSError, and EOFError or zlib.error for gzip that is cut or damaged.
    """
    with opened(path) as file:
        file.seek(start)
        number, content = 0, b""
        while content := file.readline(MOST_LINE_BYTES):
            number, size = number + 1, len(content)
            is_whole = _is_whole(content)
            while not _is_whole(content) and (content := file.readline(MOST_LINE_BYTES)):
                size += len(content)
            yield RawLine(number, start, content if is_whole else None)
            start += size


def line_at(path: Path, start: int) -> bytes:
    """The line that begins at this byte."""
    with opened(path) as file:
        file.seek(start)
        return file.readline(MOST_LINE_BYTES)


def opened(path: Path) -> BinaryIO:
    """A file of lines, open for reading, unpacked as it is read."""
    return cast(BinaryIO, gzip.open(path)) if is_packed(path) else path.open("rb")


def _is_whole(content: bytes) -> bool:
    """Whether a read was not ended by the limit."""
    return content.endswith(b"\n") or len(content) < MOST_LINE_BYTES
