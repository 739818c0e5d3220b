"""``dateline browse``: the collection in a browser, with search and facets."""

from __future__ import annotations

import argparse
import importlib.util
from pathlib import Path
from typing import Any

from crawler.commands.options import add_collection, at_least, wide_help
from crawler.errors import ConfigError

EPILOG = """\
examples:
  dateline browse                                the articles of ./data, in the browser where there is one
  dateline browse --data /srv/news --port 8001   … at an address that stays the same
  dateline browse --build                        bring the SQLite file up to date alone; any tool can open it

The articles go into a SQLite file, DIR/collection.sqlite, which is made from the lines and may be deleted: tables of
articles (last versions) with full-text search, of earlier versions, and of what was cut. Later calls read what is new.
It is served by datasette, read-only and on this machine alone, until Ctrl-C: pip install 'dateline[browse]'.
"""
MISSING = (
    "browse: datasette is not installed: pip install 'dateline[browse]' (--build makes the SQLite file without it)"
)


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "browse",
        help="search the articles in a browser",
        description="Open the collection in a browser, with full-text search and facets.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    add_collection(parser)
    parser.add_argument(
        "--db", metavar="FILE", type=Path, help="the SQLite file that is made (default: DIR/collection.sqlite)"
    )
    parser.add_argument(
        "--port", metavar="N", type=at_least(0), default=0, help="port to serve at (default: a free one)"
    )
    parser.add_argument("--no-open", action="store_true", help="open no browser; the address is printed in any case")
    parser.add_argument("--build", action="store_true", help="bring the SQLite file up to date, and serve nothing")
    parser.add_argument("--rebuild", action="store_true", help="make the SQLite file anew, without lines that are gone")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Build, then serve."""
    if not options.build and any(importlib.util.find_spec(name) is None for name in ("datasette", "uvicorn")):
        raise ConfigError(MISSING)
    if options.port > 65535:
        raise ConfigError(f"--port {options.port}: is no port")
    from crawler.commands.browsing import browse

    return browse(options)
