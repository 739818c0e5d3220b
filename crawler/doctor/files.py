"""The files of lines, read as streams: which articles stand in them, and how they end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.collection.files import LineFile, sound_parts
from crawler.collection.lines import MOST_LINE_BYTES, raw_lines
from crawler.parts.shelf import shelf_at
from crawler.record import known_in
from crawler.state.lines import Lines
from crawler.verdict import Known

_BEGINS = b'{"id": "'  # as crawler.record writes a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a file; ``article`` is None where it holds none."""

    article: Known | None
    url: str = ""
    crawled: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """The last line of a file that has no end; torn where it begins as ours do and is no whole record."""

    start: int
    content: bytes
    is_torn: bool


def files_of(lines: Lines, folder: Path, more: Sequence[Path] = ()) -> list[Path]:
    """Every file that lines are appended to, and is there: known to this state, in its folder of articles, or named."""
    known = {path.resolve() for path in (*lines.committed(), *(folder / "articles").glob("*.jsonl"), *more)}
    return sorted(path for path in known if path.is_file())


def line_files(lines: Lines, folder: Path, parts: Sequence[LineFile], more: Sequence[Path] = ()) -> list[LineFile]:
    """These files, and the sound parts that a cluster has written to the folder."""
    known = {path: LineFile(path=path) for path in files_of(lines, folder, more)}
    return list((known | {Path(str(part.path)).resolve(): part for part in parts}).values())


def holds_lines(folder: Path) -> bool:
    """Whether articles stand in files of a data folder."""
    return any((folder / "articles").glob("*.jsonl")) or any(sound_parts(shelf_at(folder)))


def lines_in(file: LineFile) -> Iterator[Line]:
    """The lines of a file, packed with gzip where its name says so, one at a time."""
    for line in raw_lines(file):
        yield Line(article=None) if line.content is None else _line(line.content)


def tail_of(path: Path) -> Tail | None:
    """How a file ends that does not end with a line's end."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 1))
        if file.read() in {b"", b"\n"}:
            return None
        file.seek(max(0, size - MOST_LINE_BYTES))
        content = file.read().rpartition(b"\n")[2]
    is_torn = content.startswith(_BEGINS[: len(content)]) and _record(content.rstrip(b"\0")) is None
    return Tail(start=size - len(content), content=content, is_torn=is_torn or not content.strip(b"\0"))


def _line(content: bytes) -> Line:
    record = _record(content)
    article = known_in(record) if record else None
    if record is None or article is None:
        return Line(article=None)
    return Line(article=article, url=record["url"], crawled=str(record["_dateline"].get("date_crawled") or ""))


def _record(content: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
