"""``dateline reextract``: kept pages against what was written of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crawler.record import json_line
from tests.conftest import Result, assert_valid, into_part, records_in
from tests.warcs import article_of, capture, warc

Dateline = Callable[..., Result]
NOTICE = "Our old notice asked every reader of the harbour page for a small gift."


def written(folder: Path) -> list[dict[str, Any]]:
    return [record for path in sorted((folder / "articles").glob("*.jsonl")) for record in records_in(path)]


@pytest.fixture
def data(dateline: Dateline, tmp_path: Path) -> Path:
    """Nine articles with their pages, of which the first was written by a program that read it otherwise."""
    pages = tmp_path / "data" / "pages"
    pages.mkdir(parents=True)
    (pages / "kept.warc.gz").write_bytes(warc([capture(n) for n in range(9)]))
    assert dateline("archive", "data/pages").out.startswith("9 found, 9 saved")
    (file,) = (tmp_path / "data" / "articles").iterdir()
    records = records_in(file)
    first = next(record for record in records if record["url"].endswith("ferry-0"))
    first["content_text"] += f"\n\n{NOTICE}"
    first["title"] = "The ferry \x1b[31m of yesterday"
    file.write_bytes(b"".join(map(json_line, records)))
    return tmp_path / "data"


def test_a_dry_run_shows_what_would_change_and_writes_nothing(dateline: Dateline, data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*.jsonl")}
    result = dateline("reextract", "--dry-run")
    assert (result.code, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "9 articles with kept pages, 1 would change"
    assert [line.split() for line in lines[1:4]] == [["title", "1"], ["content_text", "1"], ["unchanged", "8"]]
    assert f'    - ["{NOTICE}"]' in lines
    assert "\x1b" not in result.out
    assert {path: path.read_bytes() for path in data.rglob("*.jsonl")} == before


def test_a_new_version_is_written_once(dateline: Dateline, data: Path) -> None:
    old = next(record for record in written(data) if record["url"].endswith("ferry-0"))
    assert dateline("reextract").out.splitlines()[0] == "9 articles with kept pages, 1 changed"
    assert dateline("reextract").out.splitlines()[0] == "9 articles with kept pages, 0 changed"
    records = [record for record in written(data) if record["id"] == old["id"]]
    newest = max(records, key=lambda record: record["_dateline"]["version"])
    assert_valid(newest)
    assert len(records) == 2
    assert NOTICE not in newest["content_text"]
    about = newest["_dateline"]
    assert (about["version"], about["changed"]) == (2, ["title", "content_text"])
    assert (about["date_crawled"], about["previous_hash"]) == ("2025-05-01T12:00:00Z", old["_dateline"]["content_hash"])
    assert dateline("doctor").code == 0


def test_articles_in_the_parts_of_a_cluster_are_read_again_as_far_as_they_count(dateline: Dateline, data: Path) -> None:
    (file,) = (data / "articles").iterdir()
    part = into_part(file, data)
    with part.open("ab") as end:  # what a paused writer left behind the committed length
        end.write(json_line(records_in(part)[0] | {"title": "Does not count"}))
    lines = dateline("reextract", "--dry-run").out.splitlines()
    assert lines[0] == "9 articles with kept pages, 1 would change"
    assert [line.split() for line in lines[1:4]] == [["title", "1"], ["content_text", "1"], ["unchanged", "8"]]
    assert dateline("reextract").out.splitlines()[0] == "9 articles with kept pages, 1 changed"
    assert len(written(data)) == 1


def test_a_version_of_a_newer_page_stays(dateline: Dateline, data: Path, tmp_path: Path) -> None:
    edited = replace(capture(0), body=article_of("Edited since the page was kept", 0), date="2025-05-09T12:00:00Z")
    (tmp_path / "later.warc.gz").write_bytes(warc([edited]))
    assert "1 saved (1 of them new versions)" in dateline("archive", "later.warc.gz").out
    result = dateline("reextract")
    assert result.out.splitlines()[0] == "9 articles with kept pages, 0 changed"
    assert "made of a newer page than the kept one" in result.out


def test_only_what_is_wanted_is_read(dateline: Dateline, data: Path) -> None:
    assert dateline("reextract", "--site", "other.example").out.startswith("0 articles")
    assert dateline("reextract", "--since", "2025-05-01").out.startswith("0 articles")
    assert dateline("reextract", "--until", "2025-05-01", "--dry-run").out.startswith("9 articles")


def test_a_domain_is_one_however_it_is_written(dateline: Dateline, data: Path) -> None:
    sites = {record["site"] for record in written(data)}
    asked = [word for site in sites for word in ("--site", f"https://{site.upper()}/news")]
    assert dateline("reextract", *asked, "--dry-run").out.startswith("9 articles")
    result = dateline("reextract", "--site", "https://")
    assert (result.code, "is no domain" in result.err) == (2, True)


def test_pages_without_a_line_are_counted(dateline: Dateline, data: Path) -> None:
    (file,) = (data / "articles").iterdir()
    file.unlink()
    out = dateline("reextract").out.splitlines()
    assert out[0] == "0 articles with kept pages, 0 changed"
    assert out[1].split() == ["kept", "pages", "whose", "article", "stands", "in", "no", "file", "9"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--since", "2025-05-01", "--until", "2025-04-01"), "is after --until"),
        (("--data", "s3://bucket/news"), "is an address"),
        (("--data", "elsewhere", "--pages", "data/pages"), "there is no state here"),
    ],
    ids=["days", "address", "no state"],
)
def test_what_cannot_be_read_again_is_told_and_nothing_is_made(
    dateline: Dateline, data: Path, options: tuple[str, ...], said: str
) -> None:
    result = dateline("reextract", "--dry-run", *options)
    assert (result.code, said in result.err) == (2, True)
    assert not (data.parent / "elsewhere").exists()


def test_a_folder_without_pages_is_named(dateline: Dateline, tmp_path: Path) -> None:
    result = dateline("reextract")
    assert (result.code, "no pages are kept here" in result.err) == (2, True)
