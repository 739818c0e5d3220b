"""WARC files (ISO 28500) read record by record: what was captured as pages, what is damaged, what is none of ours.

Damage costs its record: reading goes on at the next beginning of one. Whatever a record says of its length, at most
MOST_BYTES of it are held.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from crawler.encodings import codings, decoded, unchunked
from crawler.identity import web_address
from crawler.items import FoundBy, Hint, Page
from crawler.packing import with_note
from spiders.answers import MOST_HEADER, MOST_HEADERS, RIGHTS_HEADERS, charset_in
from spiders.urls import is_page

MOST_BYTES = 8 * 1024 * 1024  # of one capture, packed and unpacked, as a crawl has it (DOWNLOAD_MAXSIZE)
MOST_PASSED = 256 * 1024 * 1024  # unpacked bytes of a longer record that are read past, before its end is sought
_STEP = 1024 * 1024
# how a record begins, by how its file is packed: a gzip member (RFC 1952), a frame of zstd (RFC 8878), as it is
BEGINNINGS = (b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"WARC/")

NO_PAGE = "no page"  # a request, an image, a description of the file
NOT_200 = "another HTTP status"
REVISIT = "captured before"  # a record that says so holds no page


class Stream(Protocol):
    """Bytes from some position of a file on."""

    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class NotAnArchiveError(Exception):
    """A file that does not begin as a WARC file does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A page, and the position in its file from which its record can be read again."""

    offset: int
    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A record that is passed over, and why, in a few words."""

    offset: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """A record that cannot be read, and what is known of why."""

    offset: int
    why: str
    url: str = ""


@dataclass(slots=True)
class Tape:
    """A stream with its position, which can be put back a little: what fastwarc reads from."""

    stream: Stream
    position: int
    error: Exception | None = None  # of the stream itself, which is no damage of a record
    _ahead: bytes = field(default=b"", repr=False)

    def read(self, size: int = _STEP) -> bytes:
        if self._ahead:
            piece, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            try:
                piece = self.stream.read(size)
            except Exception as error:
                self.error = error  # fastwarc tells it as an error of the format
                raise
        self.position += len(piece)
        return piece

    def tell(self) -> int:
        return self.position

    def seek(self, position: int, whence: int = 0, /) -> int:  # noqa: ARG002  as fastwarc names it
        """Never called: a stream is read on."""
        raise OSError("a stream")

    def put_back(self, piece: bytes) -> None:
        self._ahead = piece + self._ahead
        self.position -= len(piece)

    def close(self) -> None:
        self.stream.close()


def beginning_of(content: bytes) -> bytes | None:
    """The way in which the records of a file begin, by the first bytes of one."""
    return next((mark for mark in BEGINNINGS if content.startswith(mark)), None)


def captures(open_at: Callable[[int], Stream], start: int, now: dt.datetime) -> Iterator[Capture | Passed | Flaw]:
    """What a file holds from a position on, at which a record begins, in its order.

    A file whose records are packed together, not each for itself, can be read from its start alone. Raises
    NotAnArchiveError for other files, and what ``open_at`` and its streams raise.
    """
    from fastwarc.warc import ArchiveIterator

    position, mark, is_told = start, b"", False
    while True:
        tape = Tape(open_at(position), position)
        try:
            mark = mark or _mark_of(tape)
            if is_told and not _go_to(tape, mark):
                return
            position = tape.position
            for record in ArchiveIterator(tape, parse_http=False):
                position = record.stream_pos
                found = _read(record, position, now)
                is_torn = isinstance(found, Flaw) and not found.url
                if not (is_told and is_torn):
                    yield found
                is_told = is_torn
                if record.content_length > MOST_PASSED:
                    break
            else:
                return
        except (OSError, ValueError) as error:
            if tape.error is not None:
                raise tape.error from error
            if not is_told:
                yield Flaw(offset=position, why=f"damaged: {error}")
        finally:
            tape.close()
        is_told, position = True, position + 1


def _mark_of(tape: Tape) -> bytes:
    first = tape.read(8)
    tape.put_back(first)
    mark = beginning_of(first)
    if mark is None:
        raise NotAnArchiveError("is not a WARC file (.warc, .warc.gz, .warc.zst)")
    return mark


def _go_to(tape: Tape, mark: bytes) -> bool:
    """Go to where the next record may begin; False where none does."""
    kept = b""
    while piece := tape.read(_STEP):
        searched = kept + piece
        if (at := searched.find(mark)) >= 0:
            tape.put_back(searched[at:])
            return True
        kept = searched[-len(mark) + 1 :]
    return False


def _read(record: Any, offset: int, now: dt.datetime) -> Capture | Passed | Flaw:
    """What one record holds. OSError for damage that the reading of further records would meet, too."""
    kind = str(record.record_type)
    said = record.headers
    if kind == "revisit":
        return Passed(offset=offset, why=REVISIT)
    uri = said.get("WARC-Target-URI") or ""
    if kind == "response" and not uri and not said.get("WARC-Date"):
        return Flaw(offset=offset, why="torn: the file ends in it")
    if kind not in {"response", "resource"} or uri.strip("<>").startswith(("dns:", "metadata:", "whois:")):
        return Passed(offset=offset, why=NO_PAGE)
    url = web_address("", uri.strip("<> "))
    if url is None:
        return Flaw(offset=offset, why="names no web address", url=uri[:200] or "no address")
    captured = record.record_date
    if captured is None:
        return Flaw(offset=offset, why="names no date", url=url)
    if captured.tzinfo is None:
        captured = captured.replace(tzinfo=dt.UTC)
    page = with_note(_bare(url, min(captured, now)), said.get("Dateline-Page") or "")
    return _page(record, kind, Capture(offset=offset, page=page))


def _bare(url: str, captured: dt.datetime) -> Page:
    hint = Hint(url=url, found_by=FoundBy.ARCHIVE)
    return Page(url=url, body=b"", fetched_at=captured.astimezone(dt.UTC), status=None, hint=hint)


def _page(record: Any, kind: str, capture: Capture) -> Capture | Passed | Flaw:
    offset, url, named = capture.offset, capture.page.url, record.headers.get("Content-Type") or ""
    headers: tuple[tuple[str, str], ...] = (("content-type", named),)
    status = None
    if kind == "response":
        if not named.lower().startswith("application/http"):
            return Flaw(offset=offset, why="has no HTTP block", url=url)
        try:
            record.parse_http()
            if (head := record.http_headers) is None:
                return Flaw(offset=offset, why="has no HTTP block", url=url)
            headers = tuple((name.lower(), value) for name, value in head.to_tuples())
            status = head.status_code
        except (OSError, ValueError) as error:
            return Flaw(offset=offset, why=f"its HTTP block cannot be read: {error}", url=url)
        if status is None:
            return Flaw(offset=offset, why="has no HTTP block", url=url)
        if status != 200:
            return Passed(offset=offset, why=NOT_200)
    content_type = next((value for name, value in headers if name == "content-type"), "")
    if content_type and not is_page(b"<html", content_type):
        return Passed(offset=offset, why=NO_PAGE)
    length = record.content_length
    if length > MOST_BYTES:
        _pass(record, length)
        return Flaw(offset=offset, why=f"is longer than {MOST_BYTES:,} bytes", url=url)
    block = record.reader.read(length) if length else b""
    if len(block) < length:
        return Flaw(offset=offset, why="torn: the file ends in it", url=url)
    return _unpacked(capture, block, headers, status)


def _pass(record: Any, length: int) -> None:
    """Read past a long record, in steps between which others have their turn."""
    for _ in range(min(length, MOST_PASSED) // _STEP):
        if not record.reader.consume(_STEP):
            break


def _unpacked(
    capture: Capture, block: bytes, headers: tuple[tuple[str, str], ...], status: int | None
) -> Capture | Passed | Flaw:
    page, body = capture.page, block
    if any(name == "transfer-encoding" and "chunked" in value.lower() for name, value in headers):
        body = unchunked(block)
    packings = codings(value.encode("latin-1", "replace") for name, value in headers if name == "content-encoding")
    if packings and not body[:256].lstrip().startswith(b"<"):  # many archives keep the header of what they unpacked
        content = decoded(body, packings, MOST_BYTES)
        if content is None:
            return Flaw(offset=capture.offset, why=f"is packed as {', '.join(packings)[:60]!r}", url=page.url)
        if content.is_over:
            return Flaw(offset=capture.offset, why=f"is longer than {MOST_BYTES:,} bytes when unpacked", url=page.url)
        if content.damage and not content.body.rstrip().lower().endswith(b"</html>"):
            return Flaw(offset=capture.offset, why=f"its packing is damaged: {content.damage}", url=page.url)
        body = content.body
    content_type = next((value for name, value in headers if name == "content-type"), "")
    if not is_page(body, content_type):
        return Passed(offset=capture.offset, why=NO_PAGE)
    page = replace(page, body=body, status=status, content_type=content_type or None)
    return Capture(
        offset=capture.offset, page=replace(page, encoding=charset_in(content_type), headers=_rights(headers))
    )


def _rights(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, value[:MOST_HEADER])
        for wanted in RIGHTS_HEADERS
        for name, value in [pair for pair in headers if pair[0] == wanted.lower()][:MOST_HEADERS]
    )
