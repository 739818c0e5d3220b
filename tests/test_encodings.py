"""Content-Encoding undone within bounds."""

from __future__ import annotations

import gzip
import random
import zlib

import brotli
import pytest
from backports import zstd

from crawler.encodings import MOST_LAYERS, codings, decoded
from crawler.gzipped import Unpacked

PACKERS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress}
NOISE = random.Random(7).randbytes(200_000)  # noqa: S311  longer than any step, and not to be made smaller


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("body", [b"", b"abc", NOISE, b"a" * 300_000], ids=["empty", "short", "noise", "long"])
def test_a_body_comes_out_as_it_was(name: str, body: bytes) -> None:
    assert decoded(PACKERS[name](body), [name], 1_000_000) == Unpacked(body=body)


@pytest.mark.parametrize("name", PACKERS)
def test_a_body_of_the_limit_is_whole_and_one_of_a_byte_more_is_over(name: str) -> None:
    packed = PACKERS[name](b"a" * 100_000)
    whole, over = decoded(packed, [name], 100_000), decoded(packed, [name], 99_999)
    assert whole is not None
    assert not whole.is_over
    assert len(whole.body) == 100_000
    assert over is not None
    assert over.is_over
    assert len(over.body) == 99_999


@pytest.mark.parametrize("name", PACKERS)
def test_a_torn_body_gives_what_is_whole_and_says_so(name: str) -> None:
    torn = decoded(PACKERS[name](NOISE)[:-50_000], [name], 1_000_000)
    assert torn is not None
    assert torn.damage
    assert NOISE.startswith(torn.body)


@pytest.mark.parametrize("name", ["deflate", "br", "zstd"])
def test_garbage_is_damage(name: str) -> None:
    result = decoded(b"\xff\xfe garbage" * 100, [name], 1_000)
    assert result is not None
    assert result.damage


def test_several_codings_are_undone_last_first() -> None:
    packed = zstd.compress(brotli.compress(gzip.compress(b"abc")))
    assert decoded(packed, ["gzip", "br", "zstd"], 1_000) == Unpacked(body=b"abc")
    assert decoded(packed, ["gzip"] * (MOST_LAYERS + 1), 1_000) is None


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_several_parts_are_one_body(name: str) -> None:
    parts = b"".join(PACKERS[name](bytes([letter]) * 70_000) for letter in b"abc")
    assert decoded(parts, [name], 1_000_000) == Unpacked(body=b"a" * 70_000 + b"b" * 70_000 + b"c" * 70_000)


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_parts_without_number_are_no_body(name: str) -> None:
    result = decoded(PACKERS[name](b"") * 20_000, [name], 1_000)
    assert result is not None
    assert result.is_over


def test_a_frame_that_asks_for_a_window_of_128_mb_is_refused() -> None:
    wide = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    result = decoded(wide.compress(b"abc" * 1_000_000) + wide.flush(), ["zstd"], 10_000_000)
    assert result is not None
    assert result.damage


def test_deflate_without_its_wrapping_is_read() -> None:
    assert decoded(zlib.compress(b"abc")[2:-4], ["deflate"], 10) == Unpacked(body=b"abc")


def test_what_is_called_gzip_and_is_none_stays_itself() -> None:
    assert decoded(b"<p>plain", ["gzip"], 100) == Unpacked(body=b"<p>plain")


def test_codings_are_named_in_order_over_all_headers() -> None:
    assert codings([b"x-gzip, BR", b" zstd "]) == ["x-gzip", "br", "zstd"]
    assert codings([b"identity", b""]) == []
