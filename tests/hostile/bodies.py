"""Bodies that are not what they say, or have no end."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

import brotli
from backports import zstd

from crawler.items import Outcome
from tests.hostile.articles import article
from tests.hostile.case import Answer, Case, Reply
from tests.hostile.raw import PIECE, endless, head, pieces, raw

MB = 1_000_000


def _packed(body: bytes, encoding: str, kind: str = "text/html") -> Reply:
    return Reply(body=body, kind=kind, headers={"Content-Encoding": encoding})


def _streamed(compressor: Any) -> bytes:
    """A page of 200 MB, packed piece by piece."""
    pack = getattr(compressor, "compress", None) or compressor.process
    end = getattr(compressor, "flush", None) or compressor.finish
    return b"".join((pack(b"<p>"), *(pack(b"a" * MB) for _ in range(200)), end()))


def _gzip(level: int = 1) -> bytes:
    return _streamed(zlib.compressobj(level, wbits=31))


def _in_parts(pack: Callable[[bytes], bytes]) -> bytes:
    """A page of many members, each of which is harmless."""
    return pack(b"<p>" + b"a" * MB) * 200


_BOMBS: Mapping[str, tuple[str, Callable[[], bytes]]] = {
    "gzip": ("gzip", _gzip),
    "deflate": ("deflate", lambda: _streamed(zlib.compressobj(1))),
    "br": ("br", lambda: _streamed(brotli.Compressor(quality=1))),
    "zstd": ("zstd", lambda: _streamed(zstd.ZstdCompressor())),
    "nested": ("gzip, gzip", lambda: gzip.compress(_gzip())),
    "mixed": ("gzip, br, zstd", lambda: zstd.compress(brotli.compress(_gzip(9), quality=1))),
    "members": ("gzip", lambda: _in_parts(gzip.compress)),
    "frames": ("zstd", lambda: _in_parts(zstd.compress)),
}


def _bomb(name: str) -> Case:
    """An outlet with four such pages."""
    encoding, make = _BOMBS[name]
    made = cache(make)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        raw(head(f"Content-Encoding: {encoding}") + made())(handler)

    paths = [f"/news/{name}-bomb-page-{number}" for number in range(4)]
    return Case(name=f"{name}-bomb", pages=dict.fromkeys(paths, answer), ends=dict.fromkeys(paths, Outcome.TOO_BIG))


def _one(name: str, answer: Answer, end: Outcome | None, says: str = "") -> Case:
    """An outlet with one page that is answered so."""
    path = f"/news/{name}-page"
    return Case(name=name, pages={path: answer}, ends={path: end}, says=says)


def _whole(name: str, reply: Callable[[bytes], Answer]) -> Case:
    """An outlet with an article of which the way it is sent is odd, and that is to be read all the same."""
    path = f"/news/{name}-odd"
    return Case(name=name, pages={path: reply(article(name).html.encode())}, ends={path: Outcome.SAVED})


LENGTHS = (
    _one("content-length-too-long", raw(head("Content-Length: 90000") + PIECE), Outcome.UNREACHABLE, "broke off"),
    _one("content-length-negative", raw(head("Content-Length: -5") + PIECE), Outcome.UNREACHABLE),
    _one(
        "content-length-twice",
        raw(head("Content-Length: 10", "Content-Length: 20") + PIECE),
        Outcome.UNREACHABLE,
    ),
    _one("content-length-no-number", raw(head("Content-Length: many") + PIECE), Outcome.UNREACHABLE),
    _one("content-length-huge", raw(head("Content-Length: 900000000000") + PIECE), Outcome.TOO_BIG),
    _whole("content-length-twice-the-same", lambda page: raw(head(*[f"Content-Length: {len(page)}"] * 2) + page)),
    _whole("content-length-too-short", lambda page: raw(head(f"Content-Length: {len(page)}") + page + PIECE)),
    _whole("no-content-length", lambda page: raw(head() + page)),
    _one("no-body", Reply(), Outcome.NOT_AN_ARTICLE),
    _one("no-content", Reply(status=204), Outcome.NOT_AN_ARTICLE),
)

CHUNKED = head("Transfer-Encoding: chunked")

STREAMS = (
    _one("chunked-garbage", raw(CHUNKED + b"zz\r\n" + PIECE), Outcome.UNREACHABLE),
    _one("chunk-size-endless", endless(CHUNKED, b"0" * 1000), Outcome.UNREACHABLE),
    _one("chunk-size-huge", raw(CHUNKED + b"fffffffffffffff\r\n" + PIECE), Outcome.UNREACHABLE),
    _one("chunk-size-negative", raw(CHUNKED + b"-5\r\n" + PIECE), Outcome.UNREACHABLE),
    _one("chunked-without-end", raw(CHUNKED + b"3\r\n<p>\r\n"), Outcome.UNREACHABLE),
    _one("trailers-endless", endless(CHUNKED + b"3\r\n<p>\r\n0\r\n", b"X: y\r\n" * 99), Outcome.UNREACHABLE),
    _one("transfer-encoding-unknown", raw(head("Transfer-Encoding: pigeon") + PIECE), Outcome.UNREACHABLE),
    _one("http-0.9", raw(b"<html><body>Hello, you old browser</body></html>"), Outcome.UNREACHABLE),
    _one("status-garbage", raw(b"\x00\xff garbage \xfe\r\n\r\n"), Outcome.UNREACHABLE),
    _one("status-no-number", raw(b"HTTP/1.1 fine OK\r\n\r\n" + PIECE), Outcome.UNREACHABLE),
    _one("status-999", raw(b"HTTP/1.1 999 Go Away\r\nContent-Length: 2\r\n\r\nno"), Outcome.HTTP_STATUS, "999"),
    _one("status-0", raw(b"HTTP/1.1 0 OK\r\nContent-Length: 2\r\n\r\nno"), Outcome.HTTP_STATUS),
    _one("hangs-up-at-once", raw(b""), Outcome.UNREACHABLE),
    _one("hangs-up-half-way", raw(head("Content-Length: 70000") + PIECE), Outcome.UNREACHABLE),
    _one("hangs-up-in-the-head", raw(b"HTTP/1.1 200 OK\r\nContent-Ty"), Outcome.UNREACHABLE),
    _one("header-endless", endless(b"HTTP/1.1 200 OK\r\nX: ", b"x" * 1000), Outcome.TOO_BIG),
    _one("headers-endless", endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n" * 100), Outcome.TOO_BIG),
    _one("header-folded-endless", endless(b"HTTP/1.1 200 OK\r\nX: y\r\n", b" more\r\n" * 100), Outcome.TOO_BIG),
    _one("continue-endless", endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 50), Outcome.TOO_BIG),
    _one("headers-huge", raw(head(*(f"X-{n}: {'x' * 900}" for n in range(400))) + PIECE), Outcome.TOO_BIG),
    _whole("headers-many", lambda page: raw(head(*(f"X-{n}: {'x' * 90}" for n in range(400))) + page)),
    _whole("headers-without-colon", lambda page: raw(head("no colon", ": no name", "Nul: a\0b") + page)),
    _whole("continue-some", lambda page: raw(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 3 + head() + page)),
    _one("body-endless", endless(head(), PIECE), Outcome.TOO_BIG),
    _one("body-trickles", endless(head(), b"<p>", 1.0), Outcome.TIMEOUT),
    _one("body-trickles-chunked", endless(CHUNKED, b"3\r\n<p>\r\n", 1.0), Outcome.TIMEOUT),
    _one("header-trickles", endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", 1.0), Outcome.TIMEOUT),
    _one("nothing-comes", pieces([b""], 60.0), Outcome.TIMEOUT),
)


PACKED = (
    *map(_bomb, _BOMBS),
    _whole("gzip-members", lambda page: _packed(gzip.compress(page[:500]) + gzip.compress(page[500:]), "gzip")),
    _whole("gzip-twice", lambda page: _packed(gzip.compress(gzip.compress(page)), "gzip, gzip")),
    _whole("gzip-without-its-end", lambda page: _packed(gzip.compress(page)[:-8], "gzip")),
    _whole("deflate-raw", lambda page: _packed(zlib.compress(page)[2:-4], "deflate")),
    _whole("brotli", lambda page: _packed(brotli.compress(page), "br")),
    _whole("zstd", lambda page: _packed(zstd.compress(page), "zstd")),
    _whole("gzip-that-is-none", lambda page: _packed(page, "gzip")),
    _whole("encoding-identity", lambda page: _packed(page, "identity")),
    _one("gzip-garbage", _packed(b"\x1f\x8b\x08" + b"\xff" * 2000, "gzip"), Outcome.EXTRACTION_FAILED),
    _one("brotli-garbage", _packed(b"\xff" * 2000, "br"), Outcome.EXTRACTION_FAILED),
    _one("zstd-garbage", _packed(b"\xff" * 2000, "zstd"), Outcome.EXTRACTION_FAILED),
    _one("encoding-unknown", _packed(b"\xff" * 2000, "pigeon"), Outcome.NOT_AN_ARTICLE),
)

CASES = (*LENGTHS, *STREAMS, *PACKED)
