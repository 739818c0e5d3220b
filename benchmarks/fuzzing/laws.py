"""What holds of single values wherever they come out: addresses, dates, written lines."""

from __future__ import annotations

import datetime as dt
import json
import re
import unicodedata
from dataclasses import asdict

import jsonschema
from scrapy import Request

from benchmarks.fuzzing.target import holds
from crawler.commands.schema import schema_text
from crawler.identity import host_of
from crawler.items import Dated, Hint
from crawler.record import json_line

URL = "https://news.example.org/world/council-votes-to-repair-bridge"
FETCHED = dt.datetime(2025, 6, 1, 12, 0, tzinfo=dt.UTC)
EARLIEST, LATEST = dt.date(1990, 1, 1), dt.date(2025, 6, 3)  # of an article's date; a zone and a day after the fetch

_RFC3339 = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?)?"
)
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_VALIDATORS = {
    name: jsonschema.Draft202012Validator(json.loads(schema_text()) | {"oneOf": [{"$ref": f"#/$defs/{name}"}]})
    for name in ("article", "refusal")
}


def is_web(url: str) -> None:
    """An http(s) address with a host, one that a request can be made of and that can be stored."""
    holds(isinstance(url, str) and re.match("https?://", url), "an address is http or https", told=url)
    holds(host_of(url), "an address has a host", told=url)
    holds(not re.search(r"\s", url), "an address has no white space", told=url)
    holds(_is_storable(url), "an address is UTF-8", told=ascii(url))
    Request(url)


def is_hint(hint: Hint) -> None:
    """An address with texts that can be stored and packed, none of them empty, the title on one line."""
    is_web(hint.url)
    for name, value in asdict(hint).items():
        holds(value is None or (isinstance(value, str) and value), f"{name} is null or a text", told=repr(value))
        holds(value is None or _is_storable(value), f"{name} is UTF-8", told=ascii(value))
    holds(hint.title is None or hint.title == " ".join(hint.title.split()), "a title is one line", told=hint.title)


def is_rfc3339(value: str) -> None:
    """A date of the calendar as RFC 3339 writes it; without an offset or a time where those are not known."""
    holds(value.isascii() and _RFC3339.fullmatch(value), "a date is RFC 3339", told=value)
    dt.datetime.fromisoformat(value)


def is_dated(dated: Dated | None) -> None:
    """No date, or one of the years in which there were pages to put it on, and not after the fetch."""
    if dated is None:
        return
    for value in (dated.value, *dated.alternatives):
        is_rfc3339(value)
    holds(EARLIEST <= dated.day <= LATEST, "a date is between the web's first and the fetch", told=dated.value)
    holds((dated.precision == "day") == (len(dated.value) == len("2025-04-26")), "its precision is told", told=dated)
    holds(dated.confidence in {"high", "medium", "low"}, "its confidence is told", told=dated)


def is_line(record: dict[str, object]) -> None:
    """A record that is written as one line of UTF-8 JSON, valid against the schema, composed, without controls."""
    line = json_line(record)
    holds(line.count(b"\n") == 1 and line.endswith(b"\n"), "a record is one line", told=line)
    text = line.decode("utf-8")
    holds(not _CONTROLS.search(text), "a line has no control characters", told=line)
    back = json.loads(text)
    holds(back == record, "a line is read as what was written", told=line)
    for value in _texts(back):
        holds(
            not _CONTROLS.search(
                value.replace("\u2028", "").replace("\u2029", "").replace("\u0085", "").replace("\t", "")
            ),
            "a text has no control characters",
            told=ascii(value),
        )
        holds(unicodedata.is_normalized("NFC", value), "a text is composed", told=ascii(value))
    error = next(_VALIDATORS["article" if "title" in record else "refusal"].iter_errors(back), None)
    holds(error is None, "a record is what the schema says", told=_first_cause(error) if error else "")


def _first_cause(error: jsonschema.ValidationError) -> str:
    cause = jsonschema.exceptions.best_match([error])
    return f"{'/'.join(map(str, cause.absolute_path))} {cause.message}"


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in _texts(part)]
    return [text for item in value for text in _texts(item)] if isinstance(value, list) else []


def _is_storable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
