"""CSV: a row an article, as RFC 4180 has it."""

from __future__ import annotations

import csv
import functools
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from crawler.collection.cells import safe_cell
from crawler.collection.records import Record, calendar_day_of, whole_text
from crawler.export.columns import MORE, Moment, Struct, columns

DATE, ABOUT = "date", "_dateline"


def write_csv(records: Iterable[Record], path: Path, progress: Callable[[int], None], *, is_exact: bool) -> None:
    """Write records into a new file, UTF-8, a row of names first; what has parts is JSON in its cell.

    What a spreadsheet would take for a formula gets an apostrophe before it, and what speaks to terminals is left out,
    unless all is to be ``is_exact``.
    """
    write = whole_text if is_exact else safe_cell
    with path.open("x", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([DATE, *_keys(), *(f"{ABOUT}.{key}" for key in _about_keys()), MORE])
        for record in records:
            writer.writerow([_cell(value, write) for value in _values(record)])
            progress(1)


def _values(record: Record) -> Iterator[Any]:
    about = record[ABOUT]
    yield calendar_day_of(record)
    yield from map(record.get, _keys())
    yield from map(about.get, _about_keys())
    more = {key: value for key, value in record.items() if key != ABOUT and key not in _keys()}
    unknown = {key: value for key, value in about.items() if key not in _about_keys()}
    yield (more | ({ABOUT: unknown} if unknown else {})) or None


def _cell(value: Any, write: Callable[[str], str]) -> str:
    match value:
        case None:
            return ""
        case str():
            return write(value)
        case bool() | int() | float():
            return json.dumps(value)
        case _:
            return write(json.dumps(value, ensure_ascii=False))


@functools.cache
def _keys() -> tuple[str, ...]:
    """The keys of a record that have a column of their own."""
    return tuple(name for name, kind in columns().items() if name not in {ABOUT, MORE} and kind != Moment())


@functools.cache
def _about_keys() -> tuple[str, ...]:
    about = columns()[ABOUT]
    assert isinstance(about, Struct)  # noqa: S101  so the schema has it
    return tuple(name for name, _, kind in about.columns if kind != Moment())
