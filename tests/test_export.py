"""dateline export: what other tools read is what was written, whole, typed, and the same each time."""

from __future__ import annotations

import csv
import datetime as dt
import fcntl
import gzip
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crawler.cli import main
from crawler.export.drafts import drafted
from crawler.export.parquet import site_name, written_files
from tests.collection import edited, record, write_day
from tests.conftest import Result, command_of

Dateline = Callable[..., Result]
FORMATS = {"parquet": "parquet", "csv": "articles.csv", "sqlite": "articles.sqlite"}
UTC = dt.UTC
DAYS = [f"2025-{month:02}-{day:02}" for month in range(1, 9) for day in range(1, 29)]
BRIDGE = record(1, "2025-04-29T10:00:00+03:00", title="Bridge closed", tags=["Bridges", "Town"])


def written_days(folder: Path) -> None:
    """Three days: one article edited, one undated, one dated to the day, one of another site."""
    ponte = record(3, "2025-04-03", site="example.net", language="pt-BR", title="Ponte fechada")
    write_day(folder, "2025-04-29", [BRIDGE, record(2, "2025-04-29T10:00:00", title="A tram")])
    write_day(folder, "2025-04-30", [ponte, edited(BRIDGE, 2, "2025-04-30T07:00:00Z", title="Bridge open again")])
    write_day(folder, "2025-05-01", [record(4, None, title="Undated")])


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of three days."""
    written_days(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same folder, exported in each format; not to be written to."""
    folder = tmp_path_factory.mktemp("exports") / "data"
    written_days(folder)
    export_all(folder)
    return folder


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Odd records, exported in each format; not to be written to."""
    folder = tmp_path_factory.mktemp("odd") / "data"
    write_day(folder, "2025-04-26", odd_records())
    export_all(folder)
    return folder


@pytest.fixture
def dateline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Dateline:
    """Runs the command in this process: most of the time of another would be the start of its libraries."""

    def run(*arguments: object) -> Result:
        monkeypatch.chdir(tmp_path)
        try:
            code = main([*map(str, arguments)])
        except SystemExit as error:
            code = int(error.code or 0)
        return Result(code, *capfd.readouterr())

    return run


def export_all(folder: Path, *options: str) -> None:
    for form, name in FORMATS.items():
        command = command_of("export", "--to", form, *options)
        done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, timeout=60)
        exported(Result(done.returncode, done.stdout, done.stderr), f"data/{name}")


def exported(result: Result, place: str) -> None:
    assert (result.code, result.out, result.err) == (0, f"{place}\n", "")


def parquet_rows(folder: Path) -> list[dict[str, Any]]:
    """All rows, with the columns that the folders tell."""
    table: pa.Table = pq.read_table(folder)
    rows: list[dict[str, Any]] = table.to_pylist()
    return sorted(rows, key=lambda row: (row["date"] or "", row["site"], row["id"], row["_dateline"]["version"]))


def csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def sqlite_rows(path: Path, question: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(question).fetchall()


def content(place: Path) -> dict[str, bytes]:
    """The bytes of a file, or of all files of a folder."""
    files = [path for path in place.rglob("*") if path.is_file()] if place.is_dir() else [place]
    return {path.relative_to(place.parent).as_posix(): path.read_bytes() for path in files}


def titles(place: Path) -> list[str]:
    if place.is_dir():
        return sorted(row["title"] for row in parquet_rows(place))
    if place.suffix == ".csv":
        return sorted(row["title"] for row in csv_rows(place))
    return sorted(row[0] for row in sqlite_rows(place, "SELECT title FROM articles"))


# --- Parquet


def test_parquet_lies_by_day_and_site_and_has_the_types_of_the_schema(exports: Path) -> None:
    assert sorted(content(exports / "parquet")) == [
        "parquet/date=2025-04-03/site=example.net/articles.parquet",
        "parquet/date=2025-04-29/site=example.org/articles.parquet",
        "parquet/date=2025-05-01/site=example.org/articles.parquet",  # undated: the day that it was first seen
    ]
    assert [(row["date"], row["title"], row["tags"]) for row in parquet_rows(exports / "parquet")] == [
        ("2025-04-03", "Ponte fechada", []),
        ("2025-04-29", "Bridge open again", ["Bridges", "Town"]),
        ("2025-04-29", "A tram", []),
        ("2025-05-01", "Undated", []),
    ]


def test_a_date_stays_the_text_that_it_is_and_is_a_moment_only_where_it_names_one(exports: Path) -> None:
    found = {row["title"]: (row["date_published"], row["published_at"]) for row in parquet_rows(exports / "parquet")}
    assert found == {
        "Bridge open again": ("2025-04-29T10:00:00+03:00", dt.datetime(2025, 4, 29, 7, tzinfo=UTC)),
        "A tram": ("2025-04-29T10:00:00", None),  # the publisher's wall clock
        "Ponte fechada": ("2025-04-03", None),
        "Undated": (None, None),
    }
    about = parquet_rows(exports / "parquet")[0]["_dateline"]
    assert about["date_crawled"] == "2025-05-01T07:00:00Z"
    assert about["crawled_at"] == dt.datetime(2025, 5, 1, 7, tzinfo=UTC)


def test_each_file_has_the_whole_schema_also_of_columns_that_are_null_in_it(exports: Path) -> None:
    schemas = [pq.read_schema(path) for path in (exports / "parquet").rglob("*.parquet")]
    assert len(schemas) == 3
    assert all(schema.equals(schemas[0]) for schema in schemas)
    kinds = {field.name: str(field.type) for field in schemas[0]}
    assert kinds["published_at"] == "timestamp[us, tz=UTC]"
    assert kinds["authors"] == "list<element: struct<name: string, url: string>>"
    assert (kinds["is_accessible_for_free"], kinds["word_count"], kinds["more"]) == ("bool", "int64", "string")
    about = {field.name: str(field.type) for field in schemas[0].field("_dateline").type}
    assert about["sources"].startswith("map<string, string")
    assert (about["story"], about["confidence"], about["version"]) == ("string", "double", "int64")
    files = [pq.ParquetFile(path) for path in (exports / "parquet").rglob("*.parquet")]
    assert {file.metadata.row_group(0).column(0).compression for file in files} == {"ZSTD"}


def test_a_row_holds_all_that_its_line_does(exports: Path) -> None:
    row = next(row for row in parquet_rows(exports / "parquet") if row["title"] == "Ponte fechada")
    del row["published_at"], row["modified_at"], row["_dateline"]["crawled_at"], row["_dateline"]["first_seen_at"]
    assert (row.pop("date"), row.pop("more"), row["_dateline"]["date"].pop("decided_by")) == ("2025-04-03", None, None)
    row["authors"] = [{key: value for key, value in author.items() if value} for author in row["authors"]]
    row["_dateline"] |= {name: dict(row["_dateline"][name]) for name in ("sources", "rights")}
    assert row == record(3, "2025-04-03", site="example.net", language="pt-BR", title="Ponte fechada")


# --- which articles


def test_the_filters_are_those_of_articles(dateline: Dateline, data: Path) -> None:
    options = ["--since", "2025-04-03", "--until", "2025-04-30", "--site", "example.net", "--site", "example.org"]
    options += ["--language", "en", "--language", "pt", "--grep", "open|fechada"]
    exported(dateline("export", "--to", "csv", *options), "data/articles.csv")
    assert titles(data / "articles.csv") == ["Bridge open again", "Ponte fechada"]
    listed = dateline("articles", "--fields", "title", *options).out.splitlines()
    assert sorted(json.loads(line)["title"] for line in listed) == titles(data / "articles.csv")


def test_nothing_to_export_is_an_export_of_nothing(dateline: Dateline, data: Path) -> None:
    for form, place in FORMATS.items():
        exported(dateline("export", "--to", form, "--site", "example.com"), f"data/{place}")
    assert not any((data / "parquet").iterdir())
    assert titles(data / "articles.csv") == titles(data / "articles.sqlite") == []


def test_all_versions_are_rows_or_lie_in_a_table_of_their_own(dateline: Dateline, data: Path) -> None:
    for form, place in FORMATS.items():
        exported(dateline("export", "--to", form, "--all-versions"), f"data/{place}")
    both = [("Bridge closed", 1), ("Bridge open again", 2)]
    rows = [row for row in parquet_rows(data / "parquet") if row["id"] == BRIDGE["id"]]
    assert [(row["title"], row["_dateline"]["version"]) for row in rows] == both
    versions = [(row["title"], int(row["_dateline.version"])) for row in csv_rows(data / "articles.csv")]
    assert [pair for pair in versions if pair[0].startswith("Bridge")] == both
    earlier = "SELECT title, version FROM earlier_versions"
    assert sqlite_rows(data / "articles.sqlite", earlier) == both[:1]


# --- the same each time


def test_lines_in_other_files_in_another_order_give_the_same_bytes(dateline: Dateline, tmp_path: Path) -> None:
    lines = [
        record(number, f"2025-04-{1 + number % 3:02}T08:00:00Z", site=f"s{number % 2}.org") for number in range(30)
    ]
    lines += [edited(lines[number], 2, "2025-05-02T07:00:00Z", title="Another") for number in (3, 4)]
    lines.append(lines[5] | {"title": "The same version again"})
    written = []
    for seed in (1, 2):
        folder = tmp_path / str(seed) / "data"
        random.Random(seed).shuffle(lines)  # noqa: S311
        for number, line in enumerate(lines):
            path = write_day(folder, f"2025-05-{1 + number % (3 * seed):02}", [line])
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
        for form in FORMATS:
            assert dateline("export", "--to", form, "--data", folder).code == 0
        written.append({name: data for place in FORMATS.values() for name, data in content(folder / place).items()})
    assert written[0] == written[1]
    assert len(written[0]) == 6 + 2


def test_files_of_days_that_have_not_changed_are_not_written_again(dateline: Dateline, data: Path) -> None:
    folder = data / "parquet"
    exported(dateline("export", "--to", "parquet"), "data/parquet")
    before = {path: path.stat().st_ino for path in folder.rglob("*.parquet")}
    exported(dateline("export", "--to", "parquet"), "data/parquet")
    assert {path: path.stat().st_ino for path in folder.rglob("*.parquet")} == before
    moved = edited(BRIDGE, 3, "2025-05-02T07:00:00Z", title="Bridge gone", date_published="2025-04-28")
    write_day(data, "2025-05-02", [moved, record(5, "2025-04-03", site="example.net")])
    exported(dateline("export", "--to", "parquet"), "data/parquet")
    after = {path: path.stat().st_ino for path in folder.rglob("*.parquet")}
    same = {path.parent.parent.name for path in after if after[path] == before.get(path)}
    assert same == {"date=2025-05-01"}
    assert titles(folder) == ["A tram", "Article number 5", "Bridge gone", "Ponte fechada", "Undated"]
    exported(dateline("export", "--to", "parquet", "--output", "fresh/parquet"), "fresh/parquet")
    assert content(data.parent / "fresh" / "parquet") == content(folder)


# --- what strangers and newer versions write

ODD_SITES = [
    "../../etc/passwd",
    "a=b/c%2F d",
    "b\u00fccher.example",
    "x" * 9000,
    "",
    ".",
    "caf\ud800e",
    "CON",
    "a\0b\nc",
]


def odd_records() -> Iterator[dict[str, Any]]:
    for number, site in enumerate(ODD_SITES):
        yield record(number, "2025-04-26", site=site, title=f"=cmd|' /C calc'!A{number}")
    text = 'He said "no",\r\nand\n+1 \0 \ud800 \x1b[2J; \u202etxt'
    yield record(90, "2025-02-30", content_text=text, tags=["-1", "@x", "\udfff"], summary="\t=1")
    nameless = record(91, None, title="Without any day")
    nameless["_dateline"].update(first_seen="someday", date_crawled=None)
    yield nameless


def test_odd_sites_are_folders_below_the_export_and_read_as_they_are(odd: Path) -> None:
    rows = parquet_rows(odd / "parquet")
    found = {row["site"] for row in rows if row["title"].startswith("=cmd")}
    cut = site_name("x" * 9000)
    assert found == {site.replace("\ud800", "?") for site in ODD_SITES if len(site) < 200} | {cut}
    assert [json.loads(row["more"]) for row in rows if row["site"] == cut] == [{"site": "x" * 9000}]
    assert all(path.name.startswith("date=") for path in (odd / "parquet").iterdir())
    assert sorted(path.name for path in odd.iterdir()) == sorted(["articles", *FORMATS.values()])
    [nameless] = [row for row in rows if row["title"] == "Without any day"]
    assert nameless["date"] is None
    assert nameless["_dateline"]["first_seen"] == "someday"
    assert nameless["_dateline"]["first_seen_at"] is None


def test_no_cell_of_a_csv_file_is_a_formula_unless_it_is_to_be_exact(odd: Path, tmp_path: Path) -> None:
    rows = csv_rows(odd / "articles.csv")
    assert len(rows) == len(ODD_SITES) + 2
    for row in rows:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert not set(cell) & {"\0", "\x1b", "\u202e", "\ud800"}
    assert {row["title"] for row in rows if row["title"].startswith("'=cmd")} >= {"'=cmd|' /C calc'!A0"}
    exact = tmp_path / "exact.csv"
    command = command_of("export", "--to", "csv", "--exact", "--data", odd, "--output", exact)
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    text = next(row for row in csv_rows(exact) if row["id"] == record(90)["id"])
    assert text["content_text"] == 'He said "no",\r\nand\n+1 \0 ? \x1b[2J; \u202etxt'
    assert (text["tags"], text["summary"], text["date"]) == ('["-1", "@x", "?"]', "\t=1", "")
    assert exact.read_bytes().count(b"\r\n") == len(rows) + 2  # its lines, and one in a cell


def test_hostile_texts_are_texts_in_sqlite(odd: Path) -> None:
    text = sqlite_rows(odd / "articles.sqlite", "SELECT content_text FROM articles WHERE summary = char(9) || '=1'")
    assert text == [('He said "no",\r\nand\n+1 \0 ? \x1b[2J; \u202etxt',)]
    assert sqlite_rows(odd / "articles.sqlite", "SELECT count(*), count(DISTINCT site) FROM articles") == [(11, 10)]


def test_what_a_newer_version_has_written_is_kept_beside_the_columns(dateline: Dateline, tmp_path: Path) -> None:
    newer = record(1, "2025-04-26") | {"mood": {"calm": 0.5}, "published_at": "noon", "word_count": "many"}
    newer["_dateline"] |= {"schema_version": 2, "tone": [1], "story": {"id": "s1"}, "rights": {"ai": 1, "license": "x"}}
    newer["authors"] = [{"name": "Ann", "role": "editor"}]
    write_day(tmp_path / "data", "2025-04-26", [newer])
    for form, place in FORMATS.items():
        exported(dateline("export", "--to", form), f"data/{place}")
    [row] = parquet_rows(tmp_path / "data" / "parquet")
    assert json.loads(row["more"]) == {
        "mood": {"calm": 0.5},
        "published_at": "noon",
        "word_count": "many",
        "authors": [{"name": "Ann", "role": "editor"}],
        "_dateline": {"tone": [1], "story": {"id": "s1"}, "rights": {"ai": 1}},
    }
    assert (row["word_count"], row["published_at"], row["_dateline"]["story"]) == (None, None, None)
    assert (row["authors"], row["_dateline"]["rights"]) == ([{"name": "Ann", "url": None}], [("license", "x")])
    [cells] = csv_rows(tmp_path / "data" / "articles.csv")
    more = {"mood": {"calm": 0.5}, "published_at": "noon", "_dateline": {"tone": [1]}}
    assert (json.loads(cells["more"]), cells["word_count"]) == (more, "many")
    assert json.loads(cells["_dateline.story"]) == {"id": "s1"}
    [found] = sqlite_rows(tmp_path / "data" / "articles.sqlite", "SELECT more, about ->> '$.tone' FROM articles")
    assert (json.loads(found[0]), found[1]) == ({"mood": {"calm": 0.5}, "published_at": "noon"}, "[1]")


# --- CSV and SQLite


def test_csv_has_a_header_and_json_in_cells_of_what_has_parts(exports: Path) -> None:
    row = next(row for row in csv_rows(exports / "articles.csv") if row["title"] == "Bridge open again")
    assert [*row][:4] == ["date", "id", "url", "canonical_url"]
    assert (row["date"], row["date_published"], row["summary"]) == ("2025-04-29", "2025-04-29T10:00:00+03:00", "")
    assert (row["authors"], row["tags"]) == ('[{"name": "Ann Lee"}]', '["Bridges", "Town"]')
    assert (row["_dateline.version"], row["_dateline.confidence"], row["more"]) == ("2", "0.97", "")
    assert json.loads(row["_dateline.removed"])[0]["kind"] == "newsletter"


def test_sqlite_has_tables_of_articles_authors_and_tags_and_finds_words(exports: Path) -> None:
    path = exports / "articles.sqlite"
    tagged = "SELECT title FROM tags JOIN articles ON articles.id = tags.article WHERE tag = 'Bridges'"
    assert sqlite_rows(path, tagged) == [("Bridge open again",)]
    assert sqlite_rows(path, "SELECT name, count(*) FROM authors GROUP BY name") == [("Ann Lee", 4)]
    assert sqlite_rows(path, "SELECT kind, count(*) FROM removed") == [("newsletter", 4)]
    found = "SELECT title FROM articles_fts WHERE articles_fts MATCH 'fechada'"
    assert sqlite_rows(path, found) == [("Ponte fechada",)]
    plan = "EXPLAIN QUERY PLAN SELECT article FROM tags WHERE tag = 'Bridges'"
    assert "tags_by_tag" in sqlite_rows(path, plan)[0][3]
    assert sqlite_rows(path, "PRAGMA integrity_check") == [("ok",)]


# --- whole, or as it was


def test_a_file_that_cannot_be_read_to_its_end_leaves_the_export_as_it_was(dateline: Dateline, data: Path) -> None:
    exported(dateline("export", "--to", "parquet"), "data/parquet")
    before = content(data / "parquet")
    packed = gzip.compress(b"".join(random.Random(1).randbytes(50).hex().encode() + b"\n" for _ in range(2000)))  # noqa: S311
    (data / "articles" / "2025-05-03.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    result = dateline("export", "--to", "parquet")
    assert (result.code, result.out) == (74, "")
    assert result.errors[-1].startswith("dateline: data/articles/2025-05-03.jsonl.gz: cannot be read on: ")
    assert result.errors[-1].endswith("; nothing was exported")
    assert content(data / "parquet") == before
    assert sorted(path.name for path in data.iterdir()) == ["articles", "parquet"]


def test_lines_that_hold_no_article_are_named_and_left_out(dateline: Dateline, data: Path) -> None:
    with (data / "articles" / "2025-05-01.jsonl").open("ab") as file:
        file.write(b'{"mine": 1}\n{"id": "torn')
    result = dateline("export", "--to", "parquet")
    assert (result.code, result.out) == (0, "data/parquet\n")
    assert result.errors == [
        "dateline: data/articles/2025-05-01.jsonl line 2: no article's record; left out",
        "dateline: data/articles/2025-05-01.jsonl line 3: not whole: a crawl is writing it, or was killed; left out",
    ]
    assert len(parquet_rows(data / "parquet")) == 4


def test_a_killed_export_leaves_the_one_before_and_the_next_is_whole(dateline: Dateline, tmp_path: Path) -> None:
    data, folder = tmp_path / "data", tmp_path / "data" / "parquet"
    write_day(data, "2025-11-01", [record(0, "2025-11-01", title="The first")])
    exported(dateline("export", "--to", "parquet"), "data/parquet")
    write_day(data, "2025-11-02", [record(1 + number, day) for number, day in enumerate(DAYS)])
    process = subprocess.Popen(command_of("export", "--to", "parquet"), cwd=tmp_path)
    while not any((data / ".parquet.part").rglob("*.parquet")):
        assert process.poll() is None
        time.sleep(0.001)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert titles(folder) == ["The first"]
    exported(dateline("export", "--to", "parquet"), "data/parquet")
    assert len(titles(folder)) == 225
    assert sorted(path.name for path in data.iterdir()) == ["articles", "parquet"]


def test_an_interrupted_export_ends_with_its_code_and_leaves_nothing(dateline: Dateline, tmp_path: Path) -> None:
    data = tmp_path / "data"
    write_day(data, "2025-11-02", [record(number, day) for number, day in enumerate(DAYS)])
    command = command_of("export", "--to", "parquet")
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    while not any((data / ".parquet.part").rglob("*.parquet")):
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    assert process.communicate() == (None, "dateline: stopped\n")
    assert process.returncode == 130
    assert sorted(path.name for path in data.iterdir()) == ["articles"]


def test_a_folder_that_a_kill_has_left_aside_is_put_back(tmp_path: Path) -> None:
    place = tmp_path / "out"
    (tmp_path / ".out.part" / "before").mkdir(parents=True)
    (tmp_path / ".out.part" / "before" / "old").touch()
    with suppress(ZeroDivisionError), drafted(place) as draft:
        draft.mkdir()
        raise ZeroDivisionError
    assert [path.name for path in place.iterdir()] == ["old"]
    with drafted(place) as draft:
        draft.mkdir()
        (draft / "new").touch()
    assert [path.name for path in place.iterdir()] == ["new"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_two_exports_to_one_place_do_not_meet(dateline: Dateline, data: Path) -> None:
    (data / ".parquet.part").mkdir()
    held = os.open(data / ".parquet.part", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    result = dateline("export", "--to", "parquet")
    os.close(held)
    assert result.code == 75
    assert result.err.endswith(".parquet.part: another export is writing there\n")
    exported(dateline("export", "--to", "parquet"), "data/parquet")


# --- what is not its own


def test_a_folder_with_a_file_that_no_export_has_written_is_left_alone(dateline: Dateline, data: Path) -> None:
    exported(dateline("export", "--to", "parquet"), "data/parquet")
    for name in ("notes.txt", "date=2025-04-03/site=mine/articles.parquet"):
        other = data / "parquet" / name
        other.parent.mkdir(exist_ok=True)
        pq.write_table(pa.table({"a": [1]}), other)
        result = dateline("export", "--to", "parquet", "--overwrite")
        assert result.code == 2
        assert f"{name}: is no file of an export" in result.err
        assert other.exists()
        other.unlink()
    assert len(written_files(data / "parquet")) == 3
    assert dateline("export", "--to", "parquet", "--output", "data/articles").code == 2
    assert len([*(data / "articles").glob("*.jsonl")]) == 3


def test_of_a_collection_at_an_address_it_is_said_where_the_export_is_to_stand(dateline: Dateline) -> None:
    result = dateline("export", "--to", "csv", "--data", "memory://news")
    assert result.code == 2
    assert "--data memory://news: say with --output where the export is to stand" in result.err


@pytest.mark.parametrize(("form", "why"), [("csv", "is there"), ("sqlite", "was not made by an export")])
def test_a_file_of_others_is_replaced_only_when_told(dateline: Dateline, data: Path, form: str, why: str) -> None:
    other = data / FORMATS[form]
    other.write_text("mine")
    result = dateline("export", "--to", form)
    assert result.code == 2
    assert result.err.endswith(f"{FORMATS[form]}: {why}; name another file, or replace it with --overwrite\n")
    assert other.read_text() == "mine"
    exported(dateline("export", "--to", form, "--overwrite"), f"data/{FORMATS[form]}")
    assert len(titles(other)) == 4
    assert dateline("export", "--to", form).code == (2 if form == "csv" else 0)  # a CSV file does not tell whose it is


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--to", "xlsx"], "argument --to: invalid choice: 'xlsx'"),
        (["--to", "csv", "nowhere.jsonl"], "nowhere.jsonl: is no file"),
        (
            ["--to", "csv", "data/articles/2025-04-29.jsonl"],
            "--output: say where the export of these files is to stand",
        ),
        (["--to", "sqlite", "--exact"], "--exact: is for CSV alone"),
        (["--to", "parquet", "--output", "data/articles/2025-04-29.jsonl"], "is a file; Parquet goes into a folder"),
        (["--to", "csv", "--output", "data"], "is no file that could be replaced"),
        (["--to", "csv", "--data", "empty"], "empty/articles: there are no articles yet"),
        (["--to", "csv", "--since", "2025-05-01", "--until", "2025-04-01"], "--since 2025-05-01: is after"),
    ],
)
def test_what_cannot_be_exported_is_told_in_a_line(
    dateline: Dateline, data: Path, arguments: list[str], said: str
) -> None:
    result = dateline("export", *arguments)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert said in result.err


def test_without_pyarrow_parquet_alone_is_missed(data: Path) -> None:
    code = "import sys; sys.modules['pyarrow'] = None; from crawler.cli import main; sys.exit(main(sys.argv[1:]))"
    for form, ended, said in (("parquet", 2, "pip install 'dateline[parquet]'\n"), ("csv", 0, "")):
        command = [sys.executable, "-c", code, "export", "--to", form]
        done = subprocess.run(command, cwd=data.parent, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr[-len(said) :] if said else done.stderr) == (ended, said)


# --- its cost


def test_a_large_collection_is_exported_in_the_memory_of_a_small_one(tmp_path: Path) -> None:
    """50 MB of records of one day and site take no more memory than 20 MB of them, which are six groups of rows."""
    padding = "A sentence that makes the text as long as those of news are. " * 160
    peaks = []
    for count in (2000, 5000):
        data = tmp_path / str(count)
        write_day(data, "2025-04-26", (record(n, "2025-04-26", content_text=padding + str(n)) for n in range(count)))
        code = (
            "import re, sys\nfrom pathlib import Path\nfrom crawler.cli import main\nmain(sys.argv[1:])\n"
            "print(re.search('VmHWM:(.*)kB', Path('/proc/self/status').read_text())[1], file=sys.stderr)"
        )
        command = [sys.executable, "-c", code, "export", "--to", "parquet", "--data", data]
        done = subprocess.run(command, capture_output=True, timeout=90, check=True, text=True)
        peaks.append(int(done.stderr))
    [path] = (data / "parquet").rglob("*.parquet")
    groups = pq.read_metadata(path)
    assert (groups.num_rows, groups.num_row_groups) == (5000, 14)
    assert peaks[1] - peaks[0] < 12_000  # KB; the lines are 30,000 more
