"""WARC files read record by record: bombs of records, and what no honest writer writes."""

from __future__ import annotations

import datetime as dt
import gzip
import tracemalloc
import zlib
from io import BytesIO

import pytest

from spiders.warc import Capture, Flaw, NotAnArchiveError, Passed, captures
from tests.warcs import capture, records_of

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
HEAD = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2025-05-01T00:00:00Z\r\nWARC-Target-URI: https://e.example/\r\n"
HTTP = b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"


def read(content: bytes) -> list[Capture | Passed | Flaw]:
    return list(captures(lambda position: BytesIO(content[position:]), 0, NOW))


def test_a_record_of_300_mb_is_passed_in_little_memory_and_the_next_is_read() -> None:
    packer, length = zlib.compressobj(1, wbits=31), 300 << 20
    bomb = packer.compress(HEAD + HTTP % (length + 19))
    bomb += (
        b"".join(packer.compress(bytes(1 << 20)) for _ in range(300)) + packer.compress(b"\r\n\r\n") + packer.flush()
    )
    content = bomb + gzip.compress(records_of([capture(1)])[1])
    tracemalloc.start()
    found = read(content)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [type(one) for one in found] == [Flaw, Capture]
    assert found[1].offset == len(bomb)
    assert most < 30_000_000


@pytest.mark.parametrize(
    "odd",
    [
        HEAD.replace(b"https://e.example/", b"ftp://e.example/") + HTTP % 19,
        HEAD.replace(b"2025-05-01T00:00:00Z", b"yesterday") + HTTP % 19,
        HEAD + b"Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx",
        HEAD + HTTP.replace(b"HTTP/1.1 200 OK", b"\xff\xfe\x00 999 \x80\x81abcde") % 19,
        HEAD.replace(b"WARC-Date", b"X-\xff\xfe") + HTTP % 19,
    ],
)
def test_an_odd_record_is_a_flaw_and_the_next_is_read(odd: bytes) -> None:
    found = read(odd + b"\r\n\r\n" + records_of([capture(1)])[1])
    assert [type(one) for one in found] == [Flaw, Capture]


def test_a_capture_of_the_future_was_made_now_at_the_latest() -> None:
    (one,) = read(records_of([capture(1, date="2099-01-01T00:00:00Z")])[1])
    assert isinstance(one, Capture)
    assert one.page.fetched_at == NOW


def test_another_file_is_told() -> None:
    with pytest.raises(NotAnArchiveError):
        read(b"<html>")
