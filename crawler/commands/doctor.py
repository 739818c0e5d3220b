"""``dateline doctor``: whether a run can be made, and the state held against the files, mended where that is asked."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from crawler.commands.crawl import add_allow
from crawler.commands.options import add_data, add_sources, add_state, wide_help
from crawler.errors import ConfigError

EPILOG = """\
examples:
  dateline doctor                              a line a check: ok, note or problem, and what to do
  dateline doctor --data /srv/news --repair    mend what can be mended without guessing
  dateline doctor old/2024-*.jsonl.gz          articles that were moved away are looked for there, too
  dateline doctor --network                    also ask ten sources at most for their robots.txt

Checked are the program (Python, libraries, extras, rules), the file of sources, the rights to the folder, the free disk
against what a day takes, the clock against the newest stamps (and with --network against the clocks of servers), who
holds the lock, the state's file and version, lines on their way, the length and end of each file, and that each article
stands in the files as often as the state says, and no other does.

--repair appends lines that are owed, moves a torn last line of ours to FILE.torn, and takes articles that stand in
files and not in the state into it, so that they are not written twice. An article that stands in no file stays known,
since you may have moved it: --refetch-missing forgets it, and it is written again when a source names it.

Exit codes: 0 fine, or mended; 1 a problem; 74 the state cannot be read; 75 a run is using the folder.
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "doctor",
        help="check installation, state, disk, clock and network; mend the state",
        description="Check that a run can be made, and that the state and the files of articles agree.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    parser.add_argument(
        "files", nargs="*", metavar="FILE", type=Path, help="files of lines that were moved away (also .gz)"
    )
    add_data(parser)
    add_state(parser)
    add_sources(parser)
    parser.add_argument(
        "--network",
        action="store_true",
        help="ask the first ten sources for their robots.txt: names, servers, certificates, and their clocks",
    )
    add_allow(parser)
    parser.add_argument("--repair", action="store_true", help="mend what can be mended without guessing")
    parser.add_argument(
        "--refetch-missing",
        action="store_true",
        help="with --repair: forget articles whose newest line is in no file, so that they are written again",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check, mend, check again."""
    if options.refetch_missing and not options.repair:
        raise ConfigError("--refetch-missing: goes with --repair")
    if absent := [str(path) for path in options.files if not path.is_file()]:
        raise ConfigError(f"{absent[0]}: there is no such file")
    from crawler.commands.consultation import consult

    return consult(options)
