"""``dateline memory``: what the site memories hold, shown to a person, and dropped where that is asked for."""

from __future__ import annotations

import argparse
from typing import Any

from crawler.commands.options import add_data, add_state, wide_help
from crawler.errors import ConfigError

EPILOG = """\
examples:
  dateline memory                              the sites that are known, and by how many pages
  dateline memory example.org                  what is known of one: its furniture, where articles stand, …
  dateline memory example.org --forget         drop it: the site's next pages are those of an unknown site

A site's memory is learned from its own articles while they are crawled, and kept in the state. What repeats over its
pages (appeals, notices, prompts) is cut from articles as “site furniture”, with the evidence in the record.
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "memory",
        help="show what is known of sites from their own pages, or drop it",
        description="Show what is known of a site from its own pages, or drop it.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    parser.add_argument("site", nargs="?", metavar="SITE", help="a site, or an address on it (default: list all sites)")
    add_data(parser)
    add_state(parser)
    parser.add_argument("--forget", action="store_true", help="drop what is known of SITE")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show, or drop."""
    if options.forget and not options.site:
        raise ConfigError("--forget: name the SITE to forget")
    from crawler.commands.memories import forget_site, list_sites, show_site

    place = options.state or options.data
    if options.forget:
        return forget_site(place, options.site)
    return show_site(place, options.site) if options.site else list_sites(place)
