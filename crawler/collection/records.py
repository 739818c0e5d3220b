"""Records as they are read again: what is one, when its article is of, and its fields by name."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from zlib import error as DamagedGzip  # noqa: N812  it is a class

from crawler.collection.files import LineFile
from crawler.collection.lines import raw_lines

Record = dict[str, Any]
MOST_VERSIONS = 1_000_000  # more than an article that was looked at every minute for a year
_TEXTS = ("id", "url", "title", "content_text", "site")
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class Complain(Protocol):
    """Takes note of what cannot be read."""

    def __call__(self, file: LineFile, number: int | None, why: str) -> None:
        """In this file: a line, or None where it is the rest of the file, and why, in a few words."""


def articles_in(
    file: LineFile, complain: Complain, *, start: int = 0, needle: bytes = b""
) -> Iterator[tuple[int, bytes, Record]]:
    """Each article of a file: where its line begins, the line, its record. Lines that hold none are complained of.

    Lines without the ``needle`` are not looked at. The lines that stand for refused pages are passed over.
    """
    try:
        for number, begins, content in raw_lines(file, start):
            if content is None:
                complain(file, number, "far too long")
            elif needle in content and content.strip():
                record = read_record(content)
                if record is not None and is_article(record):
                    yield begins, content, record
                elif not content.endswith(b"\n"):
                    complain(file, number, "not whole: a crawl is writing it, or was killed")
                elif record is None or not _is_refusal(record):
                    complain(file, number, "no article's record")
    except (OSError, EOFError, DamagedGzip) as error:
        complain(file, None, f"cannot be read on: {getattr(error, 'strerror', None) or error}")


def read_record(content: bytes) -> Record | None:
    """The object that a line is in JSON; None where it is none. A line that is torn never is one."""
    try:
        record = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def is_article(record: Record) -> bool:
    """Whether a record has what readers here build upon; the schema asks for more."""
    about, authors = record.get("_dateline"), record.get("authors")
    return (
        all(isinstance(record.get(key), str) for key in _TEXTS)
        and isinstance(about, dict)
        and type(about.get("version")) is int
        and 0 < about["version"] < MOST_VERSIONS
        and isinstance(authors, list)
        and all(isinstance(author, dict) and isinstance(author.get("name"), str) for author in authors)
    )


def day_of(record: Record) -> str:
    """The day that an article counts under: of publication in its publisher's zone; undated, when it was first seen.

    >>> day_of({"date_published": "2025-04-26T10:00:00+03:00"})
    '2025-04-26'
    >>> day_of({"date_published": None, "_dateline": {"first_seen": "2025-05-01T07:00:00Z"}})
    '2025-05-01'
    """
    about = record.get("_dateline", {})
    stamps = (record.get("date_published"), about.get("first_seen"), about.get("date_crawled"))
    return next((str(stamp)[:10] for stamp in stamps if stamp and _DAY.match(str(stamp))), "0000-00-00")


def unix_of(record: Record) -> int:
    """When an article was published, in Unix time, to order those of a day; -1 where only the day is known."""
    stamp = record.get("date_published")
    if not isinstance(stamp, str) or len(stamp) <= len("YYYY-MM-DD"):
        return -1
    try:
        moment = dt.datetime.fromisoformat(stamp)
        return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())
    except (ValueError, OverflowError):
        return -1


def date_confidence(record: Record) -> str:
    """How sure the date of publication is: high, medium, low, or undated."""
    if not record.get("date_published"):
        return "undated"
    return str(value_of(record, "date.confidence") or "low")


def author_names(record: Record) -> str:
    """The authors in one text."""
    return "; ".join(author["name"] for author in record["authors"])


def value_of(record: Mapping[str, Any], name: str) -> Any:
    """A field by its name, with dots between keys; what is not in the record is looked for in its ``_dateline``.

    >>> value_of({"title": "A", "_dateline": {"date": {"confidence": "low"}}}, "date.confidence")
    'low'
    """
    first, _, rest = name.partition(".")
    value: Any = record.get(first) if first in record else record.get("_dateline", {}).get(first)
    for key in filter(None, rest.split(".")):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _is_refusal(record: Record) -> bool:
    about = record.get("_dateline")
    return isinstance(about, dict) and isinstance(about.get("refused"), str)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")
