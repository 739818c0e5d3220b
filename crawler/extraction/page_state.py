"""The data that a page holds for its own scripts, parsed: JSON, assigned values, the formats of frameworks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lxml.html import HtmlElement

from crawler.extraction.declared import parse_json

MIN_CHARS = 300  # a shorter script holds no article
MAX_SCRIPTS = 60
MAX_GIVEN = 20  # places of a script that are tried
MAX_PUSHED = 2_000  # parts of a flight
MAX_ROWS = 20_000
MAX_LITERALS = 5_000

_GIVEN = re.compile(r"[=(,]\s*(?=[{\[])|JSON\.parse\(\s*(?=[\"'])")  # where a value is assigned or handed to a call
_FLIGHT_TEXT = re.compile(rb"[0-9a-f]*:T([0-9a-f]{1,8}),")
_FLIGHT = "self.__next_f.push("
_QUOTED = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'", re.DOTALL)
_LITERAL = re.compile(r"[{,]\s*([A-Za-z_]\w{0,30})\s*:\s*(\"(?:[^\"\\]|\\.)*\")")
_ESCAPE = re.compile(r"\\(?:([\"\\/bfnrtu])|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
# how Angular's TransferState writes the characters that end an attribute or a script
_ANGULAR = (("&q;", '"'), ("&s;", "'"), ("&l;", "<"), ("&g;", ">"), ("&a;", "&"))


def page_states(tree: HtmlElement) -> Iterator[Any]:
    """The data of each script that is data, or that assigns it to a name or hands it to a call."""
    scripts = [s for s in tree.iter("script") if s.text and "ld+json" not in (s.get("type") or "")]
    pushed = [script.text.partition(_FLIGHT)[2].rpartition(")")[0] for script in scripts if _FLIGHT in script.text]
    others = [s for s in scripts if len(s.text) >= MIN_CHARS and _FLIGHT not in s.text]
    for script in others[:MAX_SCRIPTS]:
        if "json" in (script.get("type") or "").lower():
            yield _data_of(script)
        else:
            text = _ESCAPE.sub(_json_escape, script.text)
            yield from _given_values(text)
            yield _literals(text)
    chunks = (parse_json(chunk) for chunk in pushed[:MAX_PUSHED])
    flight = "".join(part for chunk in chunks for part in chunk or [] if isinstance(part, str))
    yield list(_flight_rows(flight))


def _json_escape(escape: re.Match[str]) -> str:
    """A JavaScript escape as JSON knows it."""
    known, code, other = escape.groups()
    return f"\\{known}" if known else f"\\u00{code}" if code else other


def _data_of(script: HtmlElement) -> Any:
    """The value of a script that is data."""
    text = script.text.strip()
    if text.startswith("{&q;"):
        for written, character in _ANGULAR:
            text = text.replace(written, character)
    value = parse_json(text)
    is_table = script.get("id") == "__NUXT_DATA__" or script.get("data-nuxt-data") is not None
    return _revived(value) if is_table and isinstance(value, list) else value


def _revived(table: Sequence[Any]) -> Any:
    """The first value of a devalue table, in which whole numbers inside objects and lists stand for other values."""
    values = [{} if isinstance(v, Mapping) else [] if isinstance(v, list) else v for v in table]

    def value_at(place: Any) -> Any:
        return values[place] if isinstance(place, int) and 0 <= place < len(values) else None

    for written, value in zip(table, values, strict=True):
        if isinstance(written, Mapping):
            value.update((name, value_at(place)) for name, place in written.items())
        elif isinstance(written, list):
            is_tagged = bool(written) and isinstance(written[0], str)  # ["Reactive", 1]
            value.extend(value_at(place) for place in (written[1:] if is_tagged else written))
    return values[0] if values else None


def _flight_rows(flight: str) -> Iterator[Any]:
    """The rows of React's flight format: "7:" before JSON up to the line's end, or "7:T1f," before so many bytes."""
    data, position = flight.encode("utf-8", "replace"), 0
    for _ in range(MAX_ROWS):
        if text := _FLIGHT_TEXT.match(data, position):
            position = text.end() + int(text[1], 16)
            yield {"text": data[text.end() : position].decode("utf-8", "replace")}
            continue
        end = data.find(b"\n", position)
        row = data[position : end if end >= 0 else len(data)]
        yield parse_json(row.partition(b":")[2].decode("utf-8", "replace"))
        if end < 0:
            return
        position = end + 1


def _given_values(script: str) -> Iterator[Any]:
    """The JSON values that a script assigns or passes on, also as the text of a JSON.parse."""
    decoder, position = json.JSONDecoder(strict=False), 0
    for _ in range(MAX_GIVEN):
        given = _GIVEN.search(script, position)
        if given is None:
            return
        position = given.end()
        if quoted := _QUOTED.match(script, position):
            position = quoted.end()
            yield parse_json(_text_of_literal(quoted[1] or (quoted[2] or "").replace('"', '\\"')))
            continue
        try:
            value, position = decoder.raw_decode(script, position)
        except (ValueError, RecursionError):
            continue
        yield value


def _text_of_literal(literal: str) -> str:
    """The text that a JavaScript string literal stands for; empty where it cannot be read."""
    try:
        text = json.loads(f'"{literal}"', strict=False)
    except ValueError:
        return ""
    return text if isinstance(text, str) else ""


def _literals(script: str) -> list[dict[str, str]]:
    """The named string literals of a script whose objects are no JSON, in their order."""
    named = (found.groups() for found in islice(_LITERAL.finditer(script), MAX_LITERALS))
    return [{name: _text_of_literal(quoted[1:-1])} for name, quoted in named]
