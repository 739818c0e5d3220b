"""Parquet as a feed: what a crawl writes is in the file when it ends, and a file that is not whole is never there."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from scrapy.utils.test import get_crawler

from crawler import settings
from crawler.errors import ConfigError
from crawler.export.parquet import MOST_ROWS
from crawler.feeds import DraftedFile, ParquetExporter
from tests.collection import record
from tests.conftest import Result, records_in

SPIDER: Any = None  # whose name no storage of ours asks for
OVERWRITE = {"format": "parquet", "overwrite": True}


def exported(*records: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a feed of these records."""
    sink = io.BytesIO()
    exporter = ParquetExporter(sink)
    exporter.start_exporting()
    for one in records:
        exporter.export_item(one)
    exporter.finish_exporting()
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(sink.getvalue())).to_pylist()
    return rows


def test_a_feed_holds_the_columns_of_an_export_with_day_and_site() -> None:
    dated, odd = exported(record(1, "2025-04-26", site="=x/y"), record(2, "2025-02-30") | {"new": 1})
    assert (str(dated["date"]), dated["site"], dated["title"]) == ("2025-04-26", "=x/y", "Article number 1")
    assert (odd["date"], odd["date_published"], odd["more"]) == (None, "2025-02-30", '{"new": 1}')
    assert exported() == []


def test_rows_are_written_in_groups_so_that_a_long_crawl_holds_few() -> None:
    sink = io.BytesIO()
    exporter = ParquetExporter(sink)
    exporter.start_exporting()
    short = record(1, content_text="Short.")
    for _ in range(MOST_ROWS):
        exporter.export_item(short)
    assert len(sink.getvalue()) > 100
    exporter.finish_exporting()
    sizes = pq.read_metadata(io.BytesIO(sink.getvalue()))
    assert sizes.num_rows == MOST_ROWS
    assert max(sizes.row_group(number).num_rows for number in range(sizes.num_row_groups)) <= MOST_ROWS


def test_a_feed_that_the_disk_has_refused_is_no_file() -> None:
    class Full(io.RawIOBase):
        """A disk that has no room."""

        def writable(self) -> bool:
            return True

        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    exporter = ParquetExporter(Full())  # type: ignore[arg-type]
    with pytest.raises(OSError, match="No space left"):
        exporter.start_exporting()
    with pytest.raises(OSError, match="could not be written"):
        exporter.finish_exporting()


def test_a_killed_crawl_leaves_the_file_of_the_run_before(tmp_path: Path) -> None:
    place = tmp_path / "runs" / "news.parquet"
    for content in (b"first", b"second"):
        storage = DraftedFile(str(place), feed_options=OVERWRITE)
        file = storage.open(SPIDER)
        file.write(content)
        assert not place.exists() or place.read_bytes() == b"first"
        if content == b"first":
            storage.store(file)
    file.close()  # the second was killed
    assert place.read_bytes() == b"first"
    assert [path.name for path in tmp_path.rglob(".*")] == [".news.parquet.part"]


def test_nothing_is_appended_to_a_parquet_file_and_other_formats_are_as_ever(tmp_path: Path) -> None:
    place = tmp_path / "news.parquet"
    place.write_bytes(b"PAR1")
    with pytest.raises(ConfigError, match="cannot be appended to"):
        DraftedFile(str(place), feed_options={"format": "parquet"})
    lines = DraftedFile(str(place), feed_options={"format": "jsonlines"})
    file = lines.open(SPIDER)
    file.write(b" and more")
    lines.store(file)
    assert place.read_bytes() == b"PAR1 and more"


def test_scrapy_finds_the_exporter_by_its_name(tmp_path: Path) -> None:
    chosen = {"FEEDS": {f"{tmp_path}/%(time)s.parquet": {"format": "parquet"}}}
    ours = {name: getattr(settings, name) for name in ("FEED_EXPORTERS", "FEED_STORAGES")}
    crawler = get_crawler(settings_dict={**chosen, **ours})
    from scrapy.extensions.feedexport import FeedExporter

    assert FeedExporter.from_crawler(crawler).exporters["parquet"] is ParquetExporter


def test_a_crawl_writes_its_records_into_parquet_beside_its_lines(tmp_path: Path) -> None:
    place = tmp_path / "100% news-%(time)s.parquet"
    crawl = [sys.executable, "-m", "tests.newspaper", "--port", "0", "--", "--data", tmp_path / "data"]
    done = subprocess.run([*crawl, "--parquet", place], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    [path] = tmp_path.glob("100% news-20*.parquet")
    rows = {row["id"]: row for row in pq.read_table(path).to_pylist()}
    lines = [line for file in tmp_path.glob("data/articles/*.jsonl") for line in records_in(file)]
    assert len(lines) == len(rows) == 26
    for line in lines:
        row = rows[line["id"]]
        for name in ("url", "title", "content_text", "date_published", "tags", "site", "word_count"):
            assert row[name] == line[name]
        assert row["_dateline"]["removed"] == line["_dateline"]["removed"]
        assert (row["more"], dict(row["_dateline"]["sources"])) == (None, line["_dateline"]["sources"])
        assert str(row["date"]) == line["date_published"][:10]


@pytest.mark.parametrize(("place", "code"), [(".", 2), ("/proc/no.parquet", 74)])
def test_a_place_where_no_file_can_be_made_is_told_before_the_run(
    dateline: Callable[..., Result], tmp_path: Path, place: str, code: int
) -> None:
    result = dateline("crawl", "http://127.0.0.1:9/", "--parquet", place)
    assert result.code == code
    assert "Traceback" not in result.err
    assert list(tmp_path.iterdir()) == []
