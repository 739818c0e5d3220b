"""``dateline crawl``: news sites in, articles out."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.commands.options import (
    add_cluster,
    add_state,
    at_least,
    contact,
    days,
    duration_s,
    file,
    file_or_url,
    folder,
    need_distributed,
    recheck,
    size_bytes,
    wide_help,
)
from crawler.errors import ConfigError
from crawler.heap import growing

LARGEST = 32  # sites that one process of a cluster crawls at a time, as it asks for so many answers at a time
OWN_FOLDER = Path("\0")  # of kept pages: in the data folder; no path that can be named
EPILOG = """\
examples:
  dateline crawl https://example.org/
  dateline crawl https://example.org/feed.xml https://example.net/ --since 2025-04-01 --max-pages 500
  dateline crawl --sources sites.toml --data /srv/news
  dateline crawl http://127.0.0.1:8000/ --allow 127.0.0.0/8 --delay 0
  dateline crawl --sources sites.toml --max-time 50m --quiet                     from cron
  dateline crawl --sources sites.toml --every 30m --log /var/log/dateline.log    without cron
  dateline crawl --sources sites.toml --cluster tcp://host:8786 --state postgresql://news@db/news

A URL may be a front page, a feed, a sitemap or an article. A second run writes only what is new. The last line on
the standard output is the path of the file with the articles; before it stands a table in a terminal, one line
elsewhere. Exit codes: see dateline --help.
"""


def add_to(commands: Any) -> None:
    """Add the sub-command and its options to the command line."""
    parser = commands.add_parser(
        "crawl",
        help="crawl news sites and write their articles",
        description="Crawl news sites and write each new article as one JSON line.",
        epilog=EPILOG,
        formatter_class=wide_help(),
    )
    parser.add_argument("urls", nargs="*", metavar="URL", help="front page, feed, sitemap or article to start from")
    parser.add_argument("--sources", metavar="FILE", type=Path, help="TOML file with one table a site")
    parser.add_argument(
        "--cdx",
        metavar="FILE|URL",
        action="append",
        default=[],
        help="a CDX list of a web archive, which names old addresses of the site (may be repeated)",
    )
    parser.add_argument(
        "--all", action="store_true", help="ask every source of the file, also those that are not due, and in full"
    )
    add_places(parser)
    parser.add_argument(
        "--keep-pages",
        metavar="DIR",
        type=folder,
        nargs="?",
        const=OWN_FOLDER,
        help="keep the pages of articles as they came, as WARC files in this folder (default: DATA/pages); without one "
        "put it behind the addresses",
    )
    add_allow(parser)
    add_contact(parser)
    parser.add_argument(
        "--delay",
        metavar="S",
        type=at_least(0.0),
        help="seconds between two requests to a host, which is never asked two things at once (default: 1)",
    )
    parser.add_argument(
        "--timeout",
        metavar="TIME",
        type=duration_s,
        help="give up an answer that is not whole after this time, such as 60s, however it trickles (default: 30s)",
    )
    parser.add_argument("--max-pages", metavar="N", type=at_least(1), help="fetch at most N article pages in this run")
    parser.add_argument(
        "--max-time",
        metavar="TIME",
        type=duration_s,
        help="stop after this time, such as 50m, with all saved; the next run goes on",
    )
    parser.add_argument(
        "--max-memory",
        metavar="SIZE",
        type=size_bytes,
        help="stop, with all saved and exit code 70, when the crawl and its workers hold more memory (default: 500 MB)",
    )
    parser.add_argument(
        "--every",
        metavar="TIME",
        type=duration_s,
        help="crawl again and again, a run every 30m, 6h or such, until stopped; never two runs at once",
    )
    parser.add_argument(
        "--since", metavar="DATE", type=days, help="leave out what is older: YYYY-MM-DD, or days such as 7d"
    )
    add_undated(parser)
    add_rights(parser)
    parser.add_argument(
        "--recheck",
        metavar="AGES",
        type=recheck,
        help="ages at which a written article is looked at again, with s, m, h, d or w, or never (default: "
        "3h,1d,7d,30d); what a feed or sitemap calls modified is looked at in any case",
    )
    parser.add_argument(
        "--strict", action="store_true", help="end with exit code 3 while an alarm stands: a source is not as it was"
    )
    parser.add_argument(
        "--on-alarm",
        metavar="COMMAND",
        help="run this, without a shell, when an alarm begins, with JSON on its standard input (default: on_alarm of "
        "the sources file)",
    )
    parser.add_argument(
        "--metrics",
        metavar="FILE",
        type=Path,
        help="write the run's numbers for Prometheus' node exporter, textfile collector (default: metrics of the "
        "sources file)",
    )
    parser.add_argument(
        "--profile",
        action="store_true",
        help="tell where the CPU time goes, by stage: in a table at the end, and in DIR/reports/RUN.profile.json",
    )
    add_cluster(parser, LARGEST, "sites")
    add_log(parser)
    add_volume(parser)
    parser.set_defaults(run=run)


def add_places(parser: argparse.ArgumentParser) -> None:
    """The options that say where the state and the articles are."""
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=folder,
        default=Path("data"),
        help="folder for the state, the articles and the reports (default: ./data)",
    )
    add_state(parser)
    parser.add_argument(
        "--output",
        metavar="FILE|URL",
        type=file_or_url,
        help="append the articles to this file instead of DIR/articles/DAY.jsonl; with --cluster, write them in parts "
        "below this folder, or address such as s3://bucket/news",
    )
    parser.add_argument(
        "--parquet",
        metavar="FILE",
        type=file,
        help="write what this run writes into a Parquet file, too, which is there when the run has ended; %%(time)s in "
        "its name is the moment of its start (all of the collection: dateline export)",
    )


def add_volume(parser: argparse.ArgumentParser) -> None:
    """The options for how much is said."""
    parser.add_argument(
        "--json-log",
        action="store_true",
        help="say all that a log has as JSON on stderr, an object a line (time, level, event, message, fields), the "
        "summary last; docs/unattended.md names the events",
    )
    volume = parser.add_mutually_exclusive_group()
    volume.add_argument("--quiet", action="store_true", help="say nothing but what went wrong; no progress, no summary")
    volume.add_argument("--verbose", action="store_true", help="say what happens to every address")


def add_allow(parser: argparse.ArgumentParser) -> None:
    """The option that permits private addresses."""
    parser.add_argument(
        "--allow",
        metavar="HOST[:PORT]|NETWORK[,…]",
        action="append",
        default=[],
        help="permit hosts or networks on private addresses, such as intranet, 127.0.0.1:8000 or 10.0.0.0/8 (may be "
        "repeated; default: none)",
    )


def add_contact(parser: argparse.ArgumentParser) -> None:
    """The option that tells sites whom to write to."""
    parser.add_argument(
        "--contact",
        metavar="MAIL|URL",
        type=contact,
        help="how a site's owner can reach you; it stands in the User-Agent (default: none)",
    )


def add_undated(parser: argparse.ArgumentParser) -> None:
    """The option for articles without a date."""
    parser.add_argument(
        "--undated",
        choices=("flag", "refuse"),
        default="flag",
        help="an article without a date is written with a warning, or refused (default: flag)",
    )


def add_rights(parser: argparse.ArgumentParser) -> None:
    """The options for what sites say of the rights in their pages."""
    parser.add_argument(
        "--ignore-noindex",
        action="store_true",
        help="write articles all the same that their site asks not to keep (noindex, noarchive, none in a meta element "
        "or X-Robots-Tag); they are left out by default",
    )
    parser.add_argument(
        "--respect-tdm",
        action="store_true",
        help="leave out articles whose site reserves the mining of them (tdm-reservation, tdmrep.json, a "
        "Content-Signal that says no, noai); each record tells of it in any case",
    )


def add_log(parser: argparse.ArgumentParser) -> None:
    """The options for a file of messages."""
    parser.add_argument(
        "--log",
        metavar="FILE",
        type=Path,
        help="append messages and the summary to this file; the standard output stays empty",
    )
    parser.add_argument(
        "--log-size",
        metavar="SIZE",
        type=size_bytes,
        default=size_bytes("10M"),
        help="begin a new log file at this size, such as 512K or 10M (default: 10M)",
    )
    parser.add_argument(
        "--log-keep",
        metavar="N",
        type=at_least(1),
        default=5,
        help="keep so many full log files, as FILE.1 (the newest) to FILE.N (default: 5)",
    )


def run(options: argparse.Namespace) -> int:
    """Crawl, once or every so often, and say what came of it."""
    if not options.urls and not options.sources:
        raise ConfigError("nothing to crawl: give a URL, or a file of sites with --sources FILE")
    urls = [web_address(url) for url in options.urls]
    if options.every:
        from crawler.commands.rounds import crawl_every

        return crawl_every(options.every, options.arguments)
    if isinstance(options.output, str) and not options.cluster:
        raise ConfigError("--output: takes an address with --cluster alone; name a file")
    if options.cluster:
        need_distributed()
        from crawler.commands.clustering import crawl_in_cluster

        return crawl_in_cluster(options, urls)
    with growing():
        from crawler.state.reading import is_there

        if options.state is None and not is_there(options.data):
            from crawler.workers import load_ahead

            load_ahead()  # a first run has news: what reads them loads beside all else that does
        from crawler.commands.crawling import crawl

        return crawl(options, urls)


def web_address(text: str) -> str:
    """An http or https address as the user may write it; https is taken where no scheme is given, and said.

    Raises ConfigError for what is no such address.

    >>> web_address("http://example.org/a")
    'http://example.org/a'
    """
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigError(f"{text}: not an address: {error}") from None
    if "@" in parts.netloc:
        raise ConfigError(f"{host}: write the address without a user and password: none are ever sent")
    if parts.scheme not in {"http", "https"}:
        raise ConfigError(f"{text}: only http and https addresses can be read")
    if not host or any(letter.isspace() for letter in text):
        raise ConfigError(f"{text!r}: not an address: write it as https://example.org/")
    if "://" in text:
        return text
    if Path(text).exists():
        raise ConfigError(f"{text}: is a file; use dateline extract {text}")
    if "." not in host and host != "localhost" and ":" not in host:
        raise ConfigError(f"{text}: not an address: write it as https://{text}/")
    from crawler.terminal import say

    say(f"{text}: taken as https://{text}")
    return f"https://{text}"
