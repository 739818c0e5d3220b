"""Rows of fields as they are printed: JSON lines, CSV, or a table in a terminal, each row as it comes."""

from __future__ import annotations

import csv
import itertools
import json
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

from rich.text import Text

from crawler.collection.cells import safe_cell
from crawler.collection.records import Record, author_names, date_confidence, day_of, value_of
from crawler.record import json_line
from crawler.terminal import one_line, stdout_console

MARKS = {"high": "", "medium": "~", "low": "?", "undated": "–"}
LEGEND = {"~": "~ medium confidence", "?": "? low confidence", "–": "– undated: the day that it was first seen"}
_NAMES = {"date_published": "date", "word_count": "words"}
_WIDTHS = {"id": 8, "date_published": 12, "site": 18, "word_count": 6, "language": 8, "kind": 20, "version": 7}
WIDE = 100  # columns, in which the usual fields stand on one line
_ROOM = 60  # of a text round the match


class Rows(ABC):
    """A way of printing rows."""

    def __init__(self, names: Sequence[str] = ()) -> None:
        self.names = names

    @abstractmethod
    def print(self, rows: Iterable[Record]) -> int:
        """Print each; how many there were."""


class JsonLines(Rows):
    """Whole records as they were written, or an object of the fields, a line each."""

    def print(self, rows: Iterable[Record]) -> int:
        count = 0
        for row in rows:
            sys.stdout.buffer.write(json_line({name: value_of(row, name) for name in self.names} or row))
            count += 1
        sys.stdout.buffer.flush()
        return count


class Csv(Rows):
    """RFC 4180 in UTF-8, a row of names first; lists are parted by semicolons."""

    FIELDS = (
        *("id", "date_published", "date.confidence", "site", "language", "section", "title", "authors"),
        *("word_count", "version", "url"),
    )

    def print(self, rows: Iterable[Record]) -> int:
        count, writer = 0, csv.writer(self)
        writer.writerow(self.names)
        for row in rows:
            writer.writerow([csv_cell(value_of(row, name)) for name in self.names])
            count += 1
        sys.stdout.buffer.flush()
        return count

    def write(self, text: str) -> int:
        """Where the writer of the standard library writes."""
        return sys.stdout.buffer.write(text.encode())


class Table(Rows):
    """A line a row, two in a narrow terminal, as wide as it; below what was found in the text."""

    FIELDS = ("id", "date_published", "site", "title", "authors", "word_count")

    def __init__(self, names: Sequence[str], pattern: re.Pattern[str] | None = None) -> None:
        super().__init__(names)
        self._pattern = pattern
        self._console = stdout_console()

    def print(self, rows: Iterable[Record]) -> int:
        widths, count, marks = _widths(self.names, self._console.width), 0, set()
        for count, row in enumerate(rows, start=1):
            if count == 1:
                self._line([Text(_NAMES.get(name, name), style="bold") for name in self.names], widths)
            self._line([self._cell(row, name) for name in self.names], widths)
            if self._pattern and "content_text" not in self.names and (found := self._found(row)):
                self._console.print(found, soft_wrap=True)
            marks.add(MARKS.get(date_confidence(row), "?"))
        if "date_published" in self.names and (told := "   ".join(LEGEND[mark] for mark in LEGEND if mark in marks)):
            self._console.print(Text(f"\n{told}", style="dim"), soft_wrap=True)
        return count

    def _cell(self, row: Record, name: str) -> Text:
        if name == "id":
            return Text(one_line(row["id"])[:8], style="dim")
        if name == "date_published":
            return Text(f"{day_of(row)} {MARKS.get(date_confidence(row), '?')}")
        cell = Text(one_line(plain(value_of(row, name))))
        if self._pattern and name in {"title", "content_text", "text"}:
            cell.highlight_regex(self._pattern, "bold yellow")
        return cell

    def _line(self, cells: Sequence[Text], widths: Sequence[int]) -> None:
        folded = [self._folded(cell, width) for cell, width in zip(cells, widths, strict=True)]
        for parts in itertools.zip_longest(*folded):
            for name, part, width in zip(self.names, (row := [part or Text() for part in parts]), widths, strict=True):
                part.align("right" if name == "word_count" else "left", width)
            line = Text("  ").join(row)
            line.rstrip()
            self._console.print(line, no_wrap=True, overflow="crop")

    def _folded(self, cell: Text, width: int) -> list[Text]:
        """A cell on one line, or on two where there is little room; what does not stand on them is left out."""
        lines = list(cell.wrap(self._console, width)) if self._console.width < WIDE else [cell]
        for line in lines:
            line.rstrip()
        last = Text(" ").join(lines[1:]) if len(lines) > 1 else lines[0]
        last.truncate(width, overflow="ellipsis")
        return [lines[0], last] if len(lines) > 1 else [last]

    def _found(self, row: Record) -> Text | None:
        """The first match in the text, with some words round it."""
        text = str(row.get("content_text", ""))
        match = self._pattern.search(text) if self._pattern else None
        if match is None:
            return None
        start, end = max(match.start() - _ROOM, 0), min(match.end(), match.start() + 2 * _ROOM)
        before, found, after = map(
            one_line, (text[start : match.start()], text[match.start() : end], text[end:][:_ROOM])
        )
        # spaces at the seams are lost with the line ends, and are told by what stood there
        left = " " if text[start : match.start()][-1:].isspace() else ""
        right = " " if text[end : end + 1].isspace() else ""
        around = Text(f"          {'… ' if start else ''}{before}{left}", style="dim")
        return around.append(found, style="bold yellow not dim").append(f"{right}{after}")


def csv_cell(value: Any) -> str:
    """A value as a cell that no spreadsheet takes for a formula, nor a terminal for an order.

    >>> [csv_cell(value) for value in ('=HYPERLINK("x")', " +1", "1-2", -3, None, True)]
    ['\\'=HYPERLINK("x")', "' +1", '1-2', '-3', '', 'true']
    """
    return plain(value) if isinstance(value, int | float) else safe_cell(plain(value))


def plain(value: Any) -> str:
    """A field's value as text.

    >>> plain([{"name": "Ann"}, {"name": "Bo", "url": "https://example.org/"}]), plain(["a", "b"])
    ('Ann; Bo', 'a; b')
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case [{"name": str()}, *_] if all(
            isinstance(item, dict) and isinstance(item.get("name"), str) for item in value
        ):
            return author_names({"authors": value})
        case [*_] if all(isinstance(item, str) for item in value):
            return "; ".join(value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _widths(names: Sequence[str], whole: int) -> list[int]:
    """How wide each column is: some have a usual width, the others share what is left, titles and texts more of it."""
    usual = _WIDTHS if whole >= WIDE else {**_WIDTHS, "site": 14}
    more = {"title": 3, "content_text": 4, "text": 4} if whole >= WIDE else {"title": 2, "content_text": 2, "text": 2}
    parts = {name: more.get(name, 1) for name in names if name not in usual}
    left = max(whole - 2 * (len(names) - 1) - sum(usual.get(name, 0) for name in names), 8 * len(parts))
    return [usual.get(name) or left * parts[name] // sum(parts.values()) for name in names]
