"""Files of lines, read one line at a time; packed ones too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from crawler.collection.files import LineFile

MOST_LINE_BYTES = 32_000_000  # of someone else's file; what is longer is no line of ours


class RawLine(NamedTuple):
    """A line as it stands in its file."""

    number: int  # from 1
    start: int  # bytes before it, unpacked
    content: bytes | None  # with its line's end, which a last line may lack; None where it is far too long


def raw_lines(file: LineFile, start: int = 0) -> Iterator[RawLine]:
    """The lines of a file from a line's start on, numbered from there.

    Raises OSError, and EOFError or zlib.error for gzip that is cut or damaged.
    """
    with file.open() as stream:
        stream.seek(start)
        number, content = 0, b""
        while content := stream.readline(MOST_LINE_BYTES):
            number, size = number + 1, len(content)
            is_whole = _is_whole(content)
            while not _is_whole(content) and (content := stream.readline(MOST_LINE_BYTES)):
                size += len(content)
            yield RawLine(number, start, content if is_whole else None)
            start += size


def line_at(file: LineFile, start: int) -> bytes:
    """The line that begins at this byte."""
    with file.open() as stream:
        stream.seek(start)
        return stream.readline(MOST_LINE_BYTES)


def _is_whole(content: bytes) -> bool:
    """Whether a read was not ended by the limit."""
    return content.endswith(b"\n") or len(content) < MOST_LINE_BYTES
