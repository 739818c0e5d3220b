"""``dateline sources``: the sources, and how each is doing."""

from __future__ import annotations

import argparse
from typing import Any

from crawler.commands.options import SOURCES, add_data, add_sources, add_state, file_of, wide_help
from crawler.errors import ConfigError

EPILOG = """\
examples:
  dateline sources                                         those of ./sites.toml, and others that runs were given
  dateline sources --sources /srv/news/sites.toml --data /srv/news/data
  dateline sources --json | jq '.[] | select(.health == "failing")'

The worst come first: those that fail, that are not as they were, that are silent for a month, that were not asked yet.
Articles are new ones, by day of crawling. The state is only read, also while a run is using it.
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "sources",
        help="list the sources and how each is doing",
        description="List the sources: when each was asked and is due, what it gave, and what is wrong.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    add_sources(parser)
    add_data(parser)
    add_state(parser)
    parser.add_argument("--json", action="store_true", help="print a JSON array, an object a source")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List them."""
    path = file_of(options.sources)
    if path is None and options.state is None and not options.data.exists():
        raise ConfigError(
            f"{SOURCES}: there is none, nor {options.data}/: name them with --sources FILE and --data DIR"
        )
    from crawler.commands.source_list import list_sources

    return list_sources(path, options.state or options.data, as_json=options.json)
