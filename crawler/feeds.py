"""Parquet as a feed of Scrapy's: what a crawl writes, in a file that is there when the crawl ends (docs/export.md).

The lines with the state are what loses nothing; a file without its end is no Parquet, and a kill leaves it so.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from scrapy import Spider
from scrapy.exporters import BaseItemExporter
from scrapy.extensions.feedexport import FileFeedStorage

from crawler.collection.records import calendar_day_of
from crawler.delivery import make_folder, sync_folder
from crawler.errors import ConfigError
from crawler.export.columns import columns, row_of

if TYPE_CHECKING:
    from crawler.export.parquet import ParquetFile


class ParquetExporter(BaseItemExporter):
    """Records into a Parquet file as they come: the columns of an export, with the day and the site among them."""

    def __init__(self, file: IO[bytes], **options: Any) -> None:
        super().__init__(dont_fail=True, **options)
        self._sink = file
        self._file: ParquetFile | None = None

    def start_exporting(self) -> None:
        import pyarrow as pa  # an extra, which is not needed where this is only named

        from crawler.export.parquet import ParquetFile, schema_of

        schema = pa.schema([pa.field("date", pa.date32()), *schema_of(columns())])
        self._file = ParquetFile(self._sink, schema)

    def export_item(self, item: Any) -> None:
        """Add a record; after one that the disk has refused the file is none, and takes no more."""
        if self._file is None:
            return
        record = dict(self.get_serialized_fields(item))
        day = calendar_day_of(record)
        row = {"date": dt.date.fromisoformat(day) if day else None, **row_of(record)}
        try:
            self._file.add(row)
        except OSError:
            self._file = None
            raise

    def finish_exporting(self) -> None:
        if self._file is None:
            raise OSError("the file of the feed could not be written")
        self._file.close()


class DraftedFile(FileFeedStorage):
    """A feed's file as Scrapy writes it; a Parquet file takes its place when it is whole, until then it is a draft."""

    def __init__(self, uri: str, *, feed_options: dict[str, Any] | None = None) -> None:
        super().__init__(uri, feed_options=feed_options)
        self._is_drafted = (feed_options or {}).get("format") == "parquet"
        if self._is_drafted and importlib.util.find_spec("pyarrow") is None:
            raise ConfigError(f"{uri}: pyarrow is not installed: pip install 'dateline[parquet]'")
        if self._is_drafted and self.write_mode == "ab" and Path(self.path).exists():
            raise ConfigError(f"{self.path}: Parquet cannot be appended to; overwrite it, or name another file")

    def open(self, spider: Spider) -> IO[bytes]:
        if not self._is_drafted:
            file: IO[bytes] = super().open(spider)
            return file
        make_folder(self._draft.parent)
        return self._draft.open("wb")

    def store(self, file: IO[bytes]) -> None:
        file.close()
        if self._is_drafted:
            sync_folder(self._draft)
            self._draft.replace(self.path)
            sync_folder(self._draft.parent)

    @property
    def _draft(self) -> Path:
        place = Path(self.path).absolute()
        return place.with_name(f".{place.name}.part")
