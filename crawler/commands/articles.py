"""``dateline articles``: what crawls have written, listed, searched, and shown one by one."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from crawler.commands.options import add_collection, at_least, days, language, wide_help
from crawler.errors import ConfigError

EPILOG = """\
examples:
  dateline articles                                   the newest articles, as a table in a terminal
  dateline articles --since 7d --site example.org --grep 'ferr(y|ies)'
  dateline articles 016edad1                          one of them whole, by the beginning of its id
  dateline articles https://example.org/a --removed   … by its address, with what was cut from it
  dateline articles --since 2025-04-01 > april.jsonl  the records, a line each, where there is no terminal
  dateline articles --csv --fields date_published,title,content_text > april.csv
  dateline articles --removed --json                  what was cut, a line a text: kind, text and reason

Articles come newest first, by their day of publication in their own zone; --since and --until mean that day, as the
--since of dateline crawl does. An undated article counts under the day that it was first seen. Of an edited article the
last version is shown and judged, unless --all-versions asks for each.

A name of --fields is a key of the record or of its _dateline, with dots: title, version, date.confidence,
rights.license. In the table ~ marks a date of medium, ? one of low confidence, and – the day on which an undated
article was first seen. Exit code 1: an article that is named is in no file.
"""
_ID = re.compile(r"[0-9a-f]{6,20}")


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "articles",
        help="list, search and show the articles of crawls",
        description="List the articles that crawls have written, newest first, or show one whole.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="FILE|ID|URL",
        help="files of records (also .gz) in place of the folder; or articles to show whole, by id or address",
    )
    add_collection(parser)
    parser.add_argument("--since", metavar="DATE", type=days, help="published on this day or later: YYYY-MM-DD, or 7d")
    parser.add_argument("--until", metavar="DATE", type=days, help="published on this day or before")
    parser.add_argument("--site", metavar="SITE", action="append", default=[], help="of this site (may be repeated)")
    parser.add_argument(
        "--language",
        metavar="TAG",
        type=language,
        action="append",
        default=[],
        help="in this language; pt is pt-BR, too (may be repeated)",
    )
    parser.add_argument(
        "--grep", metavar="REGEX", help="with a match in title or text (with --removed: in what was cut), case ignored"
    )
    parser.add_argument(
        "--limit", metavar="N", type=at_least(0), help="at most N; 0 is all (default: 50 in a table, else all)"
    )
    parser.add_argument("--fields", metavar="NAME,…", help="these fields alone, in this order")
    parser.add_argument("--removed", action="store_true", help="list what was cut from the articles")
    parser.add_argument("--all-versions", action="store_true", help="each version of an edited article")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="JSON lines, also in a terminal")
    form.add_argument("--csv", action="store_true", help="CSV (RFC 4180), in which no cell is a formula")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List, or show."""
    files, articles = sorted_out(options.names)
    from crawler.commands.article_list import list_articles
    from crawler.commands.showing import show_articles

    return show_articles(options, files, articles) if articles else list_articles(options, files)


def sorted_out(names: list[str]) -> tuple[list[Path], list[str]]:
    """Files, and ids or addresses of articles; ConfigError for what is neither.

    >>> sorted_out(["016edad1", "https://example.org/a"])
    ([], ['016edad1', 'https://example.org/a'])
    """
    files = [Path(name) for name in names if Path(name).is_file()]
    articles = [name for name in names if "://" in name or (_ID.fullmatch(name) and Path(name) not in files)]
    if others := [name for name in names if Path(name) not in files and name not in articles]:
        raise ConfigError(f"{others[0]}: neither a file, nor an article's id (6 to 20 digits of it), nor an address")
    return files, articles
