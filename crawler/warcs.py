"""Pages written as WARC/1.1 (ISO 28500:2017): records, each a gzip member, in files that begin anew by size and day.

A file that is being written is called ``….warc.gz.open`` and held by a lock. One that nobody holds was left by a run
that was killed: its torn end is cut off before it gets its name.
"""

from __future__ import annotations

import base64
import datetime as dt
import fcntl
import gzip
import hashlib
import os
import secrets
import uuid
import zlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from crawler import __version__
from crawler.delivery import make_folder, sync_folder

OPEN = ".open"
MOST_BYTES = 512 * 1024 * 1024  # of a file; a page more at most
SYNC_BYTES = 4 * 1024 * 1024  # that a power cut may take
_STEP = 64 * 1024
Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and what came of it, as both were on the wire but for chunks, which are undone."""

    url: str
    at: dt.datetime
    request_line: str  # "GET /a HTTP/1.1"
    request_headers: Headers
    status_line: str  # "HTTP/1.1 200 OK"
    headers: Headers
    body: bytes = field(repr=False)
    address: str | None = None  # IP
    note: str = ""  # what the way to the page said, in one line of ASCII


def records_of(exchange: Exchange) -> list[bytes]:
    """The response, then the request, each whole and not yet packed."""
    headers = [pair for pair in exchange.headers if pair[0].lower() not in {b"transfer-encoding", b"content-length"}]
    headers.append((b"Content-Length", str(len(exchange.body)).encode()))
    block = _http(exchange.status_line, headers) + exchange.body
    response_id = _record_id()
    common = [("WARC-Target-URI", exchange.url), ("WARC-Date", _stamp(exchange.at))]
    own = [*common, ("WARC-Payload-Digest", _digest(exchange.body))]
    own += [("WARC-IP-Address", exchange.address)] if exchange.address else []
    own += [("Dateline-Page", exchange.note)] if exchange.note else []
    asked = _http(exchange.request_line, exchange.request_headers)
    return [
        _record("response", response_id, [*own, ("Content-Type", "application/http; msgtype=response")], block),
        _record(
            "request",
            _record_id(),
            [*common, ("WARC-Concurrent-To", response_id), ("Content-Type", "application/http; msgtype=request")],
            asked,
        ),
    ]


class WarcFolder:
    """A folder of WARC files, to which one run adds its own; what it writes is there when it is closed."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError where nothing can be written."""
        self._folder = folder
        self._fd: int | None = None
        self._path = folder
        self._day = ""
        self._size = self._unsynced = self._number = 0
        make_folder(folder)
        for path in sorted(folder.glob(f"*{OPEN}")):
            close_left(path)

    def add(self, exchange: Exchange) -> None:
        """Write an exchange; OSError, and nothing of it written, where the disk refuses."""
        day = f"{exchange.at:%Y%m%d}"
        if self._fd is None or self._size >= MOST_BYTES or day != self._day:
            self._begin(exchange.at, day)
        self._write(records_of(exchange))

    def close(self) -> None:
        """Give the file its name."""
        if self._fd is None:
            return
        fd, self._fd = self._fd, None
        try:
            os.fsync(fd)
            self._path.rename(self._path.with_suffix(""))
            sync_folder(self._folder)
        finally:
            os.close(fd)

    def _begin(self, at: dt.datetime, day: str) -> None:
        self.close()
        self._number += 1
        name = f"dateline-{at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}-{self._number:05}.warc.gz"
        self._path, self._day, self._size = self._folder / f"{name}{OPEN}", day, 0
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        about = f"software: dateline/{__version__}\r\nformat: WARC File Format 1.1\r\n".encode()
        own = [("WARC-Date", _stamp(at)), ("WARC-Filename", name), ("Content-Type", "application/warc-fields")]
        self._write([_record("warcinfo", _record_id(), own, about)])

    def _write(self, records: Iterable[bytes]) -> None:
        assert self._fd is not None  # noqa: S101
        packed = b"".join(gzip.compress(record, 6, mtime=0) for record in records)
        try:
            view = memoryview(packed)
            while view:
                view = view[os.write(self._fd, view) :]
            self._unsynced += len(packed)
            if self._unsynced >= SYNC_BYTES:
                os.fsync(self._fd)
                self._unsynced = 0
        except OSError as error:
            error.filename = str(self._path)
            with suppress(OSError):
                os.ftruncate(self._fd, self._size)
            raise
        self._size += len(packed)


def close_left(path: Path) -> None:
    """Cut the torn end off a file that a killed run has left, and give it its name; one that a run holds is let be."""
    fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        os.ftruncate(fd, whole_length(fd))
        os.fsync(fd)
        path.rename(path.with_suffix(""))
    finally:
        os.close(fd)


def whole_length(fd: int) -> int:
    """The length of a file of gzip members up to the end of the last whole one."""
    whole = position = 0
    stream, rest = zlib.decompressobj(wbits=31), b""
    try:
        while piece := rest or os.pread(fd, _STEP, position):
            position += 0 if rest else len(piece)
            stream.decompress(piece, 0 if stream.eof else _STEP)
            while not stream.eof and stream.unconsumed_tail:
                stream.decompress(stream.unconsumed_tail, _STEP)
            rest = b""
            if stream.eof:
                rest = stream.unused_data
                whole = position - len(rest)
                stream = zlib.decompressobj(wbits=31)
    except zlib.error:
        pass
    return whole


def _record(kind: str, record_id: str, fields: Sequence[tuple[str, str]], block: bytes) -> bytes:
    named = [("WARC-Type", kind), ("WARC-Record-ID", record_id), *fields]
    named += [("WARC-Block-Digest", _digest(block)), ("Content-Length", str(len(block)))]
    head = "".join(f"{name}: {value}\r\n" for name, value in named)
    return f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def _http(first: str, headers: Headers) -> bytes:
    lines = [first.encode("latin-1", "replace"), *(name + b": " + value for name, value in headers)]
    return b"".join(_one_line(line) + b"\r\n" for line in lines) + b"\r\n"


def _one_line(line: bytes) -> bytes:
    return line.replace(b"\r", b" ").replace(b"\n", b" ")


def _record_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"


def _stamp(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(content: bytes) -> str:
    """As other archives label it: SHA-1 in base 32; it finds copies, and guards against no forger."""
    return f"sha1:{base64.b32encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()}"
