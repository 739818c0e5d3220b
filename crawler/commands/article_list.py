"""Articles as rows: a table in a terminal, JSON lines or CSV elsewhere."""

from __future__ import annotations

import argparse
import itertools
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.text import Text

from crawler.collection.fields import check_names
from crawler.collection.files import LineFile, collection_files, in_order, named_files, not_before
from crawler.collection.newest import newest_first
from crawler.collection.records import Record, value_of
from crawler.collection.wanted import Wanted, read_pattern
from crawler.commands.options import check_days
from crawler.commands.rows import Csv, JsonLines, Rows, Table
from crawler.exits import Exit
from crawler.identity import registrable_domain
from crawler.state import DiskError
from crawler.terminal import say, stdout_console

IN_A_TABLE = 50
NAMED = 5  # bad lines; the rest is counted
REMOVED_FIELDS = ("id", "url", "site", "date_published", "title", "kind", "text", "reason")


@dataclass(slots=True)
class Complaints:
    """What could not be read, said as it comes: the first few, and how many more there were."""

    more: int = 0
    said: set[str] = field(default_factory=set)

    def __call__(self, file: LineFile, number: int | None, why: str) -> None:
        what = f"{file.path}{f' line {number}' if number else ''}: {why}; left out"
        if len(self.said) >= NAMED and number is not None:
            self.more += 1
        elif what not in self.said:  # a file may be read twice
            self.said.add(what)
            say(what)

    def close(self) -> None:
        """Tell how many were not said."""
        if self.more:
            say(f"… and {self.more:,} more lines; left out")


def list_articles(options: argparse.Namespace, paths: Sequence[Path]) -> Exit:
    """Print the articles that the options ask for, or what was cut from them."""
    rows, pattern = rows_for(options), pattern_of(options)
    wanted, files = (
        wanted_of(options, None if options.removed else pattern),
        not_before(files_of(options, paths), options.since),
    )
    complaints = Complaints()
    try:
        found = newest_first(files, wanted, complaints, each_version=options.all_versions)
        asked = removed_from(found, pattern) if options.removed else found
        printed = rows.print(itertools.islice(asked, _limit(options, rows)))
        if options.limit is None and isinstance(rows, Table) and next(asked, None) is not None:
            stdout_console().print(Text("… there are more; --limit 0 shows all", style="dim"))
    except sqlite3.Error as error:
        raise DiskError(f"the place for temporary files: {error}") from error
    complaints.close()
    if not printed:
        say("there are no such articles")
    return Exit.FINE


def files_of(options: argparse.Namespace, paths: Sequence[Path]) -> list[LineFile]:
    """The files that are named, else those of the folder, in the order in which they are read."""
    return in_order(named_files(paths)) if paths else collection_files(options.data)


def wanted_of(options: argparse.Namespace, pattern: re.Pattern[str] | None) -> Wanted:
    """What the options ask of an article, and an expression of its title or text."""
    check_days(options)
    return Wanted(
        since=options.since,
        until=options.until,
        sites=frozenset(registrable_domain(site if "://" in site else f"//{site}") for site in options.site),
        languages=tuple(options.language),
        pattern=pattern,
    )


def pattern_of(options: argparse.Namespace) -> re.Pattern[str] | None:
    """The expression that is looked for."""
    return read_pattern(options.grep) if options.grep else None


def rows_for(options: argparse.Namespace) -> Rows:
    """How rows are printed; ConfigError for a field that no record has."""
    names = tuple(name.strip() for name in options.fields.split(",")) if options.fields else ()
    check_names(names, REMOVED_FIELDS if options.removed else ())
    if options.csv:
        return Csv(names or (REMOVED_FIELDS if options.removed else Csv.FIELDS))
    if options.json or not stdout_console().is_terminal:
        return JsonLines(names or (REMOVED_FIELDS if options.removed else ()))
    return Table(
        names or (("date_published", "site", "kind", "text") if options.removed else Table.FIELDS), pattern_of(options)
    )


def _limit(options: argparse.Namespace, rows: Rows) -> int | None:
    given: int | None = options.limit
    if given is None and isinstance(rows, Table):
        return IN_A_TABLE
    return given or None


def removed_from(articles: Iterable[Record], pattern: re.Pattern[str] | None) -> Iterator[Record]:
    """What was cut from the articles, a row each, where the expression is found in it."""
    for article in articles:
        removed = value_of(article, "removed")
        for cut in removed if isinstance(removed, list) else ():
            row = {key: cut.get(key, article.get(key)) for key in REMOVED_FIELDS} if isinstance(cut, dict) else None
            if row and (pattern is None or pattern.search(str(row["text"]))):
                yield {**row, "_dateline": article["_dateline"]}
