"""``dateline export``: what crawls have written, as Parquet, CSV or SQLite."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from crawler.commands.options import add_collection, add_wanted, need_pyarrow, wide_help
from crawler.errors import ConfigError

EPILOG = """\
examples:
  dateline export --to parquet                     all articles, into data/parquet/date=…/site=…/articles.parquet
  dateline export --to csv --since 30d --output month.csv
  dateline export --to sqlite --site example.org --all-versions --output example.sqlite

The export stands there whole when the command ends, or as it was before; two exports of the same lines are the same.
Another run makes it anew of the lines that there are; of Parquet, only files of days and sites that have changed are
written again. A Parquet folder or SQLite file that an export has made is replaced; any other is left alone, and so is
every CSV file, which does not tell who made it, unless --overwrite is given (of folders: never).

In a cell of CSV that a spreadsheet would take for a formula the text follows an apostrophe, and what speaks to
terminals is left out; --exact writes the texts as they are. docs/export.md tells the columns.
"""
FORMATS = {"parquet": "parquet", "csv": "articles.csv", "sqlite": "articles.sqlite"}  # and their usual places


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "export",
        help="write the articles as Parquet, CSV or SQLite",
        description="Write the articles that crawls have written for other tools.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    parser.add_argument(
        "names", nargs="*", type=Path, metavar="FILE", help="files of records (also .gz) in place of the folder"
    )
    parser.add_argument("--to", choices=FORMATS, required=True, help="what is written: parquet, csv or sqlite")
    parser.add_argument(
        "--output",
        metavar="PATH",
        type=Path,
        help="the file, or the folder of Parquet, that is made (default: DIR/parquet, DIR/articles.csv or "
        "DIR/articles.sqlite)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a file whoever has made it")
    parser.add_argument("--exact", action="store_true", help="CSV for programs: texts as they are, formulas too")
    add_collection(parser)
    add_wanted(parser)
    parser.add_argument("--grep", metavar="REGEX", help="with a match in title or text, case ignored")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check what can be checked, then export."""
    if options.to == "parquet":
        need_pyarrow()
    if options.exact and options.to != "csv":
        raise ConfigError("--exact: is for CSV alone")
    for name in options.names:
        if not name.is_file():
            raise ConfigError(f"{name}: is no file")
    if options.names and options.output is None:
        raise ConfigError("--output: say where the export of these files is to stand")
    if options.output is None and not isinstance(options.data, Path):
        raise ConfigError(f"--data {options.data}: say with --output where the export is to stand")
    from crawler.commands.exporting import export

    return export(options, options.output or options.data / FORMATS[options.to])
