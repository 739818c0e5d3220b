"""``dateline archive``: WARC files and saved pages in, records out, once each, whatever is damaged or killed."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import brotli
import pytest
from backports import zstd

from spiders.archive import Mark
from tests.conftest import PUBLISHED, Result, assert_valid, command_of, records_in
from tests.loopback import Reply, serving
from tests.warcs import HTML, Captured, article_of, capture, records_of, warc

Dateline = Callable[..., Result]
TEN = [capture(n) for n in range(10)]


def written(folder: Path) -> list[dict[str, Any]]:
    """All records of a data folder, in the order of their files."""
    return [record for path in sorted((folder / "articles").glob("*.jsonl")) for record in records_in(path)]


def report(folder: Path) -> dict[str, Any]:
    """The newest report."""
    return json.loads(max((folder / "reports").glob("*.json"), key=lambda path: path.stat().st_mtime_ns).read_text())


NOTHING_NEW = "0 found (passed over: 1 read by an earlier run), 0 saved, 0 refused"


@pytest.mark.parametrize(("name", "packed"), [("a.warc", ""), ("a.warc.gz", "gz"), ("a.warc.zst", "zst")])
def test_a_file_gives_its_articles_once_when_it_is_read_again(
    dateline: Dateline, tmp_path: Path, name: str, packed: str
) -> None:
    (tmp_path / name).write_bytes(warc(TEN, packed))
    first, second = dateline("archive", name), dateline("archive", name)
    again = dateline("archive", name, "--all")
    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines()[0] == "10 found, 10 saved, 0 refused"
    assert second.out.splitlines() == [
        "0 found (passed over: 1 read by an earlier run), 0 saved, 0 refused",
        "nothing new was written",
    ]
    assert again.out.splitlines()[0] == "10 found, 0 saved, 10 refused (10 unchanged)"
    records = written(tmp_path / "data")
    assert sorted(record["url"] for record in records) == sorted(one.url for one in TEN)
    for record in records:
        assert_valid(record)
        about = record["_dateline"]
        facts = about["http_status"], about["date_crawled"], about["found_by"], record["date_published"]
        assert facts == (200, "2025-05-01T12:00:00Z", "archive", "2025-04-26T10:00:00+03:00")


def test_what_is_no_page_is_passed_over(dateline: Dateline, tmp_path: Path) -> None:
    others = [
        replace(TEN[1], kind="request"),
        replace(TEN[2], status="404 Not Found"),
        replace(TEN[3], headers={"Content-Type": "image/png"}, body=b"\x89PNG"),
        replace(TEN[4], kind="metadata", headers={"Content-Type": "text/plain"}, body=b"x"),
    ]
    (tmp_path / "a.warc.gz").write_bytes(warc([*others, TEN[0], replace(TEN[5], kind="resource")]))
    result = dateline("archive", "a.warc.gz")
    assert (result.code, result.out.splitlines()[0]) == (0, "2 found, 2 saved, 0 refused")
    assert report(tmp_path / "data")["passed_over"] == {"no page": 4, "another HTTP status": 1}
    statuses = {record["url"]: record["_dateline"]["http_status"] for record in written(tmp_path / "data")}
    assert statuses == {TEN[0].url: 200, TEN[5].url: None}


def test_packed_and_chunked_bodies_are_read_in_their_charset(dateline: Dateline, tmp_path: Path) -> None:
    body = article_of("Паром залишив гавань вчасно", 7)
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:700], body[700:])) + b"0\r\n\r\n"
    packings = {"gzip": gzip.compress(body), "br": brotli.compress(body), "deflate": zlib.compress(body)}
    packings |= {"zstd": zstd.compress(body), "gzip, br": brotli.compress(gzip.compress(body)), "x": chunked}
    captured = []
    for number, (packing, packed) in enumerate(packings.items()):
        header = {"Transfer-Encoding": "chunked"} if packing == "x" else {"Content-Encoding": packing}
        captured.append(Captured(url=f"https://{number}.example/a", body=packed, headers={**HTML, **header}))
    kept_header = {**HTML, "Content-Encoding": "br", "Transfer-Encoding": "chunked"}  # of what was unpacked
    captured.append(Captured(url="https://unpacked.example/a", body=body, headers=kept_header))
    cyrillic = body.replace(b'<meta charset="utf-8">', b"").decode().encode("cp1251")
    captured.append(
        Captured(url="https://charset.example/a", body=cyrillic, headers={"Content-Type": "text/html; charset=cp1251"})
    )
    (tmp_path / "a.warc.gz").write_bytes(warc(captured))
    assert dateline("archive", "a.warc.gz").out.splitlines()[0] == "8 found, 8 saved, 0 refused"
    assert {record["title"] for record in written(tmp_path / "data")} == {"Паром залишив гавань вчасно"}


def test_a_site_of_which_nothing_is_held_is_told(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(warc(TEN))
    result = dateline("archive", "a.warc.gz", "--site", "nowhere.example")
    assert result.out.splitlines()[0] == "0 found (passed over: 1 no page, 10 on another site), 0 saved, 0 refused"


def test_a_bad_record_costs_itself_and_is_named_once(dateline: Dateline, tmp_path: Path) -> None:
    members = [gzip.compress(record, mtime=0) for record in records_of(TEN)]
    members[2] = members[2][:40] + b"\xff" * 20 + members[2][60:]  # a damaged member: of article 1
    no_http = records_of(TEN)[4].replace(b"HTTP/1.1 200 OK", b"once upon a tim")
    members[4] = gzip.compress(no_http, mtime=0)
    bomb = replace(TEN[7], body=gzip.compress(bytes(50_000_000)), headers={**HTML, "Content-Encoding": "gzip"})
    too_long = replace(TEN[8], body=bytes(30_000_000))
    members[8:10] = [gzip.compress(record, mtime=0) for record in records_of([bomb, too_long])[1:]]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(members)[:-100])  # and the last one is torn
    result = dateline("archive", "a.warc.gz")
    assert result.code == 0
    assert result.out.splitlines()[0] == "10 found, 5 saved, 5 refused (5 extraction failed)"
    assert sorted(record["url"] for record in written(tmp_path / "data")) == [TEN[n].url for n in (0, 2, 4, 5, 6)]
    whys = [entry["why"] for entry in report(tmp_path / "data")["not_saved"]]
    assert len(whys) == len(result.errors) == 5
    assert whys[0].startswith("damaged: ")
    assert [word in why for word, why in zip(["HTTP", "unpacked", "longer", "torn"], whys[1:], strict=True)] == [
        True
    ] * 4


def test_a_cut_file_gives_what_came_before_and_more_when_it_is_whole(dateline: Dateline, tmp_path: Path) -> None:
    file, whole = tmp_path / "a.warc.gz", warc(TEN)
    file.write_bytes(whole[: len(whole) // 2])
    assert "1 extraction failed" in dateline("archive", "a.warc.gz").out
    before = len(written(tmp_path / "data"))
    file.write_bytes(whole)
    dateline("archive", "a.warc.gz", "--all")
    urls = [record["url"] for record in written(tmp_path / "data")]
    assert 2 < before < 8
    assert sorted(urls) == sorted(one.url for one in TEN)


def test_records_that_are_packed_together_are_read_from_the_start(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(warc(TEN, "")))
    assert dateline("archive", "a.warc.gz").out.splitlines()[0] == "10 found, 10 saved, 0 refused"


def test_how_far_a_file_is_read_is_told_where_each_record_stands_for_itself() -> None:
    kept: list[int] = []
    mark = Mark(0, kept.append)
    for offset in range(0, 300, 10):
        mark.come_to(offset, 1_000)
        mark.begin(offset)
        if offset not in {150, 200}:
            mark.end(offset)
    assert kept == [90, 150, 150][: len(kept)]
    mark.end(200)
    mark.finish(1_000)
    mark.end(150)
    assert kept[-2:] == [150, 1_000]
    together = Mark(0, kept.append)
    kept.clear()
    for offset in (0, *[944] * 30):
        together.come_to(offset, 944)
        together.begin(offset)
        together.end(offset)
    assert kept == []
    together.finish(944)
    assert kept == [944]


def test_filters_keep_what_is_wanted(dateline: Dateline, tmp_path: Path) -> None:
    old = article_of("An old story of the ferry", 3).replace(b"2025-04-26", b"2019-04-26")
    ukrainian = (
        "<p>" + "Паром знову вийшов у море, і пасажири раділи цьому разом із капітаном та командою. " * 4 + "</p>"
    )
    local = f'<html lang="uk"><head><title>Паром</title>{PUBLISHED}</head><article><h1>Паром вийшов у море</h1>'
    captured = [
        TEN[0],
        replace(TEN[1], url="https://sub.other.example/news/a-story-of-two"),
        replace(TEN[2], body=old),
        replace(TEN[3], body=f"{local}{ukrainian * 3}</article></html>".encode()),
    ]
    (tmp_path / "a.warc.gz").write_bytes(warc(captured))

    def urls(*options: str) -> set[str]:
        folder = tmp_path / f"data{abs(hash(options))}"
        assert dateline("archive", "a.warc.gz", "--data", folder, *options).code == 0
        return {record["url"] for record in written(folder)}

    every = {one.url for one in captured}
    assert urls() == every
    assert urls("--site", "other.example") == {captured[1].url}
    assert urls("--language", "uk") == {captured[3].url}
    assert urls("--since", "2020-01-01") == every - {captured[2].url}
    assert urls("--until", "2020-01-01") == {captured[2].url}


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_versions_never_go_backwards_when_captures_come_in_any_order(
    dateline: Dateline, tmp_path: Path, order: tuple[int, ...]
) -> None:
    days = [
        replace(TEN[0], body=article_of(f"Ferry, edition {n}", 1), date=f"2025-05-0{n + 1}T08:00:00Z") for n in range(3)
    ]
    others = [capture(n) for n in range(20, 28)]  # so that the site is known from the first capture on
    (tmp_path / "others.warc.gz").write_bytes(warc(others))
    (tmp_path / "a.warc.gz").write_bytes(warc([days[n] for n in order]))
    dateline("archive", "others.warc.gz")
    assert dateline("archive", "a.warc.gz").out.startswith("3 found, ")
    records = [record for record in written(tmp_path / "data") if record["url"] == TEN[0].url]
    records.sort(key=lambda record: record["_dateline"]["version"])
    editions = [int(record["title"][-1]) for record in records]
    assert editions == [n for at, n in enumerate(order) if n == max(order[: at + 1])]
    assert [record["_dateline"]["version"] for record in records] == list(range(1, len(records) + 1))


def test_noindex_is_obeyed_unless_it_is_ignored(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "a.warc.gz").write_bytes(warc([replace(TEN[0], headers={**HTML, "X-Robots-Tag": "noindex"})]))
    assert "1 rights reserved" in dateline("archive", "a.warc.gz").out
    assert "1 saved" in dateline("archive", "a.warc.gz", "--ignore-noindex").out


def test_saved_pages_of_a_folder_are_read_at_the_address_that_they_declare(dateline: Dateline, tmp_path: Path) -> None:
    folder = tmp_path / "pages" / "deeper"
    folder.mkdir(parents=True)
    for number in range(3):
        link = f'<link rel="canonical" href="https://saved.example/{number}"></head>'.encode()
        page = article_of(f"Saved story number {number}", number).replace(b"</head>", link)
        path = folder / f"{number}.html.gz"
        path.write_bytes(gzip.compress(page))
        os.utime(path, (1_746_100_800, 1_746_100_800))
    (folder / "nameless.html").write_bytes(article_of("A story without an address", 5))
    result, again = dateline("archive", "pages"), dateline("archive", "pages")
    assert result.out.splitlines()[0] == "4 found, 3 saved, 1 refused (1 extraction failed)"
    assert "0 saved" in again.out
    records = written(tmp_path / "data")
    assert {record["url"] for record in records} == {f"https://saved.example/{n}" for n in range(3)}
    facts = {(record["_dateline"]["http_status"], record["_dateline"]["date_crawled"]) for record in records}
    assert facts == {(None, "2025-05-01T12:00:00Z")}


def test_a_kill_in_mid_file_loses_nothing_and_doubles_nothing(tmp_path: Path, killed: dict[str, str]) -> None:
    captured = [capture(n, host=f"site{n % 3}.example") for n in range(120)]
    file = tmp_path / "a.warc.gz"
    file.write_bytes(warc(captured))
    command, kills = command_of("archive", "a.warc.gz"), 0
    for seen in (10, 60):
        child = subprocess.Popen(command, cwd=tmp_path, env=killed, process_group=0, stdout=subprocess.DEVNULL)
        while child.poll() is None:
            lines = sum(path.read_bytes().count(b"\n") for path in tmp_path.glob("data/articles/*"))
            if lines >= seen:
                os.killpg(child.pid, signal.SIGKILL)
                kills += 1
                break
            time.sleep(0.005)
        child.wait()
    assert kills == 2
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=90, check=True)
    urls = [record["url"] for record in written(tmp_path / "data")]
    assert sorted(urls) == sorted(one.url for one in captured)
    found = int(done.stdout.split()[0])
    assert found < len(captured)  # the last run did not begin at the start


def test_an_archive_on_a_server_is_streamed_and_a_private_one_is_refused(dateline: Dateline, tmp_path: Path) -> None:
    with serving({"/a.warc.gz": Reply(body=warc(TEN), kind="application/gzip")}) as server:
        url = f"{server.base}/a.warc.gz"
        refused = dateline("archive", url)
        assert refused.code == 1
        assert "not a public address" in refused.err
        assert server.asked == []
        assert dateline("archive", url, "--allow", "127.0.0.1").out.splitlines()[0] == "10 found, 10 saved, 0 refused"
        assert "0 found" in dateline("archive", url, "--allow", "127.0.0.1").out
        gone = dateline("archive", f"{server.base}/b.warc.gz", "--allow", "127.0.0.1")
        assert (gone.code, "HTTP status 404" in gone.err) == (1, True)


@pytest.mark.parametrize(("content", "why"), [(b"", "is not a WARC file"), (b"%PDF-1.4", "is not a WARC file")])
def test_a_file_that_is_no_archive_is_a_source_that_failed(
    dateline: Dateline, tmp_path: Path, content: bytes, why: str
) -> None:
    (tmp_path / "a.warc.gz").write_bytes(content)
    result = dateline("archive", "a.warc.gz")
    assert result.code == 1
    assert why in result.err
    assert dateline("archive", "missing.warc.gz").code == 2


def test_a_folder_that_holds_nothing_to_read_is_a_source_that_failed(dateline: Dateline, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = dateline("archive", "empty")
    assert (result.code, "holds no WARC file and no saved page" in result.err) == (1, True)


def test_what_is_wrong_before_the_run_is_told_in_json_where_that_is_asked_for(dateline: Dateline) -> None:
    result = dateline("archive", "nowhere.warc", "--json-log")
    assert result.code == 2
    assert "no such file or folder" in json.loads(result.err)["message"]
