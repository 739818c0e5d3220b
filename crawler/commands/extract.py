"""``dateline extract``: saved pages in, the same records out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from crawler.commands.crawl import add_allow, add_contact, add_undated
from crawler.commands.options import language, wide_help
from crawler.errors import ConfigError

EPILOG = """\
examples:
  dateline extract page.html other.html.gz
  dateline extract --manifest pages.jsonl --base pages/ --output articles.jsonl
  dateline extract https://example.org/news/some-article

A manifest is JSON lines: {"id", "url", "path", "encoding"?, "fetched_at"?}. Each line gives one line of output, in the
same order and with the same id; a page that is no article gives {"id", "url", "_dateline": {"refused", "detail"}}.
A page without "fetched_at" counts as fetched today (UTC): no date of publication is later than that day. The address
of a FILE is the one that the page declares for itself, or file://… where it declares none.
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "extract",
        help="extract articles from saved pages, without a crawl",
        description="Extract articles from saved pages (.html, .html.gz), or from single addresses, without a crawl.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    parser.add_argument("pages", nargs="*", metavar="FILE|URL", help="saved page, or an address to be fetched once")
    parser.add_argument("--manifest", metavar="FILE", type=Path, help="JSON lines that name saved pages")
    parser.add_argument(
        "--base", metavar="DIR", type=Path, help="folder that the manifest's paths start from (default: the manifest's)"
    )
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="write to this file, in place of what is in it (default: stdout)"
    )
    parser.add_argument(
        "--no-memory",
        action="store_true",
        help="judge each page alone, without what the other pages of its site teach (three of a site teach something)",
    )
    parser.add_argument(
        "--model",
        metavar="FILE",
        type=Path,
        help="weights of the block model, in place of those that ship (python -m benchmarks.model.train makes them)",
    )
    parser.add_argument("--language", metavar="XX", type=language, help="the pages' language (BCP 47), where known")
    add_undated(parser)
    add_allow(parser)
    add_contact(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Extract the pages."""
    if not options.pages and not options.manifest:
        raise ConfigError("nothing to extract: give a FILE or URL, or a list of pages with --manifest FILE")
    if options.base and not options.manifest:
        raise ConfigError("--base: is for the paths of a --manifest")
    from crawler.commands.extraction import extract_pages

    return extract_pages(options)
