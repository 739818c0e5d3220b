"""WARC files for tests, written by warcio: a writer that shares no line with what reads them."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from backports import zstd
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.conftest import PUBLISHED, article_html

HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """One record."""

    url: str
    body: bytes
    date: str = "2025-05-01T12:00:00Z"
    status: str = "200 OK"
    headers: Mapping[str, str] = field(default_factory=lambda: HTML)
    kind: str = "response"


def capture(
    number: int, *, title: str = "", date: str = "2025-05-01T12:00:00Z", host: str = "news.example"
) -> Captured:
    """A capture of one article of many."""
    title = title or f"The ferry number {number} leaves the harbour on time"
    return Captured(url=f"https://{host}/news/ferry-{number}", body=article_of(title, number), date=date)


def article_of(title: str, number: int) -> bytes:
    more = "".join(
        f"<p>Passenger {number * 10 + n} said that the crossing to island {number} took {20 + n} minutes that day.</p>"
        for n in range(3)
    )
    return article_html(title, head=PUBLISHED, more=more)


def records_of(captured: Sequence[Captured]) -> list[bytes]:
    """Each record by itself as it stands in a file that is not packed, the file's own description first."""
    out, ends = io.BytesIO(), [0]
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    writer.write_record(writer.create_warcinfo_record("test.warc", {"software": "a test"}))
    ends.append(out.tell())
    for one in captured:
        http = StatusAndHeaders(one.status, list(one.headers.items()), protocol="HTTP/1.1")
        is_http = one.kind in {"response", "request"}
        record = writer.create_warc_record(
            one.url,
            one.kind,
            payload=io.BytesIO(one.body),
            http_headers=http if is_http else None,
            warc_content_type="" if is_http else one.headers["Content-Type"],
            warc_headers_dict={"WARC-Date": one.date},
        )
        writer.write_record(record)
        record.raw_stream.close()
        ends.append(out.tell())
    return [out.getvalue()[start:end] for start, end in pairwise(ends)]


def warc(captured: Sequence[Captured], packed: str = "gz") -> bytes:
    """A file of these records, each a member (``gz``) or frame (``zst``) of its own, or as they are (empty)."""
    pack = {"gz": lambda record: gzip.compress(record, mtime=0), "zst": zstd.compress, "": bytes}[packed]
    return b"".join(map(pack, records_of(captured)))
