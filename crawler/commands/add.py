"""``dateline add``: a site looked at, shown as a card, and written into the file of sources."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from crawler.commands.crawl import add_allow, add_contact, web_address
from crawler.commands.options import SOURCES, at_least, wide_help

EPILOG = """\
examples:
  dateline add https://example.org/                        look, show a card, ask, write into ./sites.toml
  dateline add example.org --sources /srv/news/sites.toml --yes
  dateline add https://example.org/feed.xml --dry-run      look at a source, also at one that the file has
  dateline add https://example.org/ --json | jq .warnings

A look makes at most 40 requests, in the manner of a crawl (robots.txt, a second between two, no private address), and
leaves the data folder alone. The table goes to the end of the file; what stands there stays as it is. Outside a
terminal nothing is written without --yes.

Exit codes: 0 shown, or written, or there already; 1 no article could be read, and nothing was written; 2 the file of
sources cannot be used; 74 it cannot be written. docs/adding.md tells what the card says.
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "add",
        help="look at a site, show what a crawl would make of it, and add it to the sources",
        description="Look at a site, show what a crawl would make of it, and add it to the file of sources.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    parser.add_argument("url", metavar="URL", help="front page, section, feed or sitemap; of an article, its site")
    parser.add_argument(
        "--sources",
        metavar="FILE",
        type=Path,
        default=SOURCES,
        help=f"file of sources, made where there is none (default: ./{SOURCES})",
    )
    volume = parser.add_mutually_exclusive_group()
    volume.add_argument("--yes", action="store_true", help="write without asking")
    volume.add_argument("--dry-run", action="store_true", help="only look and show")
    parser.add_argument("--json", action="store_true", help="print the card as JSON, and ask nothing")
    add_allow(parser)
    add_contact(parser)
    parser.add_argument(
        "--delay", metavar="S", type=at_least(0.0), help="seconds between two requests to a host (default: 1)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Look, show, ask, write."""
    url = web_address(options.url)
    from crawler.commands.adding import add

    return add(options, url)
