"""Lists of captures in web archives, in each of their forms; and a crawl that asks for what they name."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.items import FoundBy
from spiders import cdx
from spiders.cdx import read_cdx
from tests.conftest import PUBLISHED, Result, article_html, records_in
from tests.loopback import Reply, serving

CLASSIC = b""" CDX N b a m s k r M S V g
org,example)/a 20190401120000 https://example.org/a text/html 200 AB - - 1 2 f.warc.gz
org,example)/a 20180401120000 https://example.org/a text/html 200 AC - - 1 2 f.warc.gz
org,example)/b 20190401120000 https://example.org/b text/html 404 AB - - 1 2 f.warc.gz
org,example)/c.png 20190401120000 https://example.org/c.png image/png 200 AB - - 1 2 f.warc.gz
broken
org,example)/d 2019 https://example.org/d text/html 200 AB - - 1 2 f.warc.gz
"""
CDXJ = b"""org,example)/a 20190401120000 {"url": "https://example.org/a", "mime": "text/html", "status": "200"}
org,example)/a 20180401120000 {"url": "https://example.org/a", "mime": "text/html", "status": "200"}
org,example)/b 20180401120000 {"url": "https://example.org/b", "mime": "text/html", "status": "301"}
org,example)/c 20180401120000 {"url":
{"timestamp": "2019", "url": "https://example.org/d", "mime": "text/html", "status": "200"}
"""
ARRAY = b"""[["urlkey","timestamp","original","mimetype","statuscode","digest","length"],
["org,example)/a","20190401120000","https://example.org/a","text/html","200","AB","1"],
["org,example)/a","20180401120000","https://example.org/a","warc/revisit","-","AB","1"],
["org,example)/b","20180401120000","https://example.org/b","text/html","500","AB","1"],
["org,example)/c","20180401120000",
["org,example)/d","2019","https://example.org/d","text/html","200","AB","1"]]
"""


@pytest.mark.parametrize("body", [CLASSIC, CDXJ, ARRAY, gzip.compress(CLASSIC), CLASSIC.split(b"\n", 1)[1]])
def test_every_form_names_pages_once_with_their_first_capture(body: bytes) -> None:
    hints = read_cdx(body).hints
    assert [(hint.url, hint.captured, hint.found_by) for hint in hints] == [
        ("https://example.org/a", "2018-04-01T12:00:00Z", FoundBy.ARCHIVE),
        ("https://example.org/d", None, FoundBy.ARCHIVE),
    ]


def test_addresses_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cdx, "MOST_ADDRESSES", 1)
    found = read_cdx(CLASSIC)
    assert (len(found.hints), found.is_cut) == (1, True)


@pytest.mark.parametrize("body", [b"", b"[", b"[[", b"{", b"<html>", b"[" * 5_000, b"\x1f\x8b"])
def test_what_is_no_list_names_nothing(body: bytes) -> None:
    assert read_cdx(body).hints == ()


@pytest.mark.parametrize("is_file", [True, False])
def test_a_crawl_asks_for_old_addresses_once(dateline: Callable[..., Result], tmp_path: Path, *, is_file: bool) -> None:
    old, older = "/2019/04/the-old-story-of-the-harbour", "/2017/04/the-oldest-story-of-the-harbour"
    replies = {
        "/": Reply(body="<p>A front page without a link"),
        old: Reply(body=article_html("The old story of the harbour", head=PUBLISHED)),
    }
    with serving(replies) as site:
        rows = [("20190401120000", old), ("20170401120000", older), ("20190401120000", "/2019/04/x.png")]
        text = "".join(f"k {stamp} {site.base}{path} text/html 200 AB 1\n" for stamp, path in rows)
        text += "k 20190401120000 https://elsewhere.example/2019/04/another-story-of-a-harbour text/html 200 AB 1\n"
        site.replies["/list.cdx"] = Reply(body=text, kind="text/plain")
        (tmp_path / "list.cdx").write_text(text)
        named = "list.cdx" if is_file else f"{site.base}/list.cdx"
        options = ["--allow", "127.0.0.1", "--delay", "0", "--since", "2018-01-01", "--cdx", named]
        first, second = dateline("crawl", site.base, *options), dateline("crawl", site.base, *options)
    assert (first.code, first.out.splitlines()[0]) == (0, "1 found, 1 saved, 0 refused")
    assert second.out.startswith("0 found")
    assert site.asked.count(old) == 1
    assert older not in site.asked
    (record,) = records_in(next((tmp_path / "data" / "articles").iterdir()))
    assert record["_dateline"]["found_by"] == "archive"
    missing = dateline("crawl", "https://example.org/", "--cdx", "missing.cdx")
    assert (missing.code, "there is no file 'missing.cdx'" in missing.err) == (2, True)
