"""``dateline why``: one page, and why it reads as it does."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from crawler.commands.crawl import add_allow, add_contact
from crawler.commands.options import add_data, add_state, language, wide_help

EPILOG = """\
examples:
  dateline why https://example.org/news/some-article     what the state knows of it, and its page, fetched once
  dateline why page.html.gz                              a saved page
  dateline why --text page.html                          the same in the terminal
  dateline why --no-fetch https://example.org/gone       what the state knows, without asking the site

It shows the page's texts in reading order: what is kept, what is cut and by which rule or evidence, and what stands
elsewhere; and each field with the place where it was read and what was passed over for it. What it writes is one file
that asks for nothing and runs no script; the last line is its path. The state is only read, also beside a crawl.
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "why",
        help="show why a page reads as it does: what is kept, what is cut, where each field was read",
        description="Show why a page reads as it does: what is kept, what is cut and why, where each field was read.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    parser.add_argument(
        "page", metavar="FILE|URL", help="saved page, or an address that was crawled or is to be fetched"
    )
    parser.add_argument("--text", action="store_true", help="print it as text in place of writing a page")
    parser.add_argument(
        "--output",
        metavar="FILE",
        type=Path,
        help="write to this file, in place of what is in it (default: why.html, with --text stdout)",
    )
    parser.add_argument("--no-open", action="store_true", help="do not open the page in a browser")
    parser.add_argument(
        "--no-fetch", action="store_true", help="tell what the state knows of URL; ask its site nothing"
    )
    add_data(parser)
    add_state(parser)
    parser.add_argument(
        "--sources",
        metavar="FILE",
        type=Path,
        help="the crawl's TOML file, for the language, country and zone of the site",
    )
    parser.add_argument("--no-memory", action="store_true", help="judge the page without what its site has taught")
    parser.add_argument(
        "--model", metavar="FILE", type=Path, help="weights of the block model (default: those that ship)"
    )
    parser.add_argument("--language", metavar="XX", type=language, help="the page's language (BCP 47), where known")
    add_allow(parser)
    add_contact(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Explain one page."""
    from crawler.commands.reasons import explain_page

    return explain_page(options)
