"""``dateline report``: the report page written anew, and shown."""

from __future__ import annotations

import argparse
from typing import Any

from crawler.commands.options import add_data, add_state, wide_help

EPILOG = """\
examples:
  dateline report                              write data/reports/index.html anew, and say where it is
  dateline report --data /srv/news --open      the same of another crawl's folder, and open it in the browser

Every run writes the page. It tells what needs a person, worst first, and of each source what came of it in the last 13
weeks. It is one file that loads nothing: it can be copied, mailed, or laid on a web server.

Exit codes: 0 fine; 2 there is no report of a run yet; 74 the state cannot be read, or the page not written.
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "report",
        help="write the report page anew, and show it",
        description="Write the report page from the last run's report and the history of all sources.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    add_data(parser)
    add_state(parser)
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write it, and say where it is."""
    from crawler.commands.reporting import show_report

    return show_report(options.data, options.state or options.data, is_opened=options.open)
