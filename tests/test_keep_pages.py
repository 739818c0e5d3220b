"""``dateline crawl --keep-pages``: what is written, read back by two readers that are not ours; kills and torn ends."""

from __future__ import annotations

import datetime as dt
import gzip
import os
import subprocess
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastReader
from warcio.archiveiterator import ArchiveIterator as SlowReader

from crawler import warcs
from crawler.warcs import Exchange, WarcFolder
from tests.conftest import PUBLISHED, Answer, Result, SmallSite, article_html, command_of, records_in

Dateline = Callable[..., Result]
PAGE = article_html("A kept page of the harbour", head=PUBLISHED)
AT = dt.datetime(2025, 5, 1, 23, 59, 59, tzinfo=dt.UTC)


def exchange(number: int, body: bytes = b"<p>x", at: dt.datetime = AT) -> Exchange:
    return Exchange(
        url=f"https://example.org/{number}",
        at=at,
        request_line=f"GET /{number} HTTP/1.1",
        request_headers=[(b"Host", b"example.org")],
        status_line="HTTP/1.1 200 OK",
        headers=[(b"Content-Type", b"text/html"), (b"Transfer-Encoding", b"chunked"), (b"X", b"a\r\nWARC/1.1")],
        body=body,
    )


def test_a_crawl_keeps_what_came_and_both_readers_agree(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    packed = gzip.compress(PAGE)
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip", "X-Own": "yes"}
    small_site.answers["/"] = Answer(b'<a href="/news/a-kept-page-of-the-harbour">A kept page of the harbour</a>')
    small_site.answers["/news/a-kept-page-of-the-harbour"] = Answer(packed, headers=headers)
    done = dateline("crawl", small_site.url, "--allow", "127.0.0.1", "--delay", 0, "--quiet", "--keep-pages")
    assert (done.code, done.out, done.err) == (0, "", "")
    (file,) = (tmp_path / "data" / "pages").iterdir()
    assert file.name.endswith(".warc.gz")
    url = f"{small_site.url}/news/a-kept-page-of-the-harbour"
    with file.open("rb") as stream:
        reader = SlowReader(stream, check_digests="raise")
        slow = [
            (
                r.rec_type,
                r.rec_headers["WARC-Target-URI"],
                r.http_headers and r.http_headers["X-Own"],
                r.raw_stream.read(),
            )
            for r in reader
        ]
    assert [one[0] for one in slow] == ["warcinfo", "response", "request"]
    assert slow[1] == ("response", url, "yes", packed)
    fast = list(FastReader(BytesIO(file.read_bytes()), verify_digests=True))
    assert [str(record.record_type) for record in fast] == ["warcinfo", "response", "request"]
    again = dateline("archive", file, "--data", "other")
    assert again.out.splitlines()[0] == "1 found, 1 saved, 0 refused"
    first, second = (records_in(next((tmp_path / name / "articles").iterdir()))[0] for name in ("data", "other"))
    for record in (first, second):
        record["_dateline"].pop("run")
    assert first == second  # the way to the page was kept with it


def test_an_article_that_is_a_start_address_is_kept_too(
    dateline: Dateline, small_site: SmallSite, tmp_path: Path
) -> None:
    small_site.answers["/a-story"] = Answer(PAGE)
    done = dateline("crawl", f"{small_site.url}/a-story", "--allow", "127.0.0.1", "--delay", 0, "--keep-pages", "kept")
    assert done.code == 0
    assert len(list(FastReader(BytesIO(next((tmp_path / "kept").iterdir()).read_bytes())))) == 3


def test_nothing_is_kept_unless_it_is_asked_for(dateline: Dateline, small_site: SmallSite, tmp_path: Path) -> None:
    small_site.answers["/a-story"] = Answer(PAGE)
    dateline("crawl", f"{small_site.url}/a-story", "--allow", "127.0.0.1", "--delay", 0)
    assert not list(tmp_path.rglob("*.warc*"))
    refused = dateline("crawl", "--keep-pages", small_site.url)
    assert refused.code == 2


def test_files_begin_anew_by_size_and_by_day(tmp_path: Path, monkeypatch: object) -> None:
    monkeypatch.setattr(warcs, "MOST_BYTES", 2_000)  # type: ignore[attr-defined]
    folder = WarcFolder(tmp_path)
    for number in range(3):
        folder.add(exchange(number, os.urandom(1_500)))
    folder.add(exchange(3, at=AT + dt.timedelta(seconds=1)))
    folder.close()
    files = sorted(tmp_path.iterdir(), key=lambda path: path.name.rpartition("-")[2])
    uris = [[r.headers.get("WARC-Target-URI") for r in FastReader(BytesIO(file.read_bytes()))] for file in files]
    one, two, three, four = (f"https://example.org/{n}" for n in range(4))
    pair = [[None, n, n] for n in (one, two, three, four)]
    assert uris == pair


def test_a_torn_end_is_cut_and_a_file_in_use_is_let_be(tmp_path: Path) -> None:
    folder = WarcFolder(tmp_path)
    folder.add(exchange(0))
    folder.add(exchange(1))
    (used,) = tmp_path.iterdir()
    whole = used.read_bytes()
    left = tmp_path / "left.warc.gz.open"
    left.write_bytes(whole[:-20])
    WarcFolder(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([used.name, "left.warc.gz"])
    mended = (tmp_path / "left.warc.gz").read_bytes()
    assert len(list(FastReader(BytesIO(mended), verify_digests=True))) == 4
    assert whole.startswith(mended)
    folder.close()


def test_a_killed_crawl_leaves_pages_that_the_next_one_closes(
    small_site: SmallSite, tmp_path: Path, killed: dict[str, str]
) -> None:
    paths = [f"/news/the-harbour-in-its-year-{number}" for number in range(12)]
    links = "".join(f'<a href="{path}">{path}</a>' for path in paths)
    small_site.answers["/"] = Answer(links.encode())
    for number, path in enumerate(paths):
        small_site.answers[path] = Answer(article_html(f"The harbour in its year {number}", head=PUBLISHED))
    command = command_of("crawl", small_site.url, "--allow", "127.0.0.1", "--delay", "0.1", "--keep-pages", "--quiet")
    child = subprocess.Popen(command, cwd=tmp_path, env=killed, process_group=0)
    while child.poll() is None and sum(path.startswith("/news/") for path in small_site.asked) < 5:
        time.sleep(0.01)
    os.killpg(child.pid, 9)
    child.wait()
    assert list(tmp_path.glob("data/pages/*.open"))
    subprocess.run(command, cwd=tmp_path, check=True, timeout=90)
    assert not list(tmp_path.glob("data/pages/*.open"))
    files = list(tmp_path.glob("data/pages/*.warc.gz"))
    kept = {r.headers.get("WARC-Target-URI") for file in files for r in FastReader(BytesIO(file.read_bytes()))}
    assert kept - {None} >= {small_site.url + path for path in paths}


@pytest.mark.parametrize(("option", "what"), [("--keep-pages", "folder"), ("--data", "folder"), ("--parquet", "file")])
def test_an_address_is_no_place_on_the_disk(
    dateline: Callable[..., Result], tmp_path: Path, option: str, what: str
) -> None:
    result = dateline("crawl", "http://127.0.0.1:9/", option, "s3://bucket/pages")
    assert (result.code, f"takes a {what} of this machine" in result.err) == (2, True)
    assert list(tmp_path.iterdir()) == []
