"""Parquet: files with types, in folders by day and site, of which those that have not changed are not written again.

pyarrow writes it: it takes records as they come, a group of rows at a time, so that a crawl's feed and an export are
one writer, and gives the same bytes for the same rows. DuckDB would read the lines by its own notion of a record.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.parquet as pq

from crawler.collection.gathered import Gathered, Part
from crawler.delivery import sync_folder
from crawler.errors import ConfigError
from crawler.export.columns import (
    MORE,
    Integer,
    Kind,
    ListOf,
    MapOf,
    Moment,
    Number,
    Struct,
    Text,
    Truth,
    columns,
    row_of,
)

FILE = "articles.parquet"
SITE = "site"  # the column that folders tell
MOST_ROWS = 10_000  # of a group: a reader's unit of work, and what a writer holds
MOST_CHARACTERS = 4_000_000  # of a group's articles; texts are nearly all of them
_LONGEST_NAME = 200  # bytes of a folder's name, of which file systems take 255
_BEGINNING = 15  # characters of a longer one; each is 12 bytes at most
_NULL = "__HIVE_DEFAULT_PARTITION__"  # what Hive, and all readers after it, take for null
_DIGEST = b"dateline.digest"
_FORMAT = 1  # one more where the same lines make another file
_REPEATED = ["language", "section", "publisher"]  # columns with few values; zstd alone is as good for the others
# of these the least and greatest values are kept
_ASKED_FOR = ["id", "published_at", "language", "section", "word_count", "_dateline.version"]
_PLACE = re.compile(r"date=[^/]+/site=[^/]*/articles\.parquet")
_SCALARS: Mapping[type, pa.DataType] = {
    Text: pa.string(),
    Integer: pa.int64(),
    Number: pa.float64(),
    Truth: pa.bool_(),
    Moment: pa.timestamp("us", tz="UTC"),
}


@dataclass(slots=True, kw_only=True)
class Done:
    """What became of the files of an export."""

    written: int = 0
    kept: int = 0  # as they were before
    gone: int = 0


class ParquetFile:
    """Rows into one file; it can be read when it is closed, and not before."""

    def __init__(self, sink: Path | IO[bytes], schema: pa.Schema) -> None:
        self._writer = pq.ParquetWriter(
            sink,
            schema,
            compression="zstd",
            compression_level=3,
            use_dictionary=_REPEATED,
            write_statistics=_ASKED_FOR,
            store_schema=False,  # which Parquet's own tells
        )
        self._schema = schema
        self._rows: list[dict[str, Any]] = []
        self._characters = 0

    def add(self, row: dict[str, Any]) -> None:
        """A row, as ``crawler.export.columns.row_of`` makes it."""
        self._rows.append(row)
        self._characters += _weight(row)
        if len(self._rows) >= MOST_ROWS or self._characters >= MOST_CHARACTERS:
            self._write_group()

    def close(self, digest: bytes | None = None) -> None:
        """Write what is left and the file's end, without which it is none; a digest is found there again."""
        if self._rows:
            self._write_group()
        if digest:
            self._writer.add_key_value_metadata({_DIGEST: digest})
        self._writer.close()

    def _write_group(self) -> None:
        rows, self._rows, self._characters = self._rows, [], 0
        self._writer.write_batch(pa.RecordBatch.from_pylist(rows, schema=self._schema), row_group_size=len(rows))


def schema_of(kinds: Mapping[str, Kind]) -> pa.Schema:
    """The schema of a file with these columns."""
    return pa.schema([(name, arrow_type(kind)) for name, kind in kinds.items()])


def arrow_type(kind: Kind) -> pa.DataType:
    """A type of ours as one of Arrow's."""
    match kind:
        case ListOf():
            return pa.list_(arrow_type(kind.kind))
        case MapOf():
            return pa.map_(pa.string(), pa.string())
        case Struct():
            return pa.struct([(name, arrow_type(inner)) for name, _, inner in kind.columns])
        case _:
            return _SCALARS[type(kind)]


def written_files(folder: Path) -> dict[str, bytes]:
    """The files of an export with their digests, by their places in its folder; ConfigError for any other file."""
    found = {}
    for path in folder.rglob("*"):
        if path.is_dir() and not path.is_symlink():
            continue
        place = path.relative_to(folder).as_posix()
        digest = _digest_in(path) if _PLACE.fullmatch(place) else None
        if digest is None:
            raise ConfigError(f"{path}: is no file of an export; name a new folder, or move away what is in this one")
        found[place] = digest
    return found


def write_parts(
    gathered: Gathered, draft: Path, before: Path, written: Mapping[str, bytes], progress: Callable[[int], None]
) -> Done:
    """Write a folder of all articles; files that are the same as ``before`` are linked, and alone make no folder.

    ``written`` are the files of the folder before; ``progress`` is told of articles.
    """
    done, left, schema = Done(), set(written), schema_of(columns(SITE))
    draft.mkdir()
    for part in gathered.parts():
        site = site_name(part.site)
        place = f"date={part.day or _NULL}/site={site}/{FILE}"
        digest = blake2b(f"{_FORMAT} {part.digest} {site} {schema}".encode(), digest_size=16).hexdigest().encode()
        (draft / place).parent.mkdir(parents=True)
        if written.get(place) == digest:
            _link(before / place, draft / place)
            done.kept += 1
            progress(part.count)
        else:
            file = ParquetFile(draft / place, schema)
            for row in _rows(gathered, part):
                file.add(row)
                progress(1)
            file.close(digest)
            sync_folder(draft / place)  # a file, too
            done.written += 1
        left.discard(place)
    done.gone = len(left)
    if before.exists() and not done.written and not done.gone:
        shutil.rmtree(draft)
    return done


def site_name(site: str) -> str:
    """A site as a part of a folder's name; one that is too long is cut, and told apart by a hash of it.

    >>> site_name("example.org"), site_name("../müller?"), len(site_name("a" * 9000))
    ('example.org', '..%2Fm%C3%BCller%3F', 32)
    """
    name = quote(site, safe="")
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{quote(site[:_BEGINNING], safe='')}~{blake2b(site.encode(), digest_size=8).hexdigest()}"


def _rows(gathered: Gathered, part: Part) -> Iterator[dict[str, Any]]:
    """The rows of a file; a site that its folder does not tell whole is under ``more``, as it has no column."""
    is_told = unquote(site_name(part.site)) == part.site
    for record in gathered.records(part):
        if is_told:
            del record[SITE]
        yield row_of(record, SITE)


def _weight(row: dict[str, Any]) -> int:
    """About how many characters a row holds: the texts that may be long, and something for the others."""
    about = row["_dateline"] or {}
    removed = sum(len(cut["text"] or "") for cut in about.get("removed") or () if cut)
    return len(row["content_text"] or "") + len(row[MORE] or "") + removed + 1000


def _digest_in(path: Path) -> bytes | None:
    """The digest that a file of an export holds; None for another's."""
    try:
        digest: bytes | None = (pq.read_metadata(path).metadata or {}).get(_DIGEST)
    except (OSError, pa.ArrowException):
        return None
    return digest


def _link(source: Path, target: Path) -> None:
    """One file under two names, or a copy where the file system knows no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
