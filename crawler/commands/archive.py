"""``dateline archive``: WARC files and saved pages in, the same records out as from a crawl."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from crawler.commands.crawl import add_allow, add_contact, add_log, add_places, add_rights, add_undated, add_volume
from crawler.commands.options import (
    add_cluster,
    check_days,
    days,
    domain,
    duration_s,
    language,
    need_distributed,
    need_fastwarc,
    size_bytes,
    wide_help,
)
from crawler.errors import ConfigError

EPILOG = """\
examples:
  dateline archive CC-NEWS-20250426-00042.warc.gz --language uk --since 2025-04-01
  dateline archive https://archive.example.org/news-2025.warc.gz --site example.org
  dateline archive kept/ saved-pages/ --data /srv/news

A FILE is a WARC file (.warc, .warc.gz, .warc.zst) or a saved page (.html, .html.gz), or a folder of them. Pages go the
way of a crawl's: the same memory of sites, state, report and exit codes. A file is read on from where an earlier run
with the same filters stopped. See docs/archives.md.
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "archive",
        help="extract articles from WARC files and saved pages, with memory and state",
        description="Extract articles from WARC files and saved pages, and write each new one as one JSON line.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    parser.add_argument("files", nargs="+", metavar="FILE|URL", help="WARC file, saved page or folder of such")
    parser.add_argument(
        "--site", action="append", default=[], metavar="DOMAIN", type=domain, help="only pages of this domain"
    )
    parser.add_argument(
        "--language", action="append", default=[], metavar="XX", type=language, help="only articles in this language"
    )
    parser.add_argument("--since", metavar="DATE", type=days, help="only what came out on this day or later")
    parser.add_argument("--until", metavar="DATE", type=days, help="only what came out on this day or earlier")
    parser.add_argument("--all", action="store_true", help="read every file from its start, whatever was read before")
    add_places(parser)
    add_allow(parser)
    add_contact(parser)
    parser.add_argument(
        "--max-time", metavar="TIME", type=duration_s, help="stop after this time, with all saved; the next run goes on"
    )
    parser.add_argument(
        "--max-memory", metavar="SIZE", type=size_bytes, help="stop when all processes hold more (default: 500 MB)"
    )
    add_undated(parser)
    add_rights(parser)
    add_cluster(parser, 1, "archives")
    add_log(parser)
    add_volume(parser)
    parser.set_defaults(run=run, strict=False)  # no alarm is raised over archives


def run(options: argparse.Namespace) -> int:
    """Read the archives, and say what came of it."""
    names = [name_of(name) for name in options.files]
    check_days(options)
    need_fastwarc()
    from crawler.commands.crawling import feed_of, run_spider
    from crawler.commands.project import project_settings

    chosen = {
        "DATELINE_ARCHIVES": names,
        "DATELINE_SITES": options.site,
        "DATELINE_LANGUAGES": options.language,
        "DATELINE_SINCE": options.since.isoformat() if options.since else None,
        "DATELINE_UNTIL": options.until.isoformat() if options.until else None,
        "DATELINE_ALL": options.all,
        "DATELINE_ALLOW": options.allow,
        "DATELINE_CONTACT": options.contact,
        "DATELINE_DATA": str(options.data),
        "DATELINE_STATE": options.state and options.state.secret,
        "DATELINE_OUTPUT": str(options.output) if options.output else None,
        "FEEDS": feed_of(options.parquet) if options.parquet else None,
        "DATELINE_MEMORY_MB": options.max_memory and options.max_memory / 1e6,
        "DATELINE_UNDATED": options.undated,
        "DATELINE_IGNORE_NOINDEX": options.ignore_noindex,
        "DATELINE_RESPECT_TDM": options.respect_tdm,
        "DATELINE_QUIET": options.quiet,
    }
    if isinstance(options.output, str) and not options.cluster:
        raise ConfigError("--output: takes an address with --cluster alone; name a file")
    if options.cluster:
        need_distributed()
        from crawler.commands.clustering import read_in_cluster

        return read_in_cluster(options, chosen)
    return run_spider("archive", project_settings(chosen), options)


def name_of(text: str) -> str:
    """The absolute path of a file that is there, or an http or https address. Raises ConfigError for what is neither.

    >>> name_of("https://example.org/a.warc.gz")
    'https://example.org/a.warc.gz'
    """
    from crawler.identity import web_address

    if text.startswith(("http://", "https://")):
        if (url := web_address("", text)) is None:
            raise ConfigError(f"{text}: not an address")
        return url
    path = Path(text)
    if not path.exists():
        raise ConfigError(f"{text}: there is no such file or folder")
    return str(path.absolute())
