"""``dateline reextract``: new versions of written articles from kept pages, after a change of rules or program."""

from __future__ import annotations

import argparse
from typing import Any

from crawler.commands.options import add_data, add_state, check_days, days, domain, folder, need_fastwarc, wide_help
from crawler.errors import ConfigError

EPILOG = """\
examples:
  dateline reextract --dry-run                     what would change, with ten examples; nothing is written
  dateline reextract --site example.org --since 30d

The newest kept page of each article (dateline crawl --keep-pages) is read once more, with no request. Where a field of
the record is another now, a new version is written that says which; an unchanged article gives nothing. An article
whose newest version was made of a newer page than the kept one is left as it is. See docs/archives.md.
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "reextract",
        help="write new versions from kept pages after a change of the program",
        description="Read kept pages once more and write a new version of each article that is read otherwise now.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    add_data(parser)
    add_state(parser)
    parser.add_argument("--pages", metavar="DIR", type=folder, help="where pages were kept (default: DATA/pages)")
    parser.add_argument(
        "--site", action="append", default=[], metavar="DOMAIN", type=domain, help="only articles of this domain"
    )
    parser.add_argument("--since", metavar="DATE", type=days, help="only what came out on this day or later")
    parser.add_argument("--until", metavar="DATE", type=days, help="only what came out on this day or earlier")
    parser.add_argument("--dry-run", action="store_true", help="show what would change, and write nothing")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Read the kept pages, and say what came of it."""
    from crawler.state.reading import is_there

    check_days(options)
    pages = options.pages or options.data / "pages"
    if not pages.exists():
        raise ConfigError(f"{pages}: no pages are kept here; dateline crawl --keep-pages keeps them")
    if not is_there(options.state or options.data):
        raise ConfigError(f"{options.state or options.data}: there is no state here; name the crawl's with --data DIR")
    need_fastwarc()
    from crawler.commands.reextraction import reextract

    return reextract(options, pages)
