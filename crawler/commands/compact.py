"""``dateline compact``: the state made small again."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any

from crawler.commands.options import add_data, add_state, days, wide_help
from crawler.exits import Exit

EPILOG = """\
examples:
  dateline compact                             what no source has named for 400 days is dropped
  dateline compact --older-than 90d --data /srv/news
  dateline compact --state postgresql://db/news  the same of a shared state, also while crawls write to it

Dropped are addresses that hold no article (refused, gone, out of reach) and that no source has named since. If one
is named again, it is asked for once more; no article is written twice by that. Written articles stay known for ever,
and no file of articles is touched; of those last looked at more than 30 days ago, what tells an edit from other
changes is dropped. The state then gives its empty room back to the disk, for which it takes free disk
of twice its size for a while. A kill at any moment does no harm. For cron: 43 4 * * 0 dateline compact --data DIR
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "compact",
        help="drop what no run needs any more, and make the state small",
        description="Drop from the state what no run needs any more, and give its room back to the disk.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    add_data(parser)
    add_state(parser)
    parser.add_argument(
        "--older-than",
        metavar="DATE",
        type=days,
        default="400d",
        help="drop what no source has named since: YYYY-MM-DD, or days such as 90d (default: 400d)",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compact, and say what was dropped and how large the state is."""
    from crawler.state.compaction import compact
    from crawler.terminal import stdout_console

    done = compact(options.state or options.data, options.older_than, dt.datetime.now(dt.UTC).date())
    console = stdout_console()
    console.print(
        f"dropped {done.dropped:,} addresses without an article, not named since {options.older_than}; "
        f"{done.kept:,} are kept",
        soft_wrap=True,
    )
    console.print(f"{done.settled:,} articles take less room, as no run is to look at them again", soft_wrap=True)
    again = "; PostgreSQL uses the room of what was dropped again" if options.state else ""
    console.print(f"the state was {done.before / 1e6:,.1f} MB and is {done.after / 1e6:,.1f} MB{again}", soft_wrap=True)
    return Exit.FINE
