"""Collections in parts, on a disk and on an object store: what of them counts is read, and nothing else."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from crawler.collection import places
from crawler.collection.catalogue import update
from crawler.collection.files import collection_files
from crawler.collection.named import ids_of, versions_of
from crawler.collection.newest import newest_first
from crawler.errors import ConfigError
from crawler.parts.manifest import committed_files, entry, entry_name, part_name
from crawler.parts.remote import RemoteShelf
from crawler.parts.shelf import LocalShelf, Shelf, shelf_at
from crawler.record import json_line
from tests.bucket import bucket, object_store  # noqa: F401  fixtures
from tests.collection import edited, record
from tests.conftest import Result

DAY = "articles/2025-05-01.jsonl"


@pytest.fixture(params=["disk", "store"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a collection may lie."""
    return str(tmp_path / "news") if request.param == "disk" else str(request.getfixturevalue("bucket"))


def no_complaint(file: object, number: int | None, why: str) -> None:
    raise AssertionError(f"{file} {number}: {why}")


def write_part(shelf: Shelf, lease: str, lines: list[bytes], beyond: bytes = b"", day: str = DAY) -> str:
    """A lease's part with bytes that do not count behind its lines, as a disk holds it."""
    name = part_name(day, lease, 1)
    shelf.add(name, [*lines, beyond])
    shelf.replace(entry_name(name), entry({name: sum(map(len, lines))}))
    return name


def urls(place: str, **options: bool) -> list[str]:
    found = newest_first(collection_files(place), lambda _: True, no_complaint, **options)
    return [article["url"].rpartition("/")[2] for article in found]


def test_lines_that_count_are_read_and_no_others(place: str) -> None:
    shelf = shelf_at(place)
    torn = json_line(record(3))
    write_part(shelf, "a.example", [json_line(record(1)), json_line(record(2))], beyond=torn[:100])
    write_part(shelf, "b.example", [json_line(record(4))], beyond=torn)
    shelf.add(part_name(DAY, "c.example", 1), [torn])
    assert sorted(urls(place)) == ["1", "2", "4"]


def test_articles_of_days_and_parts_come_in_one_order(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = shelf_at(place)
    first, second = record(1, "2025-05-01T10:00:00Z"), record(2, "2025-05-01T11:00:00Z")
    shelf.add("articles/2025-05-01.jsonl", [json_line(first)])
    write_part(shelf, "a.example", [json_line(second), json_line(edited(first, 2, "2025-05-01T12:00:00Z"))])
    write_part(shelf, "b.example", [json_line(record(3, "2025-05-02"))], day="articles/2025-05-02.jsonl")
    monkeypatch.setattr(places, "AT_ONCE", 1)
    assert urls(place) == ["3", "2", "1"]
    assert urls(place, each_version=True) == ["3", "2", "1", "1"]
    files = collection_files(place)
    assert [file.crawled for file in files] == [dt.date(2025, 5, 2), dt.date(2025, 5, 1), dt.date(2025, 5, 1)]
    versions = versions_of(files, first["id"], no_complaint)
    assert [version["_dateline"]["version"] for version in versions] == [1, 2]
    assert ids_of(files, first["url"], no_complaint) == {first["id"]}


def test_a_part_is_read_by_blocks(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.parts.remote.BLOCK_BYTES", 1000)
    write_part(shelf_at(place), "a.example", [json_line(record(number)) for number in range(20)])
    assert len(urls(place)) == 20


def test_many_small_parts_are_read_at_once_and_large_ones_alone(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.collection.files.AHEAD_FILES", 3)
    monkeypatch.setattr("crawler.collection.files.BLOCK_BYTES", 6000)
    shelf, numbers = shelf_at(place), count(1)
    for lease, lines in enumerate((1, 1, 1, 1, 2, 9, 1, 9)):
        write_part(shelf, f"{lease}.example", [json_line(record(next(numbers))) for _ in range(lines)])
    asked: list[int] = []
    several = RemoteShelf.beginnings
    monkeypatch.setattr(
        RemoteShelf, "beginnings", lambda shelf, names: asked.append(len(names)) or several(shelf, names)
    )
    assert sorted(map(int, urls(place))) == list(range(1, 26))
    assert asked == ([1, 3, 2] if place.startswith("s3:") else [])


@pytest.mark.parametrize(
    "rows", [b"[]\n", b'{"file": "../a", "bytes": 1}\n', b'{"file": "/a", "bytes": 1}\n', b'{"file": "a", "bytes": 1}']
)
def test_an_entry_that_is_none_of_ours_is_told(tmp_path: Path, rows: bytes) -> None:
    shelf = shelf_at(tmp_path)
    shelf.replace(entry_name("a.example.1.jsonl"), rows)
    with pytest.raises(ConfigError, match=r"manifest/a\.example\.1\.jsonl: is no entry of a manifest"):
        committed_files(shelf)


def test_a_place_without_articles_is_told(place: str) -> None:
    with pytest.raises(ConfigError, match="there are no articles yet"):
        collection_files(place)


def test_a_place_that_cannot_be_reached_is_told(bucket: str) -> None:  # noqa: F811
    with pytest.raises(ConfigError, match=r"nothing://news: Protocol not known"):
        collection_files("nothing://news")
    part = write_part(shelf_at(bucket), "a.example", [json_line(record(1))])
    files = collection_files(bucket)
    from s3fs import S3FileSystem

    S3FileSystem().rm(f"{bucket}/{part}")
    said: list[str] = []
    assert list(newest_first(files, lambda _: True, lambda file, _, why: said.append(f"{file.path}: {why}"))) == []
    assert said == [f"{bucket}/{part}: cannot be read on: No such file or directory"]


def test_the_commands_read_a_collection_of_parts(place: str, dateline: Callable[..., Result], tmp_path: Path) -> None:
    shelf = shelf_at(place)
    write_part(shelf, "a.example", [json_line(record(1, title="One"))], beyond=json_line(record(3)))
    write_part(shelf, "b.example", [json_line(record(2, "2025-04-27", title="Two"))])
    listed = dateline("articles", "--data", place, "--fields", "title")
    assert listed.out.splitlines() == ['{"title": "Two"}', '{"title": "One"}']
    assert dateline("browse", "--build", "--data", place, "--db", tmp_path / "a.sqlite").code == 0
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as db:
        assert db.execute("SELECT title FROM articles ORDER BY title").fetchall() == [("One",), ("Two",)]


def test_a_part_that_has_grown_is_read_on_from_where_it_was_left(tmp_path: Path) -> None:
    shelf, db, lines = LocalShelf(tmp_path), tmp_path / "a.sqlite", [json_line(record(number)) for number in range(3)]
    part = write_part(shelf, "a.example", lines[:2])
    assert update(db, collection_files(tmp_path), no_complaint) == 2
    shelf.add(part, [lines[2]])
    assert update(db, collection_files(tmp_path), no_complaint) == 0
    read: list[int] = []
    shelf.replace(entry_name(part), entry({part: sum(map(len, lines))}))
    assert update(db, collection_files(tmp_path), no_complaint, read.append) == 1
    assert sum(read) == len(lines[2])


def test_a_remote_collection_has_no_folder_for_the_file_of_browse(dateline: Callable[..., Result]) -> None:
    done = dateline("browse", "--build", "--data", "s3://bucket/news")
    assert done.code == 2
    assert "name the SQLite file that is to be made with --db FILE" in done.err


def test_names_of_leases_are_names_of_files(tmp_path: Path) -> None:
    shelf = shelf_at(tmp_path)
    for lease in ("batch:1/2", "..", "ü" * 300, "v" * 300):
        write_part(shelf, lease, [b"{}\n"])
    assert sorted(committed_files(shelf).values()) == [3, 3, 3, 3]
