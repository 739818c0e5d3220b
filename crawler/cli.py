"""The ``dateline`` command: its options, and how its errors end."""

from __future__ import annotations

import argparse
import atexit
import gc
import os
import signal
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from crawler import __version__
from crawler.commands import (
    add,
    archive,
    articles,
    browse,
    compact,
    crawl,
    doctor,
    export,
    extract,
    memory,
    reextract,
    report,
    schema,
    sources,
    why,
)
from crawler.errors import ConfigError
from crawler.exits import Exit

EXIT_CODES = """\
exit codes:
  0    fine
  1    some sources, or some pages to extract, failed; the others were read; a doctor found problems
  2    an option, a sources file or a manifest cannot be used; nothing was started
  3    an alarm stands: a source is not as it was (with crawl --strict alone)
  70   a rules file of the program itself is broken; nothing can be read with it
  74   the disk is full, or a file or folder cannot be written; the next run goes on where this one stopped
  75   another run is using the data folder or has taken the site, or another export writes to the same place
  130  stopped by Ctrl-C (143: by SIGTERM); what was found so far is saved
"""
EXAMPLES = """\
examples:
  dateline crawl https://example.org/                    a site's new articles into ./data/articles/
  dateline crawl --sources sites.toml --since 7d         several sites, the last seven days
  dateline add https://example.org/                      look at a site, and add it to sites.toml
  dateline sources                                       the sources, and how each is doing
  dateline extract page.html.gz                          one saved page to the terminal
  dateline why https://example.org/news/some-article     why a page reads as it does, shown in a browser
  dateline articles --since 7d --grep ferry              what was crawled, as a table, JSON lines or CSV
  dateline browse                                        the same in a browser, with full-text search and facets
  dateline export --to parquet                           the same for other tools: Parquet, CSV or SQLite
  dateline archive news.warc.gz                          what a WARC file holds of articles
  dateline reextract --dry-run                           what kept pages would give by the present rules
  dateline memory example.org                            what is known of a site from its own pages
  dateline report --open                                 what a person should look at, and every source's history
  dateline doctor                                        the state held against the files
  dateline compact                                       the state made small again
  dateline schema > record.schema.json                   the format of the output
"""


class OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are a single line.

    Options are not abbreviated: in a crontab an abbreviation would come to mean nothing, or another option, one day.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is; exit code 2."""
        self.exit(Exit.USAGE, f"{self.prog}: {' '.join(message.split())} (see {self.prog} --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """The command line with all of its options."""
    parser = OneLineParser(
        prog="dateline",
        description="A news crawler whose output can be trusted: clean, dated articles as JSON lines.",
        epilog=f"{EXAMPLES}\n{EXIT_CODES}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dateline {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    crawl.add_to(commands)
    add.add_to(commands)
    sources.add_to(commands)
    extract.add_to(commands)
    why.add_to(commands)
    articles.add_to(commands)
    browse.add_to(commands)
    export.add_to(commands)
    archive.add_to(commands)
    reextract.add_to(commands)
    memory.add_to(commands)
    report.add_to(commands)
    doctor.add_to(commands)
    compact.add_to(commands)
    schema.add_to(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; what goes wrong outside the program itself is one line on stderr and an exit code."""
    atexit.register(gc.freeze)  # what is left goes with the process: to look through it takes as long as a small crawl
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = build_parser().parse_args(given)
    options.arguments = given
    if getattr(options, "json_log", False):
        from crawler.terminal import speak_json

        speak_json()
    try:
        return int(options.run(options))
    except ConfigError as error:
        return _end(str(error), Exit.USAGE)
    except KeyboardInterrupt:
        return _end("stopped", Exit.INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone: end as a Unix filter does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:
        if (code := _code_of(error)) is None:
            raise
        return _end(str(error), code)


def _code_of(error: Exception) -> Exit | None:
    from crawler.extraction.rule import RuleError
    from crawler.state import DiskError, LockedError

    codes = {DiskError: Exit.DISK, LockedError: Exit.LOCKED, RuleError: Exit.BROKEN}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), None)


def _end(message: str, code: Exit) -> int:
    from crawler.terminal import say

    say(message)
    return code


if __name__ == "__main__":
    sys.exit(main())
