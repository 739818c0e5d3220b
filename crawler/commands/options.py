"""Types of command-line options: each says what it expected."""

from __future__ import annotations

import argparse
import datetime as dt
import functools
import importlib.util
import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from crawler.errors import ConfigError
from crawler.policy import UNIT_S, read_recheck, read_since

if TYPE_CHECKING:
    from crawler.state.url import Url

Number = TypeVar("Number", int, float)
SOURCES = Path("sites.toml")
_SHIFTS = {"": 0, "K": 10, "M": 20, "G": 30}


def at_least(least: Number) -> Callable[[str], Number]:
    """A number that is finite and not below this one.

    >>> at_least(1)("5"), at_least(0.0)("0.5")
    (5, 0.5)
    """

    def number(text: str) -> Number:
        try:
            value = type(least)(text)
        except ValueError:
            value = None
        if value is None or not math.isfinite(value) or value < least:
            kind = "a whole number" if isinstance(least, int) else "a number"
            raise argparse.ArgumentTypeError(f"{text!r} is not {kind} from {least:g} up")
        return value

    return number


def duration_s(text: str) -> float:
    """A length of time in seconds: a whole number with a unit, or several such after one another.

    >>> duration_s("90s"), duration_s("30m"), duration_s("1h30m")
    (90.0, 1800.0, 5400.0)
    """
    parts = re.findall(r"(\d{1,6})([smhd])", text)
    seconds = sum(int(number) * UNIT_S[unit] for number, unit in parts)
    if "".join(map("".join, parts)) != text or not seconds:
        raise argparse.ArgumentTypeError(f"{text!r} is not a length of time such as 90s, 30m, 6h or 1h30m")
    return float(seconds)


def size_bytes(text: str) -> int:
    """A size in bytes: a whole number, in KB, MB or GB where a letter says so.

    >>> size_bytes("10M"), size_bytes("512K")
    (10485760, 524288)
    """
    if not (match := re.fullmatch(r"([1-9]\d{0,11})([KMG]?)B?", text.upper())):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 512K, 10M or 1G")
    return int(match[1]) << _SHIFTS[match[2]]


def days(text: str) -> dt.date:
    """A day, or a number of days before today (UTC)."""
    try:
        return read_since(text, dt.datetime.now(dt.UTC).date())
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("since: ")) from None


def recheck(text: str) -> str:
    """Ages at which articles are looked at again, as the setting writes them."""
    try:
        read_recheck(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("recheck: ")) from None
    return text


def add_data(parser: argparse.ArgumentParser) -> None:
    """The option that names the folder of a crawl, for commands that look at what crawls have left."""
    parser.add_argument(
        "--data", metavar="DIR", type=folder, default=Path("data"), help="the crawl's folder (default: ./data)"
    )


def add_wanted(parser: argparse.ArgumentParser) -> None:
    """The options that say which articles are meant, for commands that read what was written."""
    parser.add_argument("--since", metavar="DATE", type=days, help="published on this day or later: YYYY-MM-DD, or 7d")
    parser.add_argument("--until", metavar="DATE", type=days, help="published on this day or before")
    parser.add_argument("--site", metavar="SITE", action="append", default=[], help="of this site (may be repeated)")
    parser.add_argument(
        "--language",
        metavar="TAG",
        type=language,
        action="append",
        default=[],
        help="in this language; pt is pt-BR, too (may be repeated)",
    )
    parser.add_argument("--all-versions", action="store_true", help="each version of an edited article")


def add_collection(parser: argparse.ArgumentParser) -> None:
    """The option that names a collection, for commands that read nothing but what was written."""
    parser.add_argument(
        "--data",
        metavar="DIR|URL",
        type=place,
        default=Path("data"),
        help="the crawl's folder, or where a cluster has written, such as s3://bucket/news (default: ./data)",
    )


def place(text: str) -> Path | str:
    """A folder as its path, a URL as it is.

    >>> place("data").name, place("s3://bucket/news")
    ('data', 's3://bucket/news')
    """
    return text if "://" in text else Path(text)


def state_url(text: str) -> Url:
    """The URL of a shared state; what is wrong with it is said without repeating it, for the password in it."""
    from crawler.state.url import Url  # here, as the rooms of the state take a while to be read

    try:
        return Url.parse(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def add_state(parser: argparse.ArgumentParser) -> None:
    """The option that names a state on a server."""
    parser.add_argument(
        "--state",
        metavar="URL",
        type=state_url,
        default=os.environ.get("DATELINE_STATE") or None,
        help="keep the state in a PostgreSQL database, postgresql://USER@HOST/DATABASE, in place of a file in DIR "
        "(default: $DATELINE_STATE, where that is set)",
    )


def add_sources(parser: argparse.ArgumentParser) -> None:
    """The option that names the file of sources, for commands that look at them."""
    parser.add_argument(
        "--sources",
        metavar="FILE",
        type=Path,
        help=f"file of sources (default: ./{SOURCES}, where there is one)",
    )


def add_cluster(parser: argparse.ArgumentParser, at_a_time: int, what: str) -> None:
    """The options that hand a run out to many machines."""
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS|local",
        help="hand the run out to the workers of this Dask scheduler, such as tcp://host:8786, or to this machine's "
        "cores; with --state postgresql://… (docs/scale.md)",
    )
    parser.add_argument(
        "--at-a-time",
        metavar="N",
        type=at_least(1),
        default=at_a_time,
        help=f"with --cluster: {what} that one process is given at a time (default: {at_a_time})",
    )
    parser.add_argument(
        "--lease",
        metavar="TIME",
        type=duration_s,
        default=60.0,
        help="with --cluster: what a process has that is silent for so long is given to another (default: 60s)",
    )


def file_of(sources: Path | None) -> Path | None:
    """The file of sources that is meant: the one that was named, else the usual one, where it is there."""
    return sources or (SOURCES if SOURCES.exists() else None)


def file_or_url(text: str) -> Path | str:
    """A path, or an address as it is.

    >>> file_or_url("s3://bucket/news"), str(file_or_url("day.jsonl"))
    ('s3://bucket/news', 'day.jsonl')
    """
    return text if "://" in text else Path(text)


def need_fastwarc() -> None:
    """ConfigError where the extra is missing that WARC files are read with."""
    if importlib.util.find_spec("fastwarc") is None:
        raise ConfigError("archives are read with fastwarc, which is not installed: pip install 'dateline[archive]'")


def folder(text: str) -> Path:
    """A folder of this machine, or of NFS.

    >>> folder("data")
    PosixPath('data')
    """
    return _on_disk(text, "folder")


def file(text: str) -> Path:
    """A file of this machine, or of NFS.

    >>> file("news.parquet")
    PosixPath('news.parquet')
    """
    return _on_disk(text, "file")


def _on_disk(text: str, what: str) -> Path:
    if "://" in text:
        raise argparse.ArgumentTypeError(f"{text} is an address; this takes a {what} of this machine (or of NFS)")
    return Path(text)


def domain(text: str) -> str:
    """A domain, also of an address in it.

    >>> domain("News.Example.org"), domain("https://example.org/news")
    ('news.example.org', 'example.org')
    """
    try:
        host = urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:
        host = None
    if not host:
        raise argparse.ArgumentTypeError(f"{text!r} is no domain such as example.org")
    return host


def check_days(options: argparse.Namespace) -> None:
    """ConfigError where nothing can be between --since and --until."""
    if options.since and options.until and options.since > options.until:
        raise ConfigError(f"--since {options.since}: is after --until {options.until}")


def need_pyarrow() -> None:
    """ConfigError where the extra is missing that Parquet is written with."""
    if importlib.util.find_spec("pyarrow") is None:
        raise ConfigError("Parquet is written with pyarrow, which is not installed: pip install 'dateline[parquet]'")


def need_distributed() -> None:
    """ConfigError where the extra is missing that runs are handed out with."""
    if importlib.util.find_spec("distributed") is None:
        raise ConfigError("--cluster needs Dask, which is not installed: pip install 'dateline[cluster]'")


def wide_help() -> Callable[..., argparse.HelpFormatter]:
    """A formatter that keeps the lines of an epilog and gives options room."""
    return functools.partial(argparse.RawDescriptionHelpFormatter, max_help_position=30)


def language(text: str) -> str:
    """A language tag (BCP 47) by its form.

    >>> language("pt-BR")
    'pt-BR'
    """
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a language tag such as en or pt-BR")
    return text


def contact(text: str) -> str:
    """A way to reach the operator, as it can stand in a header.

    >>> contact("news@example.org")
    'news@example.org'
    """
    if not re.fullmatch(r"[!-~]+", text) or not ({"@", "/"} & set(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is neither a mail address nor the address of a page")
    return text
