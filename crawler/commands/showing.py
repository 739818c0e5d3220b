"""One article as a person reads it: its fields, its text, what was cut from it, and its versions."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crawler.collection.files import LineFile
from crawler.collection.named import ids_of, versions_of
from crawler.collection.records import Record, date_confidence, value_of
from crawler.commands.article_list import Complaints, files_of, pattern_of, removed_from, rows_for
from crawler.commands.rows import Table as RowTable
from crawler.commands.rows import plain
from crawler.exits import Exit
from crawler.terminal import one_line, say, stdout_console

_ABOUT = ("url", "authors", "publisher", "site", "section", "language", "tags", "summary", "word_count", "confidence")


def show_articles(options: argparse.Namespace, paths: Sequence[Path], names: Sequence[str]) -> Exit:
    """Show each article that is named; SOME_FAILED where one is in no file."""
    files, rows, complaints = files_of(options, paths), rows_for(options), Complaints()
    pattern = pattern_of(options)
    code = Exit.FINE
    printed: list[Record] = []
    for name in names:
        found = _versions(files, name, complaints)
        if not found:
            say(f"{name}: no article has this {'address' if '://' in name else 'id'}")
            code = Exit.SOME_FAILED
        asked = found if options.all_versions else found[-1:]
        if isinstance(rows, RowTable):
            for version in asked:
                _show(version, found, pattern, has_removed=options.removed)
        printed += asked
    if not isinstance(rows, RowTable) and printed:
        rows.print(removed_from(printed, pattern) if options.removed else printed)
    complaints.close()
    return code


def _versions(files: Sequence[LineFile], name: str, complaints: Complaints) -> list[Record]:
    """The versions of the article that is named, the first one first; empty where none or several are meant."""
    ids = ids_of(files, name, complaints)
    if len(ids) > 1:
        say(f"{name}: begins the ids of {len(ids)} articles: {', '.join(sorted(ids)[:5])}")
        return []
    return [version for found in ids for version in versions_of(files, found, complaints)]


def _show(article: Record, versions: Sequence[Record], pattern: re.Pattern[str] | None, *, has_removed: bool) -> None:
    console = stdout_console()
    console.print(_marked(one_line(article["title"]), pattern, "bold"))
    console.print(_fields(article))
    for paragraph in article["content_text"].split("\n\n"):
        lines = "\n".join(map(one_line, paragraph.split("\n")))
        console.print(Padding(_marked(lines, pattern), (1, 0, 0, 2)))
    if has_removed:
        _show_removed(article)
    if len(versions) > 1:
        _show_versions(article, versions)


def _fields(article: Record) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    source = value_of(article, "date.source")
    told = f"{date_confidence(article)}{f', from {source}' if source else ''}"
    table.add_row("id", Text(one_line(article["id"])))
    table.add_row("date", Text(one_line(f"{article.get('date_published') or '–'} ({told})")))
    for name in _ABOUT:
        if (value := plain(value_of(article, name))) != "":
            table.add_row(name.replace("_", " "), Text(one_line(value)))
    for name in ("corrections", "warnings"):
        for said in _listed(value_of(article, name)):
            table.add_row(name.removesuffix("s"), Text(one_line(plain(said)), style="yellow"))
    return table


def _show_removed(article: Record) -> None:
    console, removed = stdout_console(), _listed(value_of(article, "removed"))
    console.print(Text(f"\nremoved: {len(removed):,}", style="bold"))
    for cut in removed:
        if isinstance(cut, dict):
            why, text = one_line(f"− {cut.get('kind')}: {cut.get('reason')}"), one_line(str(cut.get("text")))
            console.print(Padding(Text.assemble((f"{why}\n", "red"), (text, "dim")), (1, 0, 0, 2)))


def _show_versions(article: Record, versions: Sequence[Record]) -> None:
    console = stdout_console()
    console.print(Text("\nversions", style="bold"))
    for version in versions:
        number = value_of(version, "version")
        changed = ", ".join(map(str, _listed(value_of(version, "changed")))) or "as it was found first"
        mark = "•" if number == value_of(article, "version") else " "
        console.print(Text(f"{mark} ").append(one_line(f"{number} {value_of(version, 'date_crawled')} {changed}")))


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _marked(text: str, pattern: re.Pattern[str] | None, style: str = "") -> Text:
    marked = Text(text, style=style)
    if pattern:
        marked.highlight_regex(pattern, "bold yellow")
    return marked
