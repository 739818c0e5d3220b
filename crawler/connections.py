"""Scrapy's download handler, with bounds on what of an answer it does not bound: its head, and all bodies together."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadFailedError
from scrapy.http import Request, Response
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web._newclient import BODY, DONE
from twisted.web.client import ResponseFailed

from crawler.failures import TooBig
from crawler.room import Room

MOST_HEAD_BYTES = 256 * 1024  # status line and headers, those of interim answers (1xx) among them; as browsers have it


class HeadError(Exception):
    """An answer's head has more bytes than MOST_HEAD_BYTES."""


class BoundedHandler(HTTP11DownloadHandler):
    """For http and https. A head without end raises TooBig; a large body waits for its turn (crawler.room)."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = partial(_Factory, Room.of(crawler))  # type: ignore[assignment]

    async def download_request(self, request: Request) -> Response:
        try:
            return await super().download_request(request)
        except DownloadFailedError as error:
            if _has_big_head(error.__cause__):
                raise TooBig(f"more than {MOST_HEAD_BYTES:,} bytes of headers") from error
            raise


class _Parser(_LenientHTTPClientParser):
    """Leaves out a header that has no name, or a name that cannot be one, as browsers do."""

    MAX_LENGTH = MOST_HEAD_BYTES  # of one line; Twisted's own 16 KiB are less than some policies in headers have

    def headerReceived(self, name: bytes, value: bytes) -> None:  # noqa: N802 (Twisted's name)
        try:
            super().headerReceived(name, value)  # type: ignore[no-untyped-call]
        except ValueError:
            return


class _Connection(_LenientHTTP11ClientProtocol):
    """Counts what comes of one answer after another."""

    def __init__(self, room: Room, quiescent: Any) -> None:
        super().__init__(quiescent)  # type: ignore[no-untyped-call]
        self._room = room
        self._head_bytes = 0

    def request(self, request: Any) -> Deferred[Any]:
        self._head_bytes = 0
        answer = super().request(request)
        if self._parser is not None:
            self._parser.__class__ = _Parser
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        parser = self._parser
        if parser is None or parser.state in {BODY, DONE}:
            super().dataReceived(data)  # type: ignore[no-untyped-call]
        else:
            self._head_received(data)
        if self._parser is not None and self._parser.state == BODY:
            self._room.came(self, len(data))

    def pause(self) -> None:
        if self.transport is not None:
            self.transport.pauseProducing()

    def resume(self) -> None:
        if self.transport is not None and self._parser is not None:
            self.transport.resumeProducing()

    def _head_received(self, data: bytes) -> None:
        self._head_bytes += len(data)
        if self._head_bytes > MOST_HEAD_BYTES:
            self._giveUp(Failure(HeadError()))  # type: ignore[no-untyped-call]
        else:
            super().dataReceived(data)  # type: ignore[no-untyped-call]

    def _disconnectParser(self, reason: Failure) -> None:  # noqa: N802 (Twisted's name)
        response = getattr(self._parser, "response", None)
        reader = getattr(response, "_bodyProtocol", None)
        super()._disconnectParser(reason)  # type: ignore[no-untyped-call]
        if reader is not None:
            reader._bodybuf = BytesIO()  # what came of it is handed over, or lost: an error would keep it
        self._room.ended(self)


class _Factory(_LenientHTTP11ClientFactory):
    def __init__(self, room: Room, quiescent: Any, metadata: str) -> None:
        super().__init__(quiescent, metadata)  # type: ignore[no-untyped-call]
        self._room = room

    def buildProtocol(self, addr: Any) -> _Connection:  # noqa: ARG002, N802 (Twisted's name)
        return _Connection(self._room, self._quiescentCallback)


def _has_big_head(error: BaseException | None) -> bool:
    return isinstance(error, ResponseFailed) and any(reason.check(HeadError) for reason in error.reasons)
