"""Content-Encoding undone within bounds (RFC 9110 §8.4): bombs are cut off, of damaged bodies what is whole is kept."""

from __future__ import annotations

import re
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from crawler.gzipped import MOST_MEMBERS, Unpacked, unpacked

MOST_LAYERS = 5  # of one body; honest ones have one
_STEP = 64 * 1024
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r\n")
_MOST_ZSTD_WINDOW = 23  # 8 MB, the most that RFC 9659 permits; a frame may ask for more than a crawl may hold


def codings(headers: Iterable[bytes]) -> list[str]:
    """The codings that Content-Encoding headers name, in the order in which they were applied.

    >>> codings([b"GZIP, br", b"identity"])
    ['gzip', 'br']
    """
    names = (name.strip().lower() for header in headers for name in header.decode("latin-1").split(","))
    return [name for name in names if name not in {"", "identity"}]


def decoded(body: bytes, names: Iterable[str], limit: int) -> Unpacked | None:
    """Up to ``limit`` bytes of what was encoded so; None for a coding that is not known, or too many of them.

    >>> decoded(zlib.compress(b"abc"), ["deflate"], 10), decoded(b"abc", ["pigeon"], 10)
    (Unpacked(is_over=False, damage=None), None)
    """
    layers = list(names)
    if len(layers) > MOST_LAYERS or any(name not in _DECODERS for name in layers):
        return None
    result = Unpacked(body=body)
    for name in reversed(layers):
        result = _DECODERS[name](result.body, limit)
        if result.is_over or result.damage:
            break
    return result


def unchunked(body: bytes) -> bytes:
    """A body without the chunks that it was sent in (RFC 9112 §7.1); as it is where it is not in chunks.

    Of a body that is torn in a chunk, what is there of it.

    >>> unchunked(b"3\\r\\nabc\\r\\n1;x=y\\r\\nd\\r\\n0\\r\\n\\r\\n"), unchunked(b"<p>abc")
    (b'abcd', b'<p>abc')
    """
    whole, position = bytearray(), 0
    while head := _CHUNK.match(body, position):
        start, length = head.end(), int(head[1], 16)
        whole += body[start : start + length]
        position = start + length + 2
        if not length or position >= len(body):
            return bytes(whole)
    return bytes(whole) if position else body


def _inflated(body: bytes, limit: int) -> Unpacked:
    """Deflate as the standard has it, in zlib's wrapping, and as some servers send it, without."""
    try:
        return _zlib(body, limit, zlib.MAX_WBITS)
    except zlib.error:
        try:
            return _zlib(body, limit, -zlib.MAX_WBITS)
        except zlib.error as error:
            return Unpacked(body=b"", damage=str(error))


def _zlib(body: bytes, limit: int, wbits: int) -> Unpacked:
    stream = zlib.decompressobj(wbits)
    out = stream.decompress(body, limit + 1)
    damage = None if stream.eof or len(out) > limit else "it ends too early"
    return Unpacked(body=out[:limit], is_over=len(out) > limit, damage=damage)


def _brotli(body: bytes, limit: int) -> Unpacked:
    stream, out = brotli.Decompressor(), bytearray()
    try:
        piece = stream.process(body, output_buffer_limit=_STEP)
        while piece and len(out) <= limit:
            out += piece
            piece = b"" if stream.is_finished() else stream.process(b"", output_buffer_limit=_STEP)
    except brotli.error as error:
        return Unpacked(body=bytes(out[:limit]), damage=str(error))
    damage = None if stream.is_finished() or len(out) > limit else "it ends too early"
    return Unpacked(body=bytes(out[:limit]), is_over=len(out) > limit, damage=damage)


def _zstd(body: bytes, limit: int) -> Unpacked:
    out, position = bytearray(), 0
    try:
        for _ in range(MOST_MEMBERS):
            if position >= len(body):
                return Unpacked(body=bytes(out))
            position = _frame(body, position, out, limit)
            if len(out) > limit:
                break
    except (zstd.ZstdError, EOFError) as error:
        return Unpacked(body=bytes(out[:limit]), damage=str(error))
    return Unpacked(body=bytes(out[:limit]), is_over=True)


def _frame(body: bytes, position: int, out: bytearray, limit: int) -> int:
    """Add one frame to what came out, and one byte at most over the limit; where the next frame begins."""
    stream = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _MOST_ZSTD_WINDOW})
    while not stream.eof and len(out) <= limit:
        step = body[position : position + _STEP] if stream.needs_input else b""
        if stream.needs_input and not step:
            raise EOFError("it ends too early")
        position += len(step)
        out += stream.decompress(step, limit + 1 - len(out))
    return position - len(stream.unused_data) if stream.eof else position


_DECODERS: Mapping[str, Callable[[bytes, int], Unpacked]] = {
    "gzip": unpacked,
    "x-gzip": unpacked,
    "deflate": _inflated,
    "br": _brotli,
    "zstd": _zstd,
}
