"""Answers that no web server library would give: bytes as they stand, one at a time, or without end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from http.server import BaseHTTPRequestHandler
from itertools import chain, repeat

from tests.hostile.case import HTML

LONGEST_S = 60.0  # after which an answer without end has one, for a crawl that would wait for ever
PIECE = b"<p>" + b"All of it is one long sentence that goes on and on. " * 1_200


def raw(content: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """These bytes, after which the connection is closed."""
    return pieces([content])


def pieces(content: Iterable[bytes], wait_s: float = 0.0) -> Callable[[BaseHTTPRequestHandler], None]:
    """Bytes with a wait after each piece, after which the connection is closed; until the crawl hangs up."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        end = time.monotonic() + LONGEST_S
        for piece in content:
            handler.wfile.write(piece)
            time.sleep(wait_s)
            if time.monotonic() > end:
                return

    return answer


def endless(start: bytes, piece: bytes, wait_s: float = 0.0) -> Callable[[BaseHTTPRequestHandler], None]:
    """A start, then the same piece again and again."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        pieces(chain([start], repeat(piece)), wait_s)(handler)

    return answer


def head(*lines: str, kind: str = HTML) -> bytes:
    """The head of an answer that is fine, with further header lines."""
    return "\r\n".join(("HTTP/1.1 200 OK", f"Content-Type: {kind}", *lines, "", "")).encode()
