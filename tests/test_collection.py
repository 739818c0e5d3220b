"""Files of lines as streams: where each line begins, what is far too long, and the order in which files are read."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest

from crawler.collection import lines
from crawler.collection.fields import check_names
from crawler.collection.files import LineFile, collection_files, not_before
from crawler.collection.lines import line_at, raw_lines
from crawler.collection.records import articles_in, read_record, unix_of
from crawler.commands.articles import sorted_out
from crawler.errors import ConfigError
from tests.collection import record, write_day


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_each_line_is_found_again_by_where_it_begins(tmp_path: Path, name: str) -> None:
    content = [b"one\n", "zwölf\n".encode(), b"\n", b"no end"]
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"".join(content)) if name.endswith("gz") else b"".join(content))
    found = list(raw_lines(LineFile(path=path)))
    assert [line.content for line in found] == content
    assert [line.number for line in found] == [1, 2, 3, 4]
    assert [line_at(LineFile(path=path), line.start) for line in found] == content
    assert [line.content for line in raw_lines(LineFile(path=path), found[2].start)] == content[2:]


@pytest.mark.parametrize("size", [15, 16, 17, 31, 32, 33, 100])
def test_a_line_that_is_far_too_long_is_one_line_without_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(lines, "MOST_LINE_BYTES", 16)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"short\n" + b"x" * (size - 1) + b"\n" + b"short\n")
    long = None if size > 16 else b"x" * (size - 1) + b"\n"
    assert [line[1:] for line in raw_lines(LineFile(path=path))] == [(0, b"short\n"), (6, long), (6 + size, b"short\n")]


def test_a_record_that_is_cut_anywhere_is_no_record() -> None:
    line = b'{"a": {"b": [1, "}"]}, "c": "\\""}'
    assert read_record(line) == {"a": {"b": [1, "}"]}, "c": '"'}
    assert [read_record(line[:size]) for size in range(len(line))] == [None] * len(line)
    assert read_record(b"[" * 100_000) is None
    assert read_record(b'{"a": ' + b"9" * 5000 + b"}") is None


def test_files_are_read_by_what_their_names_promise(tmp_path: Path) -> None:
    for name in ("2025-04-01", "2025-04-03"):
        write_day(tmp_path, name, [])
    for name in ("2025-04-02.jsonl.gz", "2025-02-30.jsonl", "mine.jsonl", "2025-04-04.json"):
        (tmp_path / "articles" / name).write_bytes(b"")
    files = collection_files(tmp_path)
    names = [file.path.name for file in files]
    assert set(names[:2]) == {"2025-02-30.jsonl", "mine.jsonl"}
    assert names[2:] == ["2025-04-03.jsonl", "2025-04-02.jsonl.gz", "2025-04-01.jsonl"]
    assert [file.crawled for file in not_before(files, dt.date(2025, 4, 3))[2:]] == [
        dt.date(2025, 4, 3),
        dt.date(2025, 4, 2),  # crawled then, and already the third in the zone of its publisher
    ]
    assert LineFile(path=Path()).newest is None


@pytest.mark.parametrize("stamp", ["2025-04-26", None, "2025-06-30T23:59:60Z", "yesterday"])
def test_a_day_without_an_hour_has_no_moment(stamp: str | None) -> None:
    assert unix_of({"date_published": stamp}) == -1


def test_a_line_that_lacks_what_readers_need_is_complained_of(tmp_path: Path) -> None:
    odd = [record(n) for n in range(6)]
    odd[0]["_dateline"]["version"] = True
    odd[1]["_dateline"]["version"] = 10**30
    odd[2]["authors"] = [{"name": None}]
    odd[3]["title"] = None
    del odd[4]["site"]
    said: list[int | None] = []
    path = write_day(tmp_path, "2025-04-01", odd)
    found = [
        found["url"] for _, _, found in articles_in(LineFile(path=path), lambda _, number, __: said.append(number))
    ]
    assert (found, said) == (["https://example.org/5"], [1, 2, 3, 4, 5])


def test_names_of_fields_are_those_of_the_schema() -> None:
    check_names(["title", "date.confidence", "_dateline.date.confidence", "removed", "rights.license", "sources.title"])
    check_names(["kind"], ("kind",))
    for name in ("kind", "title.x", "date.certainty", "", "rights"[:3]):
        with pytest.raises(ConfigError, match="no record has it"):
            check_names([name])


def test_a_name_is_a_file_an_id_or_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("abcdef12").write_text("")
    assert sorted_out(["abcdef12", "0123456789", "http://a.org/"]) == (
        [Path("abcdef12")],
        ["0123456789", "http://a.org/"],
    )
    for name in ("abcde", "ABCDEF12", "abcdefg1", "nowhere.jsonl", "a" * 21):
        with pytest.raises(ConfigError, match="neither a file"):
            sorted_out([name])
