"""CDX lists of web archives from bytes: which addresses were captured as pages, and when first.

CDX and CDXJ lines, JSON lines, and the arrays of the Wayback Machine's server (``output=json``), packed or not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.gzipped import unpacked
from crawler.identity import web_address
from crawler.items import FoundBy, Hint

MOST_BYTES = 50 * 1024 * 1024  # unpacked
MOST_ADDRESSES = 50_000  # as of a sitemap; a list is asked for again with what follows
MOST_LINES = 2_000_000
MOST_FAULTS = 1_000  # rows of an array that cannot be read, after which the rest is given up
LONGEST_LINE = 20_000  # bytes
_USUAL = ("urlkey", "timestamp", "original", "mimetype", "statuscode")
_LETTERS = {"N": "urlkey", "b": "timestamp", "a": "original", "m": "mimetype", "s": "statuscode"}
_NAMES = {"url": "original", "mime": "mimetype", "status": "statuscode"}
_STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)?(\d\d)?(\d\d)?")
_PAGES = ("text/html", "application/xhtml+xml", "-", "", "warc/revisit", "unk")  # the last four say nothing
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cdx:
    """The addresses of a list in its order, each once, with the time of its first capture."""

    hints: tuple[Hint, ...] = ()
    is_cut: bool = False  # more than the limits was there


def read_cdx(body: bytes) -> Cdx:
    """What a list names that was answered with 200 and is a page; a bad line is left out.

    >>> read_cdx(b"org,example)/a 20190401120000 https://example.org/a text/html 200 AB 1").hints[0].captured
    '2019-04-01T12:00:00Z'
    """
    content = unpacked(body, MOST_BYTES)
    is_cut = content.is_over or content.damage is not None
    first: dict[str, str] = {}
    for number, row in enumerate(_rows(content.body)):
        if number >= MOST_LINES or len(first) >= MOST_ADDRESSES:
            is_cut = True
            break
        if (found := _capture(row)) is not None:
            url, stamp = found
            first[url] = min(stamp, first.get(url, stamp))
    hints = tuple(Hint(url=url, found_by=FoundBy.ARCHIVE, captured=stamp or None) for url, stamp in first.items())
    return Cdx(hints=hints, is_cut=is_cut)


def _rows(content: bytes) -> Iterator[Row]:
    text = content.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"["):
        yield from _array(text.decode("utf-8", "replace"))
        return
    names: Sequence[str] = _USUAL
    for line in _lines(text):
        words = line.split()
        if not words:
            continue
        if words[0] == "CDX":
            names = [_LETTERS.get(letter, letter) for letter in words[1:]]
        elif (start := line.find("{")) >= 0 and len(line[:start].split()) in {0, 2}:
            yield from _object(line[start:], words)
        else:
            yield dict(zip(names, words, strict=False))


def _lines(text: bytes) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find(b"\n", start)
        end = len(text) if end < 0 else end
        if end - start <= LONGEST_LINE:
            yield text[start:end].decode("utf-8", "replace")
        start = end + 1


def _object(text: str, words: Sequence[str]) -> Iterable[Row]:
    """What the object of a CDXJ line says, its names as the Wayback Machine has them."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return []
    if not isinstance(told, dict):
        return []
    row: dict[str, Any] = {_NAMES.get(str(name), str(name)): value for name, value in told.items()}
    return [row if "timestamp" in row or len(words) < 2 else row | {"timestamp": words[1]}]


def _array(text: str) -> Iterator[Row]:
    decoder, position, faults = json.JSONDecoder(), 1, 0
    names: Sequence[str] = _USUAL
    while (position := text.find("[", position)) >= 0 and faults < MOST_FAULTS:
        end = text.find("]", position) + 1
        if not 0 < end - position <= LONGEST_LINE:
            position, faults = position + 1, faults + 1
            continue
        try:
            row, position = decoder.raw_decode(text[position:end])[0], end
        except (ValueError, RecursionError):
            position, faults = position + 1, faults + 1
            continue
        if "original" in row:
            names = [str(name) for name in row]
        else:
            yield dict(zip(names, row, strict=False))


def _capture(row: Row) -> tuple[str, str] | None:
    """The address and time of a captured page; None for captures of other things."""
    status, kind = str(row.get("statuscode", "")), str(row.get("mimetype", "")).lower()
    is_good = status == "200" or (status in {"-", ""} and kind == "warc/revisit")  # captured before, with 200 or not
    if not is_good or kind not in _PAGES:
        return None
    url = web_address("", row.get("original"))
    return (url, _moment(str(row.get("timestamp", "")))) if url else None


def _moment(stamp: str) -> str:
    """A time as RFC 3339 in UTC; empty for what is none.

    >>> _moment("20190401120000"), _moment("2019"), _moment("20191301")
    ('2019-04-01T12:00:00Z', '', '')
    """
    found = _STAMP.fullmatch(stamp)
    if found is None:
        return ""
    year, month, day, hour, minute, second = (part or "00" for part in found.groups())
    is_real = "01" <= month <= "12" and "01" <= day <= "31" and hour < "24" and minute < "60" and second < "60"
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z" if is_real and year != "0000" else ""
