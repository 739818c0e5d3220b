"""What the bodies that a crawl holds may cost: all of them together, and those of which the beginning is enough."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import StopDownload
from scrapy.http import Response

SIZE = 48 * 1024 * 1024  # bytes; what else a crawl and its workers hold leaves some 100 MB of their 500
SMALL = 512 * 1024  # a body that never has to wait; 32 of them at a time are no danger
LOOK_EVERY_S = 0.05
BEGINNING = "beginning"  # a request's meta: bytes that are wanted
CUT = "download_stopped"  # Scrapy's flag of a response of which no more was wanted


def beginning(count: int) -> dict[str, Any]:
    """A request's meta that asks for so many bytes of an answer, packed and unpacked, where it has more."""
    return {BEGINNING: count, "download_maxsize": 0}


class Pausable(Protocol):
    """A connection that a body is coming from."""

    def pause(self) -> None: ...
    def resume(self) -> None: ...


class Room:
    """Bounds what many large bodies cost together, where DOWNLOAD_MAXSIZE bounds each of them.

    When it is full, all large bodies that are coming wait but the one that came first, so that each has its turn. What
    has come is unpacked one body at a time, and not while others wait to be read.
    """

    def __init__(self, size: int = SIZE) -> None:
        self.size = size
        self._coming: dict[Pausable, int] = {}  # connection → bytes so far, the oldest first
        self._paused: set[Pausable] = set()
        self._packed = 0  # bytes that wait to be unpacked
        self._held = 0  # bytes of bodies that are on their way to a reader, or with one
        self._turn = asyncio.Lock()
        self._begun: weakref.WeakKeyDictionary[Request, int] = weakref.WeakKeyDictionary()  # bytes so far

    @classmethod
    def of(cls, crawler: Crawler) -> Room:
        """The one room of a crawl."""
        room = getattr(crawler, "room", None)
        if not isinstance(room, Room):
            room = cls()
            crawler.signals.connect(room.bytes_received, signals.bytes_received)
            setattr(crawler, "room", room)  # noqa: B010  Scrapy leaves room for it, its type does not
        return room

    @property
    def taken(self) -> int:
        """Bytes that are held in all."""
        return sum(self._coming.values()) + self._packed + self._held

    def came(self, connection: Pausable, count: int) -> None:
        """So many bytes of a body have come; its connection is paused where there is no room for more."""
        self._coming[connection] = self._coming.get(connection, 0) + count
        if connection not in self._paused and not self._may_go_on(connection):
            self._paused.add(connection)
            connection.pause()

    def ended(self, connection: Pausable) -> None:
        """No more of this body comes."""
        if self._coming.pop(connection, None) is not None:
            self._paused.discard(connection)
            self._resume()

    def bytes_received(self, data: bytes, request: Request) -> None:
        """End an answer of which a beginning is wanted, and has come."""
        most = request.meta.get(BEGINNING)
        if most is None:
            return
        self._begun[request] = self._begun.get(request, 0) + len(data)
        if self._begun[request] > most:
            raise StopDownload(fail=False)

    def hold(self, response: Response) -> None:
        """Count a body for as long as its response is used."""
        count = len(response.body)
        self._held += count
        weakref.finalize(response, self._let_go, count).atexit = False

    @asynccontextmanager
    async def turn(self, count: int) -> AsyncIterator[None]:
        """A body's turn to be unpacked; so many bytes of it have come."""
        self._packed += count
        try:
            async with self._turn:
                while self._held > self.size // 2:
                    await asyncio.sleep(LOOK_EVERY_S)
                yield
        finally:
            self._packed -= count
            self._resume()

    def _may_go_on(self, connection: Pausable) -> bool:
        if self._coming[connection] <= SMALL or self.taken <= self.size:
            return True
        first = next(other for other, count in self._coming.items() if count > SMALL)
        return connection is first and self._held <= self.size // 2

    def _let_go(self, count: int) -> None:
        self._held -= count
        self._resume()

    def _resume(self) -> None:
        for connection in [other for other in self._coming if other in self._paused]:
            if self._may_go_on(connection):
                self._paused.discard(connection)
                connection.resume()
