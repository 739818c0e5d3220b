"""Files on this disk and on web servers, read from any position on: what archives are read through.

A server is asked for the rest of a file by range (RFC 9110 §14.2); one that sends all of it is read past what is known.
Every address that is connected to is checked at the connection, as in a crawl (crawler.addresses).
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol, cast
from urllib.parse import urlsplit

from crawler.addresses import Allowed, why_refused
from crawler.identity import web_address

TIMEOUT_S = 30  # for a connection, and for each piece
MOST_REDIRECTS = 5
MOST_BREAKS = 5  # in a row, without a byte between them
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_STEP = 1024 * 1024
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class DistantError(Exception):
    """A file that cannot be read, or not further, and why, in a few words."""


class Stream(Protocol):
    """The bytes of a file from some position on."""

    def read(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...


class File(Protocol):
    """A file that can be read from any position on."""

    @property
    def name(self) -> str:
        """Its absolute path, or its address."""

    @property
    def size(self) -> int | None:
        """In bytes; None as long as that is not known."""

    def open_at(self, position: int) -> Stream:
        """Its bytes from a position on, none behind its end. Raises DistantError, as the stream does."""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file on this disk."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path)

    @property
    def size(self) -> int | None:
        try:
            return self.path.stat().st_size
        except OSError:
            return None

    def open_at(self, position: int) -> Stream:
        try:
            file = cast(BinaryIO, self.path.open("rb", buffering=0))
        except OSError as error:
            raise DistantError(error.strerror or str(error)) from error
        file.seek(position)
        return file


@dataclass(slots=True)
class DistantFile:
    """A file on a web server."""

    url: str
    allowed: Allowed
    agent: str
    size: int | None = None
    is_stopped: bool = False
    connection: http.client.HTTPConnection | None = field(default=None, repr=False)
    mark: str = field(default="", repr=False)  # its ETag or Last-Modified: a file that has changed is another

    @property
    def name(self) -> str:
        return self.url

    def open_at(self, position: int) -> Stream:
        return _Download(self, position)

    def stop(self) -> None:
        """Let a thread that waits for the server go on at once, to a DistantError."""
        self.is_stopped = True
        if self.connection is not None and (sock := self.connection.sock) is not None:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def answer(self, position: int) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse, int]:
        """The server's answer, and the position of its first byte."""
        url = self.url
        for _ in range(MOST_REDIRECTS + 1):
            connection, response = self._ask(url, position)
            if response.status not in _REDIRECTS:
                break
            _end(connection, response)
            url = web_address(url, response.getheader("Location")) or ""
            if not url:
                raise DistantError("redirects to no address")
        else:
            raise DistantError("too many redirects")
        if response.status == 416 and position:  # nothing is behind its end
            return connection, response, position
        if response.status not in {200, 206}:
            _end(connection, response)
            raise DistantError(f"HTTP status {response.status}")
        try:
            start, self.size = _extent(response)
            self._check_same(response.headers)
        except DistantError:
            _end(connection, response)
            raise
        return connection, response, start

    def _ask(self, url: str, position: int) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        parts = urlsplit(url)
        kind = _CheckedTls if parts.scheme == "https" else _Checked
        connection = kind(parts.hostname or "", parts.port, self.allowed)
        if self.is_stopped:
            raise DistantError("stopped")
        self.connection = connection
        path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        headers = {"User-Agent": self.agent, "Accept-Encoding": "identity"}
        if position:
            headers["Range"] = f"bytes={position}-"
        try:
            connection.request("GET", path, headers=headers)
            return connection, connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise DistantError(_words(error)) from error

    def _check_same(self, headers: http.client.HTTPMessage) -> None:
        mark = headers.get("ETag") or headers.get("Last-Modified") or ""
        if self.mark and mark != self.mark:
            raise DistantError("has changed while it was read")
        self.mark = mark


class _Download:
    """The bytes of a distant file; where the connection breaks, the next one goes on."""

    def __init__(self, file: DistantFile, position: int) -> None:
        self._file = file
        self._position = position
        self._breaks = 0
        self._connection, self._response = self._connect()

    def read(self, size: int, /) -> bytes:
        while True:
            try:
                piece = self._response.read(size) if self._response.status != 416 else b""
                if piece or self._is_whole():
                    self._position += len(piece)
                    self._breaks = 0 if piece else self._breaks
                    return piece
                why = "the connection broke off"
            except (OSError, http.client.HTTPException) as error:
                why = _words(error)
            self._breaks += 1
            self.close()
            if self._breaks > MOST_BREAKS:
                raise DistantError(f"{why}, {self._breaks} times in a row at byte {self._position:,}")
            self._connection, self._response = self._connect()

    def close(self) -> None:
        _end(self._connection, self._response)

    def _is_whole(self) -> bool:
        return self._file.size is None or self._position >= self._file.size

    def _connect(self) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        connection, response, start = self._file.answer(self._position)
        try:
            while start < self._position and (piece := response.read(min(_STEP, self._position - start))):
                start += len(piece)
        except (OSError, http.client.HTTPException) as error:
            _end(connection, response)
            raise DistantError(_words(error)) from error
        return connection, response


def _end(connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
    """Close both: an answer that is not read to its end holds the socket open."""
    response.close()
    connection.close()


class _Checked(http.client.HTTPConnection):
    """A connection to an address that may be connected to."""

    def __init__(self, host: str, port: int | None, allowed: Allowed) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self._allowed = allowed

    def connect(self) -> None:
        """Connect to the first of the host's addresses that may be and that answers; the check is of that very one."""
        why: Exception = OSError("host not found")
        for family, kind, number, _, address in socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM):
            refused = why_refused(self.host, str(address[0]), self.port, self._allowed)
            if refused:
                why = DistantError(refused)
                continue
            self.sock = socket.socket(family, kind, number)
            try:
                self.sock.settimeout(TIMEOUT_S)
                self.sock.connect(address)
            except OSError as error:
                self.sock.close()
                why = error
            else:
                return
        raise why


class _CheckedTls(_Checked):
    """The same over TLS; the certificate is verified."""

    default_port = 443

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)


def _extent(response: http.client.HTTPResponse) -> tuple[int, int | None]:
    """Where an answer begins in its file, and the file's size where it is told."""
    told = _RANGE.fullmatch(response.getheader("Content-Range") or "")
    if response.status == 206 and told:
        return int(told[1]), None if told[2] == "*" else int(told[2])
    length = response.getheader("Content-Length") or ""
    return 0, int(length) if length.isdecimal() else None


def _words(error: Exception) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, socket.gaierror):
        return "host not found"
    return str(error) or type(error).__name__
